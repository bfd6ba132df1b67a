/** How good a trained model is on its test rows, in the measures of the evaluation. */
import { calibrationTable } from '../evaluation/calibration-table.ts'
import { type Labelled, levelsOf, prAuc, recallAt, rocAuc } from '../evaluation/ranking.ts'
import type { Scored, Trained } from './train.ts'

export const labelledOf = ({ labels }: Scored): readonly Labelled[] =>
  Array.from(labels, (label) => ({ fraud: label === 1 }))

/** Null where the test rows cannot tell. Four decimals. */
export function metricsOf({
  test,
  thresholds,
}: Pick<Trained, 'test' | 'thresholds'>): Record<string, number | null> {
  const events = labelledOf(test)
  const levels = levelsOf(test.probabilities, events)
  const flagged = { all: 0, frauds: 0 }
  const frauds = test.labels.reduce((sum, label) => sum + label, 0)
  for (const [at, label] of test.labels.entries())
    if (test.probabilities[at]! >= thresholds.reviewAt) {
      flagged.all += 1
      flagged.frauds += label
    }
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole)
  const measures = {
    rocAuc: rocAuc(levels),
    prAuc: prAuc(levels),
    recallAt1in1000FalsePositives: recallAt(levels, 0.001)?.recall ?? null,
    recallAt1in100FalsePositives: recallAt(levels, 0.01)?.recall ?? null,
    precisionAtReview: share(flagged.frauds, flagged.all),
    recallAtReview: share(flagged.frauds, frauds),
    brier: calibrationTable(test.probabilities, events)?.brier ?? null,
    fraudShare: share(frauds, test.labels.length),
  }
  return Object.fromEntries(Object.entries(measures).map(([name, one]) => [name, rounded(one)]))
}

const rounded = (one: number | null) => (one === null ? null : Math.round(one * 1e4) / 1e4)
