/**
 * The day as a whole, from counters that the projection keeps: some ten queries, none of which
 * walks cases or events.
 */
import { announcedAbove } from '../../core/alerting/day-forecast.ts'
import { calendarDay, dayStart, type TimeZone } from '../../core/event/time-zone.ts'
import type { Overview } from '../api/programme-shapes.ts'
import { waitingSql } from '../cases/list-cases.ts'
import type { Queries } from '../database.ts'
import type { Handlers } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { floorTo, minuteMs } from '../projection/audit-counts.ts'
import { oneOf } from '../store/store.ts'
import { calendarDate, dayNumber } from './calendar-date.ts'
import { campaignsOf } from './campaign-measures.ts'
import { peakNoticeOf } from './peak-notice.ts'

const minutesDefault = 60
const minutesOfDay = 1_440
const hourMs = 3_600_000
const pointsMax = 120
const rulesMax = 20
const currenciesMax = 20
const waitingMax = 100_000

interface Span {
  readonly from: number
  readonly to: number
  readonly bucketMs: number
}

export function newOverview(parts: ConsoleParts): Pick<Handlers, 'showOverview'> {
  const { database, engine } = parts
  return {
    async showOverview({ query, caller, at }) {
      const newest = await oneOf<{ at: number | null }>(
        database,
        "SELECT max(newest_at) AS at FROM positions WHERE topic = 'risk.audit'",
      )
      const asOf = newest?.at ?? null
      const zone = engine.playbook.timeZone
      const days = asOf === null ? null : await daysOf(database, { zone, asOf, asked: query.day })
      const day = days?.shown ?? null
      const isOver = days !== null && days.shown < days.newest
      const until = isOver && query.day !== undefined ? dayStart(zone, days.shown + 1) - 1 : asOf
      const minutes = query.minutes ?? (isOver ? minutesOfDay : minutesDefault)
      const span = spanOf(until ?? at, minutes)
      const [flow, today, notice, rules, campaigns, lateness, backlog] = await Promise.all([
        flowOf(database, span),
        todayOf(parts, day),
        asOf === null ? null : peakNoticeOf(parts, asOf),
        rulesOf(parts, day),
        day === null || until === null ? [] : campaignsOf(parts, day, until),
        latenessOf(database, span),
        backlogOf(parts, caller.name, at),
      ])
      const { bucketMs } = span
      return {
        ...{ asOf, minutes, flow, bucketMs, today, notice, rules, campaigns, lateness, backlog },
        dayBefore: dateOf(days?.before ?? null),
        dayAfter: dateOf(days?.after ?? null),
        lag: parts.lag(),
      }
    },
  }
}

const dateOf = (day: number | null) => (day === null ? null : calendarDate(day))

interface Days {
  readonly shown: number
  /** Of the newest event. */
  readonly newest: number
  readonly before: number | null
  readonly after: number | null
}

/** In its first hour a day says little yet: the last one before it is shown, where there is one. */
async function daysOf(
  queries: Queries,
  of: { readonly zone: TimeZone; readonly asOf: number; readonly asked: number | undefined },
): Promise<Days> {
  const { day: newest, start } = calendarDay(of.zone, of.asOf)
  const around = async (shown: number): Promise<Days> => {
    const row = await oneOf<Pick<Days, 'before' | 'after'>>(queries, aroundSql, [shown])
    return { shown, newest, before: row?.before ?? null, after: row?.after ?? null }
  }
  const days = await around(of.asked === undefined ? newest : dayNumber(of.asked))
  const isYoung = of.asked === undefined && of.asOf - start < hourMs
  return isYoung && days.before !== null ? around(days.before) : days
}

const aroundSql = `SELECT
  (SELECT max(day) FROM scope_days WHERE scope = 'all' AND day < $1) AS before,
  (SELECT min(day) FROM scope_days WHERE scope = 'all' AND day > $1) AS after`

function spanOf(newest: number, minutes: number): Span {
  const bucketMs = minuteMs * Math.ceil(minutes / pointsMax)
  const to = floorTo(newest, bucketMs) + bucketMs
  return { from: to - Math.ceil((minutes * minuteMs) / bucketMs) * bucketMs, to, bucketMs }
}

/** A bucket without decisions is there too, with zeros. */
async function flowOf(queries: Queries, { from, to, bucketMs }: Span): Promise<Overview['flow']> {
  const rows = await queries.query<Overview['flow'][number]>(
    `SELECT at - at % $3::bigint AS at, sum(allowed)::bigint AS allow,
       sum(reviewed)::bigint AS review, sum(blocked)::bigint AS block
     FROM minutes WHERE at >= $1 AND at < $2 GROUP BY 1`,
    [from, to, bucketMs],
  )
  const known = new Map(rows.map((row) => [row.at, row]))
  return Array.from({ length: (to - from) / bucketMs }, (_, index) => {
    const at = from + index * bucketMs
    return known.get(at) ?? { at, allow: 0, review: 0, block: 0 }
  })
}

