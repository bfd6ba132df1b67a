/**
 * A verdict on cases, inside the transaction of whoever gives it: the verdicts, the cases decided,
 * and in the outbox a review each and, where the word to subscribers has to change, a superseding
 * decision. The cases MUST be locked by the transaction, open, and free for this reviewer.
 *
 * Penalties of the cases are settled with it: an appeal ends, and is then the cause of the word.
 *
 * What the word becomes: legitimate → allow, fraud → block, inconclusive → as it is. So a block
 * that was fraud needs no further word, nor does a second opinion that agrees with the first.
 */
import { type LaterWord, supersede } from '../../core/decision/supersede.ts'
import type { ActedOutcome } from '../../core/rules/playbook.ts'
import type { VerdictWord } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import type { ConsoleParts } from '../parts.ts'
import { settlePenalties } from '../penalties/settle-penalties.ts'
import type { StoredCase } from './case-row.ts'
import { markVerdicts } from './marks.ts'
import { type Due, decisionPublication, insertDue, reviewPublication } from './outbox-rows.ts'

export interface GivenVerdict {
  readonly verdict: VerdictWord
  readonly reviewer: string
  readonly reason: string | null
  readonly at: number
  /** When it may be published. */
  readonly dueAt: number
  readonly bulkId: string | null
}

/** The word on an event that stands: the engine's, or the last of the later ones. */
export interface StandingWord {
  readonly number: number
  readonly outcome: ActedOutcome
}

export const wordFor = (verdict: VerdictWord, standing: ActedOutcome): ActedOutcome =>
  verdict === 'fraud' ? 'block' : verdict === 'legitimate' ? 'allow' : standing

/** Ids of the verdicts, by case. */
export async function giveVerdicts(
  queries: Queries,
  parts: Pick<ConsoleParts, 'codec'>,
  cases: readonly StoredCase[],
  given: GivenVerdict,
): Promise<ReadonlyMap<string, number>> {
  const keys = cases.map(({ key }) => key)
  const at = await timesOf(queries, keys, given.at)
  const ids = await insertVerdicts(queries, cases, given, at)
  const standing = await standingWords(queries, cases)
  const due = { bulkId: given.bulkId, person: given.reviewer, dueAt: given.dueAt }
  const { verdict, reviewer: person } = given
  const said = { verdict, person, at: given.at, verdictIds: ids, due }
  const appealed = await settlePenalties(queries, keys, said)
  const rows: Due[] = cases.map((row) => ({
    publication: reviewPublication({
      eventKey: row.key,
      decisionId: row.decision_id,
      verdict: given.verdict,
      reviewer: given.reviewer,
      reason: given.reason,
      at: at(row.key),
    }),
    caseKey: row.key,
    verdictId: ids.get(row.key)!,
    ...due,
  }))
  const changed = cases.flatMap((row) => {
    const { number, outcome } = standing.get(row.key)!
    const wanted = wordFor(given.verdict, outcome)
    return wanted === outcome ? [] : [{ key: row.key, outcome: wanted, number: number + 1 }]
  })
  const words = changed.map(({ key, outcome, number }) => {
    const cause = appealed.has(key) ? 'appeal' : 'review'
    const word = { outcome, number, cause, decidedBy: given.reviewer, at: at(key) }
    return { key, verdictId: ids.get(key)!, word }
  })
  await queries.query(
    `UPDATE cases SET state = 'decided', verdict = $2, decided_by = $3, decided_at = $4,
       assignee = NULL, locked_until = NULL
     WHERE key = ANY($1::text[])`,
    [keys, given.verdict, given.reviewer, given.at],
  )
  await insertDue(queries, [...rows, ...(await laterWords(queries, parts, words, due))])
  // Last, since others wait for these rows.
  await markVerdicts(queries, keys, 1)
  return ids
}

/** Each word on a case is later than the one before: its time tells it from the others. */
async function timesOf(
  queries: Queries,
  keys: readonly string[],
  at: number,
): Promise<(key: string) => number> {
  const rows = await queries.query<{ case_key: string; last: number }>(
    `SELECT case_key, greatest(max(given_at), max(withdrawn_at)) AS last FROM verdicts
     WHERE case_key = ANY($1::text[]) GROUP BY case_key`,
    [keys],
  )
  const last = new Map(rows.map((row) => [row.case_key, row.last]))
  return (key) => Math.max(at, (last.get(key) ?? 0) + 1)
}

async function insertVerdicts(
  queries: Queries,
  cases: readonly StoredCase[],
  { verdict, reviewer, reason, bulkId }: GivenVerdict,
  at: (key: string) => number,
): Promise<ReadonlyMap<string, number>> {
  const rows = cases.map(({ key, round }) => ({ key, round, at: at(key) }))
  const inserted = await queries.query<{ id: number; case_key: string }>(
    `INSERT INTO verdicts (case_key, round, verdict, reviewer, reason, given_at, bulk_id)
     SELECT key, round, $2, $3, $4, at, $5
     FROM json_to_recordset($1::json) AS r(key text, round smallint, at bigint)
     RETURNING id, case_key`,
    [JSON.stringify(rows), verdict, reviewer, reason, bulkId],
  )
  return new Map(inserted.map(({ id, case_key }) => [case_key, id]))
}

export async function standingWords(
  queries: Queries,
  cases: readonly StoredCase[],
): Promise<ReadonlyMap<string, StandingWord>> {
  const rows = await queries.query<StandingWord & { case_key: string }>(
    `SELECT DISTINCT ON (case_key) case_key, number, outcome FROM superseding
     WHERE case_key = ANY($1::text[]) ORDER BY case_key, number DESC`,
    [cases.map(({ key }) => key)],
  )
  const later = new Map(
    rows.map(({ case_key, number, outcome }) => [case_key, { number, outcome }]),
  )
  return new Map(cases.map(({ key, outcome }) => [key, later.get(key) ?? { number: 0, outcome }]))
}

export interface WordOn {
  readonly key: string
  readonly verdictId: number | null
  readonly word: LaterWord
}

/** Puts the words down, and gives the rows that publish them. */
export async function laterWords(
  queries: Queries,
  { codec }: Pick<ConsoleParts, 'codec'>,
  words: readonly WordOn[],
  due: Pick<Due, 'bulkId' | 'person' | 'dueAt'>,
): Promise<readonly Due[]> {
  if (words.length === 0) return []
  const audits = await queries.query<{ key: string; schema_id: number; record: Uint8Array }>(
    'SELECT key, schema_id, record FROM audits WHERE key = ANY($1::text[])',
    [words.map(({ key }) => key)],
  )
  const byKey = new Map(audits.map((row) => [row.key, row]))
  const rows: Due[] = []
  for (const { key, verdictId, word } of words) {
    const { schema_id, record } = byKey.get(key)!
    const { decision } = await codec.decode(queries, schema_id, record)
    const publication = decisionPublication(supersede(decision, word))
    rows.push({ publication, caseKey: key, verdictId, ...due })
  }
  const put = words.map(({ key, verdictId, word }, at) => ({
    id: rows[at]!.publication.id,
    case_key: key,
    number: word.number,
    outcome: word.outcome,
    cause: word.cause,
    decided_by: word.decidedBy,
    recorded_at: word.at,
    verdict_id: verdictId,
  }))
  await queries.query(
    `INSERT INTO superseding
     SELECT * FROM json_to_recordset($1::json) AS r(
       id text, case_key text, number integer, outcome text, cause text, decided_by text,
       recorded_at bigint, verdict_id bigint)`,
    [JSON.stringify(put)],
  )
  return rows
}
