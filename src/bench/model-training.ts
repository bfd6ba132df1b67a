/**
 * What it takes to grow a forest, from rows in a table to trees in arrays: time on the clock,
 * processor time of all threads, and the largest resident set of the process, the rows included.
 */
import { systemClock } from '../runtime/clock.ts'
import { trainForest } from '../training/train-forest.ts'
import { cpuMicros, rounded } from './cpu-time.ts'
import { randomTable } from './model-rows.ts'

export interface TrainingOptions {
  readonly rows: number
  readonly features: number
  readonly trees: number
  /** Splits on the longest way down, at most. */
  readonly depth: number
  readonly threads: number
  readonly seed: number
}

export interface TrainingCost extends TrainingOptions {
  readonly nodes: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRssBytes: number
}

export async function measureTraining(
  options: TrainingOptions,
  onTree: (done: number) => void,
): Promise<TrainingCost> {
  const { rows: count, features, trees, depth, threads, seed } = options
  const table = randomTable(count, features, seed)
  const rows = Uint32Array.from({ length: count }, (_, row) => row)
  const [startedAt, cpuBefore] = [systemClock.now(), cpuMicros()]
  const forest = await trainForest(table, rows, {
    trees,
    depthMax: depth,
    leafRowsMin: 8,
    seed,
    threads,
    onTree,
  })
  return {
    ...options,
    nodes: forest.feature.length,
    seconds: rounded((systemClock.now() - startedAt) / 1e3),
    cpuSeconds: rounded((cpuMicros() - cpuBefore) / 1e6),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}
