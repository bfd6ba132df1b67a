/**
 * A tree ensemble in flat typed arrays: what every loader makes, and scoring, explaining and
 * exporting read. A split sends a row left where its feature is below the threshold, right else; a
 * missing value (NaN) goes right, or left where the split says so. Children stand side by side, the
 * left one first. A random forest gives the mean of its leaves; a boosted ensemble the logistic of
 * their sum.
 */

export interface Forest {
  /** Values of a row. */
  readonly featureCount: number
  /** First node of each tree. */
  readonly roots: Int32Array
  /** Per node: the feature of a split, -1 at a leaf. */
  readonly feature: Int16Array
  /** Per split. */
  readonly threshold: Float64Array
  /** Per split: its left child; the right one is next to it. */
  readonly left: Int32Array
  /** Per split: 1 where a missing value goes left. */
  readonly missingLeft: Uint8Array
  /** Per leaf: a share of fraud from 0 to 1, or a summand of the logit. */
  readonly value: Float64Array
  /** Per node: weight of the training rows that came there; what path-dependent SHAP rests on. */
  readonly cover: Float64Array
  readonly link: 'mean' | 'logistic'
  /** Added to the sum of leaves, in logits; 0 for a random forest. */
  readonly base: number
  /** Values are rounded to single precision before they are compared, as XGBoost does. */
  readonly singlePrecision: boolean
}

/** A tree as loaders and the trainer give it. */
export type TreeNode = Leaf | Split

export interface Leaf {
  readonly value: number
  readonly cover: number
}

export interface Split {
  readonly feature: number
  readonly threshold: number
  readonly missingLeft: boolean
  readonly cover: number
  readonly left: TreeNode
  readonly right: TreeNode
}

export const isSplit = (node: TreeNode): node is Split => 'feature' in node

export const forestLimits = {
  features: 1_000,
  trees: 5_000,
  /** Of all trees. */
  nodes: 4_000_000,
  depth: 64,
} as const

/** What makes a model unfit to be loaded; the message says where. */
export class ForestError extends Error {
  override readonly name = 'ForestError'
}

export interface ForestOptions {
  readonly featureCount: number
  readonly link: Forest['link']
  readonly base: number
  readonly singlePrecision: boolean
}

/** Throws ForestError where a tree breaks a limit, names no feature or holds no number. */
export function newForest(trees: readonly TreeNode[], options: ForestOptions): Forest {
  const { featureCount } = options
  if (featureCount < 1 || featureCount > forestLimits.features)
    throw new ForestError(
      `${featureCount} features; from 1 to ${forestLimits.features} are allowed`,
    )
  checkTreeCount(trees.length)
  const sizes = trees.map((tree, index) => checkTree(tree, index, featureCount))
  const nodes = sizes.reduce((sum, size) => sum + size, 0)
  if (nodes > forestLimits.nodes)
    throw new ForestError(`${nodes} nodes; at most ${forestLimits.nodes} are allowed`)
  if (!Number.isFinite(options.base)) throw new ForestError('its base is no number')
  const forest: Forest = {
    ...options,
    roots: new Int32Array(trees.length),
    feature: new Int16Array(nodes).fill(-1),
    threshold: new Float64Array(nodes),
    left: new Int32Array(nodes),
    missingLeft: new Uint8Array(nodes),
    value: new Float64Array(nodes),
    cover: new Float64Array(nodes),
  }
  let next = 0
  for (const [index, tree] of trees.entries()) {
    forest.roots[index] = next
    next = lay(forest, tree, next)
  }
  return forest
}

/** For loaders to ask before they build what would be refused. Throws ForestError. */
export function checkTreeCount(count: number): void {
  if (count === 0) throw new ForestError('it has no tree')
  if (count > forestLimits.trees)
    throw new ForestError(`${count} trees; at most ${forestLimits.trees} are allowed`)
}

/** Nodes of the tree. */
function checkTree(root: TreeNode, index: number, featureCount: number): number {
  let size = 0
  const open: { node: TreeNode; depth: number }[] = [{ node: root, depth: 0 }]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { node, depth } = one
    size += 1
    const say = (what: string) => new ForestError(`tree ${index}: ${what}`)
    if (depth > forestLimits.depth) throw say(`is deeper than ${forestLimits.depth}`)
    if (size > forestLimits.nodes) throw say(`has more than ${forestLimits.nodes} nodes`)
    if (!(node.cover >= 0 && node.cover < Number.POSITIVE_INFINITY))
      throw say('has a node whose weight of rows is no number')
    if (!isSplit(node)) {
      if (!Number.isFinite(node.value)) throw say('has a leaf that is no number')
      continue
    }
    const { feature, threshold, left, right } = node
    if (!Number.isInteger(feature) || feature < 0 || feature >= featureCount)
      throw say(`splits by feature ${feature} of ${featureCount}`)
    if (!Number.isFinite(threshold)) throw say('has a threshold that is no number')
    open.push({ node: left, depth: depth + 1 }, { node: right, depth: depth + 1 })
  }
  return size
}

/** Puts a tree into the arrays from a place on, level by level; gives where it ends. */
function lay(forest: Forest, root: TreeNode, at: number): number {
  const queue: TreeNode[] = [root]
  let end = at + 1
  for (let index = 0; index < queue.length; index += 1) {
    const node = queue[index]!
    const place = at + index
    forest.cover[place] = node.cover
    if (!isSplit(node)) {
      forest.value[place] = node.value
      continue
    }
    forest.feature[place] = node.feature
    forest.threshold[place] = node.threshold
    forest.missingLeft[place] = node.missingLeft ? 1 : 0
    forest.left[place] = end
    queue.push(node.left, node.right)
    end += 2
  }
  return end
}

/** Splits on the longest way down a tree. */
export function depthOf({ feature, left }: Forest, root: number): number {
  let depth = 0
  let level = [root]
  for (;;) {
    level = level.flatMap((at) => (feature[at]! < 0 ? [] : [left[at]!, left[at]! + 1]))
    if (level.length === 0) return depth
    depth += 1
  }
}

/** The leaf that a row comes to. */
export function leafOf(forest: Forest, root: number, row: ArrayLike<number>): number {
  const { feature, threshold, left, missingLeft, singlePrecision } = forest
  let at = root
  for (let by = feature[at]!; by >= 0; by = feature[at]!) {
    const value = singlePrecision ? Math.fround(row[by]!) : row[by]!
    const goesLeft = Number.isNaN(value) ? missingLeft[at] === 1 : value < threshold[at]!
    at = left[at]! + (goesLeft ? 0 : 1)
  }
  return at
}

/** The plain way, one row at a time: what the fast way must agree with. */
export function scoreRow(forest: Forest, row: ArrayLike<number>): number {
  let sum = 0
  for (const root of forest.roots) sum += forest.value[leafOf(forest, root, row)]!
  return linked(forest, sum)
}

/** From the sum of leaves to a probability. */
export function linked({ link, base, roots }: Forest, sum: number): number {
  return link === 'mean' ? sum / roots.length : 1 / (1 + Math.exp(-(sum + base)))
}
