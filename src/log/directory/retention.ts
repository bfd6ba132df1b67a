/**
 * Which segments are past their retention. Only whole segments go, oldest first, judged by their
 * newest row. Looking costs one block while nothing has expired, and one reading of each segment
 * that has.
 */
import type { Segment } from './segment.ts'

/** What is looked at of a topic's files. */
export interface Expiring {
  readonly retentionMs: number
  /** Ordinal of the next row. */
  readonly records: number
  segments(): readonly Segment[]
  /** Record times of a segment's rows, in order. */
  times(segment: Segment): AsyncIterable<number>
}

/**
 * How many of the oldest segments hold nothing newer than the retention allows, among those that
 * end at or before the row `rowsMax`: what is not judged yet is never removed.
 */
export async function countExpired(files: Expiring, now: number, rowsMax: number): Promise<number> {
  const limit = now - files.retentionMs
  const segments = files.segments()
  let count = 0
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.first ?? files.records
    if (end > rowsMax || (await holdsSince(files, segment, limit))) break
    count += 1
  }
  return count
}

async function holdsSince(files: Expiring, segment: Segment, limit: number): Promise<boolean> {
  for await (const time of files.times(segment)) if (time >= limit) return true
  return false
}
