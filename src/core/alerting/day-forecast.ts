/**
 * How many redemptions a day will have by its end, and its busiest hour to come (serves: D9). Pure.
 *
 * From days before: today = so far + rest × growth, where `over` and `rest` are the middle values
 * (medians) of what those days had by this time of day and after it, and
 * growth = (so far + w) / (over + w) with w a twentieth of a usual day, which keeps the first
 * minutes of a day from saying much. Without such days: so far + the pace of the last hour, held
 * until midnight, which knows nothing of nights. Either way a sale that has not begun is not
 * foreseen, and what is still on its way is missing: events come up to half an hour late.
 */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Redemptions of a day are counted in spans of event time of this length. */
export const pointMs = 10 * minuteMs
/** Days before that a forecast goes by: each day of the week once. */
export const daysBefore = 7
const priorShare = 0.05
/** A day younger than this has no pace yet. */
const paceLeastMs = 10 * minuteMs
/** D9: more redemptions in a day must be announced beforehand. */
export const announcedAbove = 100_000

export interface DayPoint {
  /** First moment, in milliseconds; spans that are missing are empty. */
  readonly at: number
  readonly redemptions: number
}

export interface CountedDay {
  /** First moment of the calendar day, in milliseconds. */
  readonly start: number
  readonly points: readonly DayPoint[]
}

export interface RunningDay extends CountedDay {
  /** First moment of the next day. */
  readonly end: number
  /** How far it has come: start ≤ at; after its end the day is as it is. */
  readonly at: number
}

export interface DayForecast {
  /** Of the whole day, those so far included; a whole number. */
  readonly redemptions: number
  readonly basis: 'days' | 'pace'
  /** How many days before it goes by; 0 for the pace. */
  readonly days: number
}

/** Null where the day is too young and no day before it had redemptions. */
export function forecastDay(today: RunningDay, before: readonly CountedDay[]): DayForecast | null {
  const { start, end, points } = today
  const at = Math.min(today.at, end)
  const soFar = sumOf(points)
  const told = before.filter((day) => sumOf(day.points) > 0)
  if (told.length > 0) {
    const since = at - start
    const overs = told.map((day) => within(day.points, Number.NEGATIVE_INFINITY, day.start + since))
    const over = middleOf(overs)
    const rest = at < end ? middleOf(told.map((day, n) => sumOf(day.points) - overs[n]!)) : 0
    const prior = priorShare * middleOf(told.map((day) => sumOf(day.points)))
    const redemptions = Math.round(soFar + (rest * (soFar + prior)) / (over + prior))
    return { redemptions, basis: 'days', days: told.length }
  }
  const from = Math.max(start, Math.floor(at / pointMs) * pointMs - hourMs)
  if (at - from < paceLeastMs) return null
  const recent = sumOf(points.filter((point) => point.at >= from))
  const redemptions = Math.round(soFar + (recent / (at - from)) * (end - at))
  return { redemptions, basis: 'pace', days: 0 }
}

export interface BusyHour {
  /** Its first moment, in milliseconds. */
  readonly from: number
  /** The middle value of the days before; a whole number, above 0. */
  readonly redemptions: number
}

/** The busiest of the next 24 hours, the running one included, as days before had it. */
export function busiestHour(
  { start, end, at }: Omit<RunningDay, 'points'>,
  before: readonly CountedDay[],
): BusyHour | null {
  const told = before.filter((day) => sumOf(day.points) > 0)
  if (told.length === 0) return null
  let busiest: BusyHour | null = null
  const first = Math.floor((at - start) / hourMs)
  const left = Math.max(0, Math.ceil((end - start) / hourMs) - first)
  for (let n = 0; n < 24; n += 1) {
    const hour = n < left ? first + n : n - left
    const usual = middleOf(
      told.map((day) => {
        const from = day.start + hour * hourMs
        return within(day.points, from, from + hourMs)
      }),
    )
    const redemptions = Math.round(usual)
    if (redemptions <= (busiest?.redemptions ?? 0)) continue
    busiest = { from: (n < left ? start : end) + hour * hourMs, redemptions }
  }
  return busiest
}

const sumOf = (points: readonly DayPoint[]) =>
  points.reduce((sum, { redemptions }) => sum + redemptions, 0)

/** A span that lies across an edge counts by the part of it that is inside. */
function within(points: readonly DayPoint[], from: number, to: number): number {
  return points.reduce((sum, { at, redemptions }) => {
    const inside = Math.min(at + pointMs, to) - Math.max(at, from)
    return sum + (redemptions * Math.min(pointMs, Math.max(0, inside))) / pointMs
  }, 0)
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2
}
