/**
 * The embedded log as a directory of files: what docs/log.md draws. `append` syncs one block of
 * events; `commit` syncs one block per output topic and then replaces the checkpoint, which is the
 * moment at which all of it counts. A failure of the disk is taken back before the next write, so
 * the log goes on by itself once the disk does.
 *
 * Costs: an append one write and one sync; a commit one of each per topic that has rows (in
 * parallel) and three syncs for the checkpoint. Reading back decodes some 100,000 events a second
 * or more.
 */
import type { Audit, DeadLetter, Event, Progress } from '../../core/schema.gen.ts'
import { blockBytesMax } from '../../recording/container.ts'
import { EdgeError, fileError } from '../../runtime/edge-error.ts'
import { newSerial } from '../../runtime/serial.ts'
import {
  assertProgress,
  type CommittedOutputs,
  type EmbeddedLog,
  embeddedSource,
  type KeptOutputs,
  nextOffsetOf,
  type OutputCursor,
  type OutputTopic,
} from '../embedded-log.ts'
import type { LoggedEvent } from '../stream.ts'
import { AuditIndex } from './audit-index.ts'
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts'
import { EventCursor, readHistory } from './event-cursor.ts'
import type { DirectoryLock } from './lock.ts'
import { countExpired } from './retention.ts'
import { newRowCursor } from './row-cursor.ts'
import { encodeCheckedRows, encodeRows } from './rows.ts'
import type { TopicFiles } from './topic-files.ts'
import { type LogRow, outputNames } from './topics.ts'

export type OutputFiles = { readonly [T in OutputTopic]: TopicFiles<KeptOutputs[T][number]> }

/** An opened directory, as src/log/directory/open.ts makes it. */
export interface DirectoryParts {
  readonly directory: string
  readonly lock: DirectoryLock
  readonly events: TopicFiles<LogRow>
  readonly outputs: OutputFiles
  readonly checkpoint: Checkpoint
  /** Record time of the newest event. */
  readonly recordedAt: number
  readonly repairs: readonly string[]
}

/** Most events and bytes that one append takes: one block. */
export const appendEventsMax = 20_000
export const appendBytesMax = blockBytesMax

export class DirectoryLog implements EmbeddedLog {
  readonly repairs: readonly string[]
  readonly #directory: string
  readonly #lock: DirectoryLock
  readonly #events: TopicFiles<LogRow>
  readonly #outputs: OutputFiles
  readonly #cursor: EventCursor
  readonly #audits: AuditIndex
  readonly #appending = newSerial()
  readonly #committing = newSerial()
  readonly #reading = newSerial()
  readonly #finding = newSerial()
  #checkpoint: Checkpoint
  /** A checkpoint was being renamed when the disk failed: the file may hold either. */
  #inDoubt = false
  #recordedAt: number
  #closed = false

  constructor(parts: DirectoryParts) {
    this.repairs = parts.repairs
    this.#directory = parts.directory
    this.#lock = parts.lock
    this.#events = parts.events
    this.#outputs = parts.outputs
    this.#checkpoint = parts.checkpoint
    this.#recordedAt = parts.recordedAt
    this.#cursor = new EventCursor(parts.events, parts.checkpoint.nextOffset)
    this.#audits = new AuditIndex(parts.outputs.audits)
  }

  append(events: readonly Event[], recordedAt: number): Promise<number> {
    return this.#appending(() => this.#guarded(() => this.#append(events, recordedAt)))
  }

  read(max: number): Promise<readonly LoggedEvent[]> {
    return this.#reading(() => this.#guarded(() => this.#cursor.read(max)))
  }

  commit(outputs: CommittedOutputs, progress: Progress): Promise<void> {
    return this.#committing(() => this.#guarded(() => this.#commit(outputs, progress)))
  }

