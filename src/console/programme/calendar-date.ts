/** Calendar days as the API has them: 20260301; and as the core counts them, since 1970. */
import { localDate } from '../../core/event/time-zone.ts'

const dayMs = 86_400_000

export const calendarDate = (day: number): number => Number(localDate(day).replaceAll('-', ''))

/** MUST be of the form yyyymmdd; a day that no month has counts on into the next. */
export function dayNumber(date: number): number {
  const [year, month, day] = [Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100]
  return Math.floor(Date.UTC(year, month - 1, day) / dayMs)
}
