/**
 * Event, inputs and playbook → decision. Pure: the same three give the same bytes on every run and
 * machine. Doubt never becomes allow: a rule that cannot tell, a rule that failed, an event that
 * came too late and a user whose repeats are forgotten are all reviewed at least.
 */

import { type JudgedRule, judge, signalValues } from '../rules/judge.ts'
import { type ActedOutcome, outcomeRank, type Playbook } from '../rules/playbook.ts'
import { renderReason } from '../rules/reason.ts'
import type { Decision, Event, Inputs, Outcome, Reason, RuleResult } from '../schema.gen.ts'
import { catalogue } from '../signals/catalogue.ts'
import { deriveSignals } from '../signals/derive.ts'
import { attemptFailed, moneyOf } from '../signals/observe.ts'
import { newSignalRow, type SignalRow } from '../signals/row.ts'
import { fixedReasons } from './fixed-reasons.ts'

/** An event with what names it: its key and its record time. */
export interface NamedEvent {
  readonly event: Event
  readonly eventKey: string
  readonly recordedAt: number
}

/** Reasons that a decision carries at most. */
export const reasonsMax = 6

/** A row for decide: made once, used for every event. */
export const newDecisionRow = (): SignalRow => newSignalRow(catalogue.length)

export function decide(
  named: NamedEvent,
  inputs: Inputs,
  playbook: Playbook,
  row: SignalRow,
): Decision {
  const { event, eventKey, recordedAt } = named
  deriveSignals(event, inputs, playbook.timeZone, row)
  const judged = judge(playbook, row, userBucket(event.user))
  const verdict = weigh(judged, event, inputs, playbook)
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
    results: judged.length === 0 ? noResults : judged.map((one) => resultOf(one, row)),
    reasons: verdict.outcome === 'allow' ? noReasons : reasonsOf(verdict, judged, row),
    advice: adviceOf(judged, inputs),
    alertIds: verdict.escalated ? inputs.alerts : noTexts,
    playbook: playbook.name,
    playbookVersion: playbook.version,
    playbookHash: playbook.hash,
    amountAtStake: moneyAtStake(event),
    supersedes: null,
    cause: null,
    decidedBy: null,
  }
}

const noResults: readonly RuleResult[] = []
const noReasons: readonly Reason[] = []
const noTexts: readonly string[] = []

interface Verdict {
  readonly outcome: ActedOutcome
  readonly score: number
  readonly abnormal: boolean
  readonly escalated: boolean
  /** Codes of reasons that no rule gave. */
  readonly causes: readonly (keyof typeof fixedReasons)[]
}

function weigh(
  judged: readonly JudgedRule[],
  event: Event,
  inputs: Inputs,
  playbook: Playbook,
): Verdict {
  const score = scoreOf(judged)
  const hits = strongest(strongestHit(judged), byScore(score, playbook))
  const causes = causesOf(judged, inputs)
  if (inputs.switch === 'shadow')
    return { outcome: 'allow', score, abnormal: false, escalated: false, causes }
  if (isAllowListed(inputs))
    return { outcome: 'allow', score, abnormal: false, escalated: false, causes }
  const redemption = event.kind === 'redemption' && !attemptFailed(event)
  const doubt = strongest(strongestDoubt(judged), causes.length > 0 ? 'review' : 'allow')
  const own = strongest(hits, doubt)
  const abnormal = redemption && hits !== 'allow'
  if (inputs.switch === 'review')
    return { outcome: 'review', score, abnormal, escalated: false, causes }
  const escalated =
    redemption &&
    own === 'allow' &&
    inputs.alerts.length > 0 &&
    score >= playbook.alerting.reviewScoreMin
  return escalated
    ? { outcome: 'review', score, abnormal, escalated, causes: ['share-alert'] }
    : { outcome: own, score, abnormal, escalated, causes }
}

const strongest = (a: ActedOutcome, b: ActedOutcome): ActedOutcome =>
  outcomeRank[a] >= outcomeRank[b] ? a : b

