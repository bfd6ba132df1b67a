/**
 * Labelled rows → a calibrated forest with what is known of it: split, grown, calibrated on people
 * that it never met, tested on others at a later time. Equal rows, options and seed give an equal
 * result, however many threads.
 */
import { type Calibration, calibrated, fitCalibration } from '../core/model/calibration.ts'
import { type Bins, newBins } from '../core/model/drift.ts'
import type { Forest } from '../core/model/forest.ts'
import { newScorer } from '../core/model/scorer.ts'
import type { FeatureTable } from './feature-table.ts'
import { importanceOf } from './importance.ts'
import { refusalOf } from './refusals.ts'
import { type Part, type Split, splitRows } from './split.ts'
import { type ForestOptions, trainForest } from './train-forest.ts'

export interface Scored {
  /** Calibrated probability of fraud, and 1 for fraud or 0, per row. */
  readonly probabilities: Float64Array
  readonly labels: Uint8Array
  /** Rows of the table. */
  readonly rows: Uint32Array
}

export interface Trained {
  readonly forest: Forest
  readonly calibration: Calibration
  readonly split: Split
  /** People that it never met, at a later time. */
  readonly test: Scored
  readonly thresholds: { readonly reviewAt: number; readonly blockAt: number }
  readonly importance: readonly number[]
  readonly statistics: { readonly features: readonly Bins[]; readonly score: Bins }
}

export type TrainResult = Trained | { readonly refused: string }

/** Precision that a threshold must reach on the calibration rows. */
const precisionAt = { review: 0.95, block: 0.99 }
/** Rows above a threshold that its precision is believed from. */
const supportMin = 20

export interface TrainOptions extends ForestOptions {
  /** Kinds of actor that are kept out of training and calibration. */
  readonly heldOut: readonly string[]
}

export async function train(table: FeatureTable, options: TrainOptions): Promise<TrainResult> {
  const split = splitRows(table.facts, options.heldOut)
  const refused = refusalOf(table, split.rows.train)
  if (refused !== null) return { refused }
  return assess(table, split, await trainForest(table, split.rows.train, options))
}

/**
 * The same for a forest that was grown elsewhere on the table's features: only calibration,
 * thresholds and tests are made here. Whether that training kept off the test rows is not known.
 */
export function adopt(
  table: FeatureTable,
  forest: Forest,
  heldOut: readonly string[],
): TrainResult {
  const split = splitRows(table.facts, heldOut)
  const refused = refusalOf(table, split.rows.train)
  return refused === null ? assess(table, split, forest) : { refused }
}

function assess(table: FeatureTable, split: Split, forest: Forest): Trained {
  const score = newTableScorer(table, forest)
  const raw = score(split.rows.calibrate)
  const calibration = fitCalibration(raw, labelsOf(table, split.rows.calibrate))
  const scored = (part: Part): Scored => ({
    probabilities: score(split.rows[part]).map((one) => calibrated(calibration, one)),
    labels: labelsOf(table, split.rows[part]),
    rows: split.rows[part],
  })
  const tuned = scored('calibrate')
  return {
    forest,
    calibration,
    split,
    test: scored('test'),
    thresholds: {
      reviewAt: thresholdFor(tuned, precisionAt.review),
      blockAt: thresholdFor(tuned, precisionAt.block),
    },
    importance: importanceOf(forest),
    statistics: {
      features: table.features.map((_, index) => {
        const column = table.column(index)
        return newBins(Float64Array.from(split.rows.train, (row) => column[row]!))
      }),
      score: newBins(tuned.probabilities),
    },
  }
}

const labelsOf = ({ facts }: FeatureTable, rows: Uint32Array) =>
  Uint8Array.from(rows, (row) => (facts[row]!.fraud ? 1 : 0))

/** Scores rows of the table, some thousand at a time. */
function newTableScorer(table: FeatureTable, forest: Forest) {
  const scorer = newScorer(forest)
  const width = table.features.length
  const partRows = 4_096
  const values = new Float64Array(partRows * width)
  const columns = table.features.map((_, index) => table.column(index))
  return (rows: Uint32Array): Float64Array => {
    const scores = new Float64Array(rows.length)
    for (let from = 0; from < rows.length; from += partRows) {
      const part = rows.subarray(from, from + partRows)
      for (let at = 0; at < part.length; at += 1)
        for (let by = 0; by < width; by += 1) values[at * width + by] = columns[by]![part[at]!]!
      scorer.score(values, part.length, scores.subarray(from, from + part.length))
    }
    return scores
  }
}

/** Lowest probability from which on the rows are fraud often enough; above 1 where none is. */
function thresholdFor({ probabilities, labels }: Scored, precision: number): number {
  const order = Array.from(probabilities, (_, at) => at)
  order.sort((a, b) => probabilities[b]! - probabilities[a]!)
  let [frauds, lowest] = [0, 1]
  for (const [count, at] of order.entries()) {
    frauds += labels[at]!
    const next = order[count + 1]
    // Equal probabilities stand or fall together.
    if (next !== undefined && probabilities[next] === probabilities[at]) continue
    if (count + 1 >= supportMin && frauds / (count + 1) >= precision) lowest = probabilities[at]!
  }
  return lowest
}
