/**
 * A model as decisions use it: a forest, which signals it looks at, and what its output means. Its
 * checksum covers the forest's file and so names the model everywhere.
 */

import type { SignalRow } from '../signals/row.ts'
import { type Calibration, calibrated } from './calibration.ts'
import { putFeatures } from './features.ts'
import type { Forest } from './forest.ts'
import { type Contributor, newContributor } from './path-contributions.ts'
import { newScorer, type Scorer } from './scorer.ts'

export interface ModelParts {
  readonly name: string
  /** SHA-256 of the forest's file, in hexadecimal. */
  readonly checksum: string
  readonly forest: Forest
  /** Names of signals, in the order of the forest's features, and their places in a SignalRow. */
  readonly features: readonly string[]
  readonly places: readonly number[]
  readonly calibration: Calibration
}

export interface Model extends ModelParts {
  readonly scorer: Scorer
  readonly contributor: Contributor
}

export const newModel = (parts: ModelParts): Model => ({
  ...parts,
  scorer: newScorer(parts.forest),
  contributor: newContributor(parts.forest),
})

/** What scoring one row at a time needs; made once. */
export interface ScoringRoom {
  readonly values: Float64Array
  readonly out: Float64Array
}

export const newScoringRoom = ({ features }: Model): ScoringRoom => ({
  values: new Float64Array(features.length),
  out: new Float64Array(1),
})

/** The probability of fraud, 0 to 1, calibrated; `room` then holds the values looked at. */
export function scoreSignals(model: Model, row: SignalRow, { values, out }: ScoringRoom): number {
  putFeatures(row, model.places, values, 0)
  model.scorer.score(values, 1, out)
  return calibrated(model.calibration, out[0]!)
}
