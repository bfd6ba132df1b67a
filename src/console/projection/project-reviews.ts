/**
 * Reviews and superseding decisions, as they stand in their topics. Most are our own and known
 * already: they are only marked as published. Others come from a database that is gone, or from
 * another system: then they are put down, the last word of a case counting.
 */

import { wordNumber } from '../../core/decision/supersede.ts'
import type { Decision, Review } from '../../core/schema.gen.ts'
import { withdrawnReason } from '../cases/decide-case.ts'
import { markVerdicts } from '../cases/marks.ts'
import type { Queries } from '../database.ts'
import { actedOf } from './audit-rows.ts'
import { keptOrNull, keptText } from './kept-text.ts'

const reasonMax = 1_024

export async function projectReviews(queries: Queries, reviews: readonly Review[]): Promise<void> {
  for (const review of reviews) {
    // A verdict that a later version may add says nothing here.
    if (review.verdict === 'unknown') continue
    if (await isKnown(queries, review)) continue
    await settleBy(queries, review.eventKey, () => putDown(queries, review))
  }
}

async function isKnown(queries: Queries, review: Review): Promise<boolean> {
  const { eventKey, verdict, reviewer, at } = review
  if (isWithdrawal(review)) {
    const sql = 'SELECT id FROM verdicts WHERE case_key = $1 AND withdrawn_at = $2'
    return (await queries.query(sql, [eventKey, at])).length > 0
  }
  const rows = await queries.query<{ id: number }>(
    `UPDATE verdicts SET published_at = coalesce(published_at, $4)
     WHERE case_key = $1 AND verdict = $2 AND reviewer = $3 AND given_at = $4 RETURNING id`,
    [eventKey, verdict, keptText(reviewer), at],
  )
  return rows.length > 0
}

const isWithdrawal = ({ verdict, reason }: Review) =>
  verdict === 'inconclusive' && reason === withdrawnReason

async function putDown(queries: Queries, review: Review): Promise<void> {
  const { eventKey, verdict, reviewer, reason, at } = review
  if (isWithdrawal(review)) {
    await queries.query(
      `UPDATE verdicts SET withdrawn_at = $2 WHERE id = (
         SELECT id FROM verdicts WHERE case_key = $1 AND given_at <= $2 AND withdrawn_at IS NULL
         ORDER BY round DESC LIMIT 1)`,
      [eventKey, at],
    )
    return
  }
  await queries.query(
    `INSERT INTO verdicts
       (case_key, round, verdict, reviewer, reason, given_at, published_at)
     SELECT $1, coalesce(max(round), 0) + 1, $2, $3, $4, $5, $5
     FROM verdicts WHERE case_key = $1 AND withdrawn_at IS NULL`,
    [eventKey, verdict, keptText(reviewer), keptOrNull(reason, reasonMax), at],
  )
}

/** Does the work, and then brings the case, if it is here, to what the verdicts say. */
async function settleBy(queries: Queries, key: string, work: () => Promise<void>): Promise<void> {
  await queries.query('SELECT 1 FROM cases WHERE key = $1 FOR UPDATE', [key])
  await work()
  await adoptVerdicts(queries, [key])
}

/**
 * Makes cases what the verdicts on them say: the last round's that was not taken back. A case that
 * was opened again waits for one of its new round.
 */
export async function adoptVerdicts(queries: Queries, keys: readonly string[]): Promise<void> {
  const told = await queries.query<{ key: string }>(
    `SELECT DISTINCT c.key FROM cases c JOIN verdicts v ON v.case_key = c.key
     WHERE c.key = ANY($1::text[])`,
    [keys],
  )
  if (told.length === 0) return
  const here = told.map(({ key }) => key)
  await markVerdicts(queries, here, -1)
  await queries.query(
    `UPDATE cases SET
       state = CASE WHEN v.id IS NULL THEN 'open' ELSE 'decided' END,
       verdict = v.verdict, decided_by = v.reviewer, decided_at = v.given_at,
       round = coalesce(v.round, cases.round),
       assignee = CASE WHEN v.id IS NULL THEN cases.assignee END,
       locked_until = CASE WHEN v.id IS NULL THEN cases.locked_until END
     FROM cases AS c LEFT JOIN LATERAL (
       SELECT * FROM verdicts
       WHERE case_key = c.key AND round >= c.round AND withdrawn_at IS NULL
       ORDER BY round DESC LIMIT 1) AS v ON true
     WHERE c.key = ANY($1::text[]) AND cases.key = c.key`,
    [here],
  )
  await markVerdicts(queries, here, 1)
}

export async function projectDecisions(
  queries: Queries,
  decisions: readonly Decision[],
): Promise<void> {
  const later = decisions.filter(({ supersedes }) => supersedes !== null)
  if (later.length === 0) return
  const rows = later.map((one) => ({
    id: keptText(one.id, 420),
    case_key: one.eventKey,
    number: wordNumber(one.id),
    outcome: actedOf(one.outcome),
    cause: keptOrNull(one.cause),
    decided_by: keptOrNull(one.decidedBy),
    recorded_at: one.recordedAt,
  }))
  await queries.query(
    `INSERT INTO superseding (id, case_key, number, outcome, cause, decided_by, recorded_at)
     SELECT DISTINCT ON (id) * FROM json_to_recordset($1::json) AS r(
       id text, case_key text, number integer, outcome text, cause text, decided_by text,
       recorded_at bigint)
     ORDER BY id
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  )
}
