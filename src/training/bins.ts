/**
 * Feature values as bins: one byte a value, so that a tree is grown by counting. Thresholds lie
 * half way between neighbouring values where a feature has few, else at its quantiles; missing
 * values have the last bin, above all others, and so go right at every split.
 */

/** Bins with values; one more is for those without. */
export const valueBinsMax = 255
export const missingBin = 255

/** One feature's thresholds: bin b holds values from thresholds[b - 1] to below thresholds[b]. */
export interface BinnedFeature {
  readonly thresholds: Float64Array
}

/** From a sample of its values. */
export function newBinnedFeature(sample: ArrayLike<number>): BinnedFeature {
  const known = Float64Array.from(sample)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const distinct: number[] = []
  for (const value of known) {
    if (distinct.at(-1) !== value) distinct.push(value)
    if (distinct.length === valueBinsMax) break
  }
  const thresholds = distinct.length < valueBinsMax ? betweenAll(distinct) : quantiles(known)
  // One more above all values, where whether there is one may tell something.
  const [low, high] = [known[0] ?? 0, known.at(-1) ?? 0]
  const above = known.length < sample.length ? [high + (high - low) + 1] : []
  return { thresholds: Float64Array.from([...thresholds, ...above]) }
}

function quantiles(known: Float64Array): readonly number[] {
  const found = new Set<number>()
  const bins = valueBinsMax - 1
  for (let bin = 1; bin < bins; bin += 1) {
    const value = known[Math.floor((known.length * bin) / bins)]!
    if (value > known[0]!) found.add(value)
  }
  return [...found]
}

function betweenAll(values: readonly number[]): readonly number[] {
  return values.slice(1).map((high, at) => {
    const low = values[at]!
    const middle = low + (high - low) / 2
    // Between two neighbours there is no other number.
    return middle > low ? middle : high
  })
}

export function binOf({ thresholds }: BinnedFeature, value: number): number {
  if (Number.isNaN(value)) return missingBin
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (thresholds[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}
