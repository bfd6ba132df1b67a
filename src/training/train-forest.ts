/**
 * A forest from rows of features: bins, then one tree after the other, in as many threads as asked.
 * A tree depends on the rows, the seed and its own number only, so the threads do not show.
 */
import { Worker } from 'node:worker_threads'
import { type Forest, newForest, type TreeNode } from '../core/model/forest.ts'
import { newRandom } from '../generate/random.ts'
import { binOf, newBinnedFeature } from './bins.ts'
import type { FeatureTable } from './feature-table.ts'
import { growTree, type TrainingRows, type TreeOptions } from './grow-tree.ts'

export interface ForestOptions extends Omit<TreeOptions, 'fraudWeight' | 'featuresPerNode'> {
  readonly trees: number
  readonly seed: number
  /** 0: in this thread. */
  readonly threads: number
  onTree(done: number): void
}

/** Rows whose values make the bins. */
const sampleRows = 100_000
/**
 * Fraud is weighed up to this share of all rows: with less, trees see hardly any of it; with half,
 * honest people that look a little odd cost too little. Calibration undoes it.
 */
const fraudShare = 0.25

export async function trainForest(
  table: FeatureTable,
  rows: Uint32Array,
  options: ForestOptions,
): Promise<Forest> {
  const training = trainingRows(table, rows)
  const frauds = training.labels.reduce((sum, label) => sum + label, 0)
  const honest = rows.length - frauds
  const tree: TreeOptions = {
    depthMax: options.depthMax,
    leafRowsMin: options.leafRowsMin,
    featuresPerNode: Math.ceil(Math.sqrt(table.features.length)),
    fraudWeight: Math.max(1, (fraudShare / (1 - fraudShare)) * (honest / frauds)),
  }
  const trees =
    options.threads === 0
      ? growHere(training, tree, options)
      : await growInThreads(training, tree, options)
  const { length: featureCount } = table.features
  return newForest(trees, { featureCount, link: 'mean', base: 0, singlePrecision: false })
}

/** In memory that threads share. */
function trainingRows(table: FeatureTable, rows: Uint32Array): TrainingRows {
  const every = Math.max(1, Math.floor(rows.length / sampleRows))
  const sample = rows.filter((_, at) => at % every === 0)
  const features = table.features.map((_, index) => {
    const column = table.column(index)
    return newBinnedFeature(Float64Array.from(sample, (row) => column[row]!))
  })
  const bins = new Uint8Array(new SharedArrayBuffer(rows.length * features.length))
  for (let from = 0; from < rows.length; from += blockRows)
    binRows(table, rows.subarray(from, from + blockRows), {
      features,
      bins: bins.subarray(from * features.length),
    })
  const labels = new Uint8Array(new SharedArrayBuffer(rows.length))
  for (let at = 0; at < rows.length; at += 1) labels[at] = table.facts[rows[at]!]!.fraud ? 1 : 0
  return { count: rows.length, bins, features, labels }
}

/** Rows that are turned from columns at a time, so that they stay in the cache meanwhile. */
const blockRows = 1_024

function binRows(
  table: FeatureTable,
  rows: Uint32Array,
  { features, bins }: Pick<TrainingRows, 'features' | 'bins'>,
): void {
  const { length: width } = features
  for (const [index, feature] of features.entries()) {
    const column = table.column(index)
    for (let at = 0; at < rows.length; at += 1)
      bins[at * width + index] = binOf(feature, column[rows[at]!]!)
  }
}

function growHere(rows: TrainingRows, tree: TreeOptions, { trees, seed, onTree }: ForestOptions) {
  return Array.from({ length: trees }, (_, number) => {
    const grown = growTree(rows, tree, newRandom(seed).fork(number))
    onTree(number + 1)
    return grown
  })
}

/** What a thread is given. */
export interface GrowOrder {
  readonly rows: TrainingRows
  readonly tree: TreeOptions
  readonly seed: number
  readonly numbers: readonly number[]
}

/** What it gives, tree by tree. */
export interface Grown {
  readonly number: number
  readonly tree: TreeNode
}

async function growInThreads(
  rows: TrainingRows,
  tree: TreeOptions,
  { trees, seed, threads, onTree }: ForestOptions,
): Promise<readonly TreeNode[]> {
  const grown: TreeNode[] = []
  let done = 0
  const numbers = Array.from({ length: trees }, (_, number) => number)
  await Promise.all(
    Array.from({ length: Math.min(threads, trees) }, (_, thread) => {
      const mine = numbers.filter((number) => number % threads === thread)
      const order: GrowOrder = { rows, tree, seed, numbers: mine }
      return inThread(order, (one) => {
        grown[one.number] = one.tree
        done += 1
        onTree(done)
      })
    }),
  )
  return grown
}

function inThread(order: GrowOrder, take: (grown: Grown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./grow-thread.js', import.meta.url), { workerData: order })
    thread.on('message', take)
    thread.on('error', reject)
    thread.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a training thread ended with ${code}`)),
    )
  })
}
