/**
 * What is no longer kept goes, some thousand rows at a time so that nobody waits for it. Called
 * once an hour. What people said (verdicts, notes, superseding decisions) stays.
 */
import type { Database } from '../database.ts'

const dayMs = 86_400_000

/** How long each is kept, in days of record time. */
export const keptDays = {
  deadLetters: 7,
  sightings: 90,
  minutes: 31,
  /** Points of a share's day, and rules of a day. */
  points: 90,
  scopeDays: 400,
  /** As long as the audit topic, at least 180 (D6). */
  cases: 180,
  bulks: 31,
} as const

const atOnce = 5_000

/** Rows that went. */
export async function dropOld(database: Database, at: number): Promise<number> {
  const before = (days: number) => at - days * dayMs
  const dayBefore = (days: number) => Math.floor(before(days) / dayMs)
  const plan = [
    ['dead_letters', 'recorded_at', before(keptDays.deadLetters)],
    ['sightings', 'recorded_at', before(keptDays.sightings)],
    ['minutes', 'at', before(keptDays.minutes)],
    ['lateness', 'at', before(keptDays.minutes)],
    ['scope_points', 'day', dayBefore(keptDays.points)],
    ['rule_days', 'day', dayBefore(keptDays.points)],
    ['scope_days', 'day', dayBefore(keptDays.scopeDays)],
    ['day_money', 'day', dayBefore(keptDays.scopeDays)],
    ['campaign_money', 'day', dayBefore(keptDays.scopeDays)],
    ['cases', 'recorded_at', before(keptDays.cases)],
    ['audits', 'recorded_at', before(keptDays.cases)],
    ['bulks', 'given_at', before(keptDays.bulks)],
  ] as const
  let gone = 0
  for (const [table, column, limit] of plan) gone += await drop(database, table, column, limit)
  return gone
}

async function drop(
  database: Database,
  table: string,
  column: string,
  limit: number,
): Promise<number> {
  const sql = `WITH gone AS (
      DELETE FROM ${table} WHERE ctid IN (
        SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${atOnce})
      RETURNING 1)
    SELECT count(*) AS count FROM gone`
  for (let gone = 0; ; ) {
    const [row] = await database.query<{ count: number }>(sql, [limit])
    gone += row?.count ?? 0
    if ((row?.count ?? 0) < atOnce) return gone
  }
}
