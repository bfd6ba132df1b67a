/**
 * What rules and models said, with the inputs → one outcome, a score and whether a redemption
 * counts as abnormal. The strongest wins; doubt, failure, lateness and forgotten repeats are
 * reviewed at least. A live model weighs like one more hit: its outcome stands beside the rules',
 * and the higher score orders the queue; the playbook's score bands are for the rules alone.
 */
import type { JudgedRule } from '../rules/judge.ts'
import { type ActedOutcome, outcomeRank, type Playbook } from '../rules/playbook.ts'
import type { Event, Inputs } from '../schema.gen.ts'
import { attemptFailed } from '../signals/observe.ts'
import type { fixedReasons } from './fixed-reasons.ts'
import { type JudgedModel, liveOf } from './model-results.ts'

export interface Verdict {
  readonly outcome: ActedOutcome
  readonly score: number
  readonly abnormal: boolean
  readonly escalated: boolean
  /** Codes of reasons that no rule gave. */
  readonly causes: readonly (keyof typeof fixedReasons)[]
}

export interface Judged {
  readonly rules: readonly JudgedRule[]
  readonly models: readonly JudgedModel[]
}

export function weigh(
  { rules: judged, models }: Judged,
  event: Event,
  inputs: Inputs,
  playbook: Playbook,
): Verdict {
  const byRules = scoreOf(judged)
  const live = liveOf(models)
  const score = Math.max(byRules, live === null ? 0 : Math.round(100 * live.probability))
  const ofRules = strongest(strongestHit(judged), byScore(byRules, playbook))
  const hits = live === null ? ofRules : strongest(ofRules, live.outcome)
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

export const acts = ({ rule }: JudgedRule) => rule.mode === 'live'

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
export const asked = ({ rule, verdict }: JudgedRule): ActedOutcome =>
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
