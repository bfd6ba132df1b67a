/**
 * `tsx scripts/peers/grow-forest.ts couponguard|ml-random-forest ORDER`: one forest of the
 * comparison that grows in Node, in a process of its own so that its memory is its own too. The
 * library's trees are read as ours are and scored by the mean of their leaves: its own
 * `predictProbability` loses the vote of the first tree.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RandomForestClassifier } from 'ml-random-forest'
import { z } from 'zod'
import { cpuMicros } from '../../src/bench/cpu-time.ts'
import { scoreRow } from '../../src/core/model/forest.ts'
import { forestFromJson } from '../../src/core/model/ml-forest-json.ts'
import { newScorer } from '../../src/core/model/scorer.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { FeatureTable } from '../../src/training/feature-table.ts'
import { trainForest } from '../../src/training/train-forest.ts'
import {
  type ForestOrder,
  type Matrix,
  orderSchema,
  readMatrix,
  type Took,
  widthOf,
} from './forest-order.ts'

const root = join(import.meta.dirname, '..', '..')
const versionSchema = z.object({ version: z.string() })
const versionIn = (path: string) =>
  versionSchema.parse(JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))).version

type Score = (asked: Matrix) => Float64Array

async function growOurs(train: Matrix, order: ForestOrder): Promise<Score> {
  const width = widthOf(train)
  const table = new FeatureTable(Array.from({ length: width }, (_, index) => `f${index}`))
  for (const [at, label] of train.labels.entries()) {
    const values = Float64Array.from(train.rows.subarray(at * width, (at + 1) * width))
    table.add({ fraud: label === 1, kind: null, user: '', occurredAt: 0 }, values)
  }
  const { trees, depth: depthMax, leaf: leafRowsMin, seed } = order
  const forest = await trainForest(
    table,
    Uint32Array.from(train.labels, (_, at) => at),
    { trees, depthMax, leafRowsMin, seed, threads: 0, onTree: () => undefined },
  )
  return (asked) => {
    const scores = new Float64Array(asked.labels.length)
    newScorer(forest).score(Float64Array.from(asked.rows), scores.length, scores)
    return scores
  }
}

function growTheirs(train: Matrix, { trees, depth, leaf, seed }: ForestOrder): Promise<Score> {
  // It knows no missing values: they become the largest, which is where ours stand too.
  const filled = (rows: Float32Array) => rows.map((one) => (Number.isNaN(one) ? 1e30 : one))
  const rowsOf = ({ rows, labels }: Matrix) => {
    const all = filled(rows)
    const width = rows.length / labels.length
    return Array.from(labels, (_, at) => [...all.subarray(at * width, (at + 1) * width)])
  }
  const treeOptions = { maxDepth: depth, minNumSamples: 2 * leaf, gainThreshold: 1e-4 }
  const library = new RandomForestClassifier({
    seed,
    nEstimators: trees,
    noOOB: true,
    treeOptions,
  })
  library.train(rowsOf(train), [...train.labels])
  const forest = forestFromJson(JSON.parse(JSON.stringify(library.toJSON())))
  return Promise.resolve((asked) =>
    Float64Array.from(rowsOf(asked), (row) => scoreRow(forest, row)),
  )
}

const peers = {
  couponguard: { grow: growOurs, folder: '.' },
  'ml-random-forest': { grow: growTheirs, folder: 'node_modules/ml-random-forest' },
} as const

const name = z.enum(['couponguard', 'ml-random-forest']).parse(process.argv[2])
const order = orderSchema.parse(JSON.parse(process.argv[3] ?? ''))
const { grow, folder } = peers[name]
const train = readMatrix(order.train)
const [startedAt, cpu] = [systemClock.now(), cpuMicros()]
const score = await grow(train, order)
const took = {
  seconds: (systemClock.now() - startedAt) / 1e3,
  cpuSeconds: (cpuMicros() - cpu) / 1e6,
}
writeFileSync(order.out, score(readMatrix(order.test)))
const said: Took = {
  ...took,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
  version: versionIn(folder),
}
process.stdout.write(`${JSON.stringify(said)}\n`)
