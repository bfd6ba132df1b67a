/**
 * A random forest as the JSON of ml-random-forest's RandomForestClassifier, which reads it and
 * predicts from it as this does: each tree votes for the class with the larger share in its leaf.
 * `cover`, the weight of training rows in a node, is a field more that the library passes over.
 */
import { type Forest, ForestError, newForest, type TreeNode } from './forest.ts'
import { listAt, recordAt } from './json-path.ts'

interface JsonLeaf {
  readonly distribution: readonly [readonly [honest: number, fraud: number]]
  readonly cover: number
}
interface JsonSplit {
  readonly splitColumn: number
  readonly splitValue: number
  readonly gain: number
  readonly cover: number
  readonly left: JsonNode
  readonly right: JsonNode
}
type JsonNode = JsonLeaf | JsonSplit

export interface ForestJson {
  readonly name: 'RFClassifier'
  readonly baseModel: object
}

/** MUST be a random forest whose missing values all go right. */
export function forestToJson(forest: Forest, seed: number): ForestJson {
  const { roots, featureCount, feature, threshold, left, value, cover } = forest
  const nodeOf = (at: number): JsonNode => {
    const share = value[at]!
    if (feature[at]! < 0) return { distribution: [[1 - share, share]], cover: cover[at]! }
    return {
      splitColumn: feature[at]!,
      splitValue: threshold[at]!,
      gain: 1,
      cover: cover[at]!,
      left: nodeOf(left[at]!),
      right: nodeOf(left[at]! + 1),
    }
  }
  const columns = Array.from({ length: featureCount }, (_, index) => index)
  const options = { kind: 'classifier', gainFunction: 'gini', splitFunction: 'mean' }
  return {
    name: 'RFClassifier',
    baseModel: {
      indexes: Array.from(roots, () => columns),
      n: featureCount,
      replacement: false,
      maxFeatures: featureCount,
      nEstimators: roots.length,
      treeOptions: options,
      isClassifier: true,
      seed,
      useSampleBagging: true,
      estimators: Array.from(roots, (root) => ({
        name: 'DTClassifier',
        options,
        root: nodeOf(root),
      })),
    },
  }
}

/** Throws ForestError that says where it is none. */
export function forestFromJson(json: unknown): Forest {
  const model = recordAt(json, [])
  if (model.name !== 'RFClassifier')
    throw new ForestError(`is named ${String(model.name)}; RFClassifier is read`)
  const base = recordAt(model, ['baseModel'])
  const estimators = listAt(base, ['estimators'])
  const indexes = listAt(base, ['indexes'])
  if (indexes.length !== estimators.length)
    throw new ForestError(`${indexes.length} lists of columns for ${estimators.length} trees`)
  let featureCount = 0
  const trees = estimators.map((estimator, tree) => {
    const columns = listAt(indexes[tree], []).map(Number)
    featureCount = Math.max(featureCount, ...columns.map((column) => column + 1))
    const { root } = recordAt(estimator, [])
    return treeOf(root, columns, `tree ${tree}`)
  })
  const options = { featureCount, link: 'mean', base: 0, singlePrecision: false } as const
  return newForest(trees, options)
}

/** Deeper JSON is refused before it can fill the stack. */
const depthMax = 70

function treeOf(json: unknown, columns: readonly number[], where: string, depth = 0): TreeNode {
  if (depth > depthMax) throw new ForestError(`${where}: is deeper than is allowed`)
  const node = recordAt(json, [])
  const cover = typeof node.cover === 'number' ? node.cover : 1
  if (node.distribution !== undefined) return leafOf(node.distribution, cover, where)
  const column = columns[Number(node.splitColumn)]
  if (column === undefined)
    throw new ForestError(`${where}: splits by column ${String(node.splitColumn)}, not there`)
  if (typeof node.splitValue !== 'number')
    throw new ForestError(`${where}: has a threshold that is no number`)
  return {
    feature: column,
    threshold: node.splitValue,
    missingLeft: false,
    cover,
    left: treeOf(node.left, columns, where, depth + 1),
    right: treeOf(node.right, columns, where, depth + 1),
  }
}

const roundOff = 1e-6
const isNearly = (value: unknown, other: number) =>
  typeof value === 'number' && Math.abs(value - other) <= roundOff

function leafOf(distribution: unknown, cover: number, where: string): TreeNode {
  const [shares] = listAt(distribution, [])
  const [honest, fraud] = listAt(shares, [])
  // The library leaves out the second of two classes where no row is of it, and adds up shares.
  const share = fraud === undefined && isNearly(honest, 1) ? 0 : fraud
  if (typeof share !== 'number' || !(share >= -roundOff && share <= 1 + roundOff))
    throw new ForestError(`${where}: has a leaf whose share is not from 0 to 1`)
  return { value: Math.min(1, Math.max(0, share)), cover }
}
