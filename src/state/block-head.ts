/**
 * What a table of logs (log-table.ts) is told of its blocks, and the head that each has: four
 * floats and what the owner of the table notes, before the entries. Some places are read as
 * integers of the same memory.
 */
import type { EntryShape } from '../core/signals/entry.ts'

export interface LogTableOptions {
  /** Its words come to a whole number of floats. Column 0 of the floats is the event time. */
  readonly shape: EntryShape
  /** Most entries of one log. */
  readonly cap: number
  /** Most bytes of entries in the table; beyond it the logs that were quiet longest are dropped. */
  readonly bytesMax: number
  /** Numbers that the owner of the table keeps with each log; 0 at first. None where not given. */
  readonly notes?: number
  /** Whether stretches of entries are summed up for the walk along a log. */
  readonly summed?: boolean
}

/** Places in a block's head, in floats, and in integers where they are such. */
export const head = {
  cutAt: 1,
  newest: 2,
  floats: 4,
  keyLow: 0,
  keyHigh: 1,
  count: 6,
  startAndRoom: 7,
} as const
/** Start and room share an integer. */
export const roomUnit = 2 ** 16
/** Entries that the smallest block has room for. */
export const smallestRoom = 2

/** Floats of a line of the processor's cache; every block is longer. */
const lineFloats = 8

/** Brings the begin of a block into the cache; the number says nothing. */
export const glimpse = (floats: Float64Array, block: number): number =>
  floats[block + head.cutAt]! + floats[block + lineFloats]!
