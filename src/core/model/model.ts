/**
 * A model as decisions use it: a forest, which signals it looks at, and what its output means. Its
 * checksum covers all of that and names the model everywhere.
 */

import type { SignalRow } from '../signals/row.ts'
import { type Calibration, calibrated } from './calibration.ts'
import { putFeatures } from './features.ts'
import type { Forest } from './forest.ts'
import { type Contributor, newContributor } from './path-contributions.ts'
import { newScorer, type Scorer } from './scorer.ts'

export interface ModelParts {
  readonly name: string
  /** SHA-256 of its manifest, which holds that of the forest's file; in hexadecimal. */
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

/** What scoring up to `rows` rows at a time needs; made once. */
export interface ScoringRoom {
  /** Values that the model looks at, row after row. */
  readonly values: Float64Array
  readonly out: Float64Array
}

export const newScoringRoom = ({ features }: ModelParts, rows = 1): ScoringRoom => ({
  values: new Float64Array(rows * features.length),
  out: new Float64Array(rows),
})

/** The probability of fraud, 0 to 1, calibrated; `room` then holds the values looked at. */
export function scoreSignals(model: Model, row: SignalRow, room: ScoringRoom): number {
  scoreRows(model, [row], 1, room)
  return room.out[0]!
}

/**
 * Probabilities of fraud, 0 to 1, calibrated, of the first `count` rows, into `room.out`; `room`
 * then holds the values looked at.
 */
export function scoreRows(
  { places, scorer, calibration }: Model,
  rows: readonly SignalRow[],
  count: number,
  { values, out }: ScoringRoom,
): void {
  for (let row = 0; row < count; row += 1)
    putFeatures(rows[row]!, places, values, row * places.length)
  scorer.score(values, count, out)
  for (let row = 0; row < count; row += 1) out[row] = calibrated(calibration, out[row]!)
}
