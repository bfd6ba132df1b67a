/**
 * One tree of a random forest: CART by Gini impurity over histograms of bins. Rows are drawn with
 * replacement; each node looks at a few features only, drawn anew. Pure: the same rows, seed and
 * options give the same tree on every machine.
 *
 * Costs a pass over the rows per level, and 13 bytes a row beside its bins.
 */
import type { TreeNode } from '../core/model/forest.ts'
import type { Random } from '../generate/random.ts'
import type { BinnedFeature } from './bins.ts'

export interface TrainingRows {
  readonly count: number
  /**
   * The bin of each feature, row by row: a node deep in a tree has its rows far apart, and so finds
   * all that it looks at of one row in one or two lines of the cache.
   */
  readonly bins: Uint8Array
  readonly features: readonly BinnedFeature[]
  /** 1 fraud, 0 honest. */
  readonly labels: Uint8Array
}

export interface TreeOptions {
  readonly depthMax: number
  /** Rows that a leaf has at least, by how often they were drawn. */
  readonly leafRowsMin: number
  /** Features that a node looks at. */
  readonly featuresPerNode: number
  /** How much a row of fraud counts beside an honest one. */
  readonly fraudWeight: number
}

/** Smaller gains, as a share of all weight, are noise. */
const gainMin = 1e-7
const binCount = 256

export function growTree(rows: TrainingRows, options: TreeOptions, random: Random): TreeNode {
  return new Grower(rows, options, random).grow()
}

interface Best {
  gain: number
  feature: number
  /** Last bin that goes left. */
  bin: number
  /** Sum of the rows that go left. */
  left: number
}

/**
 * A sum of rows is one number: how many, and the frauds among them so much further up. So counting
 * a row is one addition, and exact: 2^26 rows and 2^27 of fraud fit a number.
 */
const fraudUnit = 2 ** 26
const fraudsIn = (sum: number): number => Math.floor(sum / fraudUnit)
const rowsIn = (sum: number): number => sum - fraudsIn(sum) * fraudUnit

/** Of a node: splits above it, and the sum of its rows. */
interface Place {
  readonly depth: number
  readonly sum: number
}

class Grower {
  readonly #rows: TrainingRows
  readonly #options: TreeOptions
  readonly #random: Random
  /** Rows that were drawn, each once; a node is a stretch of it. */
  readonly #drawn: Uint32Array
  /** What each of them adds to a sum, in the same order. */
  readonly #weights: Float64Array
  readonly #spareDrawn: Uint32Array
  readonly #spareWeights: Float64Array
  readonly #order: Uint16Array
  /**
   * 1 for a feature that is known to be the same for all rows of a node, and so of all below it;
   * one stretch per depth.
   */
  readonly #same: Uint8Array
  /** Features that a node looks at, and sums by bin of each. */
  readonly #looked: Uint16Array
  readonly #sums: Float64Array
  readonly #best: Best = { gain: 0, feature: -1, bin: -1, left: 0 }
  readonly #gainMin: number

  constructor(rows: TrainingRows, options: TreeOptions, random: Random) {
    this.#rows = rows
    this.#options = options
    this.#random = random
    const times = drawWithReplacement(rows.count, random)
    const size = times.reduce((sum, often) => sum + (often > 0 ? 1 : 0), 0)
    this.#drawn = new Uint32Array(size)
    this.#weights = new Float64Array(size)
    let at = 0
    for (let row = 0; row < rows.count; row += 1) {
      const often = times[row]!
      if (often === 0) continue
      this.#drawn[at] = row
      this.#weights[at++] = rows.labels[row] === 1 ? often * (1 + fraudUnit) : often
    }
    this.#spareDrawn = new Uint32Array(size)
    this.#spareWeights = new Float64Array(size)
    this.#order = Uint16Array.from(rows.features, (_, index) => index)
    this.#same = new Uint8Array((options.depthMax + 1) * this.#order.length)
    for (const [feature, { thresholds }] of rows.features.entries())
      if (thresholds.length === 0) this.#same[feature] = 1
    this.#looked = new Uint16Array(Math.min(options.featuresPerNode, this.#order.length))
    this.#sums = new Float64Array(this.#looked.length * binCount)
    const sum = this.#whole()
    this.#gainMin = gainMin * (rowsIn(sum) + fraudsIn(sum) * (options.fraudWeight - 1))
  }

  grow(): TreeNode {
    return this.#node(0, this.#drawn.length, { depth: 0, sum: this.#whole() })
  }

