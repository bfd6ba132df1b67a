/**
 * Exact path-dependent SHAP values of one row: how much each feature moved the model's output away
 * from its mean over the training rows. For a random forest the output is the probability before
 * calibration, for boosted trees the logit; values and mean add up to it.
 *
 * Algorithm 2 of Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution for Tree
 * Ensembles" (arXiv:1802.03888): time trees × leaves × depth². Letters are those of the paper: a
 * path has, per feature on the way down, z: the share of rows that follow without it, o: whether
 * this row does, w: the weight of subsets of that size. Paths lie behind one another in flat
 * arrays, each below that of its parent, so nothing is allocated on the way.
 */
import { depthOf, type Forest } from './forest.ts'

export interface Explanation {
  /** What the model says of the training rows on average. */
  readonly base: number
  /** One per feature. */
  readonly values: Float64Array
}

/** Made once for a forest; not to be called again before it returns. */
export function newTreeShap(forest: Forest): (row: ArrayLike<number>) => Explanation {
  const { roots, link, featureCount } = forest
  const scale = link === 'mean' ? 1 / roots.length : 1
  const means = roots.reduce((sum, root) => sum + meanOf(forest, root), 0)
  const base = means * scale + (link === 'mean' ? 0 : forest.base)
  const deepest = Math.max(...Array.from(roots, (root) => depthOf(forest, root)))
  const walk = new Walk(forest, deepest)
  return (row) => {
    const values = new Float64Array(featureCount)
    for (const root of roots) walk.add(root, row, values)
    for (let at = 0; at < values.length; at += 1) values[at]! *= scale
    return { base, values }
  }
}

/** Mean of the leaves below a node by the training rows that came to them. */
export function meanOf(forest: Forest, node: number): number {
  const { feature, value, cover, left } = forest
  if (feature[node]! < 0) return value[node]!
  const [a, b] = [left[node]!, left[node]! + 1]
  const sum = cover[a]! * meanOf(forest, a) + cover[b]! * meanOf(forest, b)
  return sum / (cover[a]! + cover[b]!)
}

/** The step that leads to a node: by which feature, with which shares. */
interface Step {
  readonly feature: number
  readonly z: number
  readonly o: number
}

const toRoot: Step = { feature: -1, z: 1, o: 1 }

class Walk {
  readonly #forest: Forest
  readonly #feature: Int32Array
  readonly #z: Float64Array
  readonly #o: Float64Array
  readonly #w: Float64Array
  #row: ArrayLike<number> = []
  #values: Float64Array = new Float64Array(0)

  constructor(forest: Forest, deepest: number) {
    const steps = ((deepest + 2) * (deepest + 3)) / 2
    this.#forest = forest
    this.#feature = new Int32Array(steps)
    this.#z = new Float64Array(steps)
    this.#o = new Float64Array(steps)
    this.#w = new Float64Array(steps)
  }

  add(root: number, row: ArrayLike<number>, values: Float64Array): void {
    this.#row = row
    this.#values = values
    this.#descend(root, 0, 0, toRoot)
  }

  /** `from` and `length` are where the parent's path lies. */
  #descend(node: number, from: number, length: number, step: Step): void {
    const { feature, cover, left } = this.#forest
    const at = from + length
    this.#extend(from, at, step)
    const by = feature[node]!
    if (by < 0) {
      this.#addLeaf(node, at, length)
      return
    }
    const hot = left[node]! + (this.#goesLeft(node) ? 0 : 1)
    const cold = 2 * left[node]! + 1 - hot
    let [z, o, size] = [1, 1, length + 1]
    const known = this.#placeOf(by, at, size)
    if (known >= 0) {
      z = this.#z[known]!
      o = this.#o[known]!
      size -= 1
      this.#unwind(at, size, known - at)
    }
    // Their sum, not the node's own cover, which XGBoost has rounded by itself.
    const all = cover[hot]! + cover[cold]!
    this.#descend(hot, at, size, { feature: by, z: (z * cover[hot]!) / all, o })
    this.#descend(cold, at, size, { feature: by, z: (z * cover[cold]!) / all, o: 0 })
  }

  #goesLeft(node: number): boolean {
    const { feature, threshold, missingLeft, singlePrecision } = this.#forest
    const given = this.#row[feature[node]!]!
    const value = singlePrecision ? Math.fround(given) : given
    return Number.isNaN(value) ? missingLeft[node] === 1 : value < threshold[node]!
  }

  /** Where on the path a feature stands; -1 where it does not. The first step is of none. */
  #placeOf(by: number, at: number, size: number): number {
    for (let place = at + 1; place < at + size; place += 1)
      if (this.#feature[place] === by) return place
    return -1
  }

  /** Copies the path from `from` to `at`, right behind it, and puts a step at its end. */
  #extend(from: number, at: number, { feature, z, o }: Step): void {
    const w = this.#w
    const l = at - from
    this.#feature.copyWithin(at, from, at)
    this.#z.copyWithin(at, from, at)
    this.#o.copyWithin(at, from, at)
    w.copyWithin(at, from, at)
    this.#feature[at + l] = feature
    this.#z[at + l] = z
    this.#o[at + l] = o
    w[at + l] = l === 0 ? 1 : 0
    for (let i = l - 1; i >= 0; i -= 1) {
      w[at + i + 1]! += (o * w[at + i]! * (i + 1)) / (l + 1)
      w[at + i] = (z * w[at + i]! * (l - i)) / (l + 1)
    }
  }

  /** Takes step `place` out of the path at `at`, which then has `l` steps. */
  #unwind(at: number, l: number, place: number): void {
    const w = this.#w
    const [z, o] = [this.#z[at + place]!, this.#o[at + place]!]
    let n = w[at + l]!
    for (let i = l - 1; i >= 0; i -= 1) {
      const weight = w[at + i]!
      if (o === 0) w[at + i] = (weight * (l + 1)) / (z * (l - i))
      else {
        w[at + i] = (n * (l + 1)) / ((i + 1) * o)
        n = weight - (w[at + i]! * z * (l - i)) / (l + 1)
      }
    }
    const [to, next, end] = [at + place, at + place + 1, at + l + 1]
    this.#feature.copyWithin(to, next, end)
    this.#z.copyWithin(to, next, end)
    this.#o.copyWithin(to, next, end)
  }

  #addLeaf(node: number, at: number, l: number): void {
    const value = this.#forest.value[node]!
    for (let place = at + 1; place <= at + l; place += 1)
      this.#values[this.#feature[place]!]! +=
        this.#unwoundSum(at, l, place) * (this.#o[place]! - this.#z[place]!) * value
  }

  /** Sum of the weights of the path, `l` steps after the first, without its step `place`. */
  #unwoundSum(at: number, l: number, place: number): number {
    const w = this.#w
    const [z, o] = [this.#z[place]!, this.#o[place]!]
    let sum = 0
    if (o === 0) {
      for (let i = l - 1; i >= 0; i -= 1) sum += w[at + i]! / (l - i)
      return (sum * (l + 1)) / z
    }
    let n = w[at + l]!
    for (let i = l - 1; i >= 0; i -= 1) {
      const weight = (n * (l + 1)) / ((i + 1) * o)
      sum += weight
      n = w[at + i]! - (weight * z * (l - i)) / (l + 1)
    }
    return sum
  }
}
