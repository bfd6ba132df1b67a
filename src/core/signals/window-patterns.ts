/**
 * Gatherers of patterns: regular gaps, walks through codes, the claim behind a redemption, circles.
 */
import { tailMask } from './entry.ts'
import { flagBits, hashSlots, type Observation } from './observation.ts'
import { cellDistanceKm } from './place.ts'
import { codeStepMax, dayMs, gapsMax, gapsMin, hourMs, type LogSpec } from './readings.ts'
import { readingsOf } from './window-totals.ts'
import type { Gatherer, Window } from './window-view.ts'

const { redemption, failed, gift, hasTail } = flagBits

/**
 * A script claims like a clock: the spread of its last gaps is small beside their mean. A mean has
 * no lower bound, so where a cut entry could be one of the last there is no value.
 */
export function gapGatherers(log: LogSpec): Gatherer[] {
  const cvPlace = readingsOf(log, 'gap-cv')[0]?.place
  const meanPlace = readingsOf(log, 'gap-mean')[0]?.place
  if (cvPlace === undefined || meanPlace === undefined) return []
  const times = new Float64Array(gapsMax + 1)
  return [
    (window, { at }, values) => {
      const gaps = newestTimes(window, at, times) - 1
      const { cutAt } = window
      const cut = cutAt > at - dayMs && (gaps < gapsMax || times[gaps]! <= cutAt)
      if (gaps < gapsMin || cut) {
        values[cvPlace] = values[meanPlace] = Number.NaN
        return
      }
      const mean = (times[0]! - times[gaps]!) / gaps
      let squares = 0
      for (let index = 0; index < gaps; index += 1)
        squares += (times[index]! - times[index + 1]! - mean) ** 2
      values[cvPlace] = mean === 0 ? 0 : Math.sqrt(squares / gaps) / mean
      values[meanPlace] = mean / 1000
    },
  ]
}

/** The newest event times of the last day, newest first; gives how many. */
function newestTimes(
  { size, buckets, places, floats }: Window,
  now: number,
  times: Float64Array,
): number {
  let kept = 0
  for (let index = 0; index < size; index += 1) {
    const time = floats[places[index]!]!
    if (buckets[index]! < 0 || now - time >= dayMs) continue
    if (kept === times.length && time <= times[kept - 1]!) continue
    let place = kept < times.length ? kept : kept - 1
    while (place > 0 && times[place - 1]! < time) {
      times[place] = times[place - 1]!
      place -= 1
    }
    times[place] = time
    if (kept < times.length) kept += 1
  }
  return kept
}

/** Walking through codes: neighbours in time among redemption attempts with neighbouring codes. */
export function stepGatherers(log: LogSpec): Gatherer[] {
  const order = new Int32Array(log.cap + 1)
  const attempt = redemption | hasTail
  return readingsOf(log, 'steps').map(
    ({ place }): Gatherer =>
      ({ size, buckets, flags, anyFlags, places, floats, ints }, { at }, values) => {
        values[place] = 0
        if ((anyFlags & attempt) !== attempt) return
        let kept = 0
        for (let index = 0; index < size; index += 1) {
          const start = places[index]!
          if (
            buckets[index]! < 0 ||
            (flags[index]! & attempt) !== attempt ||
            at - floats[start]! >= hourMs
          )
            continue
          let slot = kept
          while (slot > 0 && floats[order[slot - 1]!]! < floats[start]!) {
            order[slot] = order[slot - 1]!
            slot -= 1
          }
          order[slot] = start
          kept += 1
        }
        let steps = 0
        for (let index = 1; index < kept; index += 1) {
          const one = order[index - 1]! * 2
          const other = order[index]! * 2
          const apart = Math.abs((ints[one + 4]! & tailMask) - (ints[other + 4]! & tailMask))
          if (ints[one + 5] === ints[other + 5] && apart > 0 && apart <= codeStepMax) steps += 1
        }
        values[place] = steps
      },
  )
}

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
