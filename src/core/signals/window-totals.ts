/** Gatherers of totals: counts, different parties and sums, by span and by calendar day. */

import { markedFlagValues, olderBits } from './newest-marks.ts'
import { flagBits } from './observation.ts'
import { newPartySet, type PartyFilter } from './party-set.ts'
import type { Filter, LogSpec, Measure } from './readings.ts'
import type { Gatherer, Window } from './window-view.ts'

const { redemption, failed, small, gift, fresh } = flagBits

/** Which flags a filter looks at, and what they must be. */
const filterBits: Readonly<Record<Filter, { mask: number; want: number }>> = {
  events: { mask: 0, want: 0 },
  claims: { mask: redemption | failed, want: 0 },
  redemptions: { mask: redemption | failed, want: redemption },
  failed: { mask: failed, want: failed },
  small: { mask: small | failed, want: small },
  gifts: { mask: gift | failed, want: gift },
  fresh: { mask: fresh, want: fresh },
}

type Kind = Measure['kind']
interface Placed<K extends Kind> {
  readonly measure: Extract<Measure, { kind: K }>
  readonly spanMs: number
  /** Place among the log's readings. */
  readonly place: number
}

/** Readings of one kind of measure with their places among the log's readings. */
export function readingsOf<K extends Kind>(log: LogSpec, kind: K): Placed<K>[] {
  const isKind = (measure: Measure): measure is Extract<Measure, { kind: K }> =>
    measure.kind === kind
  return log.readings.flatMap(({ measure, spanMs }, place) =>
    isKind(measure) ? [{ measure, spanMs, place }] : [],
  )
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): readonly [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}

interface SpanPlace {
  readonly bucket: number
  readonly place: number
}

/** The last bucket of each span, and where its value goes. */
function spanPlaces(
  group: readonly { spanMs: number; place: number }[],
  spans: readonly number[],
): SpanPlace[] {
  return group.map(({ spanMs, place }) => ({ bucket: spans.indexOf(spanMs), place }))
}

function writeSums(
  perBucket: Int32Array | Float64Array,
  places: readonly SpanPlace[],
  values: Float64Array,
): void {
  for (let span = 0; span < places.length; span += 1) {
    const { bucket, place } = places[span]!
    let sum = 0
    for (let index = 0; index <= bucket; index += 1) sum += perBucket[index]!
    values[place] = sum
  }
}

/** Filters counted in one pass: a count stays below 2^13, so four of them fit into one float. */
const filtersPerPass = 4
const countBase = 2 ** 13

/** A count per filter travels in its own thirteen bits of one float: one addition an entry. */
export function countGatherers(log: LogSpec, spans: readonly number[]): Gatherer[] {
  const groups = groupBy(readingsOf(log, 'count'), ({ measure }) => measure.filter)
  const passes = Array.from({ length: Math.ceil(groups.length / filtersPerPass) }, (_, pass) =>
    groups.slice(pass * filtersPerPass, (pass + 1) * filtersPerPass),
  )
  return passes.map((pass): Gatherer => {
    const filters = pass.map((group) => filterBits[group[0].measure.filter])
    const increments = Float64Array.from({ length: markedFlagValues }, (_, flags) =>
      filters.reduce(
        (sum, { mask, want }, lane) => sum + ((flags & mask) === want ? countBase ** lane : 0),
        0,
      ),
    )
    const places = pass.flatMap((group, lane) =>
      spanPlaces(group, spans).map((to) => ({ ...to, unit: countBase ** lane })),
    )
    const perBucket = new Float64Array(spans.length)
    return ({ size, buckets, flags }, _observation, values) => {
      perBucket.fill(0)
      for (let index = 0; index < size; index += 1) {
        const bucket = buckets[index]!
        if (bucket >= 0) perBucket[bucket]! += increments[flags[index]!]!
      }
      for (let bucket = 1; bucket < perBucket.length; bucket += 1)
        perBucket[bucket]! += perBucket[bucket - 1]!
      for (let span = 0; span < places.length; span += 1) {
        const { bucket, place, unit } = places[span]!
        values[place] = Math.floor(perBucket[bucket]! / unit) % countBase
      }
    }
  })
}

