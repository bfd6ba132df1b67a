/**
 * Models of XGBoost, LightGBM and scikit-learn, held against what these and shap say of them:
 * probabilities, exact SHAP values, and that contributions add up. scripts/peers/model-vectors.py
 * wrote the vectors.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Forest, newForest, scoreRow, type TreeNode } from '../../../src/core/model/forest.ts'
import { readLightgbm } from '../../../src/core/model/lightgbm.ts'
import { newContributor } from '../../../src/core/model/path-contributions.ts'
import { newScorer } from '../../../src/core/model/scorer.ts'
import { newTreeShap } from '../../../src/core/model/tree-shap.ts'
import { readXgboost } from '../../../src/core/model/xgboost.ts'

const vectorsSchema = z.object({
  model: z.unknown(),
  rows: z.array(z.array(z.number().nullable())),
  predictions: z.array(z.number()),
  contributions: z.array(z.array(z.number())),
})
const treeSchema: z.ZodType<TreeNode> = z.lazy(() =>
  z.union([
    z.object({
      feature: z.number(),
      threshold: z.number(),
      missingLeft: z.boolean(),
      cover: z.number(),
      left: treeSchema,
      right: treeSchema,
    }),
    z.object({ value: z.number(), cover: z.number() }),
  ]),
)
const forestOptions = { link: 'mean', base: 0, singlePrecision: true } as const

const peers: readonly (readonly [name: string, (model: unknown) => Forest])[] = [
  ['xgboost', (model) => readXgboost(model).forest],
  ['lightgbm', (model) => readLightgbm(z.string().parse(model)).forest],
  [
    'random-forest',
    (model) => newForest(z.array(treeSchema).parse(model), { ...forestOptions, featureCount: 6 }),
  ],
]

describe.each(peers)('%s', (name, read) => {
  const path = join(import.meta.dirname, 'vectors', `${name}.json`)
  const vectors = vectorsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const forest = read(vectors.model)
  const rows = vectors.rows.map((row) => Float64Array.from(row, (value) => value ?? Number.NaN))

  test('gives the same probabilities, row by row and in a batch', () => {
    const flat = Float64Array.from(rows.flatMap((row) => [...row]))
    const batch = new Float64Array(rows.length)
    newScorer(forest).score(flat, rows.length, batch)
    for (const [at, row] of rows.entries()) {
      expect(scoreRow(forest, row)).toBeCloseTo(vectors.predictions[at]!, 6)
      expect(batch[at]).toBe(scoreRow(forest, row))
    }
  })

  test('has the same SHAP values, and they add up', () => {
    for (const [at, row] of rows.entries()) {
      const { base, values } = newTreeShap(forest)(row)
      const theirs = vectors.contributions[at]!
      expect(Math.abs(base - theirs.at(-1)!)).toBeLessThan(1e-6)
      for (const [of, value] of values.entries())
        expect(Math.abs(value - theirs[of]!)).toBeLessThan(1e-6)
      expect(values.reduce((sum, one) => sum + one, base)).toBeCloseTo(outputOf(forest, row), 9)
    }
  })

  test('contributions along the paths add up to the same', () => {
    const contributor = newContributor(forest)
    const values = new Float64Array(forest.featureCount)
    for (const row of rows) {
      const base = contributor.contributions(row, values)
      expect(values.reduce((sum, one) => sum + one, base)).toBeCloseTo(outputOf(forest, row), 9)
    }
  })
})

/** Probability of a random forest, logit of boosted trees. */
function outputOf(forest: Forest, row: Float64Array): number {
  const score = scoreRow(forest, row)
  return forest.link === 'mean' ? score : Math.log(score / (1 - score))
}
