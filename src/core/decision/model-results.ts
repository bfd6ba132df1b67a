/**
 * What the models of a playbook say of rows of signals: a probability each, and the outcome that
 * their thresholds ask for. Rows are scored many at a time. A live model acts like one more rule;
 * a shadow is only recorded.
 */
import type { ActedOutcome, Playbook, PlaybookModel } from '../rules/playbook.ts'
import type { ModelResult, Reason } from '../schema.gen.ts'
import type { SignalRow } from '../signals/row.ts'

export interface JudgedModel {
  readonly model: PlaybookModel
  /** Of fraud, 0 to 1. */
  readonly probability: number
  readonly outcome: ActedOutcome
}

/** Per model of a playbook, in its order: probabilities of rows, in theirs. */
export type Probabilities = readonly Float64Array[]

export function scoreRows(
  { models }: Playbook,
  rows: readonly SignalRow[],
  count: number,
): Probabilities {
  return models.map((model) => {
    const out = new Float64Array(count)
    model.score(rows, count, out)
    return out
  })
}

const nothing: readonly JudgedModel[] = Object.freeze([])

/** What each model asks for of row `at`. */
export function judgeByModels(
  { models }: Playbook,
  probabilities: Probabilities,
  at: number,
): readonly JudgedModel[] {
  if (models.length === 0) return nothing
  return models.map((model, index) => {
    const probability = probabilities[index]![at]!
    return { model, probability, outcome: outcomeAt(probability, model) }
  })
}

export function outcomeAt(
  probability: number,
  { reviewAt, blockAt }: Pick<PlaybookModel, 'reviewAt' | 'blockAt'>,
): ActedOutcome {
  return probability >= blockAt ? 'block' : probability >= reviewAt ? 'review' : 'allow'
}

/** The live one; null where there is none. */
export const liveOf = (judged: readonly JudgedModel[]): JudgedModel | null =>
  judged.find(({ model }) => model.mode === 'live') ?? null

const noResults: readonly ModelResult[] = Object.freeze([])
const noContributions: ModelResult['contributions'] = Object.freeze([])

/** Contributions that a decision carries at most. */
export const contributionsMax = 5

/** `isFlagged`: with what moved the models, which costs some microseconds each. */
export function modelResults(
  judged: readonly JudgedModel[],
  row: SignalRow,
  isFlagged: boolean,
): readonly ModelResult[] {
  if (judged.length === 0) return noResults
  return judged.map(({ model, probability, outcome }) => ({
    model: model.name,
    mode: model.mode,
    probability,
    outcome,
    contributions: isFlagged
      ? model.contributions(row).slice(0, contributionsMax)
      : noContributions,
  }))
}

/** Signals that the reason names at most. */
const namedMax = 3

/** The live model's word among the reasons; `weight` is 0 to 100, as that of a rule. */
export interface ModelReason {
  readonly reason: Reason
  readonly outcome: ActedOutcome
  readonly weight: number
}

/** Null where the live model asks for nothing. */
export function modelReason(
  judged: readonly JudgedModel[],
  results: readonly ModelResult[],
): ModelReason | null {
  const live = liveOf(judged)
  if (live === null || live.outcome === 'allow') return null
  const { contributions } = results[judged.indexOf(live)]!
  const named = contributions.filter(({ moved }) => moved > 0).slice(0, namedMax)
  const texts = named.map(({ signal, value }) => `${signal} ${valueText(value)}`)
  const percent = Math.round(100 * live.probability)
  const zhWhy = texts.length === 0 ? '' : `,主要因为 ${texts.join('、')}`
  const enWhy = texts.length === 0 ? '' : `, above all by ${texts.join(', ')}`
  const reason = {
    code: 'model',
    zh: `模型判断欺诈概率为 ${percent}%${zhWhy}。`,
    en: `The model puts fraud at ${percent} %${enWhy}.`,
  }
  return { reason, outcome: live.outcome, weight: percent }
}

const valueText = (value: number | null) =>
  value === null ? '-' : String(Number(value.toPrecision(4)))
