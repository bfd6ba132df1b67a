/**
 * What a log reads that holds nothing but the event itself, as four in ten do: the first event of a
 * code, a phone, a user. But for money its readings follow from the event's flags and from which
 * parties it names, so they are read once for each of these and kept: at most 512 short rows a log.
 */
import { daySumAt } from './day-sum.ts'
import { entrySlots } from './entry.ts'
import { flagWidth, type Observation } from './observation.ts'
import type { LogSpec } from './readings.ts'
import { filterBits, readingsOf } from './window-readings.ts'
import type { LogView } from './window-view.ts'

export interface LoneReadings {
  /** Names what the readings of such a log follow from. */
  keyOf(observation: Observation): number
  /** The readings under a key, with the event's own money in place; null where none are kept. */
  read(key: number, view: LogView, observation: Observation): Float64Array | null
  keep(key: number, values: Float64Array): void
}

export function newLoneReadings(log: LogSpec): LoneReadings {
  const { a, b } = entrySlots[log.name]
  const kept = new Array<Float64Array | null>(4 << flagWidth).fill(null)
  const sums = readingsOf(log, 'sum').map(({ place, measure }) => ({
    place,
    ...filterBits[measure.filter],
  }))
  const daySums = readingsOf(log, 'day-sum').map(({ place }) => place)
  return {
    keyOf({ flags, hashes }) {
      const namesA = (hashes[a]! | hashes[a + 1]!) === 0 ? 0 : 1 << flagWidth
      const namesB = (hashes[b]! | hashes[b + 1]!) === 0 ? 0 : 2 << flagWidth
      return flags | namesA | namesB
    },
    read(key, view, { flags, amount }) {
      const values = kept[key]!
      if (values === null) return null
      for (let index = 0; index < sums.length; index += 1) {
        const { place, mask, want } = sums[index]!
        values[place] = (flags & mask) === want ? amount : 0
      }
      for (let index = 0; index < daySums.length; index += 1)
        values[daySums[index]!] = daySumAt(view)
      return values
    },
    keep(key, values) {
      kept[key] = values.slice()
    },
  }
}