const acts = ({ rule }: JudgedRule) => rule.mode === 'live'

/** 100 × (1 − Π(1 − weight/100)): each further hit closes part of what is left to certainty. */
function scoreOf(judged: readonly JudgedRule[]): number {
  let left = 1
  for (const one of judged)
    if (one.verdict === 'hit' && acts(one)) left *= 1 - one.rule.weight / 100
  return Math.round(100 * (1 - left))
}

function byScore(score: number, { score: bands }: Playbook): ActedOutcome {
  return score >= bands.blockAt ? 'block' : score >= bands.reviewAt ? 'review' : 'allow'
}

function strongestHit(judged: readonly JudgedRule[]): ActedOutcome {
  let outcome: ActedOutcome = 'allow'
  for (const one of judged)
    if (one.verdict === 'hit' && acts(one)) outcome = strongest(outcome, one.rule.outcome)
  return outcome
}

/**
 * What a rule asks for. One that only adds weight asks for nothing when it hits, so its doubt asks
 * for nothing either.
 */
const asked = ({ rule, verdict }: JudgedRule): ActedOutcome =>
  verdict === 'hit' || rule.outcome === 'allow' ? rule.outcome : rule.onDoubt

function strongestDoubt(judged: readonly JudgedRule[]): ActedOutcome {
  let outcome: ActedOutcome = 'allow'
  for (const one of judged)
    if (one.verdict !== 'hit' && acts(one)) outcome = strongest(outcome, asked(one))
  return outcome
}

function causesOf(judged: readonly JudgedRule[], inputs: Inputs): (keyof typeof fixedReasons)[] {
  const causes: (keyof typeof fixedReasons)[] = []
  if (inputs.late) causes.push('too-late')
  if (inputs.repeatsSaturated) causes.push('too-many-events')
  if (inputs.switch === 'review') causes.push('kill-switch')
  if (judged.some((one) => one.verdict === 'failed' && acts(one))) causes.push('rule-failed')
  return causes
}

/** An allow-list entry undoes a wrong block, but not a block-list entry. */
export function isAllowListed({ lists }: Inputs): boolean {
  return lists.some(({ list }) => list === 'allow') && !lists.some(({ list }) => list === 'block')
}

function resultOf(one: JudgedRule, row: SignalRow): RuleResult {
  const { rule, verdict } = one
  const outcome: Outcome = asked(one)
  const mode = rule.mode === 'shadow' ? 'shadow' : 'live'
  return { rule: rule.id, mode, result: verdict, outcome, values: signalValues(rule, row) }
}

function reasonsOf({ causes }: Verdict, judged: readonly JudgedRule[], row: SignalRow): Reason[] {
  const rank = (one: JudgedRule) =>
    1000 * outcomeRank[asked(one)] + (one.verdict === 'hit' ? 500 : 0) + one.rule.weight
  const acting = judged
    .filter((one) => acts(one) && one.verdict !== 'failed')
    .sort((a, b) => rank(b) - rank(a))
  const fixed = causes.map((code) => ({ code, ...fixedReasons[code] }))
  const told = acting.map(({ rule, verdict }) => {
    const [zh, en] = verdict === 'doubtful' ? ['无法确定:', 'Cannot tell: '] : ['', '']
    return {
      code: rule.reason.code,
      zh: zh + renderReason(rule.reason.zh, row),
      en: en + renderReason(rule.reason.en, row),
    }
  })
  return [...fixed, ...told].slice(0, reasonsMax)
}

function adviceOf(judged: readonly JudgedRule[], inputs: Inputs): readonly string[] {
  if (inputs.switch === 'shadow' || isAllowListed(inputs)) return noTexts
  let advice: string[] | null = null
  for (const one of judged) {
    const { advice: text } = one.rule
    if (text === null || one.verdict !== 'hit' || !acts(one)) continue
    advice ??= []
    if (!advice.includes(text)) advice.push(text)
  }
  return advice ?? noTexts
}

function moneyAtStake(event: Event): number | null {
  if (event.couponAmount !== null) return event.couponAmount
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
