/**
 * Population stability: how far a feature, or the score, has moved from what the model was trained
 * on. Σ (p − q) ln(p / q) over bins that each held a tenth of the training rows; missing values are
 * a bin of their own. Below 0.1 it is usual to speak of none, above 0.25 of a shift that matters.
 */

export interface Bins {
  /** Upper ends of all bins but the last, ascending; a value equal to one is in the bin above. */
  readonly edges: readonly number[]
  /** Share of training rows per bin, and last of those without a value. */
  readonly shares: readonly number[]
}

const binCount = 10
/** An empty bin counts as if it held this share, or one row would make the sum infinite. */
const shareMin = 1e-4

export function newBins(values: ArrayLike<number>): Bins {
  const known = Float64Array.from(Array.from(values).filter((value) => !Number.isNaN(value))).sort()
  const edges = new Set<number>()
  for (let bin = 1; bin < binCount; bin += 1) {
    const edge = known[Math.floor((known.length * bin) / binCount)]
    if (edge !== undefined && edge > known[0]!) edges.add(edge)
  }
  const bins = { edges: [...edges], shares: [] }
  const counts = newCounts(bins)
  for (let at = 0; at < values.length; at += 1) count(bins, counts, values[at]!)
  return { ...bins, shares: Array.from(counts, (one) => one / Math.max(1, values.length)) }
}

export const newCounts = ({ edges }: Pick<Bins, 'edges'>) => new Float64Array(edges.length + 2)

/** Puts a value into its bin. */
export function count({ edges }: Pick<Bins, 'edges'>, counts: Float64Array, value: number): void {
  if (Number.isNaN(value)) {
    counts[counts.length - 1]! += 1
    return
  }
  let bin = 0
  while (bin < edges.length && edges[bin]! <= value) bin += 1
  counts[bin]! += 1
}

/** Null where nothing was counted. */
export function stability({ shares }: Bins, counts: Float64Array): number | null {
  const total = counts.reduce((sum, one) => sum + one, 0)
  if (total === 0) return null
  let sum = 0
  for (const [bin, before] of shares.entries()) {
    const p = Math.max(shareMin, counts[bin]! / total)
    const q = Math.max(shareMin, before)
    sum += (p - q) * Math.log(p / q)
  }
  return sum
}
