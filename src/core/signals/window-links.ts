/** Gatherers of links between events: the claim behind a redemption, transfers in a circle. */
import { rest } from './entry.ts'
import { flagBits, hashSlots, type Observation } from './observation.ts'
import { cellDistanceKm } from './place.ts'
import type { LogSpec, Party } from './readings.ts'
import { readingsOf } from './window-readings.ts'
import { type Gatherer, highsOf, type LogView, lowsOf, type Window } from './window-view.ts'

const { redemption, failed, gift, reversal } = flagBits
const noClaim = redemption | failed | reversal

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
  const deviceParty = byCoupon ? 'a' : 'b'
  return [
    (window, observation, values) => {
      const claim =
        (observation.flags & redemption) === 0 ? -1 : lastClaim(window, observation, byCoupon)
      const { view } = window
      const { hashes, cell } = observation
      // Where it is no newer than what was cut, another may have come after it.
      const known = claim >= 0 && view.floats[view.times + claim]! > view.cutAt
      const age = observation.at - view.floats[view.times + claim]!
      values[agePlace] = known ? age / 1000 : Number.NaN
      const claimCell = known ? cellAt(view, claim, byCoupon) : 0
      values[distancePlace] =
        claimCell !== 0 && cell !== 0 ? cellDistanceKm(claimCell, cell) : Number.NaN
      values[devicePlace] = known
        ? sameParty({ view, place: claim, party: deviceParty }, hashes, hashSlots.device)
        : Number.NaN
      if (userPlace === undefined) return
      values[userPlace] = known
        ? sameParty({ view, place: claim, party: 'a' }, hashes, hashSlots.user)
        : Number.NaN
    },
  ]
}

/** The user's log keeps the place beside the code's block, the code's log instead of it. */
const cellAt = ({ ints, others, stride }: LogView, place: number, inUsersLog: boolean): number =>
  ints[others + place * stride + (inUsersLog ? rest.cell : rest.block)]!

/** Place of the newest claim; -1 without one. */
function lastClaim(
  { view, size, buckets, flags, places }: Window,
  { hashes }: Observation,
  byCoupon: boolean,
): number {
  const { floats, ints, times, others, stride } = view
  const { coupon } = hashSlots
  let found = -1
  for (let index = 0; index < size; index += 1) {
    if (buckets[index]! < 0 || (flags[index]! & noClaim) !== 0) continue
    const place = places[index]!
    if (found >= 0 && floats[times + place]! <= floats[times + found]!) continue
    const words = others + place * stride
    if (byCoupon && ints[words + rest.coupon] !== hashes[coupon]) continue
    found = place
  }
  return found
}

/** 1 for the same party, 0 for another, NaN where one is unknown. */
function sameParty(
  { view, place, party }: { view: LogView; place: number; party: Party },
  hashes: Uint32Array,
  slot: number,
): number {
  const low = view.ints[lowsOf(view, party) + place]!
  const high = view.ints[highsOf(view, party) + place * view.stride]!
  if ((low === 0 && high === 0) || (hashes[slot] === 0 && hashes[slot + 1] === 0)) return Number.NaN
  return low === hashes[slot] && high === hashes[slot + 1] ? 1 : 0
}

/** A circle: transfers that this user sent before to the one who sends now. */
export function matchGatherers(log: LogSpec): Gatherer[] {
  return readingsOf(log, 'match').map(
    ({ place, spanMs }): Gatherer =>
      ({ view, size, buckets, flags, places }, { at, hashes }, values) => {
        let matches = 0
        for (let index = 0; index < size; index += 1) {
          if (
            buckets[index]! < 0 ||
            (flags[index]! & (gift | failed)) !== gift ||
            at - view.floats[view.times + places[index]!]! >= spanMs
          )
            continue
          const other = { view, place: places[index]!, party: 'a' as const }
          if (sameParty(other, hashes, hashSlots.sender) === 1) matches += 1
        }
        values[place] = matches
      },
  )
}
