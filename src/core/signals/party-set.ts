/**
 * Counts different parties by how recently each was seen: an open-addressed table of 64-bit hashes,
 * sized to the window, which never allocates. A party counts in the bucket of its newest entry. The
 * table of the largest log takes 18 KiB, so that it stays in the processor's first cache.
 */
import type { Party } from './readings.ts'
import { highsOf, lowsOf, type Window } from './window-view.ts'

/** Four times the largest log, a power of two: most parties find their slot at the first look. */
export const slotsMax = 2048
const empty = 127

/** Which entries count, and where their party stands. */
export interface PartyFilter {
  readonly party: Party
  /** Entries in later buckets are out. */
  readonly bucketMax: number
  readonly flagMask: number
  readonly flagWant: number
}

export interface PartySet {
  /** Parties per bucket, by their newest entry; overwritten by the next call. */
  count(window: Window, filter: PartyFilter): Int32Array
}

/** For windows of at most 513 entries. */
export function newPartySet(buckets: number): PartySet {
  const perBucket = new Int32Array(buckets)
  const lows = new Int32Array(slotsMax)
  const highs = new Int32Array(slotsMax)
  const newest = new Uint8Array(slotsMax)
  return {
    count(
      { view, size, buckets: bucketOf, flags, places },
      { party, bucketMax, flagMask, flagWant },
    ) {
      perBucket.fill(0)
      const { ints, stride } = view
      const [lowsAt, highsAt] = [lowsOf(view, party), highsOf(view, party)]
      const slots = slotsFor(size)
      const mask = slots - 1
      newest.fill(empty, 0, slots)
      for (let index = 0; index < size; index += 1) {
        const bucket = bucketOf[index]!
        if (bucket < 0 || bucket > bucketMax || (flags[index]! & flagMask) !== flagWant) continue
        const low = ints[lowsAt + places[index]!]! | 0
        const high = ints[highsAt + places[index]! * stride]! | 0
        if ((low | high) === 0) continue
        let slot = low & mask
        let before = newest[slot]!
        while (before !== empty && (lows[slot] !== low || highs[slot] !== high)) {
          slot = (slot + 1) & mask
          before = newest[slot]!
        }
        if (before <= bucket) continue
        if (before === empty) {
          lows[slot] = low
          highs[slot] = high
        } else perBucket[before]! -= 1
        newest[slot] = bucket
        perBucket[bucket]! += 1
      }
      return perBucket
    },
  }
}

/** A power of two, at least twice and mostly about four times as many as there are entries. */
export function slotsFor(size: number): number {
  return Math.min(slotsMax, 8 << (32 - Math.clz32(size >> 1)))
}
