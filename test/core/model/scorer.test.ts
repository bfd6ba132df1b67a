/** The fast way to score agrees with the plain one, whatever the forest and the rows. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newForest, scoreRow, type TreeNode } from '../../../src/core/model/forest.ts'
import { newScorer } from '../../../src/core/model/scorer.ts'

const seed = 20_260_302
const featureCount = 5
const thresholds = [-3, -0.5, 0, 0.1, 1, 2, 2.5, 1e9, Number.MIN_VALUE]
const values = [...thresholds, -1e12, 0.3, Number.NaN, Number.POSITIVE_INFINITY, -0]

const leaf = fc.record({ value: fc.double({ min: 0, max: 1, noNaN: true }), cover: fc.nat(9) })
const tree = fc.letrec<{ node: TreeNode; split: TreeNode }>((tie) => ({
  node: fc.oneof({ maxDepth: 9 }, leaf, tie('split')),
  split: fc.record({
    feature: fc.nat(featureCount - 1),
    threshold: fc.constantFrom(...thresholds),
    missingLeft: fc.boolean(),
    cover: fc.constant(1),
    left: tie('node'),
    right: tie('node'),
  }),
}))
const rows = fc.array(
  fc.array(fc.constantFrom(...values), { minLength: featureCount, maxLength: featureCount }),
  { minLength: 1, maxLength: 200 },
)

/** One way down that is deeper than a heap may be. */
function chain(depth: number): TreeNode {
  let node: TreeNode = { value: 1, cover: 1 }
  for (let at = 0; at < depth; at += 1)
    node = {
      feature: at % featureCount,
      threshold: thresholds[at % thresholds.length]!,
      missingLeft: at % 2 === 0,
      cover: 1,
      left: { value: at / depth, cover: 1 },
      right: node,
    }
  return node
}

test.each([
  ['a random forest', 'mean', false, []],
  ['boosted trees in single precision', 'logistic', true, []],
  ['trees too deep for a heap', 'mean', false, [chain(20)]],
] as const)('%s', (_, link, singlePrecision, more) => {
  const property = fc.property(
    fc.array(tree.node, { minLength: 1, maxLength: 6 }),
    rows,
    (trees, asked) => {
      const options = { featureCount, link, base: 0.25, singlePrecision }
      const forest = newForest([...trees, ...more], options)
      const scores = new Float64Array(asked.length)
      newScorer(forest).score(Float64Array.from(asked.flat()), asked.length, scores)
      for (const [at, row] of asked.entries()) expect(scores[at]).toBe(scoreRow(forest, row))
    },
  )
  fc.assert(property, { seed, numRuns: 200 })
})
