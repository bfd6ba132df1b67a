/**
 * Counts and different parties, by span. Both come from the lanes of one walk. Marks do not tell
 * the newest of a party in a log as it stood before (a redelivered event), or under a filter that
 * has no mark; then a table of the parties answers.
 */
import { olderBits } from './newest-marks.ts'
import { newPartySet, type PartyFilter, type PartySet } from './party-set.ts'
import type { LogSpec, Measure } from './readings.ts'
import { filterBits, groupBy, readingsOf } from './window-readings.ts'
import type { Window } from './window-view.ts'
import {
  type Lane,
  type LanePlaces,
  laneMask,
  lanePlaces,
  sumUp,
  type Walk,
} from './window-walk.ts'

/** Where the value of a span goes. */
interface SpanPlace {
  readonly bucket: number
  readonly place: number
}

/** Different parties of one kind, by their newest entries or by a table. */
export interface Parties {
  readonly lane: number
  readonly places: readonly SpanPlace[]
  /** Tells the newest entry of a party; null where no mark does. */
  readonly newest: Lane | null
  readonly filter: PartyFilter
}

export interface Counting {
  readonly lanes: readonly Lane[]
  /** Where the lanes of counts and of parties go. */
  readonly values: LanePlaces
  readonly parties: readonly Parties[]
  readonly table: PartySet
}

const noLane: Lane = { mask: 0, want: 1 }

/** Which lanes a log's readings need, and where their values go. */
export function countingOf(log: LogSpec, spans: readonly number[]): Counting {
  const placesOf = (group: readonly { spanMs: number; place: number }[]) =>
    group.map(({ spanMs, place }) => ({ bucket: spans.indexOf(spanMs), place }))
  const counts = groupBy(readingsOf(log, 'count'), ({ measure }) => measure.filter)
  const distinct = groupBy(
    readingsOf(log, 'distinct'),
    ({ measure }) => `${measure.party} ${measure.filter}`,
  )
  const parties = distinct.map((group, index): Parties => {
    const { measure } = group[0]
    const { mask, want } = filterBits[measure.filter]
    const places = placesOf(group)
    const older = olderBitOf(measure)
    const bucketMax = Math.max(...places.map(({ bucket }) => bucket))
    return {
      lane: counts.length + index,
      places,
      newest: older === 0 ? null : { mask: mask | older, want },
      filter: { party: measure.party, bucketMax, flagMask: mask, flagWant: want },
    }
  })
  return {
    lanes: [
      ...counts.map((group) => filterBits[group[0].measure.filter]),
      ...parties.map(({ newest }) => newest ?? noLane),
    ],
    values: lanePlaces([
      ...counts.map((group, lane) => ({ lane, places: placesOf(group) })),
      ...parties,
    ]),
    parties,
    table: newPartySet(spans.length),
  }
}

/** The mark that tells an entry that is not the newest of its party; 0 where there is none. */
function olderBitOf({ party, filter }: Extract<Measure, { kind: 'distinct' }>): number {
  if (filter === 'events') return olderBits[party]
  return filter === 'fresh' && party === 'a' ? olderBits.freshA : 0
}

/** Writes the counts, and those of parties that their newest entries tell. */
export function writeLanes(walk: Walk, { values: at }: Counting, values: Float64Array): void {
  sumUp(walk)
  const { words, shifts, places } = at
  for (let index = 0; index < places.length; index += 1)
    values[places[index]!] = (walk.lanes[words[index]!]! >>> shifts[index]!) & laneMask
}

/** Counts parties by a table of them: all of them, or those alone that no mark tells. */
export function writeParties(
  window: Window,
  { parties, table }: Counting,
  which: 'all' | 'unmarked',
  values: Float64Array,
): void {
  for (const { newest, filter, places } of parties) {
    if (newest !== null && which === 'unmarked') continue
    const perBucket = table.count(window, filter)
    for (const { bucket, place } of places) {
      let sum = 0
      for (let index = 0; index <= bucket; index += 1) sum += perBucket[index]!
      values[place] = sum
    }
  }
}
