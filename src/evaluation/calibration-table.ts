/**
 * Whether a probability means what it says: of the events that are given 0.3, 30 % should be fraud.
 * Bins are narrower at the low end, where nearly all events of a coupon programme are.
 */
import type { Labelled } from './ranking.ts'

const edges = [0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const

export interface CalibrationBin {
  /** From here up to, not including, `to`; the last bin includes it. */
  readonly from: number
  readonly to: number
  readonly events: number
  /** Null where the bin is empty. */
  readonly meanScore: number | null
  readonly fraudShare: number | null
}

export interface CalibrationTable {
  readonly bins: readonly CalibrationBin[]
  /** Mean squared error of the score, 0 perfect. */
  readonly brier: number
  /** That of saying the share of fraud for every event: above it, the score does harm. */
  readonly brierOfShare: number
  /** Mean distance between score and share of fraud over the bins, weighted by their events. */
  readonly error: number
}

/** Null without events. */
export function calibrationTable(
  scores: Float64Array,
  events: readonly Labelled[],
): CalibrationTable | null {
  if (events.length === 0) return null
  const bins = edges
    .slice(1)
    .map((to, at) => ({ from: edges[at]!, to, events: 0, sum: 0, frauds: 0 }))
  let [squares, frauds] = [0, 0]
  for (const [at, { fraud }] of events.entries()) {
    const score = scores[at]!
    const truth = fraud ? 1 : 0
    squares += (score - truth) ** 2
    frauds += truth
    const bin = bins.find(({ to }) => score < to) ?? bins.at(-1)!
    bin.events += 1
    bin.sum += score
    bin.frauds += truth
  }
  const share = frauds / events.length
  return {
    bins: bins.map(({ from, to, events: count, sum, frauds: of }) => ({
      from,
      to,
      events: count,
      meanScore: count === 0 ? null : sum / count,
      fraudShare: count === 0 ? null : of / count,
    })),
    brier: squares / events.length,
    brierOfShare: share * (1 - share),
    error: bins.reduce((sum, bin) => sum + Math.abs(bin.sum - bin.frauds), 0) / events.length,
  }
}
