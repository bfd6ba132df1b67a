/**
 * Proves that a log read what it read live because other shards' events came in another order:
 * looks for an order, none moved by more than `driftMs`, in which the log reads exactly that. First
 * near the order that was found for the event before (order-climb.ts); then boxes of orders are
 * halved, and one is dropped as soon as what it reads at least and at most leaves out what was read
 * live. Bounded: a log with very many movable events may stay undecided.
 */
import type { LogName } from '../../core/signals/readings.ts'
import { logSpecs } from '../../core/signals/readings.ts'
import type { LogReadings, LogTrial } from './log-trial.ts'
import { climb } from './order-climb.ts'

/**
 * recorded: it reads that in the order of the recording. moved: in another order. bounds: no order
 * was found in time, but each reading that differs lies between its least and its most. none: no
 * order reads that, or none was found.
 */
export interface Proof {
  readonly kind: 'recorded' | 'moved' | 'bounds' | 'none'
  /** The order that was found: how many of each other partition come before. */
  readonly order: readonly number[] | null
}

/** Most orders tried for one log of one event. */
export const trialsMax = 12_000

export interface Sought {
  readonly log: LogName
  readonly live: LogReadings
  /** Event time, in milliseconds. */
  readonly at: number
}

export function proveShardOrder(
  trial: LogTrial,
  sought: Sought,
  near: readonly (readonly number[])[] = [],
): Proof {
  const wanted = JSON.stringify(sought.live)
  const reads = (readings: LogReadings) => JSON.stringify(readings) === wanted
  if (reads(trial.read(trial.asRecorded))) return { kind: 'recorded', order: trial.asRecorded }
  const lo = trial.most.map(() => 0)
  const whole = { lo, hi: trial.most, atLo: trial.read(lo), atHi: trial.read(trial.most) }
  if (!mayHold(whole, sought)) return { kind: 'none', order: null }
  const climbed = climb(trial, sought.live, { from: near, trialsMax: trialsMax / 2 })
  if (climbed !== null) return { kind: 'moved', order: climbed }
  const boxes: Box[] = [whole]
  for (let trials = 0; boxes.length > 0; trials += 2) {
    const box = boxes.pop()!
    if (reads(box.atLo)) return { kind: 'moved', order: box.lo }
    if (reads(box.atHi)) return { kind: 'moved', order: box.hi }
    if (!mayHold(box, sought)) continue
    if (trials >= trialsMax / 2) return { kind: isWithin(whole, sought), order: null }
    boxes.push(...halves(box, trial))
  }
  return { kind: 'none', order: null }
}

interface Box {
  readonly lo: readonly number[]
  readonly hi: readonly number[]
  readonly atLo: LogReadings
  readonly atHi: LogReadings
}

/** The half with the recorded order comes last, and so is looked at first. */
function halves({ lo, hi, atLo, atHi }: Box, trial: LogTrial): readonly Box[] {
  let widest = 0
  for (let at = 1; at < lo.length; at += 1)
    if (hi[at]! - lo[at]! > hi[widest]! - lo[widest]!) widest = at
  if (lo.length === 0 || hi[widest] === lo[widest]) return []
  const middle = Math.floor((lo[widest]! + hi[widest]!) / 2)
  const lowHi = hi.with(widest, middle)
  const highLo = lo.with(widest, middle + 1)
  const low = { lo, hi: lowHi, atLo, atHi: trial.read(lowHi) }
  const high = { lo: highLo, hi, atLo: trial.read(highLo), atHi }
  return trial.asRecorded[widest]! <= middle ? [high, low] : [low, high]
}

const growing = new Set(['count', 'distinct', 'sum', 'day-count', 'day-sum', 'match'])

type Values = Readonly<Record<string, number | null>>
const valuesOf = (readings: LogReadings): Values => ({ ...readings })

/** More events before can only add to these readings, as long as none of them is cut. */
function growingReadings({ log, at }: Sought, cutAt: number | null): readonly string[] {
  const { readings } = logSpecs.find(({ name }) => name === log)!
  return readings
    .filter(({ measure, spanMs }) => {
      const isWhole = cutAt === null || (at - spanMs >= cutAt && !measure.kind.startsWith('day-'))
      return growing.has(measure.kind) && isWhole
    })
    .map(({ name }) => name)
}

const cutOf = ({ cutAt }: LogReadings) => cutAt ?? Number.NEGATIVE_INFINITY

function mayHold({ atLo, atHi }: Box, sought: Sought): boolean {
  const cut = cutOf(sought.live)
  if (cut < cutOf(atLo) || cut > cutOf(atHi)) return false
  const [least, live, most] = [valuesOf(atLo), valuesOf(sought.live), valuesOf(atHi)]
  return growingReadings(sought, atHi.cutAt).every(
    (name) => least[name]! <= live[name]! && live[name]! <= most[name]!,
  )
}

/** Only what grows can lie between; anything else that differs is not proven. */
function isWithin(box: Box, sought: Sought): 'bounds' | 'none' {
  if (!mayHold(box, sought)) return 'none'
  const bounded = new Set(growingReadings(sought, box.atHi.cutAt))
  const [least, live, most] = [valuesOf(box.atLo), valuesOf(sought.live), valuesOf(box.atHi)]
  const loose = Object.keys(live).filter((name) => !bounded.has(name))
  return loose.every((name) => live[name] === least[name] && live[name] === most[name])
    ? 'bounds'
    : 'none'
}
