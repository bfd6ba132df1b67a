/**
 * Days and hours from our table, against the platform's own calendar, on both sides of every
 * change.
 */
import { describe, expect, test } from 'vitest'
import { zoneTable } from '../../../src/config/zone-table.ts'
import {
  calendarDay,
  dayStart,
  localDate,
  localHour,
  newCalendar,
  offsetMsAt,
} from '../../../src/core/event/time-zone.ts'
import { seeded } from '../../support/seeded.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const zones = [
  'UTC',
  'Asia/Shanghai',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Europe/Berlin',
  'America/New_York',
  // Changes at midnight, so that a day begins at 01:00.
  'America/Sao_Paulo',
  'Asia/Beirut',
  'Africa/Cairo',
  // Half an hour, and a change during Ramadan.
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  // A day that was left out: 2011-12-30.
  'Pacific/Apia',
  'Pacific/Kiritimati',
]

function platform(name: string) {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  })
  return (at: number) => {
    const part = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, value]),
    )
    return { date: `${part.year}-${part.month}-${part.day}`, hour: Number(part.hour) }
  }
}

describe.each(zones)('%s', (name) => {
  const zone = zoneTable(name)
  const says = platform(name)
  const chance = seeded(20_260_301)
  const anywhere = Array.from({ length: 400 }, () =>
    chance.between(Date.UTC(2000, 0, 2), Date.UTC(2090, 0, 1)),
  )
  const aroundChanges = [...zone.from.subarray(1)]
    .filter((at) => at < Date.UTC(2030, 0, 1))
    .flatMap((at) => [-dayMs, -hourMs, -1, 0, 1, hourMs, dayMs].map((away) => at + away))
  const moments = [...anywhere, ...aroundChanges]

  test('hour and date are those of the platform', () => {
    const ours = moments.map((at) => [
      at,
      localDate(calendarDay(zone, at).day),
      localHour(zone, at),
    ])
    expect(ours).toEqual(moments.map((at) => [at, says(at).date, says(at).hour]))
  })

  test('a day holds exactly the moments that have its date', () => {
    for (const at of moments) {
      const { day, start, end } = calendarDay(zone, at)
      expect(start <= at && at < end, `${name} ${at}`).toBe(true)
      for (const edge of [start, end - 1]) expect(says(edge).date).toBe(localDate(day))
      for (const outside of [start - 1, end]) expect(says(outside).date).not.toBe(localDate(day))
      expect(dayStart(zone, day)).toBe(start)
    }
  })

  test('a calendar, which remembers a day, gives the day of any moment after any other', () => {
    const calendar = newCalendar(zone)
    for (const at of moments) {
      expect(calendar(at)).toEqual(calendarDay(zone, at))
      expect(calendar(at - hourMs)).toEqual(calendarDay(zone, at - hourMs))
    }
  })
})

test('an offset holds from its first moment', () => {
  const berlin = zoneTable('Europe/Berlin')
  const change = Date.UTC(2026, 2, 29, 1)
  expect([change - 1, change].map((at) => offsetMsAt(berlin, at) / hourMs)).toEqual([1, 2])
})

test('dates are those of the platform, from year 1 on, leap years and centuries too', () => {
  const chance = seeded(7)
  const first = Math.floor(Date.UTC(1900, 0, 1) / dayMs)
  const days = Array.from({ length: 2_000 }, () => first + chance.below(400_000))
  for (const year of [1900, 2000, 2024, 2026, 2100, 2400])
    days.push(
      ...[
        [1, 28],
        [1, 29],
        [2, 1],
        [11, 31],
        [0, 1],
      ].map(([month, date]) => Math.floor(Date.UTC(year, month!, date) / dayMs)),
    )
  for (const day of days)
    expect(localDate(day)).toBe(new Date(day * dayMs).toISOString().slice(0, 10))
})

test('a zone that the platform does not know is refused', () => {
  expect(() => zoneTable('Asia/Atlantis')).toThrow(RangeError)
})
