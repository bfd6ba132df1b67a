/** What a script gives away: gaps like a clock's, and codes tried in order. From one walk. */
import { rest, tailMask } from './entry.ts'
import { codeStepMax, dayMs, gapsMax, gapsMin, type LogSpec } from './readings.ts'
import { readingsOf } from './window-readings.ts'
import type { LogView } from './window-view.ts'
import type { Walk } from './window-walk.ts'

/** Reads what a walk noted, as of an event time. */
export type WalkReader = (walk: Walk, view: LogView, at: number, values: Float64Array) => void

const nothing: WalkReader = () => {}

/**
 * A script claims like a clock: the spread of its last gaps is small beside their mean. A mean has
 * no lower bound, so where a cut entry could be one of the last there is no value.
 */
export function gapReader(log: LogSpec): WalkReader {
  const cvPlace = readingsOf(log, 'gap-cv')[0]?.place
  const meanPlace = readingsOf(log, 'gap-mean')[0]?.place
  if (cvPlace === undefined || meanPlace === undefined) return nothing
  return ({ times, timeCount }, { cutAt }, at, values) => {
    const gaps = timeCount - 1
    const cut = cutAt > at - dayMs && (gaps < gapsMax || times[gaps]! <= cutAt)
    if (gaps < gapsMin || cut) {
      values[cvPlace] = values[meanPlace] = Number.NaN
      return
    }
    const mean = (times[0]! - times[gaps]!) / gaps
    let squares = 0
    for (let index = 0; index < gaps; index += 1)
      squares += (times[index]! - times[index + 1]! - mean) ** 2
    values[cvPlace] = mean === 0 ? 0 : Math.sqrt(squares / gaps) / mean
    values[meanPlace] = mean / 1000
  }
}

/** Walking through codes: neighbours in time among redemption attempts with neighbouring codes. */
export function stepReader(log: LogSpec): WalkReader {
  const place = readingsOf(log, 'steps')[0]?.place
  if (place === undefined) return nothing
  return ({ attempts, attemptCount }, view, _at, values) => {
    const { ints, flags, others, stride } = view
    sortByTime(attempts, attemptCount, view)
    let steps = 0
    for (let index = 1; index < attemptCount; index += 1) {
      const one = attempts[index - 1]!
      const other = attempts[index]!
      const tail = ints[flags + one]! & tailMask
      const apart = Math.abs(tail - (ints[flags + other]! & tailMask))
      const blocks = others + rest.block
      const sameBlock = ints[blocks + one * stride] === ints[blocks + other * stride]
      if (sameBlock && apart > 0 && apart <= codeStepMax) steps += 1
    }
    values[place] = steps
  }
}

/** Newest first, and of the same time the later arrival first; nearly so already. */
function sortByTime(places: Int32Array, count: number, { floats, times }: LogView): void {
  for (let index = 1; index < count; index += 1) {
    const place = places[index]!
    const time = floats[times + place]!
    let slot = index
    for (; slot > 0 && floats[times + places[slot - 1]!]! < time; slot -= 1)
      places[slot] = places[slot - 1]!
    places[slot] = place
  }
}
