/** What the windows of one event are read from: a log's entries, and those of them that matter. */
import { rest } from './entry.ts'
import { hashSlots, type Observation } from './observation.ts'
import type { Party } from './readings.ts'

/**
 * Entries of one log in order of arrival, the event's own last. The entry at place p, from 0 to
 * count − 1, has its numbers at
 *
 *     time    floats[times + p]      flags + tail  ints[flags + p]               rest
 *     amount  floats[times + room + p]  a, low     ints[flags + room + p]        ints[others +
 *     sum     floats[times + 2·room + p]  b, low   ints[flags + 2·room + p]        p · stride + …]
 */
export interface LogView {
  floats: Float64Array
  /** The same memory as integers. */
  ints: Uint32Array
  times: number
  flags: number
  others: number
  /** Entries that a column has room for. */
  room: number
  /** Words of an entry that stand in no column. */
  stride: number
  count: number
  /** Slots of the block before the first entry, and first float of its stretches; -1 without. */
  start: number
  stretches: number
  /** Largest event time that the log no longer holds; -Infinity where it holds all. */
  cutAt: number
  /** Whether the marks of newest-marks.ts hold for just these entries. */
  marked: boolean
}

/** A view of nothing, to be filled. */
export function newLogView(): LogView {
  const floats = new Float64Array(0)
  return {
    floats,
    ints: new Uint32Array(floats.buffer),
    times: 0,
    flags: 0,
    others: 0,
    room: 0,
    stride: 0,
    count: 0,
    start: 0,
    stretches: -1,
    cutAt: Number.NEGATIVE_INFINITY,
    marked: false,
  }
}

/** Where the low words of a party begin. */
export const lowsOf = ({ flags, room }: LogView, party: Party): number =>
  flags + (party === 'a' ? room : 2 * room)

/** Where the high word of the first entry's party stands; the next is a stride further. */
export const highsOf = ({ others }: LogView, party: Party): number =>
  others + (party === 'a' ? rest.aHigh : rest.bHigh)

/**
 * Place of the entry with an id and an event time, or -1. Newest first: repeats come soon. An id
 * may be used again once it is forgotten, so only both together name an event.
 */
export function placeOf(view: LogView, hashes: Uint32Array, time: number): number {
  const { floats, ints, times, others, stride, count } = view
  const low = hashes[hashSlots.id]!
  const high = hashes[hashSlots.id + 1]!
  for (let place = count - 1; place >= 0; place -= 1) {
    const words = others + place * stride
    if (floats[times + place] !== time || ints[words + rest.idLow] !== low) continue
    if (ints[words + rest.idHigh] === high) return place
  }
  return -1
}

/** The entries that matter to one event, its own first, then back in order of arrival. */
export interface Window {
  view: LogView
  size: number
  /** Places in the view. */
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
