/** Trees from rows: what they learn, what they must not do, and that a seed says it all. */
import { describe, expect, test } from 'vitest'
import { isSplit, newForest, scoreRow, type TreeNode } from '../../src/core/model/forest.ts'
import { newRandom } from '../../src/generate/random.ts'
import { binOf, missingBin, newBinnedFeature, valueBinsMax } from '../../src/training/bins.ts'
import { growTree, type TrainingRows, type TreeOptions } from '../../src/training/grow-tree.ts'

const options: TreeOptions = { depthMax: 4, leafRowsMin: 5, featuresPerNode: 2, fraudWeight: 1 }
const random = newRandom(11)
const values = Array.from({ length: 1_000 }, () => [random.below(100), random.below(100)] as const)

function rowsOf(label: (a: number, b: number) => boolean, holes = false): TrainingRows {
  const columns = [0, 1].map((by) =>
    Float64Array.from(values, (row, at) => (holes && at % 3 === by ? Number.NaN : row[by]!)),
  )
  const features = columns.map((column) => newBinnedFeature(column))
  return {
    count: values.length,
    features,
    bins: Uint8Array.from(
      values.flatMap((_, row) => columns.map((column, by) => binOf(features[by]!, column[row]!))),
    ),
    labels: Uint8Array.from(values, ([a, b]) => (label(a, b) ? 1 : 0)),
  }
}
const forestOf = (tree: TreeNode) =>
  newForest([tree], { featureCount: 2, link: 'mean', base: 0, singlePrecision: false })
const leavesOf = (node: TreeNode): readonly TreeNode[] =>
  isSplit(node) ? [...leavesOf(node.left), ...leavesOf(node.right)] : [node]

test('a rule of two features is learned', () => {
  const tree = growTree(
    rowsOf((a, b) => a >= 60 && b < 30),
    options,
    newRandom(1),
  )
  const right = values.filter(
    ([a, b]) => scoreRow(forestOf(tree), [a, b]) > 0.5 === (a >= 60 && b < 30),
  )
  expect(right.length / values.length).toBeGreaterThan(0.97)
})

test('whether a value is missing is learned', () => {
  const rows = rowsOf(() => false, true)
  const labels = rows.bins
    .filter((_, at) => at % 2 === 0)
    .map((bin) => (bin === missingBin ? 1 : 0))
  const forest = forestOf(growTree({ ...rows, labels }, options, newRandom(1)))
  expect(scoreRow(forest, [Number.NaN, 5])).toBe(1)
  expect(scoreRow(forest, [50, 5])).toBe(0)
})

test('in place of features that are the same for all rows others are looked at', () => {
  const two = rowsOf((a) => a >= 50)
  const same = newBinnedFeature([7])
  const width = 6
  const rows: TrainingRows = {
    ...two,
    features: [same, same, same, two.features[0]!, same, same],
    bins: new Uint8Array(two.count * width).map((_, at) =>
      at % width === 3 ? two.bins[Math.floor(at / width) * 2]! : 0,
    ),
  }
  const tree = growTree(rows, { ...options, depthMax: 1 }, newRandom(4))
  expect(tree).toMatchObject({
    feature: 3,
    threshold: 49.5,
    left: { value: 0 },
    right: { value: 1 },
  })
})

test('a feature that is the same in one branch is still looked at in the other', () => {
  const of = values.map(([a, b]) => {
    const isLeft = a < 50
    // Left the second tells nothing and the third all; right it is the other way round.
    const [second, third] = isLeft ? [5, b % 10] : [b % 10, 5]
    return { row: [isLeft ? 0 : 1, second, third], fraud: isLeft ? third < 1 : second < 9 }
  })
  const columns = [0, 1, 2].map((by) => Float64Array.from(of, ({ row }) => row[by]!))
  const features = columns.map((column) => newBinnedFeature(column))
  const rows: TrainingRows = {
    count: of.length,
    features,
    bins: Uint8Array.from(of.flatMap(({ row }) => row.map((one, by) => binOf(features[by]!, one)))),
    labels: Uint8Array.from(of, ({ fraud }) => (fraud ? 1 : 0)),
  }
  const tree = growTree(rows, { ...options, featuresPerNode: 3, depthMax: 2 }, newRandom(6))
  const sizes = { featureCount: 3, link: 'mean', base: 0, singlePrecision: false } as const
  const forest = newForest([tree], sizes)
  for (const { row, fraud } of of) expect(scoreRow(forest, row)).toBe(fraud ? 1 : 0)
})

test('the cover of a node is the weight of its rows, and so that of its children', () => {
  const rows = rowsOf((a, b) => a * 2 + b > 140)
  const check = (node: TreeNode): void => {
    if (!isSplit(node)) return
    expect(node.left.cover + node.right.cover).toBeCloseTo(node.cover, 6)
    check(node.left)
    check(node.right)
  }
  const tree = growTree(rows, { ...options, fraudWeight: 3 }, newRandom(5))
  expect(isSplit(tree)).toBe(true)
  check(tree)
})

test('the same seed gives the same tree, another one another', () => {
  const rows = rowsOf((a, b) => a + b > 150)
  const grown = (seed: number) => growTree(rows, options, newRandom(seed))
  expect(grown(5)).toEqual(grown(5))
  expect(grown(5)).not.toEqual(grown(6))
})

test('no leaf is smaller than allowed, no way is longer', () => {
  const rows = rowsOf((a, b) => (a * b) % 7 === 0)
  const depthOf = (node: TreeNode): number =>
    isSplit(node) ? 1 + Math.max(depthOf(node.left), depthOf(node.right)) : 0
  const tree = growTree(rows, { ...options, depthMax: 6, leafRowsMin: 40 }, newRandom(2))
  for (const { cover } of leavesOf(tree)) expect(cover).toBeGreaterThanOrEqual(40)
  expect(depthOf(tree)).toBeLessThanOrEqual(6)
})

test('fraud that counts tenfold makes leaves more wary', () => {
  const rows = rowsOf((a) => a >= 95)
  const mean = (fraudWeight: number) => {
    const tree = growTree(rows, { ...options, depthMax: 0, fraudWeight }, newRandom(3))
    return isSplit(tree) ? Number.NaN : tree.value
  }
  expect(mean(10)).toBeGreaterThan(3 * mean(1))
})

describe('bins', () => {
  test('few values have a threshold between each two', () => {
    const feature = newBinnedFeature([3, 1, 1, 2])
    expect([...feature.thresholds]).toEqual([1.5, 2.5])
    expect([1, 1.5, 2, 9, Number.NaN].map((value) => binOf(feature, value))).toEqual([
      0,
      1,
      1,
      2,
      missingBin,
    ])
  })

  test('many values have as many bins as a byte can name', () => {
    const feature = newBinnedFeature(Float64Array.from({ length: 10_000 }, (_, at) => at ** 2))
    expect(feature.thresholds.length).toBeLessThan(valueBinsMax)
    expect(feature.thresholds.length).toBeGreaterThan(200)
  })

  test('neighbouring numbers are still told apart', () => {
    const next = 1 + Number.EPSILON
    const feature = newBinnedFeature([1, next])
    expect([binOf(feature, 1), binOf(feature, next)]).toEqual([0, 1])
  })
})
