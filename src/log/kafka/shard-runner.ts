/**
 * The life of one shard while it is ours: open an epoch, read from where it says, judge batch after
 * batch, commit each; after a failure wait a little and begin again with a new epoch. Judging goes
 * on while the batch before it commits; there is never more than one commit under way.
 *
 *     epoch ─▶ absorb what is committed and not in the windows ─▶ take ─▶ judge ─▶ commit ─┐
 *       ▲                                                          ▲───────────────────────┘
 *       └───────────── any failure: all read and judged so far is dropped ◀────────────────┘
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import type { Clock } from '../../runtime/clock.ts'
import { EdgeError } from '../../runtime/edge-error.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { kafkaError } from './client.ts'
import type { DriftGate } from './drift-gate.ts'
import type { FetchedMessage } from './partition-queue.ts'
import {
  type EpochOptions,
  type OutputMessage,
  openEpoch,
  type ShardEpoch,
  type TopicPlace,
} from './shard-epoch.ts'
import type { AssignedPartition, AssignedShard } from './shard-group.ts'
import { TwinQueue } from './twin-queue.ts'

/** First offset of an input partition that is not judged; the topic with its prefix. */
export interface InputPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** What a batch of messages came to. */
export interface WorkResult {
  /** Without any, nothing is committed, and a later batch commits past this one. */
  readonly messages: readonly OutputMessage[]
  /** Record time up to which the shard is judged, in milliseconds. */
  readonly recordedAt: number
  /** Called once the batch is committed. */
  onCommitted?(): void
}

/** What a role does with the messages of a shard. A new one is made for each epoch. */
export interface ShardWork {
  /**
   * Where reading must begin, per place that is committed, so that windows hold what was there
   * before: the place itself where they do.
   */
  readFrom(committed: readonly TopicPlace[]): Promise<readonly number[]>
  /** Messages that are committed already: put into the windows, not judged. */
  absorb(messages: readonly FetchedMessage[], next: readonly InputPlace[]): Promise<void>
  /** All that the messages give. Called again with the same after a failure, under a new epoch. */
  judge(messages: readonly FetchedMessage[], next: readonly InputPlace[]): Promise<WorkResult>
}

export type ShardState =
  | { readonly kind: 'starting' | 'absorbing' | 'running' | 'ended' }
  /** Waits to try again; `reason` for a person. */
  | { readonly kind: 'paused'; readonly reason: string }

export interface RunnerOptions {
  readonly assigned: AssignedShard
  readonly epoch: Omit<EpochOptions, 'topics' | 'partition'>
  readonly gate: DriftGate
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'lag' | 'stage' | 'transaction'>
  readonly batchMessagesMax: number
  /** Whatever must be so before an epoch; it may fence all shards, this one too. */
  prepare(): Promise<void>
  newWork(committed: readonly TopicPlace[]): ShardWork
  seek(partition: AssignedPartition, offset: number, endOffset: number): void
  makeRoom(shard: AssignedShard): void
  onState(state: ShardState): void
  /** The topic dropped messages below `low` that were never judged. */
  onRetentionLoss(place: TopicPlace, low: number): void
  /** A failure that trying again cannot mend; the runner has ended. */
  onFatal(error: unknown): void
}

/**
 * Where few messages wait, commits keep this distance: a transaction costs the broker and us the
 * same for one message as for a thousand.
 */
const commitEveryMs = 40
const retryFirstMs = 50
const retryMaxMs = 5_000

export class ShardRunner {
  readonly #options: RunnerOptions
  readonly #twins: TwinQueue
  readonly #ending = new AbortController()
  readonly #done: Promise<void>
  #wake: () => void = () => undefined
  /** Paused, and not yet known to be well again. */
  #recovering = false

  constructor(options: RunnerOptions, after: Promise<void>) {
    this.#options = options
    this.#twins = new TwinQueue(options.assigned.partitions.map(({ queue }) => queue))
    this.#done = after.then(() => this.#run())
  }

  /** To be called when a fetch brought something. */
  fetched(): void {
    this.#wake()
  }

