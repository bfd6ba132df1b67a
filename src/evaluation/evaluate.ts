/**
 * Scored events → one report: the rules alone, and with a model the model alone and both. Pure: the
 * same events give the same report. It costs a sort of the events for each of the three.
 */

import { currencyUnit, type Money } from '../core/money.ts'
import type { ActedOutcome } from '../core/rules/playbook.ts'
import {
  byDay,
  byKind,
  type Counts,
  countsOf,
  type DayRow,
  type Decay,
  decayOf,
  type KindRow,
} from './by-group.ts'
import { type CalibrationTable, calibrationTable } from './calibration-table.ts'
import {
  type Costs,
  honestUsersOf,
  type LeastCost,
  type Limits,
  leastCost,
  type Outlay,
  outlayOf,
} from './costs.ts'
import type { DriftTable } from './drift-table.ts'
import { type Proposal, proposalOf } from './proposal.ts'
import {
  levelsOf,
  type Point,
  prAuc,
  prCurve,
  type RecallAt,
  recallAt,
  rocAuc,
  rocCurve,
  type TopOfDays,
  topOfDays,
} from './ranking.ts'
import type { RuleRow } from './rule-precision.ts'
import type { ScoredEvent } from './scored-events.ts'
import {
  besideRules,
  type Judgements,
  judgementsOf,
  type Thresholds,
  type Way,
  ways,
} from './ways.ts'

/** Shares of the honest at which recall is told, and events a day that a team looks at. */
export const falsePositiveShares = [0.001, 0.01] as const
export const topSize = 100

export interface EvaluatedModel {
  readonly name: string
  readonly checksum: string
  /** Whether this very recording was trained on: the figures are then far too good. */
  readonly trainedOnIt: boolean
}

export interface Evaluated {
  readonly recording: string
  readonly playbook: { readonly name: string; readonly version: string; readonly hash: string }
  readonly model: EvaluatedModel | null
  /** Those that the model acts by. */
  readonly thresholds: Thresholds
  readonly costs: Costs
  /** What the labels stand for. */
  readonly target: string
  /** What the thresholds that are proposed for a playbook keep to. */
  readonly limits: Limits
  readonly drift: DriftTable | null
  /** Null where the labels are the recording's own. */
  readonly labels: LabelsTold | null
  /** How often reviewers agree with each rule; null without verdicts of theirs. */
  readonly rules: readonly RuleRow[] | null
}

/** Verdicts that stand in place of a recording's labels. */
export interface LabelsTold {
  readonly file: string
  /** Events with a verdict, and those of them that are fraud, or neither. */
  readonly events: number
  readonly frauds: number
  readonly inconclusive: number
  /** Events with a verdict that are in the recording. */
  readonly met: number
  /** What became of events without one. */
  readonly unreviewed: 'left-out' | 'legitimate'
}

export interface Report extends Evaluated {
  readonly labelled: number
  readonly frauds: number
  readonly users: number
  readonly honestUsers: number
  readonly days: number
  readonly ways: readonly WayReport[]
  /** Null without a model. */
  readonly proposal: Proposal | null
}

export interface WayReport extends Counts {
  readonly way: Way
  readonly rocAuc: number | null
  readonly prAuc: number | null
  readonly recallAt: readonly (RecallAt | null)[]
  readonly topOfDays: TopOfDays | null
  readonly calibration: CalibrationTable | null
  /** At stake in fraud that was flagged, in fraud that was allowed, in what was flagged wrongly. */
  readonly money: { readonly caught: Money; readonly missed: Money; readonly troubled: Money }
  /** What these decisions cost, and the thresholds that would have cost least on these events. */
  readonly outlay: Outlay
  readonly least: LeastCost
  readonly byKind: readonly KindRow[]
  readonly byDay: readonly DayRow[]
  readonly decay: Decay | null
  readonly curves: { readonly roc: readonly Point[]; readonly pr: readonly Point[] }
}

export function evaluate(events: readonly ScoredEvent[], evaluated: Evaluated): Report {
  const { model, costs, limits } = evaluated
  const told: readonly Way[] = model === null ? ['rules'] : ways
  return {
    ...evaluated,
    labelled: events.length,
    frauds: events.filter(({ fraud }) => fraud).length,
    users: new Set(events.map(({ user }) => user)).size,
    honestUsers: honestUsersOf(events).size,
    days: new Set(events.map(({ day }) => day)).size,
    ways: told.map((way) => wayReport(events, way, evaluated)),
    proposal: model === null ? null : proposalOf(events, model.name, costs, limits),
  }
}

function wayReport(
  events: readonly ScoredEvent[],
  way: Way,
  { thresholds, costs }: Evaluated,
): WayReport {
  const judgements = judgementsOf(events, way, thresholds)
  const { scores, outcomes } = judgements
  const levels = levelsOf(scores, events)
  const days = byDay(events, judgements)
  const rows = days.map(({ row }) => row)
  return {
    way,
    ...countsOf(events, outcomes),
    rocAuc: rocAuc(levels),
    prAuc: prAuc(levels),
    recallAt: falsePositiveShares.map((at) => recallAt(levels, at)),
    topOfDays: topOfDays(
      days.map((day) => day.levels),
      topSize,
    ),
    calibration: calibrationTable(scores, events),
    money: moneyOf(events, outcomes),
    outlay: outlayOf(events, outcomes, costs),
    least: leastCost(questionOf(events, way, judgements), costs),
    byKind: byKind(events, outcomes),
    byDay: rows,
    decay: decayOf(rows),
    curves: { roc: rocCurve(levels), pr: prCurve(levels) },
  }
}

/** Beside the rules a model's thresholds can only add to what they decide. */
function questionOf(events: readonly ScoredEvent[], way: Way, { scores }: Judgements) {
  const free: ActedOutcome = 'allow'
  if (way !== 'both') return { events, scores, atLeast: events.map(() => free) }
  return {
    events,
    scores: Float64Array.from(events, besideRules),
    atLeast: events.map(({ outcome }) => outcome),
  }
}

function moneyOf(events: readonly ScoredEvent[], outcomes: readonly ActedOutcome[]) {
  const sumOf = (counts: (fraud: boolean, flagged: boolean) => boolean): Money => {
    const sums = new Map<string, number>()
    for (const [at, { fraud, atStake, currency }] of events.entries()) {
      if (atStake === null || !counts(fraud, outcomes[at] !== 'allow')) continue
      const unit = currencyUnit(currency)
      sums.set(unit, (sums.get(unit) ?? 0) + atStake)
    }
    return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return {
    caught: sumOf((fraud, flagged) => fraud && flagged),
    missed: sumOf((fraud, flagged) => fraud && !flagged),
    troubled: sumOf((fraud, flagged) => !fraud && flagged),
  }
}

export interface LabelCounts {
  readonly labelled: number
  readonly frauds: number
}

/** Why nothing can be measured on such labels; null where it can. */
export function labelProblem({ labelled, frauds }: LabelCounts): string | null {
  const both = 'an evaluation needs fraud and honest events'
  if (labelled === 0)
    return 'has no labels to evaluate by; import it with labels in the mapping, or generate one'
  if (frauds === 0) return `none of its ${labelled} labelled events is fraud: ${both}`
  if (frauds === labelled) return `all of its ${labelled} labelled events are fraud: ${both}`
  return null
}
