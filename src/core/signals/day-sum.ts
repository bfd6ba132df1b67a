/**
 * Money of a user's redemptions of a calendar day, as a running sum in order of arrival: each entry
 * holds what the day had come to with it. So the sum is exact however many entries were cut, as
 * long as one of the day is left, and what crosses a daily limit does so exactly once (D22).
 *
 *     arrival   09:00 +30   09:05 +20   yesterday 23:59 +5   09:10 failed   09:20 +10
 *     sum             30          50                     5             50          60
 */
import { floatColumn } from './entry.ts'
import { flagBits, type Observation } from './observation.ts'
import type { LogView } from './window-view.ts'

const { redemption, failed } = flagBits

/** What an event adds to the sum of its day. */
const ownPart = ({ flags, amount }: Observation): number =>
  (flags & (redemption | failed)) === redemption ? amount : 0

/**
 * The sum with this event, which is not in the log yet. `mayBeCounted`: its entry was cut before,
 * so that it may be in the sum already; then the sum is a lower bound.
 */
export function daySumWith(
  { floats, times, room, count }: LogView,
  observation: Observation,
  mayBeCounted: boolean,
): number {
  const { dayStart, dayEnd } = observation
  for (let place = count - 1; place >= 0; place -= 1) {
    const time = floats[times + place]!
    if (time < dayStart || time >= dayEnd) continue
    const sum = floats[times + floatColumn.daySum * room + place]!
    return mayBeCounted ? sum : sum + ownPart(observation)
  }
  return ownPart(observation)
}

/** The sum as of the last entry. */
export const daySumAt = ({ floats, times, room, count }: LogView): number =>
  floats[times + floatColumn.daySum * room + count - 1]!
