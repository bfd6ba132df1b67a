/**
 * The twins of a shard, claims and redemptions of the same users, as one stream in record-time
 * order. Best effort: a message is held back only while a twin is behind its known end, at most
 * `twinWaitMs`, or `backlogWaitMs` where it is old already; then it goes on without. A twin that is
 * read too late finds its watermark moved on: its events count as late, and after a day its repeats
 * as new.
 */
import type { FetchedMessage, PartitionQueue } from './partition-queue.ts'

/** Longest that a message waits for its twin, in milliseconds. */
export const twinWaitMs = 50
/** Longest where nobody waits for the decision any more: the message is older than a minute. */
export const backlogWaitMs = 5_000
const backlogAgeMs = 60_000

export interface TakeLimits {
  /** Only messages under these offsets, one per queue, and without waiting for other twins. */
  readonly below: readonly number[] | null
  /** Only messages up to this record time, in milliseconds. */
  readonly until: number
}

const noLimits: TakeLimits = { below: null, until: Number.POSITIVE_INFINITY }

export class TwinQueue {
  readonly #queues: readonly PartitionQueue[]
  #heldSince: number | null = null
  #heldForMs = twinWaitMs

  constructor(queues: readonly PartitionQueue[]) {
    this.#queues = queues
  }

  /** Up to `max` messages; none where none is here or all are held. `now` in milliseconds. */
  take(max: number, now: number, { below, until }: TakeLimits = noLimits): FetchedMessage[] {
    const taken: FetchedMessage[] = []
    while (taken.length < max) {
      const earliest = this.#earliest(below)
      if (earliest === null) break
      const { recordedAt } = earliest.peek()!
      if (this.#isHeld(recordedAt, now, below) || recordedAt > until) break
      taken.push(earliest.take())
    }
    return taken
  }

  /** Record time of the next message; null where none is here. */
  headAt(): number | null {
    return this.#earliest(null)?.peek()?.recordedAt ?? null
  }

  /** When a message that is held goes on at the latest; null where none is held. */
  heldUntil(): number | null {
    return this.#heldSince === null ? null : this.#heldSince + this.#heldForMs
  }

  /** Nothing is here, and no more is known to be there. */
  isAtEnd(): boolean {
    return this.#queues.every((queue) => queue.peek() === null && !queue.isBehind())
  }

  /** Messages between what was taken and the known ends. */
  lag(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.lag(), 0)
  }

  /** First offset that was not taken, per queue. */
  nextOffsets(): number[] {
    return this.#queues.map((queue) => queue.nextOffset())
  }

  #earliest(below: readonly number[] | null): PartitionQueue | null {
    let earliest: PartitionQueue | null = null
    let at = Number.POSITIVE_INFINITY
    for (const [index, queue] of this.#queues.entries()) {
      const head = queue.peek()
      if (head === null || head.recordedAt >= at) continue
      if (below !== null && head.offset >= below[index]!) continue
      earliest = queue
      at = head.recordedAt
    }
    return earliest
  }

  #isHeld(recordedAt: number, now: number, below: readonly number[] | null): boolean {
    const behind = this.#queues.some(
      (queue, index) => queue.isBehind() && (below === null || queue.nextOffset() < below[index]!),
    )
    if (!behind) {
      this.#heldSince = null
      return false
    }
    this.#heldSince ??= now
    this.#heldForMs = now - recordedAt > backlogAgeMs ? backlogWaitMs : twinWaitMs
    return now < this.#heldSince + this.#heldForMs
  }
}
