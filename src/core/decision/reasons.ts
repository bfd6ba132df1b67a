/**
 * Why an event is not let go, in words and strongest first, and what to do beside the outcome.
 */
import type { JudgedRule } from '../rules/judge.ts'
import { type ActedOutcome, outcomeRank } from '../rules/playbook.ts'
import { renderReason } from '../rules/reason.ts'
import type { Inputs, Reason } from '../schema.gen.ts'
import type { SignalRow } from '../signals/row.ts'
import { fixedReasons } from './fixed-reasons.ts'
import type { ModelReason } from './model-results.ts'
import { acts, asked, isAllowListed, type Verdict } from './weigh.ts'

/** Reasons that a decision carries at most. */
export const reasonsMax = 6

const noTexts: readonly string[] = []

export interface Told {
  readonly verdict: Verdict
  readonly rules: readonly JudgedRule[]
  /** Null where the live model asks for nothing. */
  readonly byModel: ModelReason | null
}

/** Fixed reasons first, then the model's among those of the rules, strongest first. */
export function reasonsOf(
  { verdict: { causes }, rules, byModel }: Told,
  row: SignalRow,
): readonly Reason[] {
  const acting = rules
    .filter((one) => acts(one) && one.verdict !== 'failed')
    .sort((a, b) => rankOf(b) - rankOf(a))
  const fixed = causes.map((code) => ({ code, ...fixedReasons[code] }))
  const told = acting.map(({ rule, verdict }): Reason => {
    const reason = renderReason(rule.reason, row)
    if (verdict !== 'doubtful') return reason
    const { code, zh, en } = reason
    return { code, zh: `无法确定:${zh}`, en: `Cannot tell: ${en}` }
  })
  if (byModel !== null) {
    const rank = rankFor(byModel.outcome, byModel.weight) + hitRank
    told.splice(acting.filter((one) => rankOf(one) >= rank).length, 0, byModel.reason)
  }
  return [...fixed, ...told].slice(0, reasonsMax)
}

/** What asks for more stands first, then what is sure, then what weighs more. */
const hitRank = 500
const rankFor = (outcome: ActedOutcome, weight: number) => 1000 * outcomeRank[outcome] + weight
const rankOf = (one: JudgedRule) =>
  rankFor(asked(one), one.rule.weight) + (one.verdict === 'hit' ? hitRank : 0)

export function adviceOf(judged: readonly JudgedRule[], inputs: Inputs): readonly string[] {
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