interface DayRow {
  readonly events: number
  readonly redemptions: number
  readonly abnormal: number
}

async function todayOf(
  { database, engine }: ConsoleParts,
  day: number | null,
): Promise<Overview['today']> {
  const [row, blocked] = await Promise.all([
    oneOf<DayRow>(
      database,
      `SELECT events, redemptions, abnormal FROM scope_days WHERE day = $1 AND scope = 'all'`,
      [day ?? -1],
    ),
    database.query<Overview['today']['blocked'][number]>(
      `SELECT nullif(currency, '') AS currency, blocked AS amount FROM day_money
       WHERE day = $1 ORDER BY blocked DESC, currency LIMIT ${currenciesMax}`,
      [day ?? -1],
    ),
  ])
  const { events, redemptions, abnormal } = row ?? { events: 0, redemptions: 0, abnormal: 0 }
  return {
    day: dateOf(day),
    ...{ events, redemptions, abnormal },
    share: redemptions === 0 ? 0 : abnormal / redemptions,
    threshold: engine.playbook.alerting.abnormalShareMax,
    blocked: [...blocked],
    announcedAbove,
  }
}

interface RuleRow {
  readonly rule: string
  readonly hits: number
  readonly fraud: number
  readonly legitimate: number
}

async function rulesOf(
  { database, engine }: ConsoleParts,
  day: number | null,
): Promise<Overview['rules']> {
  const rows = await database.query<RuleRow>(
    `SELECT d.rule, d.hits, coalesce(m.fraud, 0) AS fraud, coalesce(m.legitimate, 0) AS legitimate
     FROM rule_days d LEFT JOIN marks m ON m.kind = 'rule' AND m.name = d.rule
     WHERE d.day = $1 ORDER BY d.hits DESC, d.rule LIMIT ${rulesMax}`,
    [day ?? -1],
  )
  const known = new Map(engine.playbook.rules.map(({ id, reason }) => [id, reason]))
  return rows.map(({ rule, hits, fraud, legitimate }) => {
    const reason = known.get(rule)
    const told = fraud + legitimate
    return {
      ...{ rule, hits, fraud, legitimate },
      reason: reason === undefined ? null : general(reason),
      precision: told === 0 ? null : fraud / told,
    }
  })
}

/** The text of no event in particular: an ellipsis where a value stands. */
function general({ code, zh, en }: { code: string; zh: string; en: string }) {
  const without = (text: string) => text.replace(/\{[^{}]*\}/g, '…')
  return { code, zh: without(zh), en: without(en) }
}

async function latenessOf(queries: Queries, { from, to }: Span): Promise<Overview['lateness']> {
  const [buckets, late] = await Promise.all([
    queries.query<{ bucket: number; events: number }>(
      `SELECT bucket, sum(events)::bigint AS events FROM lateness
       WHERE at >= $1 AND at < $2 GROUP BY bucket ORDER BY bucket`,
      [from, to],
    ),
    oneOf<{ late: number }>(
      queries,
      'SELECT coalesce(sum(late), 0)::bigint AS late FROM minutes WHERE at >= $1 AND at < $2',
      [from, to],
    ),
  ])
  const at = (share: number) => quantileOf(buckets, share)
  return { p50Ms: at(0.5), p99Ms: at(0.99), late: late?.late ?? 0 }
}

/** Within its bucket, of one power of two, taken as evenly spread. */
export function quantileOf(
  buckets: readonly { readonly bucket: number; readonly events: number }[],
  share: number,
): number {
  let left = share * buckets.reduce((sum, { events }) => sum + events, 0)
  for (const { bucket, events } of buckets) {
    if (left > events) {
      left -= events
      continue
    }
    const low = bucket === 0 ? 0 : 2 ** bucket
    return Math.round(low + (2 ** (bucket + 1) - low) * (events === 0 ? 0 : left / events))
  }
  return 0
}

async function backlogOf(
  { database, engine }: ConsoleParts,
  me: string,
  at: number,
): Promise<Overview['backlog']> {
  const { start } = calendarDay(engine.playbook.timeZone, at)
  const [waiting, mine, decided] = await Promise.all([
    oneOf<{ waiting: number; oldest: number | null }>(database, waitingSql, [waitingMax]),
    oneOf<{ count: number }>(
      database,
      'SELECT count(*) AS count FROM cases WHERE assignee = $1 AND locked_until > $2',
      [me, at],
    ),
    oneOf<{ count: number }>(
      database,
      'SELECT count(*) AS count FROM verdicts WHERE given_at >= $1 AND withdrawn_at IS NULL',
      [start],
    ),
  ])
  return {
    waiting: waiting?.waiting ?? 0,
    oldestRecordedAt: waiting?.oldest ?? null,
    takenByMe: mine?.count ?? 0,
    decidedToday: decided?.count ?? 0,
  }
}
