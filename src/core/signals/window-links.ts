/** Gatherers of links between events: the claim behind a redemption, transfers in a circle. */
import { flagBits, hashSlots, type Observation } from './observation.ts'
import { cellDistanceKm } from './place.ts'
import type { LogSpec } from './readings.ts'
import { readingsOf } from './window-readings.ts'
import type { Gatherer, Window } from './window-view.ts'

const { redemption, failed, gift } = flagBits

/**
 * The last claim of the same coupon before a redemption: by coupon in the user's log, else by code.
 */
export function claimGatherers(log: LogSpec): Gatherer[] {
  const agePlace = readingsOf(log, 'claim-age')[0]?.place
  if (agePlace === undefined) return []
  const distancePlace = readingsOf(log, 'claim-distance')[0]!.place
  const devicePlace = readingsOf(log, 'claim-same-device')[0]!.place
  const userPlace = readingsOf(log, 'claim-same-user')[0]?.place
  const byCoupon = log.name === 'user'
  // Device and place stand elsewhere in the user's log than in the code's: see entry.ts.
  const [deviceWord, cellWord] = byCoupon ? [6, 14] : [8, 5]
  return [
    (window, observation, values) => {
      const claim =
        (observation.flags & redemption) === 0 ? -1 : lastClaim(window, observation, byCoupon)
      const { ints, floats } = window
      const { hashes, cell } = observation
      const words = claim * 2
      // Where it is no newer than what was cut, another may have come after it.
      const known = claim >= 0 && floats[claim]! > window.cutAt
      values[agePlace] = known ? (observation.at - floats[claim]!) / 1000 : Number.NaN
      const placed = known && cell !== 0 && ints[words + cellWord] !== 0
      values[distancePlace] = placed ? cellDistanceKm(ints[words + cellWord]!, cell) : Number.NaN
      values[devicePlace] = known
        ? sameParty(ints, words + deviceWord, hashes, hashSlots.device)
        : Number.NaN
      if (userPlace !== undefined) {
        values[userPlace] = known ? sameParty(ints, words + 6, hashes, hashSlots.user) : Number.NaN
      }
    },
  ]
}

/** Where the entry of the newest claim begins, in floats; -1 without one. */
function lastClaim(
  { size, buckets, flags, places, floats, ints }: Window,
  { hashes }: Observation,
  byCoupon: boolean,
): number {
  const { coupon } = hashSlots
  let found = -1
  for (let index = 0; index < size; index += 1) {
    if (buckets[index]! < 0 || (flags[index]! & (redemption | failed)) !== 0) continue
    const place = places[index]!
    if (found >= 0 && floats[place]! <= floats[found]!) continue
    const words = place * 2
    if (
      byCoupon &&
      (ints[words + 10] !== hashes[coupon] || ints[words + 11] !== hashes[coupon + 1])
    )
      continue
    found = place
  }
  return found
}

/** 1 for the same party, 0 for another, NaN where one is unknown. */
function sameParty(ints: Uint32Array, at: number, hashes: Uint32Array, slot: number): number {
  if ((ints[at] === 0 && ints[at + 1] === 0) || (hashes[slot] === 0 && hashes[slot + 1] === 0))
    return Number.NaN
  return ints[at] === hashes[slot] && ints[at + 1] === hashes[slot + 1] ? 1 : 0
}

/** A circle: transfers that this user sent before to the one who sends now. */
export function matchGatherers(log: LogSpec): Gatherer[] {
  return readingsOf(log, 'match').map(
    ({ place, spanMs }): Gatherer =>
      ({ size, buckets, flags, places, floats, ints }, { at, hashes }, values) => {
        let matches = 0
        for (let index = 0; index < size; index += 1) {
          if (
            buckets[index]! < 0 ||
            (flags[index]! & (gift | failed)) !== gift ||
            at - floats[places[index]!]! >= spanMs
          )
            continue
          if (sameParty(ints, places[index]! * 2 + 6, hashes, hashSlots.sender) === 1) matches += 1
        }
        values[place] = matches
      },
  )
}
