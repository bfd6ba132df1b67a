/**
 * Calendar days and hours in a time zone, without a clock and without the platform's zone data: the
 * zone is a table of offsets, made by src/config/zone-table.ts from the name.
 */
import { dayMs, hourMs } from '../signals/readings.ts'

export interface TimeZone {
  readonly name: string
  /** Times from which the offset at the same place holds, ascending; the first is -Infinity. */
  readonly from: Float64Array
  /** Milliseconds to add to UTC for local time. */
  readonly offsetMs: Float64Array
}

export interface CalendarDay {
  /** Days since 1970-01-01, in local time. */
  readonly day: number
  /** First moment of the day and first moment after it, in milliseconds UTC. */
  readonly start: number
  readonly end: number
}

export function offsetMsAt(zone: TimeZone, at: number): number {
  return zone.offsetMs[placeOf(zone, at)]!
}

/** Place in the table of the offset that holds at a time. */
function placeOf(zone: TimeZone, at: number): number {
  let low = 0
  let high = zone.from.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (zone.from[middle]! <= at) low = middle
    else high = middle - 1
  }
  return low
}

export function calendarDay(zone: TimeZone, at: number): CalendarDay {
  const day = Math.floor((at + offsetMsAt(zone, at)) / dayMs)
  return { day, start: dayStart(zone, day), end: dayStart(zone, day + 1) }
}

/**
 * The calendar day of a time, for times that mostly lie in the same day as the one before: it
 * remembers one day.
 */
export function newCalendar(zone: TimeZone): (at: number) => CalendarDay {
  let last: CalendarDay = { day: 0, start: 0, end: 0 }
  return (at) => {
    if (at < last.start || at >= last.end) last = calendarDay(zone, at)
    return last
  }
}

/** Hour of the local day, 0 to 23. */
export function localHour(zone: TimeZone, at: number): number {
  const local = at + offsetMsAt(zone, at)
  return Math.floor((local - Math.floor(local / dayMs) * dayMs) / hourMs)
}

/**
 * First moment of a local day, in milliseconds UTC. Where a change of offset leaves midnight out,
 * as in São Paulo until 2018, that is the moment of the change; where it brings midnight twice, the
 * second.
 */
export function dayStart(zone: TimeZone, day: number): number {
  const local = day * dayMs
  const place = placeOf(zone, local - dayMs)
  const before = local - zone.offsetMs[place]!
  const after = local - offsetMsAt(zone, local + dayMs)
  if (before === after) return before
  const change = zone.from[place + 1]!
  if (after < before) return Math.max(after, Math.min(before, change))
  return change > after ? before : after
}

/** A calendar day as YYYY-MM-DD (Hinnant's civil_from_days). */
export function localDate(day: number): string {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const date = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const two = (value: number) => String(value).padStart(2, '0')
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`
}
