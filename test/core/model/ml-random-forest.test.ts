/**
 * Our forest's JSON, read by ml-random-forest: it predicts what our trees vote for, row by row. And
 * what the library has trained itself, we read.
 */
import { RandomForestClassifier } from 'ml-random-forest'
import { expect, test } from 'vitest'
import { type Forest, leafOf, scoreRow } from '../../../src/core/model/forest.ts'
import { forestFromJson, forestToJson } from '../../../src/core/model/ml-forest-json.ts'
import { newRandom } from '../../../src/generate/random.ts'
import { FeatureTable } from '../../../src/training/feature-table.ts'
import { trainForest } from '../../../src/training/train-forest.ts'

const seed = 7
const random = newRandom(seed)
const drawn = Array.from({ length: 400 }, () => {
  const values = Float64Array.from({ length: 4 }, () => Math.round(random.bell() * 100) / 10)
  return { values, fraud: (values[0]! > 3 && values[1]! > 0) || random.chance(0.05) }
})

async function trained(): Promise<Forest> {
  const table = new FeatureTable(['a', 'b', 'c', 'd'])
  for (const { values, fraud } of drawn)
    table.add({ fraud, kind: null, user: 'u', occurredAt: 0 }, values)
  const rows = Uint32Array.from(drawn, (_, at) => at)
  const sizes = { trees: 9, depthMax: 6, leafRowsMin: 3, seed, threads: 0 }
  return trainForest(table, rows, { ...sizes, onTree: () => undefined })
}

/** As the library decides: each tree for the class with more in its leaf, all by the most votes. */
function votedFor(forest: Forest, row: Float64Array): number {
  const votes = [...forest.roots].map((root) =>
    forest.value[leafOf(forest, root, row)]! > 0.5 ? 1 : 0,
  )
  return votes.reduce((sum: number, vote) => sum + vote, 0) * 2 > votes.length ? 1 : 0
}

test('the library predicts from our model what our trees vote for', async () => {
  const forest = await trained()
  const library = RandomForestClassifier.load(JSON.parse(JSON.stringify(forestToJson(forest, 1))))
  const predicted = library.predict(drawn.map(({ values }) => [...values]))
  expect(predicted).toEqual(drawn.map(({ values }) => votedFor(forest, values)))
  expect(predicted).toContain(1)
})

test('our model comes back from its JSON as it was', async () => {
  const forest = await trained()
  const again = forestFromJson(JSON.parse(JSON.stringify(forestToJson(forest, 1))))
  for (const { values } of drawn) expect(scoreRow(again, values)).toBe(scoreRow(forest, values))
})

test('what the library has trained votes here as there', () => {
  const library = new RandomForestClassifier({
    seed: 3,
    nEstimators: 7,
    maxFeatures: 3,
    noOOB: true,
  })
  const some = drawn.slice(0, 150)
  library.train(
    some.map(({ values }) => [...values]),
    some.map(({ fraud }) => (fraud ? 1 : 0)),
  )
  const forest = forestFromJson(JSON.parse(JSON.stringify(library.toJSON())))
  const predicted = library.predict(drawn.map(({ values }) => [...values]))
  expect(drawn.map(({ values }) => votedFor(forest, values))).toEqual(predicted)
})
