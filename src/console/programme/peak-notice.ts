/**
 * Whether the day of the newest event is on course for more redemptions than may come unannounced
 * (serves: D9), and its busiest hour to come. A day counts as announced where a campaign has a peak
 * that begins in it, or has not ended yet. Two queries, of some thousand rows at most.
 */
import {
  announcedAbove,
  busiestHour,
  type CountedDay,
  daysBefore,
  forecastDay,
} from '../../core/alerting/day-forecast.ts'
import { calendarDay, dayStart, type TimeZone } from '../../core/event/time-zone.ts'
import type { Campaign } from '../../core/schema.gen.ts'
import type { Overview } from '../api/programme-shapes.ts'
import type { Queries } from '../database.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { calendarDate } from './calendar-date.ts'

type Notice = NonNullable<Overview['notice']>

const peaksMax = 20

/** `asOf`: the newest record time, in milliseconds. */
export async function peakNoticeOf(
  { database, engine }: Pick<ConsoleParts, 'database' | 'engine'>,
  asOf: number,
): Promise<Notice> {
  const zone = engine.playbook.timeZone
  const { day, start, end } = calendarDay(zone, asOf)
  const { today, before } = await countedDays(database, zone, day)
  const running = { ...today, end, at: asOf }
  const redemptions = today.points.reduce((sum, point) => sum + point.redemptions, 0)
  const forecast = forecastDay(running, before)
  const announced = peaksOf(engine.allCampaigns(), { start, end, at: asOf })
  return {
    day: calendarDate(day),
    redemptions,
    state: stateOf(redemptions, forecast?.redemptions ?? 0, announced.length > 0),
    forecast: forecast?.redemptions ?? null,
    basis: forecast?.basis ?? null,
    days: forecast?.days ?? 0,
    announced,
    busiest: busiestHour(running, before),
  }
}

function stateOf(soFar: number, forecast: number, isAnnounced: boolean): Notice['state'] {
  if (soFar > announcedAbove) return 'past'
  if (forecast <= announcedAbove) return 'quiet'
  return isAnnounced ? 'announced' : 'unannounced'
}

interface PointRow {
  readonly day: number
  readonly at: number
  readonly redemptions: number
}

/**
 * The first day of all began in the middle, as a rule: nothing is forecast from it. Nor is from a
 * day before it, of which only late events tell: one that is dated back would make a forecast.
 */
async function countedDays(
  queries: Queries,
  zone: TimeZone,
  day: number,
): Promise<{ readonly today: CountedDay; readonly before: readonly CountedDay[] }> {
  const days = Array.from({ length: daysBefore }, (_, n) => day - 1 - n)
  const [rows, first] = await Promise.all([
    queries.query<PointRow>(
      `SELECT day, at, redemptions FROM scope_points
       WHERE day = ANY($1::integer[]) AND scope = 'all' ORDER BY day, at`,
      [[day, ...days]],
    ),
    // Of record time; kept for longer than a forecast looks back.
    oneOf<{ at: number | null }>(queries, 'SELECT min(at) AS at FROM minutes'),
  ])
  const counted = (of: number): CountedDay => ({
    start: dayStart(zone, of),
    points: rows.filter((row) => row.day === of),
  })
  const firstDay = first?.at == null ? day : calendarDay(zone, first.at).day
  const whole = days.filter((of) => of > firstDay)
  return { today: counted(day), before: whole.map(counted) }
}

function peaksOf(
  campaigns: readonly Campaign[],
  { start, end, at }: { readonly start: number; readonly end: number; readonly at: number },
): Notice['announced'] {
  const peaks = campaigns.flatMap(({ id: campaign, announcedPeaks }) =>
    announcedPeaks
      .filter(({ from, to }) => from < end && (from >= start || to > at))
      .map(({ from, to }) => ({ campaign, from, to })),
  )
  peaks.sort((a, b) => a.from - b.from || (a.campaign < b.campaign ? -1 : 1))
  return peaks.slice(0, peaksMax)
}
