/**
 * Event, inputs and playbook → decision. Pure: the same three give the same bytes on every run and
 * machine. Doubt never becomes allow: a rule that cannot tell, a rule that failed, an event that
 * came too late and a user whose repeats are forgotten are all reviewed at least.
 */

import { type JudgedRule, judge, signalValues } from '../rules/judge.ts'
import type { Playbook } from '../rules/playbook.ts'
import type { Decision, Event, Inputs, Outcome, Reason, RuleResult } from '../schema.gen.ts'
import { catalogue } from '../signals/catalogue.ts'
import { deriveSignals } from '../signals/derive.ts'
import { moneyOf } from '../signals/observe.ts'
import { newSignalRow, type SignalRow } from '../signals/row.ts'
import {
  type JudgedModel,
  judgeByModels,
  modelReason,
  modelResults,
  scoreRows,
} from './model-results.ts'
import { adviceOf, reasonsOf } from './reasons.ts'
import { asked, weigh } from './weigh.ts'

/** An event with what names it: its key and its record time. */
export interface NamedEvent {
  readonly event: Event
  readonly eventKey: string
  readonly recordedAt: number
}

export interface Undecided {
  readonly named: NamedEvent
  readonly inputs: Inputs
}

/** A row for decide: made once, used for every event. */
export const newDecisionRow = (): SignalRow => newSignalRow(catalogue.length)

/** Rows that models score at once. */
const scoredAtOnce = 128

/** Rows for decideBatch: made once, used for every batch. Without a model one is enough. */
export const newDecisionRows = ({ models }: Playbook): readonly SignalRow[] =>
  Array.from({ length: models.length === 0 ? 1 : scoredAtOnce }, newDecisionRow)

export function decide(
  named: NamedEvent,
  inputs: Inputs,
  playbook: Playbook,
  row: SignalRow,
): Decision {
  deriveSignals(named.event, inputs, playbook.timeZone, row)
  const probabilities = scoreRows(playbook, [row], 1)
  const models = judgeByModels(playbook, probabilities, 0)
  return decided({ named, inputs }, playbook, { row, models })
}

/** Decides one after the other, in order, and as `decide` does; models score many at once. */
export function decideBatch(
  batch: readonly Undecided[],
  playbook: Playbook,
  rows: readonly SignalRow[],
): readonly Decision[] {
  if (playbook.models.length === 0)
    return batch.map(({ named, inputs }) => decide(named, inputs, playbook, rows[0]!))
  const decisions: Decision[] = []
  for (let from = 0; from < batch.length; from += rows.length) {
    const part = batch.slice(from, from + rows.length)
    for (const [at, { named, inputs }] of part.entries())
      deriveSignals(named.event, inputs, playbook.timeZone, rows[at]!)
    const probabilities = scoreRows(playbook, rows, part.length)
    for (const [at, one] of part.entries()) {
      const models = judgeByModels(playbook, probabilities, at)
      decisions.push(decided(one, playbook, { row: rows[at]!, models }))
    }
  }
  return decisions
}

interface Derived {
  readonly row: SignalRow
  readonly models: readonly JudgedModel[]
}

function decided(
  { named: { event, eventKey, recordedAt }, inputs }: Undecided,
  playbook: Playbook,
  { row, models }: Derived,
): Decision {
  const rules = judge(playbook, row, userBucket(event.user))
  const verdict = weigh({ rules, models }, event, inputs, playbook)
  const isFlagged = verdict.outcome !== 'allow'
  const ofModels = modelResults(models, row, isFlagged)
  const told = { verdict, rules, byModel: modelReason(models, ofModels) }
  return {
    id: `${eventKey}@${playbook.version}`,
    eventKey,
    eventId: event.id,
    user: event.user,
    kind: event.kind,
    occurredAt: event.occurredAt,
    recordedAt,
    campaign: event.campaign,
    outcome: verdict.outcome,
    score: verdict.score,
    abnormal: verdict.abnormal,
    results: rules.length === 0 ? noResults : rules.map((one) => resultOf(one, row)),
    reasons: isFlagged ? reasonsOf(told, row) : noReasons,
    advice: adviceOf(rules, inputs),
    alertIds: verdict.escalated ? inputs.alerts : noTexts,
    playbook: playbook.name,
    playbookVersion: playbook.version,
    playbookHash: playbook.hash,
    amountAtStake: moneyAtStake(event),
    supersedes: null,
    cause: null,
    decidedBy: null,
    models: ofModels,
  }
}

const noResults: readonly RuleResult[] = []
const noReasons: readonly Reason[] = []
const noTexts: readonly string[] = []

function resultOf(one: JudgedRule, row: SignalRow): RuleResult {
  const { rule, verdict } = one
  const outcome: Outcome = asked(one)
  const mode = rule.mode === 'shadow' ? 'shadow' : 'live'
  return { rule: rule.id, mode, result: verdict, outcome, values: signalValues(rule, row) }
}

function moneyAtStake(event: Event): number | null {
  if (event.couponAmount !== null) return event.couponAmount
  if (event.kind === 'reversal') return event.orderAmount
  const money = moneyOf(event)
  return money === 0 ? null : money
}

/** 0 to 99 by FNV-1a of the user, the same on every machine: who a roll-out reaches. */
export function userBucket(user: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < user.length; index += 1)
    hash = Math.imul(hash ^ user.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % 100
}
