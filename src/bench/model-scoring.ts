/**
 * How fast a forest scores, beside onnxruntime on the same trees and rows in the same run: both in
 * turn, the best round of each. Processor time of this process, which holds onnxruntime's thread
 * too, so that a shared machine stretches neither.
 */
import { newScorer, type Scorer } from '../core/model/scorer.ts'
import { trainForest } from '../training/train-forest.ts'
import { cpuMicros } from './cpu-time.ts'
import { randomTable, rowMajor } from './model-rows.ts'
import { onnxForest } from './onnx-forest.ts'
import type { OnnxRuntime, OnnxSession } from './onnx-runtime.ts'

export interface ScoringOptions {
  readonly trees: number
  readonly depth: number
  readonly features: number
  /** Random rows that the forest is grown from, and as many others that are scored. */
  readonly rows: number
  readonly seed: number
}

export interface Speed {
  /** Of processor time, in batches and one row at a time. */
  readonly rowsPerSecond: number
  readonly singleRowsPerSecond: number
}

export interface PeerSpeed extends Speed {
  readonly name: string
  readonly version: string
  /** Of its scores from ours. */
  readonly largestDifference: number
}

export interface ScoringCost extends ScoringOptions {
  readonly nodes: number
  readonly batchRows: number
  readonly ours: Speed
  /** Null where it is not installed. */
  readonly peer: PeerSpeed | null
}

const batchRows = 1_024
const rounds = 7
/** Single rows of a round; onnxruntime takes some 30 µs each. */
const singleRows = 5_000

export async function measureScoring(
  options: ScoringOptions,
  runtime: OnnxRuntime | null,
): Promise<ScoringCost> {
  const { trees, depth, features, rows: count, seed } = options
  const grownFrom = randomTable(count, features, seed)
  const forest = await trainForest(
    grownFrom,
    Uint32Array.from({ length: count }, (_, row) => row),
    { trees, depthMax: depth, leafRowsMin: 8, seed, threads: 0, onTree: () => undefined },
  )
  const rows = rowMajor(randomTable(count, features, seed + 1))
  const session = (await runtime?.open(onnxForest(forest))) ?? null
  const ours = newOurs(newScorer(forest), rows)
  const theirs = session === null ? null : newTheirs(session, rows, features)
  for (let round = 0; round < rounds; round += 1) {
    await ours.round()
    await theirs?.round()
  }
  return {
    ...options,
    nodes: forest.feature.length,
    batchRows,
    ours: ours.speed(),
    peer:
      runtime === null || theirs === null
        ? null
        : {
            name: runtime.name,
            version: runtime.version,
            ...theirs.speed(),
            largestDifference: largestDifference(ours.scores, theirs.scores),
          },
  }
}

interface Subject {
  readonly scores: Float64Array
  round(): Promise<void>
  speed(): Speed
}

function newOurs(scorer: Scorer, rows: Float64Array): Subject {
  const { featureCount } = scorer
  const count = rows.length / featureCount
  const scores = new Float64Array(count)
  const row = new Float64Array(featureCount)
  const score = new Float64Array(1)
  const batches = () => {
    for (let from = 0; from < count; from += batchRows) {
      const to = Math.min(count, from + batchRows)
      const batch = rows.subarray(from * featureCount, to * featureCount)
      scorer.score(batch, to - from, scores.subarray(from, to))
    }
  }
  const singles = () => {
    for (let at = 0; at < Math.min(singleRows, count); at += 1) {
      for (let by = 0; by < featureCount; by += 1) row[by] = rows[at * featureCount + by]!
      scorer.score(row, 1, score)
    }
  }
  return subjectOf(scores, batches, singles)
}

function newTheirs(session: OnnxSession, rows: Float64Array, featureCount: number): Subject {
  const floats = Float32Array.from(rows)
  const count = rows.length / featureCount
  const scores = new Float64Array(count)
  const part = (from: number, to: number) => floats.subarray(from * featureCount, to * featureCount)
  const batches = async () => {
    for (let from = 0; from < count; from += batchRows) {
      const to = Math.min(count, from + batchRows)
      scores.set(await session.score(part(from, to), to - from), from)
    }
  }
  const singles = async () => {
    for (let at = 0; at < Math.min(singleRows, count); at += 1)
      await session.score(part(at, at + 1), 1)
  }
  return subjectOf(scores, batches, singles)
}

type Deed = () => void | Promise<void>

function subjectOf(scores: Float64Array, batches: Deed, singles: Deed): Subject {
  const best = { batches: Number.POSITIVE_INFINITY, singles: Number.POSITIVE_INFINITY }
  const microsOf = async (deed: Deed) => {
    const before = cpuMicros()
    await deed()
    return cpuMicros() - before
  }
  return {
    scores,
    async round() {
      best.batches = Math.min(best.batches, await microsOf(batches))
      best.singles = Math.min(best.singles, await microsOf(singles))
    },
    speed: () => ({
      rowsPerSecond: Math.round((scores.length / best.batches) * 1e6),
      singleRowsPerSecond: Math.round((Math.min(singleRows, scores.length) / best.singles) * 1e6),
    }),
  }
}

function largestDifference(ours: Float64Array, theirs: Float64Array): number {
  let largest = 0
  for (let at = 0; at < ours.length; at += 1) {
    const difference = Math.abs(ours[at]! - theirs[at]!)
    // What is no number is as far off as can be.
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? 1 : difference
  }
  return largest
}