  committed(): { nextOffset: number; progress: Progress | null } {
    return { nextOffset: this.#checkpoint.nextOffset, progress: this.#checkpoint.progress }
  }

  endOffset(): number {
    return this.#events.records
  }

  history(): AsyncGenerator<LoggedEvent[]> {
    return readHistory(this.#events, this.#checkpoint.nextOffset)
  }

  readOutputs<T extends OutputTopic>(topic: T): AsyncGenerator<KeptOutputs[T][number][]> {
    return this.#outputs[topic].rows()
  }

  followOutputs<T extends OutputTopic>(
    topic: T,
    from: number,
  ): OutputCursor<KeptOutputs[T][number]> {
    return newRowCursor(this.#outputs[topic], from)
  }

  auditAt(offset: number): Promise<Audit | null> {
    return this.#finding(() => this.#guarded(() => this.#audits.find(offset)))
  }

  dropExpired(now: number): Promise<readonly string[]> {
    return this.#committing(() =>
      this.#guarded(async () => [
        ...(await this.#dropOutputs(now)),
        ...(await this.#appending(() => this.#guarded(() => this.#dropEvents(now)))),
      ]),
    )
  }

  /** Waits for what is under way. Leaves the directory as a crash would, but for the lock. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const lanes = [this.#appending, this.#committing, this.#reading, this.#finding]
    await Promise.all(lanes.map((lane) => lane(async () => {})))
    await this.#cursor.close()
    await this.#events.close()
    for (const topic of outputNames) await this.#outputs[topic].close()
    await this.#lock.release()
  }

  async #append(events: readonly Event[], recordedAt: number): Promise<number> {
    const first = this.#events.records
    if (events.length === 0) return first
    if (events.length > appendEventsMax)
      throw new RangeError(`an append of ${events.length} events; at most ${appendEventsMax}`)
    await this.#events.undo()
    const at = Math.max(recordedAt, this.#recordedAt)
    const rows = events.map(
      (event, index): LogRow => ({
        recordedAt: at,
        source: embeddedSource,
        partition: 0,
        offset: first + index,
        event,
        check: null,
      }),
    )
    const bytes = encodeCheckedRows(this.#events.topic.type, rows)
    if (bytes.length > appendBytesMax)
      throw new RangeError(`an append of ${bytes.length} bytes; at most ${appendBytesMax}`)
    try {
      await this.#events.stage({ count: rows.length, bytes }, at)
    } catch (error) {
      // Where this fails too, the topic stays staged and is undone before the next write.
      await this.#events.undo().catch(() => {})
      throw error
    }
    this.#events.settle()
    this.#recordedAt = at
    return first
  }

  async #commit(outputs: CommittedOutputs, progress: Progress): Promise<void> {
    const nextOffset = nextOffsetOf(progress)
    assertProgress(nextOffset, this.#checkpoint.nextOffset, this.#cursor.offset)
    await this.#takeBack()
    const batches = this.#encode(outputs)
    const staged = await Promise.allSettled(batches.map((batch) => batch.stage()))
    try {
      for (const result of staged) if (result.status === 'rejected') throw result.reason
      await this.#writeCheckpoint({ nextOffset, progress })
    } catch (error) {
      await this.#takeBack().catch(() => {})
      throw error
    }
    for (const batch of batches) batch.settle()
  }

  /**
   * All rows as bytes, before anything is written: one that does not fit its schema throws here.
   */
  #encode(outputs: CommittedOutputs): readonly Batch[] {
    const letters = outputs.deadLetters.map(withBuffers)
    return [
      ...batchOf(this.#outputs.audits, outputs.audits),
      ...batchOf(this.#outputs.decisions, outputs.decisions),
      ...batchOf(this.#outputs.tallies, outputs.tallies),
      ...batchOf(this.#outputs.alerts, outputs.alerts),
      ...batchOf(this.#outputs.reports, outputs.reports),
      ...batchOf(this.#outputs.deadLetters, letters),
      ...batchOf(this.#outputs.reviews, outputs.reviews ?? []),
    ]
  }

  /**
   * Takes back what a failed commit left: first the checkpoint, then the rows that it would name.
   */
  async #takeBack(): Promise<void> {
    if (this.#inDoubt) {
      await writeCheckpoint(this.#directory, this.#checkpoint)
      this.#inDoubt = false
    }
    for (const topic of outputNames) await this.#outputs[topic].undo()
  }

  /** Replaces the checkpoint by one with the present marks; in memory only once it is on disk. */
  async #writeCheckpoint(change: {
    readonly nextOffset: number
    readonly progress: Progress | null
    readonly droppedEvents?: number
  }): Promise<void> {
    const next: Checkpoint = {
      format: 1,
      nextOffset: change.nextOffset,
      droppedEvents: change.droppedEvents ?? this.#checkpoint.droppedEvents,
      progress: change.progress === null ? null : copyOf(change.progress),
      outputs: {
        audits: this.#outputs.audits.mark(),
        decisions: this.#outputs.decisions.mark(),
        tallies: this.#outputs.tallies.mark(),
        alerts: this.#outputs.alerts.mark(),
        reports: this.#outputs.reports.mark(),
        deadLetters: this.#outputs.deadLetters.mark(),
        reviews: this.#outputs.reviews.mark(),
      },
    }
    await writeCheckpoint(this.#directory, next, () => {
      this.#inDoubt = true
    })
    this.#inDoubt = false
    this.#checkpoint = next
  }

  async #dropOutputs(now: number): Promise<readonly string[]> {
    await this.#takeBack()
    const removed: string[] = []
    for (const topic of outputNames) {
      const files = this.#outputs[topic]
      const count = await countExpired(files, now, files.records)
      if (files.takesActive(count)) await files.sealActive()
      // The checkpoint must not name a file that is gone.
      if (this.#checkpoint.outputs[topic].segment !== files.mark().segment)
        await this.#writeCheckpoint(this.#checkpoint)
      removed.push(...(await files.removeOldest(count)))
    }
    return removed
  }

  async #dropEvents(now: number): Promise<readonly string[]> {
    await this.#events.undo()
    const count = await countExpired(this.#events, now, this.#checkpoint.nextOffset)
    if (count === 0) return []
    if (this.#events.takesActive(count)) await this.#events.sealActive()
    const droppedEvents = this.#events.segments()[count]?.first ?? this.#events.records
    await this.#writeCheckpoint({ ...this.#checkpoint, droppedEvents })
    return this.#events.removeOldest(count)
  }

  async #guarded<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new EdgeError('log-closed', 'the log is closed', false)
    try {
      return await task()
    } catch (error) {
      throw fileError(error)
    }
  }
}

/** The rows of one topic in a commit. */
interface Batch {
  stage(): Promise<void>
  settle(): void
}

function batchOf<Row>(files: TopicFiles<Row>, rows: readonly Row[]): readonly Batch[] {
  const [first] = rows
  if (first === undefined) return []
  const at = files.topic.timeOf(first)
  const bytes = encodeRows(files.topic.type, rows)
  if (bytes.length > blockBytesMax)
    throw new RangeError(
      `a commit of ${bytes.length} bytes of ${files.folder}; commit less at once`,
    )
  const payload = { count: rows.length, bytes }
  return [{ stage: () => files.stage(payload, at), settle: () => files.settle() }]
}

function copyOf(progress: Progress): NonNullable<Checkpoint['progress']> {
  return { ...progress, offsets: progress.offsets.map((offset) => ({ ...offset })) }
}

/** avsc writes buffers only. */
function withBuffers(letter: DeadLetter): DeadLetter {
  const headers = Object.entries(letter.headers).map(([key, value]) => [key, Buffer.from(value)])
  const bytes = letter.bytes === null ? null : Buffer.from(letter.bytes)
  return { ...letter, bytes, headers: Object.fromEntries(headers) }
}
