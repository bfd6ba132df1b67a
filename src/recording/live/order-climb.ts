/**
 * Looks for an order of other shards' events in which a log reads what it read live, from a likely
 * one: whichever order reads nearest to that is changed a little, until one reads the same. Finds
 * what it finds; that nothing is found proves nothing.
 */
import type { LogReadings, LogTrial } from './log-trial.ts'

export interface Climb {
  readonly from: readonly (readonly number[])[]
  /** Most orders tried. */
  readonly trialsMax: number
}

interface Step {
  readonly order: readonly number[]
  readonly distance: number
}

export function climb(
  trial: LogTrial,
  live: LogReadings,
  { from, trialsMax }: Climb,
): readonly number[] | null {
  const tried = new Set<string>()
  const ahead: Step[] = []
  const attempt = (order: readonly number[]) => {
    const name = order.join()
    if (tried.has(name)) return null
    tried.add(name)
    const distance = distanceOf(trial.read(order), live)
    if (distance === 0) return order
    ahead.push({ order, distance })
    return null
  }
  for (const order of from) {
    const found = attempt(order)
    if (found !== null) return found
  }
  while (ahead.length > 0 && tried.size < trialsMax) {
    for (const order of neighbours(takeNearest(ahead).order, trial.most)) {
      const same = attempt(order)
      if (same !== null) return same
    }
  }
  return null
}

function takeNearest(ahead: Step[]): Step {
  let nearest = 0
  for (let at = 1; at < ahead.length; at += 1)
    if (ahead[at]!.distance < ahead[nearest]!.distance) nearest = at
  const step = ahead[nearest]!
  ahead[nearest] = ahead.at(-1)!
  ahead.pop()
  return step
}

type Values = Readonly<Record<string, number | null>>

/** 0 only where all is the same. */
function distanceOf(readings: LogReadings, live: LogReadings): number {
  const [one, other]: readonly Values[] = [{ ...readings }, { ...live }]
  let distance = 0
  for (const name in other) {
    const [is, was] = [one![name] ?? null, other[name] ?? null]
    if (is === was) continue
    distance += is === null || was === null ? 1 : Math.abs(is - was) / (1 + Math.abs(was))
  }
  return distance
}

const strides = [1, 2, 5, 13, 34]

/** More or fewer of one partition, or one more of one for one less of another. */
function* neighbours(
  order: readonly number[],
  most: readonly number[],
): Generator<readonly number[]> {
  const holds = (at: number, count: number) => count >= 0 && count <= most[at]!
  for (const stride of strides)
    for (const [at, count] of order.entries()) {
      if (holds(at, count - stride)) yield order.with(at, count - stride)
      if (holds(at, count + stride)) yield order.with(at, count + stride)
    }
  for (const [at, count] of order.entries())
    for (const [other, less] of order.entries())
      if (other !== at && holds(at, count + 1) && holds(other, less - 1))
        yield order.with(at, count + 1).with(other, less - 1)
}

/** Shares of the drift. */
const shifts = [-1, -0.5, -0.2, -0.1, -0.05, -0.02, 0.02, 0.05, 0.1, 0.2, 0.5, 1]

/**
 * How far other partitions were when one was judged, as the orders found so far tell: the next
 * event is likely to have met them so, too.
 */
export class LikelyOrders {
  readonly #reached = new Map<string, number>()

  /**
   * Orders to begin with: all stand where they stood, or the event's own partition was judged so
   * much sooner or later than the others.
   */
  near(stream: number, trial: LogTrial, driftMs: number): readonly (readonly number[])[] {
    const { streams, offsets, asRecorded } = trial
    const stood = streams.map((other, at) => {
      const reached = this.#reached.get(`${stream} ${other}`)
      if (reached === undefined) return asRecorded[at]!
      return offsets[at]!.filter((offset) => offset <= reached).length
    })
    return [stood, ...shifts.map((shift) => trial.recordedBy(shift * driftMs))]
  }

  learn(stream: number, { streams, offsets }: LogTrial, order: readonly number[]): void {
    for (const [at, other] of streams.entries()) {
      const [last, next] = [offsets[at]![order[at]! - 1] ?? -1, offsets[at]![order[at]!]]
      const name = `${stream} ${other}`
      const reached = this.#reached.get(name) ?? -1
      if (reached < last || (next !== undefined && reached >= next)) this.#reached.set(name, last)
    }
  }
}
