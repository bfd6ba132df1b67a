/**
 * What a table of logs (log-table.ts) does where its memory is at the bound: it finds an event time
 * up to which logs go, and moves those that stay into fresh pages, so that what was freed is one
 * stretch again. Both happen once in many thousands of events; the second looks at every log.
 */
import type { KeyIndex } from './key-index.ts'
import type { Slab } from './slab.ts'

/** Logs whose newest event times are looked at. */
const sampled = 1024

/** An event time that about a tenth of the logs have not passed, from a sample of them. */
export function quietTime(index: KeyIndex, newestOf: (log: number) => number): number {
  const sample = index.sample(sampled).map(newestOf)
  sample.sort((a, b) => a - b)
  return sample[Math.floor(sample.length / 10)] ?? Number.POSITIVE_INFINITY
}

export interface Move {
  readonly from: Slab
  /** Empty, and of the same bound. */
  readonly to: Slab
  /** Moves first; -1 for none. */
  readonly keep: number
  /** Floats of a log's block. */
  readonly sizeOf: (log: number) => number
  /** Told of each log that finds no room: in another order more of a page may be left unused. */
  readonly drop: (log: number) => void
}

/** Moves every log of an index into other pages; gives where `keep` is then. */
export function moveLogs(index: KeyIndex, { from, to, keep, sizeOf, drop }: Move): number {
  const move = (log: number) => from.copy(log, sizeOf(log), to)
  const kept = keep < 0 ? -1 : move(keep)
  index.replaceAll((log) => {
    const block = log === keep ? kept : move(log)
    if (block < 0) drop(log)
    return block
  })
  return kept
}
