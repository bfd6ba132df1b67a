/**
 * Why a re-observed decision is not the live one: causes from a closed list, each proven. A piece
 * of the inputs counts only if the live one, put in place of the re-observed, is needed to give the
 * live decision; what it is then has to be shown to come from how workers run, and not from what
 * they count. Whatever is not shown is unexplained.
 */
import type { DayReadings, Event, Inputs } from '../../core/schema.gen.ts'
import type { Observation } from '../../core/signals/observation.ts'
import { type DayName, type LogName, logSpecs } from '../../core/signals/readings.ts'
import { isDayName, isLogName, type Piece } from './input-pieces.ts'
import type { LogReadings, TrialMaker } from './log-trial.ts'
import type { LikelyOrders } from './order-climb.ts'
import { proveShardOrder } from './shard-order.ts'
import type { Wanted } from './wanted.ts'

export const causes = [
  'shard-order',
  'list',
  'campaign',
  'switch',
  'alert',
  'late',
  'cap',
  'day-total',
] as const
export type Cause = (typeof causes)[number]

/** An event whose two decisions differ. */
export interface Differing {
  readonly event: Event
  readonly observation: Observation
  readonly recordedAt: number
  readonly stream: number
  readonly offset: number
  readonly live: Inputs
  readonly now: Inputs
}

export interface ProofParts {
  readonly wanted: Wanted
  readonly newTrial: TrialMaker
  readonly likely: LikelyOrders
  readonly driftMs: number
}

/** What a piece that differs was proven to come from; empty where it was not. */
export type Explained = readonly Cause[]

export function explainPiece(piece: Piece, one: Differing, parts: ProofParts): Explained {
  if (isLogName(piece)) return explainLog(piece, one, parts)
  if (isDayName(piece)) return explainDay(piece, one, parts)
  switch (piece) {
    case 'lists':
      return ['list']
    case 'campaign-facts':
      return ['campaign']
    case 'switch':
      return ['switch']
    case 'alerts':
      return ['alert']
    case 'late':
      return explainLate(one, parts)
    case 'repeatsSaturated':
      return ['cap']
    // Feeds are files that every worker loads once: another feed is another run.
    case 'address':
      return []
  }
}

/** Lateness hangs on how far the shard was, which differs by no more than the drift. */
function explainLate({ observation }: Differing, { driftMs }: ProofParts): Explained {
  const { at, horizon } = observation
  return at >= horizon - driftMs && at < horizon + driftMs ? ['late'] : []
}

function explainLog(log: LogName, one: Differing, parts: ProofParts): Explained {
  const { live: inputs, now, observation } = one
  const [live, reobserved] = [inputs.readings[log], now.readings[log]]
  if (live === null || reobserved === null) return []
  const { newTrial, wanted, driftMs, likely } = parts
  const entries = wanted.entries(log, observation, one.recordedAt + driftMs)
  const trial = newTrial({ ...one, log }, entries, driftMs)
  const sought = { log, live, at: observation.at }
  const { kind, order } = proveShardOrder(trial, sought, likely.near(one.stream, trial, driftMs))
  if (order !== null) likely.learn(one.stream, trial, order)
  if (kind === 'none') return onlyMarksDiffer(log, { live, reobserved }, observation) ? ['cap'] : []
  if (kind !== 'recorded') return ['shard-order']
  // In the recorded order: what makes the difference is which of the entries were late live.
  const isLateElse = entries.some(
    ({ observation: { at, horizon }, isLate }) => isLate !== at < horizon,
  )
  return isLateElse ? ['late'] : []
}

/**
 * A repeat whose entry has been cut reads what is there, and says so: all that differs is marked
 * as a lower bound by exactly one of the two, or by both with another mark.
 */
function onlyMarksDiffer(
  log: LogName,
  { live, reobserved }: { live: LogReadings; reobserved: LogReadings },
  { at, dayStart }: Observation,
): boolean {
  if (live.cutAt === reobserved.cutAt) return false
  const cutAt = Math.max(live.cutAt ?? -Infinity, reobserved.cutAt ?? -Infinity)
  const { readings } = logSpecs.find(({ name }) => name === log)!
  const [one, other]: readonly Readonly<Record<string, number | null>>[] = [
    { ...live },
    { ...reobserved },
  ]
  return readings.every(({ name, spanMs, measure }) => {
    const from = measure.kind.startsWith('day-') ? dayStart - 1 : at - spanMs
    return one![name] === other![name] || from < cutAt
  })
}

/**
 * Totals of a day run over all shards, and may read higher where a batch was observed twice; they
 * are never lower than without all that other shards brought within the drift.
 */
function explainDay(kind: DayName, one: Differing, { wanted, driftMs }: ProofParts): Explained {
  const [live, now] = [one.live.readings[kind], one.now.readings[kind]]
  if (live === null || now === null) return []
  const { recordedAt, stream, observation } = one
  const movable = wanted
    .ofDay(kind, observation, [recordedAt - driftMs, recordedAt])
    .filter((each) => each.stream !== stream)
  const total = ({ claims_day, redemptions_day }: DayReadings) => claims_day + redemptions_day
  return total(live) >= total(now) - movable.length ? ['day-total'] : []
}

/** Claim and redemption with one id: the twin that came first is the event, the other a repeat. */
export function explainSighting(
  { event, recordedAt, stream }: Pick<Differing, 'event' | 'recordedAt' | 'stream'>,
  { wanted, driftMs }: ProofParts,
): Explained {
  const isMoved = wanted
    .withId(event)
    .some((each) => each.stream !== stream && Math.abs(each.recordedAt - recordedAt) <= driftMs)
  return isMoved ? ['shard-order'] : []
}
