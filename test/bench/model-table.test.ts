/** What `bench --model` prints, with and without onnxruntime to stand beside. */
import { expect, test } from 'vitest'
import type { ScoringCost } from '../../src/bench/model-scoring.ts'
import { modelTable } from '../../src/bench/model-table.ts'
import type { TrainingCost } from '../../src/bench/model-training.ts'

const scoring: ScoringCost = {
  trees: 100,
  depth: 8,
  features: 40,
  rows: 50_000,
  seed: 7,
  nodes: 43_304,
  batchRows: 1_024,
  ours: { rowsPerSecond: 350_000, singleRowsPerSecond: 250_000 },
  peer: null,
}
const training: TrainingCost = {
  rows: 200_000,
  features: 40,
  trees: 100,
  depth: 12,
  threads: 2,
  seed: 7,
  nodes: 419_840,
  seconds: 13.04,
  cpuSeconds: 24.36,
  peakRssBytes: 475 * 1_048_576,
}
const peer = {
  name: 'onnxruntime',
  version: '1.30.0',
  rowsPerSecond: 175_000,
  singleRowsPerSecond: 25_000,
  largestDifference: 2.2e-7,
}

const ours = `\
Scoring: 100 trees of depth 8 over 40 features, 43,304 nodes, grown from 50,000 random rows
with a signal; others are scored. Rows a second of processor time, in one thread:
                             of 1,024    one by one
  here                      350,000/s     250,000/s
`
const theirs = `\
  onnxruntime 1.30.0        175,000/s      25,000/s
  here, times as fast            2.00         10.00
  Scores differ by 2.2e-7 at most.
`
const absent = `\
  Beside onnxruntime: ONNXRUNTIME_NODE_INSTALL=skip npm i --no-save onnxruntime-node
`
const trained = `\
Training: 200,000 such rows × 40 features × 100 trees of depth 12 at most, 419,840 nodes
  13.0 s in 2 threads, 24.4 s of processor time, peak 475 MiB
`

test('beside onnxruntime', () => {
  const table = modelTable({ scoring: { ...scoring, peer }, training })
  expect(table).toBe(ours + theirs + trained)
})

test('without it, how to get it', () => {
  expect(modelTable({ scoring, training })).toBe(ours + absent + trained)
})
