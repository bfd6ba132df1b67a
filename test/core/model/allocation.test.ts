/** Scoring leaves nothing for the garbage collector, whether rows come by the thousand or alone. */
import { expect, test } from 'vitest'
import { newForest, type TreeNode } from '../../../src/core/model/forest.ts'
import { newScorer } from '../../../src/core/model/scorer.ts'
import { newRandom } from '../../../src/generate/random.ts'

const featureCount = 12
const rowCount = 4_000
const random = newRandom(8)
const rows = Float64Array.from({ length: rowCount * featureCount }, () => random.unit())
const out = new Float64Array(rowCount)

function tree(depth: number): TreeNode {
  if (depth === 0) return { value: random.unit(), cover: 1 }
  return {
    feature: random.below(featureCount),
    threshold: random.unit(),
    missingLeft: false,
    cover: 1,
    left: tree(depth - 1),
    right: tree(depth - 1),
  }
}

/** Bytes a row in the median round: in some a collection comes between, or the compiler. */
function bytesTaken(score: () => void): number {
  for (let round = 0; round < 30; round += 1) score()
  const taken = Array.from({ length: 21 }, () => {
    const before = process.memoryUsage().heapUsed
    score()
    return (process.memoryUsage().heapUsed - before) / rowCount
  })
  return taken.sort((a, b) => a - b)[10]!
}

test.each([
  ['in heaps', 6],
  ['walked the plain way, as deep trees are', 13],
])('%s', (_, depth) => {
  const trees = Array.from({ length: 5 }, () => tree(depth))
  const options = { featureCount, link: 'mean', base: 0, singlePrecision: false } as const
  const scorer = newScorer(newForest(trees, options))
  const row = new Float64Array(featureCount)
  const oneByOne = () => {
    for (let at = 0; at < rowCount; at += 1) {
      for (let index = 0; index < featureCount; index += 1)
        row[index] = rows[at * featureCount + index]!
      scorer.score(row, 1, out)
    }
  }
  expect(bytesTaken(() => scorer.score(rows, rowCount, out))).toBeLessThan(1)
  expect(bytesTaken(oneByOne)).toBeLessThan(1)
})
