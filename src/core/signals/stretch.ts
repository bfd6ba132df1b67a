/**
 * What is known of stretches of 32 neighbouring entries of a log, so that a walk takes most of a
 * long log a stretch at a time: one that lies in a single bucket adds its sums as they are, and one
 * that names no party of the event cannot hold the newest of it. A stretch is looked through by the
 * first walk that meets it whole, and summed up again after one of its entries was marked.
 *
 *     slots of the block   │░░░░░░░░ 0 to 31 │ 32 to 63 │ 64 to 95 │ 96 … │
 *                                  └ start                           └ end
 *                            entry by entry    summed     summed     entry by entry
 *
 * Stretches count slots of the block, not entries of the log, so that a trim moves none of them. A
 * record is 104 bytes behind the entries: smallest and largest event time, three words of lanes
 * (window-walk.ts), which entries are attempts to redeem a code, how much of this is known, and for
 * each of the two parties a sketch: a bit for each of its entries, at a place that the keyed hash
 * chooses. Whoever moves entries, or takes one back, MUST forget.
 */
import { tailBits } from './entry.ts'
import { flagBits } from './observation.ts'
import type { LogView } from './window-view.ts'

export const stretchEntries = 32
const stretchBits = 5
/** Floats of a record. */
export const stretchFloats = 13

/** Places in a record: times in floats, the rest in integers. */
export const stretchPart = { oldest: 0, newest: 1, sums: 4, attempts: 7, known: 8 } as const
/** Where the sketches begin. */
const sketch = { a: 10, b: 18 } as const
const sketchWords = 8
/** How much of a record holds: nothing, what entries keep for good, and the sums too. */
const known = { nothing: 0, lasting: 1, sums: 2 } as const

export const attemptBits = flagBits.redemption | flagBits.hasTail

/** Floats that the records of a block take: one for what is left over too, which can be marked. */
export const floatsOfStretches = (room: number): number =>
  room < stretchEntries ? 0 : Math.ceil(room / stretchEntries) * stretchFloats

/** Place of the first entry of the stretch that holds an entry; below 0 where it was trimmed. */
export const beginOfStretch = ({ start }: LogView, place: number): number =>
  (((start + place) >> stretchBits) << stretchBits) - start

/** First float of the record of the stretch that holds an entry. */
const recordOf = ({ stretches, start }: LogView, place: number): number =>
  stretches + ((start + place) >> stretchBits) * stretchFloats

/** Its sums no longer hold. */
export function forgetSums(view: LogView, place: number): void {
  if (view.stretches < 0) return
  const at = recordOf(view, place) * 2 + stretchPart.known
  if (view.ints[at] === known.sums) view.ints[at] = known.lasting
}

/** The record of the whole stretch that begins at a place, summed up where it has to be. */
export function sumsOfStretch(view: LogView, begin: number, additions: Int32Array): number {
  const record = recordOf(view, begin)
  const at = record * 2 + stretchPart.known
  if (view.ints[at] === known.sums) return record
  if (view.ints[at] === known.nothing) lookThrough(view, begin, record)
  sumUp(view, begin, additions, record)
  view.ints[at] = known.sums
  return record
}

/** Nothing holds of the stretches up to an entry: those before it were moved. */
export function forgetStretches(view: LogView, place: number): void {
  if (view.stretches < 0) return
  for (let record = recordOf(view, 0); record <= recordOf(view, place); record += stretchFloats)
    view.ints[record * 2 + stretchPart.known] = known.nothing
}

/** Place of the entry with the smallest event time, the first of several. */
export function oldestPlace(view: LogView): number {
  const { floats, ints, times, count, stretches } = view
  let oldest = 0
  let stretchBegin = stretches < 0 ? count : beginOfStretch(view, 0)
  for (let place = 0; place < count; place += 1) {
    if (place > stretchBegin) stretchBegin += stretchEntries
    if (place === stretchBegin && place + stretchEntries <= count) {
      const record = recordOf(view, place)
      const isKnown = ints[record * 2 + stretchPart.known] !== known.nothing
      if (isKnown && floats[record + stretchPart.oldest]! >= floats[times + oldest]!) {
        place += stretchEntries - 1
        continue
      }
    }
    if (floats[times + place]! < floats[times + oldest]!) oldest = place
  }
  return oldest
}

/** Whether the whole stretch that begins at a place is known to hold neither party, by low word. */
export function lacksParties(view: LogView, begin: number, a: number, b: number): boolean {
  const { ints } = view
  const words = recordOf(view, begin) * 2
  return (
    ints[words + stretchPart.known] !== known.nothing &&
    (ints[words + sketch.a + wordOf(a)]! & bitOf(a)) === 0 &&
    (ints[words + sketch.b + wordOf(b)]! & bitOf(b)) === 0
  )
}

const wordOf = (low: number) => low & (sketchWords - 1)
const bitOf = (low: number) => 1 << ((low >>> 3) & 31)

/** Notes what stays as it is for as long as the entries stand where they do. */
function lookThrough(
  { floats, ints, times, flags, room }: LogView,
  begin: number,
  record: number,
): void {
  let oldest = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  let attempts = 0
  const words = record * 2
  for (let word = sketch.a; word < sketch.b + sketchWords; word += 1) ints[words + word] = 0
  for (let place = begin; place < begin + stretchEntries; place += 1) {
    const time = floats[times + place]!
    if (time < oldest) oldest = time
    if (time > newest) newest = time
    const bits = ints[flags + place]! >>> tailBits
    if ((bits & attemptBits) === attemptBits) attempts |= 1 << (place - begin)
    const a = ints[flags + room + place]!
    const b = ints[flags + 2 * room + place]!
    ints[words + sketch.a + wordOf(a)]! |= bitOf(a)
    ints[words + sketch.b + wordOf(b)]! |= bitOf(b)
  }
  floats[record + stretchPart.oldest] = oldest
  floats[record + stretchPart.newest] = newest
  ints[words + stretchPart.attempts] = attempts
}

function sumUp(
  { ints, flags }: LogView,
  begin: number,
  additions: Int32Array,
  record: number,
): void {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  for (let place = begin; place < begin + stretchEntries; place += 1) {
    const bits = ints[flags + place]! >>> tailBits
    sum0 = (sum0 + additions[bits * 3]!) | 0
    sum1 = (sum1 + additions[bits * 3 + 1]!) | 0
    sum2 = (sum2 + additions[bits * 3 + 2]!) | 0
  }
  const words = record * 2 + stretchPart.sums
  ints[words] = sum0
  ints[words + 1] = sum1
  ints[words + 2] = sum2
}
