/**
 * How well a score puts fraud above the honest, whatever the threshold. Events of equal score are
 * one level: no threshold can tell them apart, so they are taken together or not at all, and no
 * measure depends on the order in which they came.
 */
export interface Labelled {
  readonly fraud: boolean
}

/** Events of one score. */
export interface Level {
  readonly score: number
  readonly frauds: number
  readonly honest: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** Highest score first. */
export function levelsOf(scores: Float64Array, events: readonly Labelled[]): readonly Level[] {
  const order = Uint32Array.from(events, (_, at) => at).sort((a, b) => scores[b]! - scores[a]!)
  const levels: Level[] = []
  for (let from = 0; from < order.length; ) {
    const score = scores[order[from]!]!
    let [to, frauds] = [from, 0]
    for (; to < order.length && scores[order[to]!] === score; to += 1)
      if (events[order[to]!]!.fraud) frauds += 1
    levels.push({ score, frauds, honest: to - from - frauds })
    from = to
  }
  return levels
}

interface Totals {
  readonly frauds: number
  readonly honest: number
}

function totalsOf(levels: readonly Level[]): Totals {
  let [frauds, honest] = [0, 0]
  for (const level of levels) {
    frauds += level.frauds
    honest += level.honest
  }
  return { frauds, honest }
}

/**
 * The chance that an event of fraud scores above an honest one, ties counting half: 0.5 is chance,
 * 1 perfect. Null where there is only one class.
 */
export function rocAuc(levels: readonly Level[]): number | null {
  const totals = totalsOf(levels)
  if (totals.frauds === 0 || totals.honest === 0) return null
  let [above, won] = [0, 0]
  for (const { frauds, honest } of levels) {
    won += honest * (above + frauds / 2)
    above += frauds
  }
  return won / (totals.frauds * totals.honest)
}

/**
 * Average precision: the precision at each level, weighted by the recall it adds. The share of
 * fraud is chance, 1 perfect. Null where there is no fraud.
 */
export function prAuc(levels: readonly Level[]): number | null {
  const totals = totalsOf(levels)
  if (totals.frauds === 0) return null
  let [caught, flagged, sum] = [0, 0, 0]
  for (const { frauds, honest } of levels) {
    caught += frauds
    flagged += frauds + honest
    sum += (frauds / totals.frauds) * (caught / flagged)
  }
  return sum
}

export interface RecallAt {
  /** Share of the honest events that may be flagged, 0 to 1. */
  readonly falsePositiveShare: number
  readonly recall: number
  /** Lowest score that is flagged then; null where already the highest flags too many. */
  readonly score: number | null
}

/** The most that one threshold can catch, not interpolated. Null where a class is missing. */
export function recallAt(levels: readonly Level[], falsePositiveShare: number): RecallAt | null {
  const totals = totalsOf(levels)
  if (totals.frauds === 0 || totals.honest === 0) return null
  let [caught, wrong] = [0, 0]
  let score: number | null = null
  for (const level of levels) {
    wrong += level.honest
    if (wrong / totals.honest > falsePositiveShare) break
    caught += level.frauds
    score = level.score
  }
  return { falsePositiveShare, recall: caught / totals.frauds, score }
}

/** Points of a curve at most: no picture shows more. */
export const curvePointsMax = 200

/** x: share of the honest that is flagged; y: recall. */
export function rocCurve(levels: readonly Level[]): readonly Point[] {
  const totals = totalsOf(levels)
  let [caught, wrong] = [0, 0]
  const points: Point[] = [{ x: 0, y: 0 }]
  for (const { frauds, honest } of levels) {
    caught += frauds
    wrong += honest
    points.push({ x: share(wrong, totals.honest), y: share(caught, totals.frauds) })
  }
  return thinned(points)
}

/** x: recall; y: precision. */
export function prCurve(levels: readonly Level[]): readonly Point[] {
  const totals = totalsOf(levels)
  let [caught, flagged] = [0, 0]
  const points: Point[] = []
  for (const { frauds, honest } of levels) {
    caught += frauds
    flagged += frauds + honest
    points.push({ x: share(caught, totals.frauds), y: caught / flagged })
  }
  return thinned(points)
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

/** Keeps both ends, and between them points about equally far apart along the curve. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= curvePointsMax) return points
  const step = (at: number) =>
    Math.abs(points[at]!.x - points[at - 1]!.x) + Math.abs(points[at]!.y - points[at - 1]!.y)
  let length = 0
  for (let at = 1; at < points.length; at += 1) length += step(at)
  const spacing = length / (curvePointsMax - 2)
  const kept = [points[0]!]
  let [gone, next] = [0, spacing]
  for (let at = 1; at < points.length - 1; at += 1) {
    gone += step(at)
    if (gone < next) continue
    kept.push(points[at]!)
    next = (Math.floor(gone / spacing) + 1) * spacing
  }
  return [...kept, points.at(-1)!]
}

export interface TopOfDays {
  /** Events looked at a day, at most. */
  readonly size: number
  /** Share of fraud among them, over all days. */
  readonly precision: number
  /** What a perfect order would reach: less than 1 where a day has fewer frauds than that. */
  readonly possible: number
}

/**
 * What a team sees that looks at the highest of each day. Where equal scores straddle the end of
 * the list, each of them is on it with the same chance. Null without events.
 */
export function topOfDays(days: Iterable<readonly Level[]>, size: number): TopOfDays | null {
  let [looked, caught, possible] = [0, 0, 0]
  for (const levels of days) {
    let left = size
    for (const { frauds, honest } of levels) {
      const taken = Math.min(left, frauds + honest)
      caught += (frauds * taken) / (frauds + honest)
      left -= taken
      if (left === 0) break
    }
    looked += size - left
    possible += Math.min(size, totalsOf(levels).frauds)
  }
  return looked === 0 ? null : { size, precision: caught / looked, possible: possible / looked }
}
