/**
 * Exact path-dependent SHAP values of one row: how much each feature moved the model's output away
 * from its mean over the training rows. For a random forest the output is the probability, for
 * boosted trees the logit; values and mean add up to it.
 *
 * Algorithm 2 of Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution for Tree
 * Ensembles" (arXiv:1802.03888): time trees × leaves × depth². Names of variables are those of the
 * paper where a longer one would hide the formula.
 */
import type { Forest } from './forest.ts'

export interface Explanation {
  /** What the model says of the training rows on average. */
  readonly base: number
  /** One per feature. */
  readonly values: Float64Array
}

/** A feature on the way down: its share of rows that follow without it, whether the row does. */
interface Step {
  feature: number
  zero: number
  one: number
  weight: number
}

export function treeShap(forest: Forest, row: ArrayLike<number>): Explanation {
  const { roots, link } = forest
  const values = new Float64Array(forest.featureCount)
  let base = 0
  for (const root of roots) {
    base += meanOf(forest, root)
    descend(forest, row, values, {
      node: root,
      path: [],
      step: { feature: -1, zero: 1, one: 1, weight: 0 },
    })
  }
  if (link !== 'mean') return { base: base + forest.base, values }
  for (let at = 0; at < values.length; at += 1) values[at]! /= roots.length
  return { base: base / roots.length, values }
}

/** Mean of the leaves below a node by the training rows that came to them. */
export function meanOf(forest: Forest, node: number): number {
  const { feature, value, cover, left } = forest
  if (feature[node]! < 0) return value[node]!
  const [a, b] = [left[node]!, left[node]! + 1]
  const sum = cover[a]! * meanOf(forest, a) + cover[b]! * meanOf(forest, b)
  return sum / (cover[a]! + cover[b]!)
}

interface Descent {
  readonly node: number
  readonly path: readonly Step[]
  /** What led to this node. */
  readonly step: Step
}

function descend(
  forest: Forest,
  row: ArrayLike<number>,
  values: Float64Array,
  { node, path: before, step }: Descent,
): void {
  const path = extend(before, step)
  const { feature, value, cover, left } = forest
  const by = feature[node]!
  if (by < 0) {
    for (let at = 1; at < path.length; at += 1) {
      const { feature: of, zero, one } = path[at]!
      values[of]! += unwoundSum(path, at) * (one - zero) * value[node]!
    }
    return
  }
  const hot = left[node]! + (goesLeft(forest, node, row[by]!) ? 0 : 1)
  const cold = 2 * left[node]! + 1 - hot
  const known = path.findIndex((one, at) => at > 0 && one.feature === by)
  const { zero, one } = known < 0 ? { zero: 1, one: 1 } : path[known]!
  const rest = known < 0 ? path : unwind(path, known)
  // Their sum, not the node's own cover, which XGBoost has rounded by itself.
  const all = cover[hot]! + cover[cold]!
  const shareOf = (child: number) => (zero * cover[child]!) / all
  const next = (child: number, oneShare: number): Descent => ({
    node: child,
    path: rest,
    step: { feature: by, zero: shareOf(child), one: oneShare, weight: 0 },
  })
  descend(forest, row, values, next(hot, one))
  descend(forest, row, values, next(cold, 0))
}

function goesLeft(forest: Forest, node: number, given: number): boolean {
  const value = forest.singlePrecision ? Math.fround(given) : given
  if (Number.isNaN(value)) return forest.missingLeft[node] === 1
  return value < forest.threshold[node]!
}

function extend(before: readonly Step[], step: Step): Step[] {
  const path = before.map((one) => ({ ...one }))
  const l = path.length
  path.push({ ...step, weight: l === 0 ? 1 : 0 })
  for (let i = l - 1; i >= 0; i -= 1) {
    path[i + 1]!.weight += (step.one * path[i]!.weight * (i + 1)) / (l + 1)
    path[i]!.weight = (step.zero * path[i]!.weight * (l - i)) / (l + 1)
  }
  return path
}

/** The path without its step `at`. */
function unwind(given: readonly Step[], at: number): Step[] {
  const path = given.map((one) => ({ ...one }))
  const l = path.length - 1
  const { zero, one } = path[at]!
  let n = path[l]!.weight
  for (let i = l - 1; i >= 0; i -= 1) {
    const weight = path[i]!.weight
    if (one === 0) path[i]!.weight = (weight * (l + 1)) / (zero * (l - i))
    else {
      path[i]!.weight = (n * (l + 1)) / ((i + 1) * one)
      n = weight - (path[i]!.weight * zero * (l - i)) / (l + 1)
    }
  }
  for (let i = at; i < l; i += 1) {
    const { feature, zero: z, one: o } = path[i + 1]!
    path[i] = { feature, zero: z, one: o, weight: path[i]!.weight }
  }
  path.pop()
  return path
}

/** Sum of the weights that the path has without its step `at`. */
function unwoundSum(path: readonly Step[], at: number): number {
  const l = path.length - 1
  const { zero, one } = path[at]!
  let n = path[l]!.weight
  let sum = 0
  for (let i = l - 1; i >= 0; i -= 1) {
    if (one === 0) sum += path[i]!.weight / ((zero * (l - i)) / (l + 1))
    else {
      const weight = (n * (l + 1)) / ((i + 1) * one)
      sum += weight
      n = path[i]!.weight - (weight * zero * (l - i)) / (l + 1)
    }
  }
  return sum
}
