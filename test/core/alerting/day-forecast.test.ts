/**
 * The day's forecast, by cases: what came so far, what days before had, what is then expected.
 *
 * proves: D9
 */
import { describe, expect, test } from 'vitest'
import { busiestHour, forecastDay } from '../../../src/core/alerting/day-forecast.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const start = Date.UTC(2026, 2, 10, 16)

/** `perHour`: redemptions of each hour from midnight, spread evenly over its six spans. */
function aDay(from: number, perHour: readonly number[]) {
  const points = perHour.flatMap((redemptions, hour) =>
    Array.from({ length: 6 }, (_, n) => ({
      at: from + hour * hourMs + n * 10 * minuteMs,
      redemptions: redemptions / 6,
    })),
  )
  return { start: from, points: points.filter(({ redemptions }) => redemptions > 0) }
}
const flat = (perHour: number, hours = 24) => Array.from({ length: hours }, () => perHour)
const earlier = (days: number, perHour: readonly number[]) => aDay(start - days * dayMs, perHour)
const today = (hours: number, perHour: readonly number[], restMs = 0) => ({
  ...aDay(start, perHour),
  end: start + dayMs,
  at: start + hours * hourMs + restMs,
})

const by = (redemptions: number, basis: 'days' | 'pace', days: number) => ({
  ...{ redemptions, basis, days },
})

/** Nothing until noon, then 6,000 an hour. */
const afternoons = [...flat(0, 12), ...flat(6_000, 12)]

describe('redemptions by the end of the day', () => {
  test.each([
    [
      'as the day before',
      today(12, flat(1_200, 12)),
      [earlier(1, flat(1_200))],
      by(28_800, 'days', 1),
    ],
    // 28,800 + 14,400 × (28,800 + 1,440) / (14,400 + 1,440): drawn a little to the usual.
    ['twice as many', today(12, flat(2_400, 12)), [earlier(1, flat(1_200))], by(56_291, 'days', 1)],
    ['most of it after noon', today(12, []), [earlier(1, afternoons)], by(72_000, 'days', 1)],
    ['none though there should be', today(18, []), [earlier(1, flat(1_200))], by(450, 'days', 1)],
    [
      'a sale among the days before moves nothing',
      today(12, flat(1_200, 12)),
      [earlier(1, flat(90_000)), earlier(2, flat(1_200)), earlier(3, flat(1_200))],
      by(28_800, 'days', 3),
    ],
    [
      'the middle of two days',
      today(0, []),
      [earlier(1, flat(1_000)), earlier(2, flat(2_000))],
      by(36_000, 'days', 2),
    ],
    [
      'days without any say nothing',
      today(6, flat(600, 6)),
      [earlier(1, []), earlier(2, [])],
      by(14_400, 'pace', 0),
    ],
    ['no day before: the last hour', today(12, [...flat(0, 11), 5_000]), [], by(65_000, 'pace', 0)],
    ['what was hours ago has no pace', today(12, [9_000]), [], by(9_000, 'pace', 0)],
    ['half a span into it', today(1, [6_000], 5 * minuteMs), [], by(132_923, 'pace', 0)],
    ['at the first moment', today(0, []), [earlier(1, flat(1_200))], by(28_800, 'days', 1)],
    ['over', today(25, flat(4_000)), [earlier(1, flat(1_200))], by(96_000, 'days', 1)],
    ['over, and no day before', today(25, flat(4_000)), [], by(96_000, 'pace', 0)],
  ] as const)('%s', (_, running, before, expected) => {
    expect(forecastDay(running, before)).toEqual(expected)
  })

  test('none in the first ten minutes where no day before is known', () => {
    expect(forecastDay(today(0, [60_000], 9 * minuteMs), [])).toBeNull()
    expect(forecastDay(today(0, [], 9 * minuteMs), [earlier(1, [])])).toBeNull()
  })

  test('a span across the time of day counts by its part', () => {
    const at = { ...today(0, [1_200]), at: start + 15 * minuteMs }
    const only = earlier(1, [1_200])
    // over 300, rest 900, w 60; so far 1,200.
    expect(forecastDay(at, [only])?.redemptions).toBe(1_200 + (900 * 1_260) / 360)
  })
})

describe('the busiest hour to come', () => {
  const noonAndNight = flat(100).map((usual, hour) =>
    hour === 12 ? 900 : hour === 20 ? 700 : usual,
  )
  const before = [1, 2, 3].map((days) => earlier(days, noonAndNight))
  test.each([
    ['in the morning: noon', 9, start + 12 * hourMs, 900],
    ['within it: still', 12.5, start + 12 * hourMs, 900],
    ['after it: noon of the next day', 13, start + dayMs + 12 * hourMs, 900],
    ['at the end of the day', 23.9, start + dayMs + 12 * hourMs, 900],
  ])('%s', (_, hours, from, redemptions) => {
    expect(busiestHour(today(hours, []), before)).toEqual({ from, redemptions })
  })

  test('none where no day before is known', () => {
    expect(busiestHour(today(9, flat(9, 9)), [])).toBeNull()
    expect(busiestHour(today(9, flat(9, 9)), [earlier(1, [])])).toBeNull()
  })
})
