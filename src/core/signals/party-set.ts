/**
 * Counts different parties by how recently each was seen: an open-addressed table of 64-bit hashes
 * that is emptied in one step and never allocates. A party counts in the bucket of its newest entry.
 * A slot is four words side by side (round, low, high, bucket), so a probe touches one cache line.
 */
import type { Window } from './window.ts'

/** Twice the largest log and a power of two. */
const slots = 4096
const mask = slots - 1

/** Which entries count, and where their party stands. */
export interface PartyFilter {
  /** Word of the party's low half within an entry. */
  readonly word: number
  /** Entries in later buckets are out. */
  readonly bucketMax: number
  readonly flagMask: number
  readonly flagWant: number
}

export interface PartySet {
  /** Parties per bucket, by their newest entry. */
  count(window: Window, filter: PartyFilter): Int32Array
}

export function newPartySet(buckets: number): PartySet {
  const perBucket = new Int32Array(buckets)
  const table = new Int32Array(slots * 4)
  let round = 0
  const add = (low: number, high: number, bucket: number) => {
    let at = (low & mask) << 2
    while (table[at] === round) {
      if (table[at + 1] === low && table[at + 2] === high) {
        const before = table[at + 3]!
        if (bucket >= before) return
        perBucket[before]! -= 1
        perBucket[bucket]! += 1
        table[at + 3] = bucket
        return
      }
      at = (at + 4) & (slots * 4 - 1)
    }
    table[at] = round
    table[at + 1] = low
    table[at + 2] = high
    table[at + 3] = bucket
    perBucket[bucket]! += 1
  }
  return {
    count({ size, buckets: bucketOf, flags, places, ints }, { word, bucketMax, flagMask, flagWant }) {
      round = (round + 1) | 0
      perBucket.fill(0)
      for (let index = 0; index < size; index += 1) {
        const bucket = bucketOf[index]!
        if (bucket < 0 || bucket > bucketMax || (flags[index]! & flagMask) !== flagWant) continue
        const at = places[index]! * 2 + word
        const low = ints[at]! | 0
        const high = ints[at + 1]! | 0
        if ((low | high) !== 0) add(low, high, bucket)
      }
      return perBucket
    },
  }
}