  #whole(): number {
    return this.#weights.reduce((sum, weight) => sum + weight, 0)
  }

  #node(from: number, to: number, { depth, sum }: Place): TreeNode {
    const { depthMax, leafRowsMin, fraudWeight } = this.#options
    const [all, frauds] = [rowsIn(sum), fraudsIn(sum)]
    const fraud = frauds * fraudWeight
    const cover = all - frauds + fraud
    const leaf = { value: fraud / cover, cover }
    if (depth >= depthMax || all < 2 * leafRowsMin || frauds === 0 || frauds === all) return leaf
    const width = this.#order.length
    if (depth > 0) this.#same.copyWithin(depth * width, (depth - 1) * width, depth * width)
    if (!this.#findSplit(from, to, { depth, sum })) return leaf
    const { feature, bin, left } = this.#best
    const middle = this.#part(from, to)
    return {
      feature,
      threshold: this.#rows.features[feature]!.thresholds[bin]!,
      missingLeft: false,
      cover,
      left: this.#node(from, middle, { depth: depth + 1, sum: left }),
      right: this.#node(middle, to, { depth: depth + 1, sum: sum - left }),
    }
  }

  /** Whether there is one that is better than none; `#best` then holds it. */
  #findSplit(from: number, to: number, { depth, sum }: Place): boolean {
    this.#best.gain = this.#gainMin
    this.#best.feature = -1
    const order = this.#order
    const same = this.#same.subarray(depth * order.length, (depth + 1) * order.length)
    // Those that are the same for all rows tell nothing: as many others are drawn.
    for (let [drawn, wanted] = [0, this.#looked.length]; wanted > 0; ) {
      let count = 0
      for (; count < wanted && drawn < order.length; drawn += 1) {
        const feature = this.#drawFeature(drawn)
        if (same[feature] === 0) this.#looked[count++] = feature
      }
      if (count === 0) break
      this.#sumByBin(from, to, count)
      for (let place = 0; place < count; place += 1)
        if (this.#look(place, sum)) wanted -= 1
        else same[this.#looked[place]!] = 1
    }
    return this.#best.feature >= 0
  }

  /** One of those in the order from `at` on; it then stands there. */
  #drawFeature(at: number): number {
    const order = this.#order
    const other = at + this.#random.below(order.length - at)
    const feature = order[other]!
    order[other] = order[at]!
    order[at] = feature
    return feature
  }

  #sumByBin(from: number, to: number, count: number): void {
    const { bins, features } = this.#rows
    const width = features.length
    const drawn = this.#drawn
    const weights = this.#weights
    const looked = this.#looked
    const sums = this.#sums
    sums.fill(0, 0, count * binCount)
    for (let at = from; at < to; at += 1) {
      const row = drawn[at]! * width
      const weight = weights[at]!
      for (let place = 0; place < count; place += 1)
        sums[place * binCount + bins[row + looked[place]!]!]! += weight
    }
  }

  /** False where the feature is the same for all rows: another is drawn instead. */
  #look(place: number, sum: number): boolean {
    const { leafRowsMin, fraudWeight } = this.#options
    const best = this.#best
    const feature = this.#looked[place]!
    const sums = this.#sums.subarray(place * binCount, (place + 1) * binCount)
    const bins = this.#rows.features[feature]!.thresholds.length + 1
    const [all, frauds] = [rowsIn(sum), fraudsIn(sum)]
    const extra = fraudWeight - 1
    const whole = purity(all + frauds * extra, frauds * fraudWeight)
    let left = 0
    let varies = false
    for (let bin = 0; bin < bins - 1; bin += 1) {
      // What parts the rows as the bin before does is no better.
      if (sums[bin] === 0) continue
      left += sums[bin]!
      const leftAll = rowsIn(left)
      const rightAll = all - leftAll
      if (rightAll === 0) break
      varies = true
      if (leftAll < leafRowsMin || rightAll < leafRowsMin) continue
      const leftFrauds = fraudsIn(left)
      const rightFrauds = frauds - leftFrauds
      const parts =
        purity(leftAll + leftFrauds * extra, leftFrauds * fraudWeight) +
        purity(rightAll + rightFrauds * extra, rightFrauds * fraudWeight)
      const gain = parts - whole
      if (gain > best.gain) {
        best.gain = gain
        best.feature = feature
        best.bin = bin
        best.left = left
      }
    }
    return varies
  }

  /**
   * Puts the rows that go left before the others, each side in its order; gives where it parts.
   */
  #part(from: number, to: number): number {
    const { feature, bin } = this.#best
    const { bins, features } = this.#rows
    const width = features.length
    const drawn = this.#drawn
    const weights = this.#weights
    const spareDrawn = this.#spareDrawn
    const spareWeights = this.#spareWeights
    let [left, right] = [from, 0]
    for (let at = from; at < to; at += 1) {
      const row = drawn[at]!
      if (bins[row * width + feature]! <= bin) {
        drawn[left] = row
        weights[left++] = weights[at]!
      } else {
        spareDrawn[right] = row
        spareWeights[right++] = weights[at]!
      }
    }
    drawn.set(spareDrawn.subarray(0, right), left)
    weights.set(spareWeights.subarray(0, right), left)
    return left
  }
}

/** (a² + b²) / (a + b) of the two classes: what a split adds to it is the gain in Gini purity. */
function purity(all: number, fraud: number): number {
  const honest = all - fraud
  return (honest * honest + fraud * fraud) / all
}

/** How often each row is drawn in as many draws as there are rows. */
function drawWithReplacement(count: number, random: Random): Uint8Array {
  const times = new Uint8Array(count)
  for (let draw = 0; draw < count; draw += 1) {
    const row = random.below(count)
    if (times[row]! < 255) times[row]! += 1
  }
  return times
}
