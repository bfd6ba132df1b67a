/**
 * Sums over stretches of 32 neighbouring entries of a log, so that a walk takes most of a long log
 * a stretch at a time: one that lies in a single bucket adds its sums as they are. A stretch is
 * summed up by the first walk that meets it whole, and again after one of its entries was marked.
 *
 *     slots of the block   │░░░░░░░░ 0 to 31 │ 32 to 63 │ 64 to 95 │ 96 … │
 *                                  └ start                           └ end
 *                            entry by entry    summed     summed     entry by entry
 *
 * Stretches count slots of the block, not entries of the log, so that a trim moves none of them. A
 * record is 32 bytes behind the entries: smallest and largest event time, three words of lanes
 * (window-walk.ts), and which entries are attempts to redeem a code. One whose largest time is 0 is
 * forgotten. Whoever moves entries, or takes one back, MUST forget.
 */
import { tailBits } from './entry.ts'
import { flagBits } from './observation.ts'
import type { LogView } from './window-view.ts'

export const stretchEntries = 32
const stretchBits = 5
/** Floats of a record. */
export const stretchFloats = 4

/** Places in a record: times in floats, the rest in integers. */
export const stretchPart = { oldest: 0, newest: 1, sums: 4, attempts: 7 } as const

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
export function forgetStretch(view: LogView, place: number): void {
  if (view.stretches < 0) return
  view.floats[recordOf(view, place) + stretchPart.newest] = 0
}

/** The record of the whole stretch that begins at a place, summed up where it has to be. */
export function sumsOfStretch(view: LogView, begin: number, additions: Int32Array): number {
  const record = recordOf(view, begin)
  if (view.floats[record + stretchPart.newest] === 0) sumStretch(view, begin, additions, record)
  return record
}

function sumStretch(
  { floats, ints, times, flags }: LogView,
  begin: number,
  additions: Int32Array,
  record: number,
): void {
  let oldest = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let attempts = 0
  for (let place = begin; place < begin + stretchEntries; place += 1) {
    const time = floats[times + place]!
    if (time < oldest) oldest = time
    if (time > newest) newest = time
    const bits = ints[flags + place]! >>> tailBits
    sum0 = (sum0 + additions[bits * 3]!) | 0
    sum1 = (sum1 + additions[bits * 3 + 1]!) | 0
    sum2 = (sum2 + additions[bits * 3 + 2]!) | 0
    if ((bits & attemptBits) === attemptBits) attempts |= 1 << (place - begin)
  }
  floats[record + stretchPart.oldest] = oldest
  floats[record + stretchPart.newest] = newest
  const words = record * 2 + stretchPart.sums
  ints[words] = sum0
  ints[words + 1] = sum1
  ints[words + 2] = sum2
  ints[words + 3] = attempts
}
