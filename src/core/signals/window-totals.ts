/** Gatherers of totals: counts, different parties and sums, by span and by calendar day. */
import { flagBits } from './observation.ts'
import { newPartySet } from './party-set.ts'
import type { Filter, LogSpec, Measure } from './readings.ts'
import type { Gatherer } from './window-view.ts'

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
const flagValues = 64

/** A count per filter travels in its own thirteen bits of one float: one addition an entry. */
export function countGatherers(log: LogSpec, spans: readonly number[]): Gatherer[] {
  const groups = groupBy(readingsOf(log, 'count'), ({ measure }) => measure.filter)
  const passes = Array.from({ length: Math.ceil(groups.length / filtersPerPass) }, (_, pass) =>
    groups.slice(pass * filtersPerPass, (pass + 1) * filtersPerPass),
  )
  return passes.map((pass): Gatherer => {
    const filters = pass.map((group) => filterBits[group[0].measure.filter])
    const increments = Float64Array.from({ length: flagValues }, (_, flags) =>
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
    const parties = newPartySet(spans.length)
    return (window, _observation, values) =>
      writeSums(parties.count(window, filter), places, values)
  })
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
