/**
 * `bench --model`: how fast a forest scores, beside onnxruntime where that is installed, and what
 * growing one takes. Each is a process of its own. Ends with 1 where the scores are not the same.
 */
import type { Command } from 'commander'
import { startPart } from '../bench/child-part.ts'
import { measureScoring, type ScoringCost } from '../bench/model-scoring.ts'
import { differenceMax, type ModelFigures, modelTable } from '../bench/model-table.ts'
import { measureTraining, type TrainingCost } from '../bench/model-training.ts'
import { findOnnxRuntime, onnxRuntimeRemedy } from '../bench/onnx-runtime.ts'
import { whole } from './bench-kafka.ts'
import { CommandError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'

export const modelParts = ['score', 'train'] as const
export type ModelPart = (typeof modelParts)[number]

export interface ModelOptions {
  readonly model?: true
  readonly rows: string
  readonly trees: string
  readonly threads: string
  readonly seed: string
  readonly json?: boolean
}

const features = 40
const depths = { score: 8, train: 12 }
/** More rows make the measurement longer, not other. */
const scoredRowsMax = 50_000

export function addModelOptions(command: Command): Command {
  return command
    .option('--model', 'measure scoring and training of a model')
    .option('--rows <N>', 'with --model: rows to train on', '200000')
    .option('--trees <N>', 'with --model: of the forest', '100')
    .option('--threads <N>', 'with --model: that train', '2')
}

export async function runModelBench(options: ModelOptions): Promise<void> {
  const figures: ModelFigures = {
    scoring: await inPart<ScoringCost>('score', options),
    training: await inPart<TrainingCost>('train', options),
  }
  const { peer } = figures.scoring
  if (options.json === true) {
    if (peer === null) process.stderr.write(`bench: no onnxruntime-node; ${onnxRuntimeRemedy}\n`)
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  } else process.stdout.write(modelTable(figures))
  if (peer !== null && peer.largestDifference > differenceMax)
    throw new CommandError(
      `bench: scores differ from those of ${peer.name} by ${peer.largestDifference}, more than ${differenceMax}`,
    )
}

function inPart<T>(part: ModelPart, options: ModelOptions): Promise<T> {
  const names = ['rows', 'trees', 'threads', 'seed'] as const
  const child = startPart(
    part,
    names.flatMap((name) => [`--${name}`, options[name]]),
  )
  return child.result<T>()
}

/** Runs one part; gives what it prints at its end. */
export async function runModelPart(part: ModelPart, options: ModelOptions): Promise<unknown> {
  const rows = whole('rows', options.rows, 10_000_000)
  const shape = {
    trees: whole('trees', options.trees, 5_000),
    depth: depths[part],
    features,
    seed: whole('seed', options.seed, 999_999_999),
  }
  if (part === 'score') {
    // Where it is called, or beside this file.
    const runtime = findOnnxRuntime([process.cwd(), import.meta.dirname])
    return measureScoring({ ...shape, rows: Math.min(rows, scoredRowsMax) }, runtime)
  }
  const threads = whole('threads', options.threads, 64)
  const bar = startProgressBar('train', shape.trees)
  return measureTraining({ ...shape, rows, threads }, bar.update).finally(() => bar.stop())
}
