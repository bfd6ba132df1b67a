/**
 * A forest as an ONNX model: onnxruntime itself loads it, takes every row the same way down, and is
 * what `bench --model` measures beside ours.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { floatBelow, onnxForest } from '../../src/bench/onnx-forest.ts'
import { findOnnxRuntime } from '../../src/bench/onnx-runtime.ts'
import { newForest, scoreRow, type TreeNode } from '../../src/core/model/forest.ts'
import { newRandom } from '../../src/generate/random.ts'
import { installOnnxRuntime } from '../support/onnx-runtime.ts'
import { mainPath, scratchFolder } from '../support/run-cli.ts'

const seed = 20_261_126
const installed = installOnnxRuntime()
afterAll(() => {
  if (installed !== null) rmSync(installed, { recursive: true, force: true })
})

describe('a threshold in single precision', () => {
  test.each([
    [1, 1 - 2 ** -24],
    [-1, -1 - 2 ** -23],
    [0.1, 0.09999999403953552],
    [0, -(2 ** -149)],
    [1e-50, 0],
    [1e39, 3.4028234663852886e38],
  ])('below %d is %d', (threshold, below) => {
    expect(floatBelow(threshold)).toBe(below)
  })

  test('parts all numbers of single precision as the threshold does', () => {
    const near = fc.double({ noNaN: true }).chain((threshold) =>
      fc.record({
        threshold: fc.constant(threshold),
        value: fc.oneof(
          fc.float({ noNaN: true }),
          fc.constantFrom(Math.fround(threshold), floatBelow(threshold)),
        ),
      }),
    )
    const property = fc.property(near, ({ threshold, value }) => {
      expect(value <= floatBelow(threshold)).toBe(value < threshold)
    })
    fc.assert(property, { seed, numRuns: 5_000 })
  })
})

test('where onnxruntime is not installed it is not found', () => {
  expect(findOnnxRuntime([scratchFolder()])).toBe(null)
})

describe.skipIf(installed === null)('onnxruntime', () => {
  const featureCount = 5
  const random = newRandom(seed)
  /** Values that meet thresholds exactly, and missing ones. */
  const value = () => (random.chance(0.2) ? Number.NaN : Math.fround(random.below(40) / 10))

  function tree(depth: number): TreeNode {
    if (depth === 0 || random.chance(0.1)) return { value: random.unit(), cover: 1 }
    return {
      feature: random.below(featureCount),
      threshold: random.below(40) / 10,
      missingLeft: random.chance(0.5),
      cover: 1,
      left: tree(depth - 1),
      right: tree(depth - 1),
    }
  }

  test('scores each row as we do, missing values and equal ones included', async () => {
    const trees = Array.from({ length: 30 }, () => tree(9))
    const options = { featureCount, link: 'mean', base: 0, singlePrecision: false } as const
    const forest = newForest(trees, options)
    const rows = Array.from({ length: 2_000 }, () => Array.from({ length: featureCount }, value))
    const session = await findOnnxRuntime([scratchFolder(), installed!])!.open(onnxForest(forest))
    const scores = await session.score(Float32Array.from(rows.flat()), rows.length)
    for (const [at, row] of rows.entries())
      expect(Math.abs(scores[at]! - scoreRow(forest, row)), `row ${at}`).toBeLessThanOrEqual(1e-6)
  })

  test('is measured by bench --model: the same scores, and ours are there first', () => {
    const words = [mainPath, 'bench', '--model', '--rows', '10000', '--json']
    const options = { cwd: installed!, timeout: 300_000, encoding: 'utf8' } as const
    const { scoring, training } = JSON.parse(execFileSync(process.execPath, words, options))
    expect(scoring).toMatchObject({ trees: 100, depth: 8, features: 40 })
    const { ours, peer } = scoring
    console.log(
      `${ours.rowsPerSecond} rows/s; ${peer.name} ${peer.version}: ${peer.rowsPerSecond} rows/s`,
    )
    expect(peer.largestDifference).toBeLessThanOrEqual(1e-6)
    expect(ours.rowsPerSecond).toBeGreaterThan(peer.rowsPerSecond)
    expect(training).toMatchObject({ rows: 10_000, trees: 100, depth: 12, threads: 2 })
    expect(training.cpuSeconds).toBeGreaterThan(0)
  }, 300_000)
})
