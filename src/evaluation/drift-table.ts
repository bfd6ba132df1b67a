/**
 * How far the features, and the score, of a recording have moved from those that the model was
 * trained on: population stability, see core/model/drift.ts. Memory is one count per bin.
 */
import { type Bins, count, newCounts, stability } from '../core/model/drift.ts'

/** What the features held in training, in the model's order, and the score. */
export interface Statistics {
  readonly features: readonly Bins[]
  readonly score: Bins
}

export interface DriftRow {
  readonly feature: string
  /** Null where nothing was counted. */
  readonly stability: number | null
}

export interface DriftTable {
  readonly score: number | null
  /** Those that moved most first. */
  readonly features: readonly DriftRow[]
}

/** From here on it is usual to speak of a shift that matters. */
export const shiftAt = 0.25

export interface DriftCount {
  add(values: Float64Array, probability: number): void
  result(): DriftTable
}

export function newDriftCount(names: readonly string[], statistics: Statistics): DriftCount {
  const columns = statistics.features.map(newCounts)
  const scores = newCounts(statistics.score)
  return {
    add(values, probability) {
      for (const [at, bins] of statistics.features.entries()) count(bins, columns[at]!, values[at]!)
      count(statistics.score, scores, probability)
    },
    result: () => ({
      score: stability(statistics.score, scores),
      features: statistics.features
        .map((bins, at) => ({ feature: names[at]!, stability: stability(bins, columns[at]!) }))
        .sort(
          (a, b) => (b.stability ?? -1) - (a.stability ?? -1) || (a.feature < b.feature ? -1 : 1),
        ),
    }),
  }
}
