/**
 * One tree of a random forest: CART by Gini impurity over histograms of bins. Rows are drawn with
 * replacement; each node looks at a few features only, drawn anew. Pure: the same rows, seed and
 * options give the same tree on every machine.
 *
 * Costs per level a pass over the rows for each feature that is looked at, and 512 numbers a node.
 */
import type { TreeNode } from '../core/model/forest.ts'
import type { Random } from '../generate/random.ts'
import { type BinnedFeature, missingBin } from './bins.ts'

export interface TrainingRows {
  readonly count: number
  /** One column per feature: the bin of each row. */
  readonly columns: readonly Uint8Array[]
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
}

class Grower {
  readonly #rows: TrainingRows
  readonly #options: TreeOptions
  readonly #random: Random
  /** Rows that were drawn, each once; a node is a stretch of it. */
  readonly #drawn: Uint32Array
  readonly #times: Uint8Array
  readonly #spare: Uint32Array
  readonly #order: Uint16Array
  readonly #counts = new Float64Array(binCount)
  readonly #frauds = new Float64Array(binCount)
  readonly #totalWeight: number

  constructor(rows: TrainingRows, options: TreeOptions, random: Random) {
    this.#rows = rows
    this.#options = options
    this.#random = random
    this.#times = drawWithReplacement(rows.count, random)
    this.#drawn = Uint32Array.from(
      Array.from({ length: rows.count }, (_, row) => row).filter((row) => this.#times[row]! > 0),
    )
    this.#spare = new Uint32Array(this.#drawn.length)
    this.#order = Uint16Array.from(rows.columns, (_, index) => index)
    const { all, frauds } = this.#weigh(0, this.#drawn.length)
    this.#totalWeight = all + frauds * (options.fraudWeight - 1)
  }

  grow(): TreeNode {
    return this.#node(0, this.#drawn.length, 0)
  }

  #node(from: number, to: number, depth: number): TreeNode {
    const { depthMax, leafRowsMin, fraudWeight } = this.#options
    const { all, frauds } = this.#weigh(from, to)
    const fraud = frauds * fraudWeight
    const cover = all - frauds + fraud
    const leaf = { value: fraud / cover, cover }
    if (depth >= depthMax || all < 2 * leafRowsMin || frauds === 0 || frauds === all) return leaf
    const best = this.#bestSplit(from, to, { all, frauds })
    if (best === null) return leaf
    const middle = this.#part(from, to, best)
    return {
      feature: best.feature,
      threshold: this.#rows.features[best.feature]!.thresholds[best.bin]!,
      missingLeft: false,
      cover,
      left: this.#node(from, middle, depth + 1),
      right: this.#node(middle, to, depth + 1),
    }
  }

  /** Rows, and those of fraud, by how often they were drawn. */
  #weigh(from: number, to: number): { all: number; frauds: number } {
    const { labels } = this.#rows
    let [all, frauds] = [0, 0]
    for (let at = from; at < to; at += 1) {
      const row = this.#drawn[at]!
      const times = this.#times[row]!
      all += times
      frauds += times * labels[row]!
    }
    return { all, frauds }
  }

  #bestSplit(from: number, to: number, total: { all: number; frauds: number }): Best | null {
    const best: Best = { gain: gainMin * this.#totalWeight, feature: -1, bin: -1 }
    const order = this.#order
    let looked = 0
    for (let at = 0; at < order.length && looked < this.#options.featuresPerNode; at += 1) {
      const other = at + this.#random.below(order.length - at)
      const feature = order[other]!
      order[other] = order[at]!
      order[at] = feature
      if (this.#look(feature, [from, to, total.all, total.frauds], best)) looked += 1
    }
    return best.feature < 0 ? null : best
  }

  /** False where the feature is the same for all rows: another is drawn instead. */
  #look(
    feature: number,
    [from, to, all, frauds]: readonly [from: number, to: number, all: number, frauds: number],
    best: Best,
  ): boolean {
    const { labels, columns, features } = this.#rows
    const { leafRowsMin, fraudWeight } = this.#options
    const column = columns[feature]!
    const bins = features[feature]!.thresholds.length + 1
    const counts = this.#counts
    const fraudCounts = this.#frauds
    counts.fill(0, 0, bins)
    fraudCounts.fill(0, 0, bins)
    counts[missingBin] = 0
    fraudCounts[missingBin] = 0
    const drawn = this.#drawn
    const times = this.#times
    for (let at = from; at < to; at += 1) {
      const row = drawn[at]!
      const bin = column[row]!
      const often = times[row]!
      counts[bin]! += often
      fraudCounts[bin]! += often * labels[row]!
    }
    const extra = fraudWeight - 1
    const whole = purity(all + frauds * extra, frauds * fraudWeight)
    let [leftAll, leftFrauds] = [0, 0]
    let varies = false
    for (let bin = 0; bin < bins - 1; bin += 1) {
      leftAll += counts[bin]!
      leftFrauds += fraudCounts[bin]!
      if (leftAll === 0) continue
      const rightAll = all - leftAll
      if (rightAll === 0) break
      varies = true
      if (leftAll < leafRowsMin || rightAll < leafRowsMin) continue
      const rightFrauds = frauds - leftFrauds
      const parts =
        purity(leftAll + leftFrauds * extra, leftFrauds * fraudWeight) +
        purity(rightAll + rightFrauds * extra, rightFrauds * fraudWeight)
      const gain = parts - whole
      if (gain > best.gain) {
        best.gain = gain
        best.feature = feature
        best.bin = bin
      }
    }
    return varies
  }

  /** Puts the rows that go left before the others, each side in its order; gives where it parts. */
  #part(from: number, to: number, { feature, bin }: Best): number {
    const column = this.#rows.columns[feature]!
    const drawn = this.#drawn
    let [left, right] = [from, 0]
    for (let at = from; at < to; at += 1) {
      const row = drawn[at]!
      if (column[row]! <= bin) drawn[left++] = row
      else this.#spare[right++] = row
    }
    drawn.set(this.#spare.subarray(0, right), left)
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
