/**
 * Calendar-day totals of campaigns, merchants, categories and channels: counters, because a log
 * could not hold a hundred thousand claims. Names per kind and day are bounded; the rest share one
 * counter.
 */

import type { DayReadings } from '../core/schema.gen.ts'
import { flagBits, type Observation } from '../core/signals/observation.ts'
import { type DayName, dayNames, dayScopesMax } from '../core/signals/readings.ts'

/** Days behind the newest that are kept: late events reach at most 7 days back. */
export const daysKept = 9
const other = '\u0000other'

interface Counter {
  claims: number
  redemptions: number
}

export type DayTotals = Readonly<Record<DayName, DayReadings | null>>

export const unknownTotals: DayTotals = {
  campaign: null,
  merchant: null,
  category: null,
  channel: null,
}

export class DayCounters {
  readonly #days = new Map<number, Map<DayName, Map<string, Counter>>>()
  #newestDay = Number.NEGATIVE_INFINITY

  /** Reads the day's totals of an event's names; counts the event first where it is new. */
  read(observation: Observation, isNew: boolean): DayTotals {
    const day = this.#day(observation.day)
    if (day === null) return unknownTotals
    return {
      campaign: readOne(day, 'campaign', observation, isNew),
      merchant: readOne(day, 'merchant', observation, isNew),
      category: readOne(day, 'category', observation, isNew),
      channel: readOne(day, 'channel', observation, isNew),
    }
  }

  /** Null for a day that is no longer kept: a total of 0 would be silently low. */
  #day(number: number): Map<DayName, Map<string, Counter>> | null {
    const found = this.#days.get(number)
    if (found !== undefined) return found
    if (number <= this.#newestDay - daysKept) return null
    const day = new Map(dayNames.map((name) => [name, new Map<string, Counter>()]))
    this.#days.set(number, day)
    if (number > this.#newestDay) {
      this.#newestDay = number
      for (const old of this.#days.keys()) if (old <= number - daysKept) this.#days.delete(old)
    }
    return day
  }
}

function readOne(
  day: Map<DayName, Map<string, Counter>>,
  kind: DayName,
  { scopes, flags }: Observation,
  isNew: boolean,
): DayReadings | null {
  const name = scopes[kind]
  if (name === null) return null
  const counters = day.get(kind)!
  const key = counters.has(name) || counters.size < dayScopesMax ? name : other
  let counter = counters.get(key)
  if (counter === undefined) {
    counter = { claims: 0, redemptions: 0 }
    counters.set(key, counter)
  }
  if (isNew && (flags & (flagBits.failed | flagBits.reversal)) === 0) {
    if ((flags & flagBits.redemption) === 0) counter.claims += 1
    else counter.redemptions += 1
  }
  return { claims_day: counter.claims, redemptions_day: counter.redemptions }
}
