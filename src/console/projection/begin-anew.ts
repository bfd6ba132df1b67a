/**
 * Emptying what the topics fill, so that it is filled anew from their beginning; and giving back,
 * as the records come, what people alone knew of them. Verdicts, penalties, notes, people, saved
 * filters and the audit log stay where they are: the topics have no better word. Locks are let go.
 */
import type { Queries } from '../database.ts'
import { Refusal } from '../handlers.ts'
import { consoleName, locks, type Store } from '../store/store.ts'

const filled = `cases, audits, sightings, minutes, lateness, scope_days, scope_points, day_money,
  campaign_money, rule_days, marks, spans, alerts, list_entries, dead_letters, positions`

const setAside = `INSERT INTO set_aside
    (kind, id, round, second_opinion, notes, person, at)
  SELECT 'case', key, round, second_opinion, notes, NULL, NULL FROM cases
    WHERE round > 1 OR second_opinion OR notes > 0
  UNION ALL
  SELECT 'alert', id, NULL, NULL, NULL, acknowledged_by, acknowledged_at FROM alerts
    WHERE acknowledged_by IS NOT NULL
  UNION ALL
  SELECT 'entry', id, NULL, NULL, NULL, added_by, added_at FROM list_entries
    WHERE added_by IS NOT NULL
  UNION ALL
  SELECT 'letter', id, NULL, NULL, NULL, redriven_by, redriven_at FROM dead_letters
    WHERE redriven_by IS NOT NULL
  ON CONFLICT (kind, id) DO UPDATE SET
    round = excluded.round, second_opinion = excluded.second_opinion, notes = excluded.notes,
    person = excluded.person, at = excluded.at`

/** How many cases there were. Refused while a console runs: it would go on from where it stands. */
export async function beginAnew(store: Store): Promise<number> {
  return store.transaction(
    async (queries) => {
      // One that starts now waits in its migrations, and reads the new generation.
      await queries.query('SELECT pg_advisory_xact_lock($1)', [locks.migrations])
      const [running] = await queries.query<{ count: number }>(
        `SELECT count(*) AS count FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $1`,
        [consoleName],
      )
      if ((running?.count ?? 0) > 0)
        throw new Refusal(409, 'running', 'a console uses this database: stop it first')
      const [cases] = await queries.query<{ count: number }>('SELECT count(*) AS count FROM cases')
      await queries.query(setAside)
      await queries.query(`TRUNCATE ${filled}`)
      await queries.query("UPDATE generation SET id = replace(gen_random_uuid()::text, '-', '')")
      return cases?.count ?? 0
    },
    { statementMaxMs: 3_600_000 },
  )
}

const givenBack = {
  case: `UPDATE cases SET
      round = back.round, second_opinion = back.second_opinion, notes = back.notes
    FROM back WHERE cases.key = back.id`,
  alert: `UPDATE alerts SET acknowledged_by = back.person, acknowledged_at = back.at
    FROM back WHERE alerts.id = back.id`,
  // An entry that was put on anew meanwhile is another person's.
  entry: `UPDATE list_entries SET added_by = back.person
    FROM back WHERE list_entries.id = back.id AND list_entries.added_at = back.at`,
  letter: `UPDATE dead_letters SET redriven_by = back.person, redriven_at = back.at
    FROM back WHERE dead_letters.id = back.id`,
} as const

/** After their rows were put in. Mostly nothing waits for them. */
export async function giveBack(
  queries: Queries,
  kind: keyof typeof givenBack,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await queries.query(
    `WITH back AS (DELETE FROM set_aside WHERE kind = $1 AND id = ANY($2::text[]) RETURNING *)
     ${givenBack[kind]}`,
    [kind, ids],
  )
}
