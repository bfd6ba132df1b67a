/**
 * What the embedded forms of the log (memory, directory) offer beside the stream port: reading back
 * what was committed, so that windows, repeats and alerts are rebuilt at start and HTTP can answer
 * a repeat from the committed decision.
 */
import type { Audit, Progress, Review } from '../core/schema.gen.ts'
import type { LoggedEvent, Outputs, StreamLog } from './stream.ts'

/** Source of every event in an embedded log; it has one partition, 0. */
export const embeddedSource = 'events'

/** What an embedded log keeps: the outputs of batches, and the verdicts of reviewers. */
export interface KeptOutputs extends Outputs {
  readonly reviews: readonly Review[]
}
/** A batch has no reviews; they are committed by themselves, with the progress that stands. */
export type CommittedOutputs = Outputs & Partial<KeptOutputs>
export type OutputTopic = keyof KeptOutputs

/** Rows of one topic in order, from a place on, as they are committed. */
export interface OutputCursor<Row> {
  /** The next rows, and the ordinal after them; null where there are none yet. */
  read(): Promise<{ readonly rows: readonly Row[]; readonly next: number } | null>
  /** Rows that are committed and not read. */
  behind(): number
  close(): Promise<void>
}

export interface EmbeddedLog extends StreamLog {
  commit(outputs: CommittedOutputs, progress: Progress): Promise<void>
  /** What was mended at opening, one line each, for a person. */
  readonly repairs: readonly string[]
  /**
   * The last committed progress, null before the first, and the first offset that is not judged.
   */
  committed(): { readonly nextOffset: number; readonly progress: Progress | null }
  /** The offset that the next appended event will get. */
  endOffset(): number
  /** Retained events in order, up to the first that is not judged; in batches of some hundreds. */
  history(): AsyncIterable<readonly LoggedEvent[]>
  /** Committed and retained rows of a topic, in order, in batches. */
  readOutputs<T extends OutputTopic>(topic: T): AsyncIterable<readonly KeptOutputs[T][number][]>
  /**
   * Reads a topic from the row of ordinal `from` on; ordinals count every row ever committed to the
   * topic, and what is past its retention is passed over.
   */
  followOutputs<T extends OutputTopic>(topic: T, from: number): OutputCursor<KeptOutputs[T][number]>
  /**
   * The committed audit of the event at `offset`; null where it has none or it is past retention.
   */
  auditAt(offset: number): Promise<Audit | null>
  /** Removes what is past its retention at time `now`; says what, one line each. */
  dropExpired(now: number): Promise<readonly string[]>
}

/** The offset that a progress commits for the embedded log's one partition. */
export function nextOffsetOf(progress: Progress): number {
  const found = progress.offsets.find(
    (offset) => offset.topic === embeddedSource && offset.partition === 0,
  )
  if (found === undefined)
    throw new Error(`progress names no offset of ${embeddedSource}, partition 0`)
  return found.nextOffset
}

/** Refuses, as a defect, progress that goes back or beyond what was read. */
export function assertProgress(nextOffset: number, committed: number, read: number): void {
  if (!Number.isSafeInteger(nextOffset) || nextOffset < committed || nextOffset > read)
    throw new Error(`progress to ${nextOffset} is outside of ${committed} to ${read}`)
}
