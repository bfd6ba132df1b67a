/**
 * One walk along an entity's log, newest arrival first, that counts all that can be counted in
 * passing: entries by filter, and the newest entries of parties (newest-marks.ts), by bucket. The
 * few entries that need a closer look are noted for those who give it. It costs some nanoseconds an
 * entry, or a stretch of 32 where one bucket holds them all (stretch.ts); the largest log has 513.
 *
 * A count is a lane of ten bits, since no count reaches 2^10; three lanes share one word, and what
 * an entry adds to each word is looked up by its flags and marks:
 *
 *     flags ──▶ additions ──▶ │ lane 2 │ lane 1 │ lane 0 │ added to a word of the entry's bucket
 */
import { tailBits } from './entry.ts'
import { markedFlagValues } from './newest-marks.ts'
import { flagBits } from './observation.ts'
import { dayMs, gapsMax, hourMs, type LogSpec } from './readings.ts'
import {
  attemptBits,
  beginOfStretch,
  stretchEntries,
  stretchPart,
  sumsOfStretch,
} from './stretch.ts'
import type { LogView } from './window-view.ts'

/** What a lane counts: entries whose flags and marks, under the mask, are what is wanted. */
export interface Lane {
  readonly mask: number
  readonly want: number
}

const laneBits = 10
export const laneMask = (1 << laneBits) - 1
const lanesPerWord = 3
const words = 3

/** What a walk found; the next one overwrites it. */
export interface Walk {
  /** Lanes by bucket; after `sumUp` a bucket holds those of all shorter ones too. */
  readonly lanes: Int32Array
  /** Places of entries that are later than the event: the first `aheadCount`. */
  readonly ahead: Int32Array
  aheadCount: number
  /** The same for attempts of the last hour to redeem a code. */
  readonly attempts: Int32Array
  attemptCount: number
  /** Newest event times of the day up to the event's, newest first: the first `timeCount`. */
  readonly times: Float64Array
  timeCount: number
}

/** Where values of lanes are read and go, one after another: word, shift in it, place. */
export interface LanePlaces {
  readonly words: Int32Array
  readonly shifts: Int32Array
  readonly places: Int32Array
}

export function lanePlaces(
  wanted: readonly { lane: number; places: readonly { bucket: number; place: number }[] }[],
): LanePlaces {
  const all = wanted.flatMap(({ lane, places }) => places.map((one) => ({ lane, ...one })))
  const wordOf = ({ lane, bucket }: { lane: number; bucket: number }) =>
    bucket * words + Math.trunc(lane / lanesPerWord)
  return {
    words: Int32Array.from(all, wordOf),
    shifts: Int32Array.from(all, ({ lane }) => (lane % lanesPerWord) * laneBits),
    places: Int32Array.from(all, ({ place }) => place),
  }
}

/** Counts one more in a lane of a bucket. */
export function addToLane({ lanes }: Walk, lane: number, bucket: number): void {
  const word = bucket * words + Math.trunc(lane / lanesPerWord)
  lanes[word]! += 1 << ((lane % lanesPerWord) * laneBits)
}

/** Turns counts by bucket into counts by span: a span is its own bucket and all shorter ones. */
export function sumUp({ lanes }: Walk): void {
  for (let word = words; word < lanes.length; word += 1) lanes[word]! += lanes[word - words]!
}

export interface Walker {
  readonly walk: Walk
  /** Walks along a log as of an event time. */
  along(view: LogView, now: number): void
}