export function distinctGatherers(log: LogSpec, spans: readonly number[]): Gatherer[] {
  const key = ({ measure }: Placed<'distinct'>) => `${measure.party} ${measure.filter}`
  return groupBy(readingsOf(log, 'distinct'), key).map((group): Gatherer => {
    const { measure } = group[0]
    const { mask, want } = filterBits[measure.filter]
    const places = spanPlaces(group, spans)
    const filter = {
      word: measure.party === 'a' ? 6 : 8,
      bucketMax: Math.max(...places.map(({ bucket }) => bucket)),
      flagMask: mask,
      flagWant: want,
    }
    const older = olderBitOf(measure)
    const parties = newPartySet(spans.length)
    const newest = new Int32Array(spans.length)
    const newestFilter = { ...filter, older }
    return (window, _observation, values) => {
      const byMark = older !== 0 && window.marked && countNewest(window, newestFilter, newest)
      writeSums(byMark ? newest : parties.count(window, filter), places, values)
    }
  })
}

/** The mark that tells the newest entries of these parties, 0 where none does. */
function olderBitOf({ party, filter }: Extract<Measure, { kind: 'distinct' }>): number {
  if (filter === 'events') return olderBits[party]
  return filter === 'fresh' && party === 'a' ? olderBits.freshA : 0
}

/** Entries ahead in event time that are looked into one by one; with more the table is cheaper. */
const aheadMax = 6

/**
 * Counts parties by their newest entries. A party whose newest is ahead in event time may have an
 * earlier one in the window, which is looked for. False where too many are ahead.
 */
function countNewest(
  window: Window,
  filter: PartyFilter & { readonly older: number },
  perBucket: Int32Array,
): boolean {
  const { size, buckets, flags } = window
  const { bucketMax, flagWant, older } = filter
  const mask = filter.flagMask | older
  perBucket.fill(0)
  let ahead = 0
  for (let index = 0; index < size; index += 1) {
    if ((flags[index]! & mask) !== flagWant) continue
    let bucket = buckets[index]!
    if (bucket < 0) {
      ahead += 1
      if (ahead > aheadMax) return false
      bucket = newestBehind(window, filter, index)
    }
    if (bucket >= 0 && bucket <= bucketMax) perBucket[bucket]! += 1
  }
  return true
}

/**
 * The shortest span that holds an entry of the same party as the entry at `index`; -1 without one.
 */
function newestBehind(
  { size, buckets, flags, places, ints }: Window,
  { word, flagMask, flagWant }: PartyFilter,
  index: number,
): number {
  const party = places[index]! * 2 + word
  let found = -1
  for (let other = 0; other < size; other += 1) {
    const bucket = buckets[other]!
    if (bucket < 0 || (found >= 0 && bucket >= found)) continue
    if ((flags[other]! & flagMask) !== flagWant) continue
    const words = places[other]! * 2 + word
    if (ints[words] === ints[party] && ints[words + 1] === ints[party + 1]) found = bucket
  }
  return found
}

export function sumGatherers(log: LogSpec, spans: readonly number[]): Gatherer[] {
  return groupBy(readingsOf(log, 'sum'), ({ measure }) => measure.filter).map((group): Gatherer => {
    const { mask, want } = filterBits[group[0].measure.filter]
    const places = spanPlaces(group, spans)
    const perBucket = new Float64Array(spans.length)
    return ({ size, buckets, flags, places: starts, floats }, _observation, values) => {
      perBucket.fill(0)
      for (let index = 0; index < size; index += 1) {
        const bucket = buckets[index]!
        if (bucket >= 0 && (flags[index]! & mask) === want)
          perBucket[bucket]! += floats[starts[index]! + 6]!
      }
      writeSums(perBucket, places, values)
    }
  })
}

/** The whole calendar day by order of arrival: what crosses a daily limit does so exactly once. */
export function dayGatherers(log: LogSpec): Gatherer[] {
  const placed = [...readingsOf(log, 'day-count'), ...readingsOf(log, 'day-sum')]
  return placed.map(({ measure, place }): Gatherer => {
    const { mask, want } = filterBits[measure.filter]
    const counts = measure.kind === 'day-count'
    return ({ size, flags, places, floats }, { dayStart, dayEnd }, values) => {
      let sum = 0
      for (let index = 0; index < size; index += 1) {
        const time = floats[places[index]!]!
        if (time < dayStart || time >= dayEnd || (flags[index]! & mask) !== want) continue
        sum += counts ? 1 : floats[places[index]! + 6]!
      }
      values[place] = sum
    }
  })
}
