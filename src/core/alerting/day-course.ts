/**
 * The course of the newest day from the tallies of all workers: redemptions so far, and the
 * forecast from the days before it. Keeps eight days of ten-minute spans, some tens of kilobytes.
 * Spans are those of a tally's last event, as a batch seldom lasts longer.
 */
import { calendarDay, dayStart, type TimeZone } from '../event/time-zone.ts'
import type { Tally } from '../schema.gen.ts'
import { type DayForecast, daysBefore, forecastDay, pointMs } from './day-forecast.ts'

export interface DayCourse {
  /** Tallies of other scopes than `all` count for nothing. */
  add(tallies: readonly Tally[]): void
  /** Of the day of the largest record time; null before the first tally. */
  now(): { readonly redemptions: number; readonly forecast: DayForecast | null } | null
}

export function newDayCourse(zone: TimeZone): DayCourse {
  const days = new Map<number, Map<number, number>>()
  let watermark = Number.NEGATIVE_INFINITY
  let firstAt = Number.POSITIVE_INFINITY
  const counted = (day: number) => ({
    start: dayStart(zone, day),
    points: [...(days.get(day) ?? [])].map(([at, redemptions]) => ({ at, redemptions })),
  })
  return {
    add(tallies) {
      for (const { scope, day, redemptions, occurredAt, recordedAt } of tallies) {
        if (scope !== 'all') continue
        watermark = Math.max(watermark, recordedAt)
        firstAt = Math.min(firstAt, recordedAt)
        const points = days.get(day) ?? new Map<number, number>()
        const at = Math.floor(occurredAt / pointMs) * pointMs
        days.set(day, points.set(at, (points.get(at) ?? 0) + redemptions))
      }
      if (days.size <= daysBefore + 1) return
      const { day: newest } = calendarDay(zone, watermark)
      for (const day of days.keys()) if (day < newest - daysBefore) days.delete(day)
    },
    now() {
      if (watermark === Number.NEGATIVE_INFINITY) return null
      const { day, end } = calendarDay(zone, watermark)
      const today = { ...counted(day), end, at: watermark }
      // The first day began in the middle, as a rule; of those before only late events tell, and
      // one that is dated back would make a forecast of its own.
      const { day: firstDay } = calendarDay(zone, firstAt)
      const before = [...days.keys()].filter((one) => one < day && one > firstDay)
      const recent = before.filter((one) => one >= day - daysBefore)
      return {
        redemptions: today.points.reduce((sum, one) => sum + one.redemptions, 0),
        forecast: forecastDay(today, recent.map(counted)),
      }
    },
  }
}