/** `spans` from short to long, in milliseconds; beyond the last is one bucket more. */
export function newWalker(
  log: LogSpec,
  by: { spans: readonly number[]; lanes: readonly Lane[] },
): Walker {
  const kinds = new Set(log.readings.map(({ measure }) => measure.kind))
  const [notesAttempts, notesTimes] = [kinds.has('steps'), kinds.has('gap-cv')]
  const bounds = Float64Array.of(...by.spans, Number.POSITIVE_INFINITY)
  // A log that counts nothing shares its entries with one that does, and leaves the sums to it.
  const counts = by.lanes.length > 0
  const additions = additionsOf(log, by.lanes)
  const walk = newWalk(log.cap + 1, bounds.length)
  const { lanes, ahead, attempts } = walk
  const takeStretch = newStretchTaker(walk, { bounds, additions, notesAttempts })
  const along = (view: LogView, now: number) => {
    const { floats, ints, times, flags, count } = view
    for (let word = 0; word < lanes.length; word += 1) lanes[word] = 0
    walk.aheadCount = 0
    walk.timeCount = 0
    walk.attemptCount = 0
    const hourAgo = notesAttempts ? now - hourMs : Number.POSITIVE_INFINITY
    let timesAfter = notesTimes ? now - dayMs : Number.POSITIVE_INFINITY
    // The bucket of the entry before, which is mostly that of this one: (older, newer].
    let bucket = 0
    let newer = now
    let older = now - bounds[0]!
    let sum0 = 0
    let sum1 = 0
    let sum2 = 0
    // Last entry of the next stretch; where there is none, no entry.
    let stretchEnd = view.stretches < 0 || !counts ? -1 : beginOfStretch(view, count) - 1
    for (let place = count - 1; place >= 0; place -= 1) {
      if (place === stretchEnd) {
        stretchEnd -= stretchEntries
        const begin = stretchEnd + 1
        if (begin >= 0 && takeStretch(view, begin, now, timesAfter)) {
          place = begin
          continue
        }
      }
      const time = floats[times + place]!
      if (time > newer || time <= older) {
        if (time > now) {
          ahead[walk.aheadCount++] = place
          continue
        }
        lanes[bucket * words]! += sum0
        lanes[bucket * words + 1]! += sum1
        lanes[bucket * words + 2]! += sum2
        sum0 = sum1 = sum2 = bucket = 0
        while (time <= now - bounds[bucket]!) bucket += 1
        newer = bucket === 0 ? now : now - bounds[bucket - 1]!
        older = now - bounds[bucket]!
      }
      const bits = ints[flags + place]! >>> tailBits
      sum0 = (sum0 + additions[bits * words]!) | 0
      sum1 = (sum1 + additions[bits * words + 1]!) | 0
      sum2 = (sum2 + additions[bits * words + 2]!) | 0
      if (time > hourAgo && (bits & attemptBits) === attemptBits) {
        attempts[walk.attemptCount] = place
        walk.attemptCount += 1
      }
      if (time > timesAfter && (bits & flagBits.reversal) === 0)
        timesAfter = noteTime(walk, time, timesAfter)
    }
    lanes[bucket * words]! += sum0
    lanes[bucket * words + 1]! += sum1
    lanes[bucket * words + 2]! += sum2
  }
  return { walk, along }
}

/** Adds a whole stretch where one bucket holds it and none of its times is among the newest. */
function newStretchTaker(
  walk: Walk,
  by: { bounds: Float64Array; additions: Int32Array; notesAttempts: boolean },
): (view: LogView, begin: number, now: number, timesAfter: number) => boolean {
  const { lanes } = walk
  const { bounds, additions, notesAttempts } = by
  return (view, begin, now, timesAfter) => {
    const { floats, ints } = view
    const record = sumsOfStretch(view, begin, additions)
    const newest = floats[record + stretchPart.newest]!
    if (newest > now || newest > timesAfter) return false
    let bucket = 0
    while (newest <= now - bounds[bucket]!) bucket += 1
    const oldest = floats[record + stretchPart.oldest]!
    if (oldest <= now - bounds[bucket]!) return false
    if (notesAttempts && newest > now - hourMs) {
      if (oldest <= now - hourMs) return false
      noteAttempts(walk, begin, ints[record * 2 + stretchPart.attempts]!)
    }
    const sums = record * 2 + stretchPart.sums
    lanes[bucket * words]! += ints[sums]!
    lanes[bucket * words + 1]! += ints[sums + 1]!
    lanes[bucket * words + 2]! += ints[sums + 2]!
    return true
  }
}

function newWalk(entriesMax: number, buckets: number): Walk {
  return {
    lanes: new Int32Array(buckets * words),
    ahead: new Int32Array(entriesMax),
    aheadCount: 0,
    attempts: new Int32Array(entriesMax),
    attemptCount: 0,
    times: new Float64Array(gapsMax + 1),
    timeCount: 0,
  }
}

/** Takes the attempts of a stretch, a bit each, newest arrival first. */
function noteAttempts(walk: Walk, begin: number, bits: number): void {
  for (let left = bits; left !== 0; ) {
    const bit = 31 - Math.clz32(left)
    walk.attempts[walk.attemptCount++] = begin + bit
    left &= ~(1 << bit)
  }
}

/** Takes a time among the newest; gives the time after which further ones are wanted. */
function noteTime(walk: Walk, time: number, after: number): number {
  const { times } = walk
  let place = Math.min(walk.timeCount, times.length - 1)
  while (place > 0 && times[place - 1]! < time) {
    times[place] = times[place - 1]!
    place -= 1
  }
  times[place] = time
  if (walk.timeCount < times.length) walk.timeCount += 1
  return walk.timeCount < times.length ? after : times[times.length - 1]!
}

/** What an entry adds to each word of lanes, by its flags and marks. */
function additionsOf({ name, cap }: LogSpec, lanes: readonly Lane[]): Int32Array {
  if (lanes.length > words * lanesPerWord || cap > laneMask - 1)
    throw new RangeError(`the log ${name} counts more than a walk has room for`)
  const additions = new Int32Array(markedFlagValues * words)
  for (let flags = 0; flags < markedFlagValues; flags += 1)
    lanes.forEach(({ mask, want }, lane) => {
      const word = flags * words + Math.trunc(lane / lanesPerWord)
      if ((flags & mask) === want) additions[word]! += 1 << ((lane % lanesPerWord) * laneBits)
    })
  return additions
}