  /** Ends after the commit under way; what is not committed is dropped. */
  end(): Promise<void> {
    this.#ending.abort()
    this.#wake()
    return this.#done
  }

  async #run(): Promise<void> {
    let retryMs = retryFirstMs
    let fatal: { readonly error: unknown } | null = null
    while (fatal === null && !this.#ending.signal.aborted) {
      try {
        await this.#runEpoch(() => {
          retryMs = retryFirstMs
          this.#recovered()
        })
      } catch (error) {
        if (!isWorthRetrying(error)) {
          fatal = { error }
          continue
        }
        this.#recovering = true
        this.#options.onState({ kind: 'paused', reason: error.message })
        await this.#pause(retryMs)
        retryMs = Math.min(retryMaxMs, retryMs * 2)
      }
    }
    this.#options.gate.leave(this.#options.assigned.shard)
    this.#options.onState({ kind: 'ended' })
    if (fatal !== null) this.#options.onFatal(fatal.error)
  }

  async #runEpoch(onProgress: () => void): Promise<void> {
    const { assigned, epoch: options, gate, onState, prepare } = this.#options
    if (!this.#recovering) onState({ kind: 'starting' })
    const topics = assigned.partitions.map(({ topic }) => topic)
    await prepare()
    const epoch = await openEpoch({ ...options, topics, partition: assigned.shard })
    gate.enter(assigned.shard, () => this.#wake())
    try {
      const places = await this.#startPlaces(epoch)
      const work = this.#options.newWork(places)
      const from = await work.readFrom(places)
      await this.#open(from)
      await this.#absorb(work, places)
      if (!this.#recovering) onState({ kind: 'running' })
      await this.#judgeAll(work, epoch, onProgress)
    } finally {
      // While it pauses it holds nobody back.
      if (!this.#ending.signal.aborted) gate.stand(assigned.shard, Number.POSITIVE_INFINITY)
      this.#options.metrics.lag(assigned.shard, null)
      for (const { queue } of assigned.partitions) queue.close()
      await epoch.close()
    }
  }

  /** What paused the shard may do so again with the next batch: only a commit, or an end, tells. */
  #recovered(): void {
    if (!this.#recovering) return
    this.#recovering = false
    this.#options.onState({ kind: 'running' })
  }

  /** Where nothing was committed, the beginning of the partition. */
  async #startPlaces(epoch: ShardEpoch): Promise<TopicPlace[]> {
    const { onRetentionLoss } = this.#options
    const { admin } = this.#options.epoch
    const places: TopicPlace[] = []
    for (const place of epoch.committed) {
      const { low } = await endsOf(admin, place)
      if (place.offset >= 0 && place.offset < low) onRetentionLoss(place, low)
      places.push(place.offset < low ? { ...place, offset: low } : place)
    }
    return places
  }

  async #open(from: readonly number[]): Promise<void> {
    const { assigned, epoch, seek } = this.#options
    for (const [index, partition] of assigned.partitions.entries()) {
      const { low, high } = await endsOf(epoch.admin, partition)
      seek(partition, Math.max(low, from[index]!), high)
    }
  }

  async #absorb(work: ShardWork, places: readonly TopicPlace[]): Promise<void> {
    const below = places.map(({ offset }) => offset)
    const isAbsorbed = () =>
      this.#twins.nextOffsets().every((offset, index) => offset >= below[index]!)
    if (!isAbsorbed()) this.#options.onState({ kind: 'absorbing' })
    while (!isAbsorbed() && !this.#ending.signal.aborted) {
      const messages = await this.#take(below)
      if (messages.length > 0) await work.absorb(messages, this.#next())
    }
  }

  async #judgeAll(work: ShardWork, epoch: ShardEpoch, onProgress: () => void): Promise<void> {
    let committing: Promise<void> = Promise.resolve()
    let failure: Error | null = null
    const check = () => {
      if (failure !== null) throw failure
    }
    let committedAt = Number.NEGATIVE_INFINITY
    while (!this.#ending.signal.aborted) {
      check()
      await this.#gather(committedAt)
      // Where nothing is left to judge, nothing will tell that what paused the shard is over.
      if (this.#twins.isAtEnd()) this.#recovered()
      const messages = await this.#take(null)
      if (messages.length === 0) continue
      const next = this.#next()
      const { messages: outputs, recordedAt, onCommitted } = await work.judge(messages, next)
      await committing
      check()
      if (this.#ending.signal.aborted) return
      if (outputs.length === 0) continue
      const places = next.map((place) => ({ ...place, recordedAt }))
      committedAt = this.#options.clock.now()
      committing = this.#commit(epoch, outputs, places).then(
        () => {
          onProgress()
          onCommitted?.()
        },
        (error: Error) => {
          failure = error
          this.#wake()
        },
      )
      if (this.#twins.headAt() === null) await committing
    }
    await committing
  }

  /** Gives a small batch the time to grow. */
  async #gather(committedAt: number): Promise<void> {
    const { clock, batchMessagesMax } = this.#options
    const waitMs = committedAt + commitEveryMs - clock.now()
    if (waitMs > 0 && this.#twins.lag() < batchMessagesMax / 4)
      await this.#pause(Math.min(waitMs, commitEveryMs))
  }

  async #commit(
    epoch: ShardEpoch,
    messages: readonly OutputMessage[],
    places: readonly TopicPlace[],
  ): Promise<void> {
    const { metrics } = this.#options
    const started = performance.now()
    try {
      await epoch.commit(messages, places)
      metrics.transaction('committed')
      metrics.stage('commit', performance.now() - started)
    } catch (error) {
      const isFenced = error instanceof EdgeError && error.code === 'kafka-fenced'
      metrics.transaction(isFenced ? 'fenced' : 'aborted')
      throw error
    }
  }

  #next(): InputPlace[] {
    const nextOffsets = this.#twins.nextOffsets()
    return this.#options.assigned.partitions.map(({ topic, partition }, index) => ({
      topic,
      partition,
      offset: nextOffsets[index]!,
    }))
  }

  /** Waits for messages; none where there was reason to look whether to go on. */
  async #take(below: readonly number[] | null): Promise<FetchedMessage[]> {
    const { clock, batchMessagesMax, assigned, makeRoom, gate } = this.#options
    const { shard } = assigned
    const now = clock.now()
    this.#stand()
    const until = gate.limitOf(shard)
    const messages = this.#twins.take(batchMessagesMax, now, { below, until })
    this.#stand()
    this.#options.metrics.lag(shard, this.#twins.lag())
    if (messages.length > 0) makeRoom(assigned)
    else await this.#somethingNew(this.#twins.heldUntil(), now)
    return messages
  }

  /** Where nothing is here but more is to come, the shard stands where it last did. */
  #stand(): void {
    const { gate, assigned } = this.#options
    const at = this.#twins.isAtEnd() ? Number.POSITIVE_INFINITY : this.#twins.headAt()
    if (at !== null) gate.stand(assigned.shard, at)
  }

  async #somethingNew(heldUntil: number | null, now: number): Promise<void> {
    if (this.#ending.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = heldUntil === null ? null : setTimeout(resolve, Math.max(1, heldUntil - now))
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ending.signal }).catch(() => undefined)
  }
}

/** Whoever was fenced, or failed in a way nobody foresaw, may ask the broker anew. */
function isWorthRetrying(error: unknown): error is EdgeError {
  if (!(error instanceof EdgeError)) return false
  return error.retriable || error.code === 'kafka-fenced' || error.code === 'kafka-failed'
}

/** First and next offset of a partition. */
async function endsOf(admin: Admin, { topic, partition }: { topic: string; partition: number }) {
  const ends = await admin.fetchTopicOffsets(topic).catch((error: unknown) => {
    throw kafkaError(error)
  })
  const found = ends.find((one) => one.partition === partition)
  if (found === undefined) throw new Error(`${topic} has no partition ${partition}`)
  return { low: Number(found.low), high: Number(found.high) }
}
