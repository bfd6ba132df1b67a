/**
 * From what a forest says to the share of fraud among events of which it says so: isotonic
 * regression (pool adjacent violators), read off by linear interpolation between its steps. It
 * never changes the order of two events.
 */

/** Points in ascending order of `from`; `to` never falls. Below and above them it stays level. */
export interface Calibration {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

export const identity: Calibration = { from: [0, 1], to: [0, 1] }

/** Smaller steps are pooled: a share of few rows says little. */
const stepWeightMin = 20

interface Pool {
  sum: number
  positives: number
  weight: number
}

/** Scores and labels (1 fraud, 0 honest) of rows that the forest was not trained on. */
export function fitCalibration(scores: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const order = Array.from({ length: scores.length }, (_, at) => at)
  order.sort((a, b) => scores[a]! - scores[b]! || a - b)
  const pools: Pool[] = []
  let last = Number.NaN
  for (const at of order) {
    const score = scores[at]!
    const one = { sum: score, positives: labels[at]!, weight: 1 }
    // Equal scores are one step: nothing tells them apart.
    if (score === last) join(pools.at(-1)!, one)
    else {
      settle(pools)
      pools.push(one)
    }
    last = score
  }
  settle(pools)
  if (pools.length > 1 && pools.at(-1)!.weight < stepWeightMin) joinLast(pools)
  if (pools.length === 0) return identity
  return {
    from: pools.map(({ sum, weight }) => sum / weight),
    to: pools.map(({ positives, weight }) => positives / weight),
  }
}

function join(into: Pool, other: Pool): void {
  into.sum += other.sum
  into.positives += other.positives
  into.weight += other.weight
}

function joinLast(pools: Pool[]): void {
  const last = pools.pop()!
  join(pools.at(-1)!, last)
}

/** Joins the last step with those before it until shares rise and each has rows enough. */
function settle(pools: Pool[]): void {
  while (pools.length > 1) {
    const [before, last] = [pools.at(-2)!, pools.at(-1)!]
    const rises = before.positives * last.weight < last.positives * before.weight
    if (rises && before.weight >= stepWeightMin) return
    joinLast(pools)
  }
}

export function calibrated({ from, to }: Calibration, score: number): number {
  let low = 0
  let high = from.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (from[middle]! <= score) low = middle + 1
    else high = middle
  }
  if (low === 0) return to[0]!
  if (low === from.length) return to[low - 1]!
  const [x0, x1] = [from[low - 1]!, from[low]!]
  const share = (score - x0) / (x1 - x0)
  return to[low - 1]! + share * (to[low]! - to[low - 1]!)
}
