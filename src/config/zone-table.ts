/** A time zone's table of offsets, read once from the platform's data for 2000 to 2100. */
import type { TimeZone } from '../core/event/time-zone.ts'
import { dayMs } from '../core/signals/readings.ts'

const firstAt = Date.UTC(2000, 0, 1)
const lastAt = Date.UTC(2100, 0, 1)

/** Throws RangeError where the platform does not know the name. */
export function zoneTable(name: string): TimeZone {
  const offsetAt = offsetReader(name)
  const from = [Number.NEGATIVE_INFINITY]
  const offsetMs = [offsetAt(firstAt)]
  for (let at = firstAt; at < lastAt; at += 14 * dayMs) {
    const next = offsetAt(at + 14 * dayMs)
    if (next === offsetMs.at(-1)) continue
    from.push(changeBetween(at, at + 14 * dayMs, offsetAt))
    offsetMs.push(next)
  }
  return { name, from: Float64Array.from(from), offsetMs: Float64Array.from(offsetMs) }
}

function changeBetween(low: number, high: number, offsetAt: (at: number) => number): number {
  const before = offsetAt(low)
  let [left, right] = [low, high]
  while (right - left > 1) {
    const middle = Math.floor((left + right) / 2)
    if (offsetAt(middle) === before) left = middle
    else right = middle
  }
  return right
}

function offsetReader(name: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
    const local = Date.UTC(
      part.year!,
      part.month! - 1,
      part.day!,
      part.hour!,
      part.minute!,
      part.second!,
    )
    return local - Math.floor(at / 1000) * 1000
  }
}
