/**
 * Boosted trees from XGBoost's own JSON (`save_model('m.json')`), binary logistic. What is not
 * understood is refused by its name: categorical splits, several classes, other boosters.
 */
import {
  checkTreeCount,
  type Forest,
  ForestError,
  forestLimits,
  newForest,
  type TreeNode,
} from './forest.ts'
import { at, type JsonRecord, listAt, numbersAt, recordAt } from './json-path.ts'

export interface LoadedForest {
  readonly forest: Forest
  /** Null where the file does not name them. */
  readonly featureNames: readonly string[] | null
}

/** Throws ForestError. */
export function readXgboost(json: unknown): LoadedForest {
  const learner = recordAt(json, ['learner'])
  const objective = String(at(learner, ['objective', 'name']))
  if (objective !== 'binary:logistic')
    throw new ForestError(`objective ${objective} is not read; binary:logistic is`)
  const booster = String(at(learner, ['gradient_booster', 'name']))
  if (booster !== 'gbtree') throw new ForestError(`booster ${booster} is not read; gbtree is`)
  const params = recordAt(learner, ['learner_model_param'])
  if (Number(params.num_class ?? 0) > 1)
    throw new ForestError(`${String(params.num_class)} classes are not read; two are`)
  // Newer versions write a list of one.
  const baseScore = Number(String(params.base_score).replace(/^\[(.*)\]$/, '$1'))
  if (!(baseScore > 0 && baseScore < 1))
    throw new ForestError(`base_score ${String(params.base_score)} is not between 0 and 1`)
  const names = at(learner, ['feature_names'])
  const trees = listAt(learner, ['gradient_booster', 'model', 'trees'])
  checkTreeCount(trees.length)
  const forest = newForest(
    trees.map((tree, index) => treeOf(recordAt(tree, []), index)),
    {
      featureCount: Number(params.num_feature),
      link: 'logistic',
      base: Math.log(baseScore / (1 - baseScore)),
      singlePrecision: true,
    },
  )
  const featureNames = Array.isArray(names) && names.length > 0 ? names.map(String) : null
  return { forest, featureNames }
}

function treeOf(tree: JsonRecord, index: number): TreeNode {
  const where = `tree ${index}`
  if (listAt(tree, ['categories_nodes']).length > 0)
    throw new ForestError(`${where}: has categorical splits, which are not read`)
  const left = numbersAt(tree, ['left_children'])
  const right = numbersAt(tree, ['right_children'])
  const features = numbersAt(tree, ['split_indices'])
  const conditions = numbersAt(tree, ['split_conditions'])
  const defaultLeft = numbersAt(tree, ['default_left'])
  const covers = numbersAt(tree, ['sum_hessian'])
  const met = new Set<number>()
  const nodeOf = (node: number, depth: number): TreeNode => {
    if (depth > forestLimits.depth)
      throw new ForestError(`${where}: is deeper than ${forestLimits.depth}`)
    if (met.has(node) || !(node >= 0 && node < left.length))
      throw new ForestError(`${where}: node ${node} is met twice or is not there`)
    met.add(node)
    const cover = covers[node] ?? 1
    const value = conditions[node] ?? Number.NaN
    if (left[node] === -1) return { value, cover }
    return {
      feature: features[node] ?? -1,
      threshold: value,
      missingLeft: defaultLeft[node] === 1,
      cover,
      left: nodeOf(left[node]!, depth + 1),
      right: nodeOf(right[node] ?? -1, depth + 1),
    }
  }
  return nodeOf(0, 0)
}
