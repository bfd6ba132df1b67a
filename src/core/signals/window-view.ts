/** What the windows of one event are read from: a log's entries, and those of them that matter. */
import type { Observation } from './observation.ts'

/**
 * Entries of one log in order of arrival, the event's own last: `count` of them from float `start`.
 */
export interface LogView {
  readonly floats: Float64Array
  /** The same memory as integers. */
  readonly ints: Uint32Array
  readonly start: number
  readonly count: number
  /** Floats of an entry. */
  readonly stride: number
  /** Largest event time that the log no longer holds; -Infinity where it holds all. */
  readonly cutAt: number
  /** Whether the marks of newest-marks.ts hold for just these entries. */
  readonly marked: boolean
}

/** The entries that matter to one event, its own first, then back in order of arrival. */
export interface Window {
  floats: Float64Array
  ints: Uint32Array
  size: number
  cutAt: number
  /** Where each entry begins, in floats. */
  readonly places: Int32Array
  /** Shortest span that holds the entry; -1 where its event time is later than the event's. */
  readonly buckets: Int8Array
  /** Flags, and above them the marks. */
  readonly flags: Uint16Array
}

/**
 * One thing to be read from a window; values go to the places of the log's readings, NaN if absent.
 */
export type Gatherer = (window: Window, observation: Observation, values: Float64Array) => void
