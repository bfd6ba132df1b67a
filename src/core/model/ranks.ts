/**
 * The rank of a value among the thresholds of its feature: how many of them it reaches. It says all
 * that any split asks. A grid over the thresholds says where to look, so that a search takes a step
 * or two instead of eight.
 */
import type { Forest } from './forest.ts'

export interface RankBlock {
  /** First row, and how many. */
  readonly from: number
  readonly size: number
  /** Per row the ranks of all features, and once more with missing values below all. */
  readonly out: Int32Array
}

export interface Ranks {
  /** Thresholds of the feature that has most. */
  readonly most: number
  /** A value goes left where its rank is at most this. */
  ofThreshold(feature: number, threshold: number): number
  rank(rows: Float64Array, block: RankBlock): void
}

/** Above every rank of a value, and small enough to be subtracted from without overflow. */
const missingRank = 0x3fff_ffff
const cells = 512

/** The thresholds of one feature, each once, in order; and for each cell where to begin. */
interface Scale {
  readonly thresholds: Float64Array
  readonly first: number
  readonly perCell: number
  /** Rank of the lower end of each cell; one more than there are cells. */
  readonly begin: Int32Array
}

export function newRanks(forest: Forest): Ranks {
  const { featureCount, singlePrecision } = forest
  const scales = thresholdsOf(forest).map(scaleOf)
  return {
    most: Math.max(...scales.map(({ thresholds }) => thresholds.length)),
    ofThreshold: (feature, threshold) => rankIn(scales[feature]!, threshold) - 1,
    rank(rows, { from, size, out }) {
      const columns = 2 * featureCount
      for (let by = 0; by < featureCount; by += 1) {
        const scale = scales[by]!
        for (let row = 0; row < size; row += 1) {
          const given = rows[(from + row) * featureCount + by]!
          const at = row * columns + by
          if (Number.isNaN(given)) {
            out[at] = missingRank
            out[at + featureCount] = -1
            continue
          }
          const rank = rankIn(scale, singlePrecision ? Math.fround(given) : given)
          out[at] = rank
          out[at + featureCount] = rank
        }
      }
    },
  }
}

function thresholdsOf({ featureCount, feature, threshold }: Forest): readonly Float64Array[] {
  const found = Array.from({ length: featureCount }, () => new Set<number>())
  for (const [at, by] of feature.entries()) if (by >= 0) found[by]!.add(threshold[at]!)
  return found.map((some) => Float64Array.from(some).sort())
}

function scaleOf(thresholds: Float64Array): Scale {
  const first = thresholds[0] ?? 0
  const span = (thresholds.at(-1) ?? 0) - first
  const perCell = span > 0 && Number.isFinite(cells / span) ? cells / span : 0
  const begin = new Int32Array(cells + 2)
  for (let cell = 1; cell < begin.length; cell += 1) {
    let rank = begin[cell - 1]!
    while (rank < thresholds.length && cellOf(thresholds[rank]!, first, perCell) < cell) rank += 1
    begin[cell] = rank
  }
  return { thresholds, first, perCell, begin }
}

/** Never falls as x grows, so a value's cell holds all thresholds that may decide its rank. */
function cellOf(x: number, first: number, perCell: number): number {
  const cell = (x - first) * perCell
  return cell >= cells ? cells : cell > 0 ? Math.trunc(cell) : 0
}

function rankIn({ thresholds, first, perCell, begin }: Scale, x: number): number {
  const cell = cellOf(x, first, perCell)
  let low = begin[cell]!
  let high = begin[cell + 1]!
  while (low < high) {
    const middle = (low + high) >>> 1
    if (thresholds[middle]! <= x) low = middle + 1
    else high = middle
  }
  return low
}
