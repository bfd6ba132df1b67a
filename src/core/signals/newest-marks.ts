/**
 * Marks on the entries of a log that make "different parties" a plain count. An entry is marked
 * older where the log holds a newer one of the same party; so each party has exactly one entry
 * without the mark, its newest, and the parties of a window are the unmarked entries in it.
 *
 *     time    1    2    3    4    5          parties after 2: bb and cc
 *     party   aa   bb   aa   bb   cc
 *     mark    old  old            ─          aa's newest, at 3, counts for (2, 5] as well
 *
 * Marks follow event time, the later arrival being the newer of two at the same time. Setting them
 * costs one look back along the log at each append, about a nanosecond an entry, or a stretch of 32
 * that names neither party; reading them spares a hash table of all parties. They hold for the log
 * as it stands: whoever reads it as it stood before (a redelivered event), or before entries that
 * are ahead in event time, must look closer.
 */
import { rest, tailBits } from './entry.ts'
import { flagBits, flagWidth } from './observation.ts'
import { beginOfStretch, forgetSums, lacksParties, stretchEntries } from './stretch.ts'
import type { LogView } from './window-view.ts'

/** Bits between those of flagBits. freshA looks at fresh entries only. */
export const olderBits = { a: 64, b: 128, freshA: 256 } as const
/** Values that flags and marks together can take. */
export const markedFlagValues = 1 << flagWidth

/**
 * Marks what the log's last entry, which carries no marks yet, makes older, and that entry itself
 * where a newer one is there.
 */
export function markNewest(view: LogView): void {
  const { floats, ints, times, flags, others, room, stride, count } = view
  const last = count - 1
  const time = floats[times + last]!
  const lowsA = flags + room
  const lowsB = lowsA + room
  const aLow = ints[lowsA + last]!
  const bLow = ints[lowsB + last]!
  const highs = others + last * stride
  const aHigh = ints[highs + rest.aHigh]!
  const bHigh = ints[highs + rest.bHigh]!
  const isFresh = ((ints[flags + last]! >>> tailBits) & flagBits.fresh) !== 0
  // What is not there cannot be counted.
  let ownMarks = (aLow | aHigh) === 0 ? olderBits.a | olderBits.freshA : 0
  if ((bLow | bHigh) === 0) ownMarks |= olderBits.b
  let wanted = (olderBits.a | olderBits.b | (isFresh ? olderBits.freshA : 0)) & ~ownMarks
  // Last entry of the next whole stretch; where there is none, no entry.
  let stretchEnd = view.stretches < 0 ? -1 : beginOfStretch(view, last) - 1
  for (let place = last - 1; place >= 0 && wanted !== 0; place -= 1) {
    if (place === stretchEnd) {
      stretchEnd -= stretchEntries
      const begin = stretchEnd + 1
      if (begin >= 0 && lacksParties(view, begin, aLow, bLow)) {
        place = begin
        continue
      }
    }
    const lowA = ints[lowsA + place] === aLow
    const lowB = ints[lowsB + place] === bLow
    if (!lowA && !lowB) continue
    const own = others + place * stride
    const sameA = lowA && ints[own + rest.aHigh] === aHigh
    const marks = ints[flags + place]! >>> tailBits
    let of = sameA ? olderBits.a : 0
    if (lowB && ints[own + rest.bHigh] === bHigh) of |= olderBits.b
    if (sameA && (marks & flagBits.fresh) !== 0) of |= olderBits.freshA
    of &= wanted & ~marks
    if (of === 0) continue
    wanted &= ~of
    if (floats[times + place]! <= time) {
      ints[flags + place]! |= of << tailBits
      forgetSums(view, place)
    } else ownMarks |= of
  }
  if (ownMarks === 0) return
  ints[flags + last]! |= ownMarks << tailBits
  forgetSums(view, last)
}
