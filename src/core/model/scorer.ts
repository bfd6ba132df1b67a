/**
 * Scores rows by the thousand without allocating, and without a branch that the processor has to
 * guess. Each value is first replaced by its rank among the thresholds of its feature; a split then
 * compares two small integers, and the sign of their difference is the way down. Trees are laid as
 * heaps, whole down to their depth, so a child's place is computed and no leaf is tested for: a
 * leaf's value stands below it at every end.
 *
 * A missing value ranks above all, and in a second copy of its feature below all, for splits that
 * send it left. Trees too deep or too many for heaps are walked the plain way, at about a third of
 * the speed.
 */
import { depthOf, type Forest, leafOf, linked } from './forest.ts'
import { newRanks, type Ranks } from './ranks.ts'

export interface Scorer {
  readonly featureCount: number
  /**
   * Probabilities of `count` rows that stand one after the other in `rows`, into `out`. Not to be
   * called again before it returns.
   */
  score(rows: Float64Array, count: number, out: Float64Array): void
}

/** Rows that go through all trees together: their ranks fit the nearest cache beside a tree. */
const blockRows = 128
const heapDepthMax = 12
/** Of all trees: 100 MB. */
const heapWordsMax = 2 ** 23
/** A node is the rank of its threshold, shifted, and below it the column of its feature. */
const columnBits = 11
const columnMask = (1 << columnBits) - 1

interface Heaps {
  /** Ranks of a row. */
  readonly columns: number
  /** Levels below the root; the same for all trees, or those with fewer would wait for the rest. */
  readonly depths: Int32Array
  /** First word of each tree, and of empty ones that make their number a multiple of four. */
  readonly starts: Int32Array
  /** Of each four trees: levels down to which all of them are laid. */
  readonly depthsOfFour: Int32Array
  readonly nodes: Int32Array
  readonly values: Float64Array
}

export function newScorer(forest: Forest): Scorer {
  const { featureCount } = forest
  const ranks = newRanks(forest)
  const depths = Int32Array.from(forest.roots, (root) => depthOf(forest, root))
  const depthMost = Math.max(...depths)
  const isFlat =
    depthMost <= heapDepthMax &&
    depths.length * 2 ** (depthMost + 1) <= heapWordsMax &&
    ranks.most < 1 << (31 - columnBits)
  const sums = new Float64Array(blockRows)
  const sumBlock = isFlat ? heapSums(forest, ranks, depths) : plainSums(forest)
  return {
    featureCount,
    score(rows, count, out) {
      for (let from = 0; from < count; from += blockRows) {
        const size = Math.min(blockRows, count - from)
        sumBlock(rows, from, size, sums)
        for (let row = 0; row < size; row += 1) out[from + row] = linked(forest, sums[row]!)
      }
    },
  }
}

/** Puts the sums of leaves of some rows. */
type SumBlock = (rows: Float64Array, from: number, size: number, sums: Float64Array) => void

function plainSums(forest: Forest): SumBlock {
  const { featureCount, roots, value } = forest
  const values = new Float64Array(featureCount)
  return (rows, from, size, sums) => {
    for (let row = 0; row < size; row += 1) {
      const at = (from + row) * featureCount
      for (let index = 0; index < featureCount; index += 1) values[index] = rows[at + index]!
      let sum = 0
      for (let tree = 0; tree < roots.length; tree += 1)
        sum += value[leafOf(forest, roots[tree]!, values)]!
      sums[row] = sum
    }
  }
}

function heapSums(forest: Forest, ranks: Ranks, depths: Int32Array): SumBlock {
  const heaps = heapsOf(forest, ranks, depths)
  const ranked = new Int32Array(blockRows * heaps.columns)
  // Made once: there is one block at a time.
  const block = { from: 0, size: 0, out: ranked }
  return (rows, from, size, sums) => {
    block.from = from
    block.size = size
    ranks.rank(rows, block)
    const fours = size - (size % 4)
    sumFours(heaps, ranked, fours, sums)
    for (let row = fours; row < size; row += 1) sumOne(heaps, ranked, row, sums)
  }
}

