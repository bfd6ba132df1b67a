/**
 * The same decisions by kind of actor and by day, and how they fare as the days go on. A kind that
 * is labelled both ways is two groups. What has no value, as precision where nothing was flagged,
 * is null and not 0.
 */
import { localDate } from '../core/event/time-zone.ts'
import type { ActedOutcome } from '../core/rules/playbook.ts'
import { type Level, levelsOf, prAuc, rocAuc } from './ranking.ts'
import type { ScoredEvent } from './scored-events.ts'
import type { Judgements } from './ways.ts'

export interface Counts {
  readonly events: number
  readonly frauds: number
  /** Reviewed or blocked, and those of them that are fraud. */
  readonly flagged: number
  readonly caught: number
  readonly blocked: number
  readonly precision: number | null
  readonly recall: number | null
}

export interface KindRow {
  readonly kind: string
  readonly fraud: boolean
  readonly events: number
  readonly flagged: number
  readonly blocked: number
  /** Recall for a kind of fraud, else false alarms. */
  readonly flaggedShare: number
}

export interface DayRow extends Counts {
  /** YYYY-MM-DD in the time zone of the playbook. */
  readonly day: string
  readonly rocAuc: number | null
  readonly prAuc: number | null
}

/** Kinds that are listed, by events; those beyond are one row of fraud and one of the honest. */
export const kindsMax = 100

export const share = (part: number, whole: number): number | null =>
  whole === 0 ? null : part / whole

type Labelled = Pick<ScoredEvent, 'fraud'>

export function countsOf(events: readonly Labelled[], outcomes: readonly ActedOutcome[]): Counts {
  let [frauds, flagged, caught, blocked] = [0, 0, 0, 0]
  for (const [at, { fraud }] of events.entries()) {
    if (fraud) frauds += 1
    if (outcomes[at] === 'allow') continue
    flagged += 1
    if (fraud) caught += 1
    if (outcomes[at] === 'block') blocked += 1
  }
  const shares = { precision: share(caught, flagged), recall: share(caught, frauds) }
  return { events: events.length, frauds, flagged, caught, blocked, ...shares }
}

interface Group {
  readonly kind: string
  readonly fraud: boolean
  readonly at: readonly number[]
}

export function byKind(
  events: readonly ScoredEvent[],
  outcomes: readonly ActedOutcome[],
): readonly KindRow[] {
  return listedKinds(events).map(({ kind, fraud, at }) => {
    const flagged = at.filter((one) => outcomes[one] !== 'allow').length
    const blocked = at.filter((one) => outcomes[one] === 'block').length
    return { kind, fraud, events: at.length, flagged, blocked, flaggedShare: flagged / at.length }
  })
}

/** Fraud first, then by name. */
function listedKinds(events: readonly ScoredEvent[]): readonly Group[] {
  const groups = [
    ...grouped(events, ({ fraud, kind }) => `${fraud ? 'fraud' : 'honest'} ${kind}`).values(),
  ].map((at): Group => {
    const { kind, fraud } = events[at[0]!]!
    return { kind, fraud, at }
  })
  groups.sort((a, b) => b.at.length - a.at.length || (a.kind < b.kind ? -1 : 1))
  const rest = groups.splice(kindsMax)
  for (const fraud of [true, false]) {
    const at = rest.filter((one) => one.fraud === fraud).flatMap((one) => one.at)
    if (at.length > 0) groups.push({ kind: 'all other kinds', fraud, at })
  }
  return groups.sort((a, b) => Number(b.fraud) - Number(a.fraud) || (a.kind < b.kind ? -1 : 1))
}

function grouped<Key>(
  events: readonly ScoredEvent[],
  keyOf: (event: ScoredEvent) => Key,
): Map<Key, number[]> {
  const groups = new Map<Key, number[]>()
  for (const [at, event] of events.entries()) {
    const key = keyOf(event)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [at])
    else known.push(at)
  }
  return groups
}

export interface Day {
  readonly row: DayRow
  readonly levels: readonly Level[]
}

export function byDay(
  events: readonly ScoredEvent[],
  { scores, outcomes }: Judgements,
): readonly Day[] {
  const days = [...grouped(events, ({ day }) => day)].sort(([a], [b]) => a - b)
  return days.map(([day, at]) => {
    const of = at.map((one) => events[one]!)
    const levels = levelsOf(
      Float64Array.from(at, (one) => scores[one]!),
      of,
    )
    const counts = countsOf(
      of,
      at.map((one) => outcomes[one]!),
    )
    const row = { day: localDate(day), ...counts, rocAuc: rocAuc(levels), prAuc: prAuc(levels) }
    return { row, levels }
  })
}

/** Change a day by least squares, each day weighing as much as its frauds; below 0 is decay. */
export interface Decay {
  /** Days with both classes. */
  readonly days: number
  readonly precision: number | null
  readonly recall: number | null
  readonly prAuc: number | null
  readonly rocAuc: number | null
}

/** Fewer days show no direction. */
export const decayDaysMin = 3

/** Null where there are too few days with both classes. */
export function decayOf(days: readonly DayRow[]): Decay | null {
  const telling = days.filter(({ events, frauds }) => frauds > 0 && frauds < events)
  if (telling.length < decayDaysMin) return null
  const slope = (measureOf: (row: DayRow) => number | null) => slopeOf(telling, measureOf)
  return {
    days: telling.length,
    precision: slope((row) => row.precision),
    recall: slope((row) => row.recall),
    prAuc: slope((row) => row.prAuc),
    rocAuc: slope((row) => row.rocAuc),
  }
}

const dayMs = 86_400_000

function slopeOf(
  days: readonly DayRow[],
  measureOf: (row: DayRow) => number | null,
): number | null {
  const points = days.flatMap((row) => {
    const y = measureOf(row)
    return y === null ? [] : [{ x: Date.parse(row.day) / dayMs, y, weight: row.frauds }]
  })
  if (points.length < decayDaysMin) return null
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  const meanOf = (pick: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + point.weight * pick(point), 0) / total
  const [x0, y0] = [meanOf(({ x }) => x), meanOf(({ y }) => y)]
  let [upper, lower] = [0, 0]
  for (const { x, y, weight } of points) {
    upper += weight * (x - x0) * (y - y0)
    lower += weight * (x - x0) ** 2
  }
  return upper / lower
}
