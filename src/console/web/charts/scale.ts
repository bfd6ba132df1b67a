/** Scales of charts: where a value stands, and which round values are written beside it; pure. */
export interface Scale {
  readonly max: number
  readonly ticks: readonly number[]
}

/** From 0 to a round value at or above `highest`, in at most five steps. */
export function scaleUpTo(highest: number): Scale {
  if (highest <= 0) return { max: 1, ticks: [0, 1] }
  const rough = highest / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? rough
  const steps = Math.max(1, Math.ceil(highest / step - 1e-9))
  return {
    max: steps * step,
    ticks: Array.from({ length: steps + 1 }, (_, at) => at * step),
  }
}

/** At most `most` of the moments, evenly, the first and last among them. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  const step = (all.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, at) => all[Math.round(at * step)]!)
}

/** Index of the moment that is nearest to a time; the moments ascend. */
export function nearest(moments: readonly number[], at: number): number {
  let best = 0
  for (const [index, moment] of moments.entries())
    if (Math.abs(moment - at) < Math.abs(moments[best]! - at)) best = index
  return best
}
