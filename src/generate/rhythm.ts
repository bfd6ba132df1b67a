/**
 * When people act: the local day's rhythm, minute by minute, with lunch and evening peaks and two
 * flash sales a day that bring ten times the usual rate. All times are milliseconds since 1970; a
 * local day is exactly 24 hours, because Asia/Shanghai has no summer time.
 */
import { type Random, weighted } from './random.ts'

export const secondMs = 1_000
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

/**
 * Relative activity at the start of each local hour; between them it changes in a straight line.
 */
const hourWeights = [
  0.25, 0.12, 0.07, 0.05, 0.05, 0.1, 0.3, 0.65, 0.95, 1.1, 1.3, 1.75, 1.9, 1.4, 1.1, 1.05, 1.1, 1.3,
  1.7, 1.9, 2.0, 1.7, 1.2, 0.6,
]

/** Announced flash sales, every day: start in minutes of the local day, and length. */
export const flashSales = [
  { startMinute: 12 * 60, minutes: 6 },
  { startMinute: 20 * 60, minutes: 8 },
] as const
const flashFactor = 10

export interface Rhythm {
  readonly startAt: number
  readonly endAt: number
  /** Activity of the minute over the activity of all that follow it and itself; 1 past the end. */
  shareOfRest(at: number): number
  isFlash(at: number): boolean
  /** Lunch, evening and flash sales: when messages queue up on the way. */
  isPeak(at: number): boolean
  /** A moment of the local day that starts at `dayStart`, by the rhythm without flash sales. */
  momentOf(dayStart: number, random: Random): number
}

const minutesPerDay = 1440

function usualWeight(minute: number): number {
  const hour = Math.floor(minute / 60)
  const share = (minute % 60) / 60
  return hourWeights[hour]! * (1 - share) + hourWeights[(hour + 1) % 24]! * share
}

const isFlashMinute = (minute: number): boolean =>
  flashSales.some((sale) => minute >= sale.startMinute && minute < sale.startMinute + sale.minutes)

export function newRhythm(startAt: number, days: number): Rhythm {
  const usual = Array.from({ length: minutesPerDay }, (_, minute) => usualWeight(minute))
  const flash = usual.map((_, minute) => isFlashMinute(minute))
  const weights = usual.map((weight, minute) => weight * (flash[minute] ? flashFactor : 1))
  const rest = new Float64Array(days * minutesPerDay + 1)
  for (let minute = rest.length - 2; minute >= 0; minute -= 1) {
    rest[minute] = rest[minute + 1]! + weights[minute % minutesPerDay]!
  }
  const pickMinute = weightedMinute(usual)
  const minuteOf = (at: number) => Math.floor((at - startAt) / minuteMs)
  const ofDay = (at: number) => ((minuteOf(at) % minutesPerDay) + minutesPerDay) % minutesPerDay
  return {
    startAt,
    endAt: startAt + days * dayMs,
    shareOfRest: (at) => {
      const minute = minuteOf(at)
      return minute >= rest.length - 1 ? 1 : weights[minute % minutesPerDay]! / rest[minute]!
    },
    isFlash: (at) => flash[ofDay(at)]!,
    isPeak: (at) => {
      const hour = ofDay(at) / 60
      return (hour >= 11 && hour < 14) || (hour >= 18 && hour < 22)
    },
    momentOf: (dayStart, random) =>
      dayStart + pickMinute(random) * minuteMs + random.below(minuteMs),
  }
}

/** Hour first, minute next: a table of 24 is searched faster than one of 1,440. */
function weightedMinute(usual: readonly number[]): (random: Random) => number {
  const hours = hourWeights.map((_, hour) =>
    usual.slice(hour * 60, hour * 60 + 60).reduce((sum, weight) => sum + weight, 0),
  )
  const pickHour = weighted(hours)
  return (random) => pickHour(random) * 60 + random.below(60)
}
