/**
 * Why the models of the playbook at hand say what they say of a recorded event: exact SHAP values
 * over the recorded inputs, which add up from what a model says on average to what it says here.
 */
import { newDecisionRow } from '../core/decision/decide.ts'
import { outcomeAt } from '../core/decision/model-results.ts'
import type { ActedOutcome, ModelExplanation, Playbook } from '../core/rules/playbook.ts'
import type { ModelResult } from '../core/schema.gen.ts'
import { deriveSignals } from '../core/signals/derive.ts'
import type { FoundEvent } from './find-event.ts'

export interface ExplainedModel extends ModelExplanation {
  readonly model: string
  readonly mode: 'live' | 'shadow'
  readonly outcome: ActedOutcome
  /** What the decision says of a model of this name; null where it had none. */
  readonly decided: ModelResult | null
}

/** None where the inputs were not recorded. */
export function explainModels(
  { row: { event, inputs, decision } }: FoundEvent,
  { models, timeZone }: Playbook,
): readonly ExplainedModel[] {
  if (event === null || inputs === null || models.length === 0) return []
  const row = newDecisionRow()
  deriveSignals(event, inputs, timeZone, row)
  return models.map((model) => {
    const explained = model.explain(row)
    return {
      model: model.name,
      mode: model.mode,
      outcome: outcomeAt(explained.probability, model),
      decided: decision?.models.find((one) => one.model === model.name) ?? null,
      ...explained,
    }
  })
}

/** Contributions that are told one by one; the rest is one line. */
const toldMax = 10
const labelChars = 12
const line = (label: string, text: string) => `${label.padEnd(labelChars)}${text}`

/** What `explain` prints below its page. */
export function modelText(models: readonly ExplainedModel[]): string {
  return models.flatMap(linesOf).join('\n')
}

function linesOf(one: ExplainedModel): readonly string[] {
  const { model, mode, probability, outcome, decided, base, output, unit, contributions } = one
  const about = mode === 'shadow' ? `would ask for ${outcome}; shadow: not acted on` : outcome
  const before = decided === null || decided.probability === probability ? '' : otherThen(decided)
  const told = contributions.slice(0, toldMax)
  const rest = contributions.slice(toldMax).reduce((sum, { moved }) => sum + moved, 0)
  const number = (value: number) => signed(value, unit)
  const scale = unit === 'logit' ? ' (logits)' : ' (before calibration)'
  return [
    line('model', `${model}: fraud at ${percent(probability)} (${about})${before}`),
    line('', `${number(base)}  on average${scale}`),
    ...told.map(({ signal, value, moved }) =>
      line('', `${number(moved)}  ${signal} ${value === null ? 'absent' : shortNumber(value)}`),
    ),
    ...(contributions.length > toldMax
      ? [line('', `${number(rest)}  ${contributions.length - toldMax} more signals`)]
      : []),
    line('', `${number(output)}  here`),
  ]
}

const otherThen = ({ probability }: ModelResult) =>
  `; the decision was made at ${percent(probability)}, by another model of this name`

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const shortNumber = (value: number) => String(Number(value.toPrecision(6)))

function signed(value: number, unit: ModelExplanation['unit']): string {
  const text = unit === 'logit' ? value.toFixed(3) : `${(100 * value).toFixed(1)} %`
  return (value < 0 ? text : `+${text}`).padStart(8)
}