/** Four rows at a time: while one waits for memory the others go on. */
function sumFours(heaps: Heaps, ranked: Int32Array, count: number, sums: Float64Array): void {
  const { columns, depths, starts, nodes, values } = heaps
  sums.fill(0, 0, count)
  for (let tree = 0; tree < depths.length; tree += 1) {
    const start = starts[tree]!
    const depth = depths[tree]!
    for (let row = 0; row < count; row += 4) {
      const a = row * columns
      const b = a + columns
      const c = b + columns
      const d = c + columns
      let [i, j, k, l] = [1, 1, 1, 1]
      for (let level = 0; level < depth; level += 1) {
        const p = nodes[start + i]!
        const q = nodes[start + j]!
        const r = nodes[start + k]!
        const s = nodes[start + l]!
        i = (i << 1) + (((p >> columnBits) - ranked[a + (p & columnMask)]!) >>> 31)
        j = (j << 1) + (((q >> columnBits) - ranked[b + (q & columnMask)]!) >>> 31)
        k = (k << 1) + (((r >> columnBits) - ranked[c + (r & columnMask)]!) >>> 31)
        l = (l << 1) + (((s >> columnBits) - ranked[d + (s & columnMask)]!) >>> 31)
      }
      sums[row]! += values[start + i]!
      sums[row + 1]! += values[start + j]!
      sums[row + 2]! += values[start + k]!
      sums[row + 3]! += values[start + l]!
    }
  }
}

/** One row: four trees at a time, summed in their order. */
function sumOne(heaps: Heaps, ranked: Int32Array, row: number, sums: Float64Array): void {
  const { columns, depthsOfFour, starts, nodes, values } = heaps
  const at = row * columns
  let sum = 0
  for (let four = 0; four < depthsOfFour.length; four += 1) {
    const depth = depthsOfFour[four]!
    const a = starts[4 * four]!
    const b = starts[4 * four + 1]!
    const c = starts[4 * four + 2]!
    const d = starts[4 * four + 3]!
    let [i, j, k, l] = [1, 1, 1, 1]
    for (let level = 0; level < depth; level += 1) {
      const p = nodes[a + i]!
      const q = nodes[b + j]!
      const r = nodes[c + k]!
      const s = nodes[d + l]!
      i = (i << 1) + (((p >> columnBits) - ranked[at + (p & columnMask)]!) >>> 31)
      j = (j << 1) + (((q >> columnBits) - ranked[at + (q & columnMask)]!) >>> 31)
      k = (k << 1) + (((r >> columnBits) - ranked[at + (r & columnMask)]!) >>> 31)
      l = (l << 1) + (((s >> columnBits) - ranked[at + (s & columnMask)]!) >>> 31)
    }
    sum += values[a + i]!
    sum += values[b + j]!
    sum += values[c + k]!
    sum += values[d + l]!
  }
  // Returned, it would be a number on the heap.
  sums[row] = sum
}

function heapsOf(forest: Forest, ranks: Ranks, depths: Int32Array): Heaps {
  const { featureCount, roots, feature, threshold, left, missingLeft, value } = forest
  const depthsOfFour = Int32Array.from({ length: Math.ceil(depths.length / 4) }, (_, four) =>
    Math.max(...depths.subarray(4 * four, 4 * four + 4)),
  )
  const sizeOf = (tree: number) => 2 ** (depthsOfFour[tree >> 2]! + 1)
  const starts = new Int32Array(4 * depthsOfFour.length)
  for (let tree = 1; tree < starts.length; tree += 1)
    starts[tree] = starts[tree - 1]! + sizeOf(tree - 1)
  const words = starts.at(-1)! + sizeOf(starts.length - 1)
  const heaps = {
    columns: 2 * featureCount,
    depths,
    starts,
    depthsOfFour,
    nodes: new Int32Array(words),
    values: new Float64Array(words),
  }
  const put = (tree: number, node: number, place: number): void => {
    const at = starts[tree]! + place
    if (place >= sizeOf(tree)) return
    const by = feature[node]!
    if (by < 0) {
      heaps.values[at] = value[node]!
      put(tree, node, 2 * place)
      put(tree, node, 2 * place + 1)
      return
    }
    const column = by + (missingLeft[node] === 1 ? featureCount : 0)
    heaps.nodes[at] = (ranks.ofThreshold(by, threshold[node]!) << columnBits) | column
    put(tree, left[node]!, 2 * place)
    put(tree, left[node]! + 1, 2 * place + 1)
  }
  for (const [tree, root] of roots.entries()) put(tree, root, 1)
  return heaps
}
