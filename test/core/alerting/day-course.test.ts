/** The course of a day from tallies: what a monitor tells of it. proves: D9 */
import { expect, test } from 'vitest'
import { newDayCourse } from '../../../src/core/alerting/day-course.ts'
import type { Tally } from '../../../src/core/schema.gen.ts'

const utc = { name: 'UTC', from: Float64Array.of(-Infinity), offsetMs: Float64Array.of(0) }
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const first = 20_000

function tally(day: number, hour: number, about: Partial<Tally> = {}): Tally {
  const occurredAt = day * dayMs + hour * hourMs
  return {
    ...{ scope: 'all', day, claims: 9, redemptions: 100, abnormal: 0, abnormalUsers: [] },
    ...{ occurredAt, recordedAt: occurredAt + hourMs },
    ...about,
  }
}
const everyHour = (day: number, redemptions: number) =>
  Array.from({ length: 24 }, (_, hour) =>
    tally(day, hour, { redemptions, recordedAt: day * dayMs + hour * hourMs }),
  )

test('redemptions of the day of the newest record, other scopes left out', () => {
  const course = newDayCourse(utc)
  expect(course.now()).toBeNull()
  course.add([tally(first, 8), tally(first, 9), tally(first, 9, { scope: 'campaign:c1' })])
  // 200, and 100 in the hour until 10:00 for 14 hours.
  expect(course.now()).toEqual({
    redemptions: 200,
    forecast: { redemptions: 1_600, basis: 'pace', days: 0 },
  })
  course.add([tally(first + 1, 0)])
  expect(course.now()?.redemptions).toBe(100)
})

test('the first day, which began in the middle, is no measure; later ones are, seven of them', () => {
  const course = newDayCourse(utc)
  course.add(everyHour(first, 9_000))
  course.add([tally(first + 1, 11)])
  expect(course.now()?.forecast).toMatchObject({ basis: 'pace' })
  for (let day = first + 1; day < first + 12; day += 1) course.add(everyHour(day, 100))
  course.add([tally(first + 12, 11, { redemptions: 1_200 })])
  expect(course.now()).toEqual({
    redemptions: 1_200,
    forecast: { redemptions: 2_400, basis: 'days', days: 7 },
  })
})

test('a late tally counts on its own day', () => {
  const course = newDayCourse(utc)
  course.add([tally(first + 1, 3), tally(first, 23, { recordedAt: (first + 1) * dayMs })])
  expect(course.now()?.redemptions).toBe(100)
})

test('a day of which only late tallies tell is no measure', () => {
  const course = newDayCourse(utc)
  course.add([tally(first + 3, 9)])
  const forecast = { redemptions: 1_500, basis: 'pace', days: 0 }
  expect(course.now()?.forecast).toEqual(forecast)
  const recordedAt = first * dayMs + 82 * hourMs
  for (const day of [first, first + 1]) course.add([tally(day, 23, { redemptions: 1, recordedAt })])
  expect(course.now()?.forecast).toEqual(forecast)
})
