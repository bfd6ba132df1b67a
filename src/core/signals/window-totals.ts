/** Gatherers of money: sums by span, and what a whole calendar day came to. */
import { daySumAt } from './day-sum.ts'
import type { LogSpec } from './readings.ts'
import { filterBits, groupBy, readingsOf } from './window-readings.ts'
import type { Gatherer } from './window-view.ts'

export function sumGatherers(log: LogSpec, spans: readonly number[]): Gatherer[] {
  return groupBy(readingsOf(log, 'sum'), ({ measure }) => measure.filter).map((group): Gatherer => {
    const { mask, want } = filterBits[group[0].measure.filter]
    const places = group.map(({ spanMs, place }) => ({ bucket: spans.indexOf(spanMs), place }))
    const perBucket = new Float64Array(spans.length)
    return ({ view, size, buckets, flags, places: at }, _observation, values) => {
      perBucket.fill(0)
      const amounts = view.times + view.room
      for (let index = 0; index < size; index += 1) {
        const bucket = buckets[index]!
        if (bucket >= 0 && (flags[index]! & mask) === want)
          perBucket[bucket]! += view.floats[amounts + at[index]!]!
      }
      for (const { bucket, place } of places) {
        let sum = 0
        for (let index = 0; index <= bucket; index += 1) sum += perBucket[index]!
        values[place] = sum
      }
    }
  })
}

/** The whole calendar day by order of arrival: what crosses a daily limit does so exactly once. */
export function dayGatherers(log: LogSpec): Gatherer[] {
  const counts = readingsOf(log, 'day-count').map(({ measure, place }): Gatherer => {
    const { mask, want } = filterBits[measure.filter]
    return ({ view, size, flags, places }, { dayStart, dayEnd }, values) => {
      const { floats, times } = view
      let count = 0
      for (let index = 0; index < size; index += 1) {
        const time = floats[times + places[index]!]!
        if (time >= dayStart && time < dayEnd && (flags[index]! & mask) === want) count += 1
      }
      values[place] = count
    }
  })
  const sums = readingsOf(log, 'day-sum').map(({ place }): Gatherer => {
    return ({ view }, _observation, values) => {
      values[place] = daySumAt(view)
    }
  })
  return [...counts, ...sums]
}
