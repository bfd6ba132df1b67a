/**
 * Taking verdicts back, inside the transaction of whoever does it. What still waits in the outbox
 * never goes out; for what did, the opposite goes out: a review `inconclusive` with the reason
 * `withdrawn`, a superseding decision that restores the word from before, and the removal of what
 * the verdict had put on a list.
 */
import type { ActedOutcome } from '../../core/rules/playbook.ts'
import type { Queries } from '../database.ts'
import type { ConsoleParts } from '../parts.ts'
import { unsettlePenalties } from '../penalties/settle-penalties.ts'
import type { StoredCase } from './case-row.ts'
import { withdrawnReason } from './decide-case.ts'
import { laterWords, standingWords, type WordOn } from './give-verdicts.ts'
import { caseNote, reviewSource } from './list-from-case.ts'
import { markVerdicts } from './marks.ts'
import { type Due, insertDue, listPublication, reviewPublication } from './outbox-rows.ts'

export interface Withdrawal {
  readonly person: string
  /** Later than the word that is taken back. */
  readonly at: number
  readonly dueAt: number
  /** Who holds the cases afterwards; null for nobody. */
  readonly holder: string | null
  readonly lockedUntil: number | null
}

/** A decided case, locked by the transaction, and the verdict on it that counts. */
export interface Withdrawn {
  readonly row: StoredCase
  readonly verdictId: number
}

export async function withdraw(
  queries: Queries,
  parts: Pick<ConsoleParts, 'codec'>,
  taken: readonly Withdrawn[],
  { person, at, dueAt, holder, lockedUntil }: Withdrawal,
): Promise<void> {
  const keys = taken.map(({ row }) => row.key)
  const ids = taken.map(({ verdictId }) => verdictId)
  const said = taken.map(({ row, verdictId }) => ({ key: row.key, verdictId }))
  // Before the marks, since it waits for other penalties of the same people.
  await unsettlePenalties(queries, said, { person, at, dueAt })
  await markVerdicts(queries, keys, -1)
  const held = await takeFromOutbox(queries, ids)
  await queries.query('UPDATE verdicts SET withdrawn_at = $2 WHERE id = ANY($1::bigint[])', [
    ids,
    at,
  ])
  await queries.query(
    `UPDATE cases SET state = 'open', verdict = NULL, decided_by = NULL, decided_at = NULL,
       assignee = $2, locked_until = $3
     WHERE key = ANY($1::text[])`,
    [keys, holder, lockedUntil],
  )
  const due = { bulkId: null, person, dueAt }
  const reviews = taken
    .filter(({ verdictId }) => !held.has(`risk.reviews ${verdictId}`))
    .map(({ row }): Due => {
      const { key: eventKey, decision_id: decisionId } = row
      const said = { verdict: 'inconclusive', reviewer: person, reason: withdrawnReason } as const
      const publication = reviewPublication({ eventKey, decisionId, ...said, at })
      return { publication, caseKey: eventKey, verdictId: null, ...due }
    })
  const words = await wordsBack(queries, taken, person, at)
  const decisions = await laterWords(queries, parts, words, due)
  await insertDue(queries, [...reviews, ...decisions, ...(await listsBack(queries, keys, due))])
}

/** What was never published and now never is, as `topic verdictId`. */
async function takeFromOutbox(
  queries: Queries,
  ids: readonly number[],
): Promise<ReadonlySet<string>> {
  const rows = await queries.query<{ topic: string; verdict_id: number; publication_id: string }>(
    `DELETE FROM outbox WHERE verdict_id = ANY($1::bigint[]) AND state = 'due'
     RETURNING topic, verdict_id, publication_id`,
    [ids],
  )
  const words = rows.filter(({ topic }) => topic === 'risk.decisions')
  await queries.query('DELETE FROM superseding WHERE id = ANY($1::text[])', [
    words.map(({ publication_id }) => publication_id),
  ])
  return new Set(rows.map(({ topic, verdict_id }) => `${topic} ${verdict_id}`))
}

interface Spoken {
  readonly verdict_id: number
  readonly cause: string | null
  readonly before: ActedOutcome | null
}

/** For each verdict whose word is out: the word that stood before it. */
async function wordsBack(
  queries: Queries,
  taken: readonly Withdrawn[],
  person: string,
  at: number,
): Promise<readonly WordOn[]> {
  const spoken = await queries.query<Spoken>(
    `SELECT s.verdict_id, s.cause, (
       SELECT outcome FROM superseding b
       WHERE b.case_key = s.case_key AND b.number < s.number ORDER BY number DESC LIMIT 1
     ) AS before
     FROM superseding s WHERE s.verdict_id = ANY($1::bigint[])`,
    [taken.map(({ verdictId }) => verdictId)],
  )
  const before = new Map(spoken.map((one) => [one.verdict_id, one]))
  const rows = taken.filter(({ verdictId }) => before.has(verdictId))
  const standing = await standingWords(
    queries,
    rows.map(({ row }) => row),
  )
  return rows.flatMap(({ row, verdictId }) => {
    const { number, outcome: now } = standing.get(row.key)!
    const { before: stood = null, cause = null } = before.get(verdictId) ?? {}
    const outcome = stood ?? engineOutcome(row)
    if (outcome === now) return []
    const decidedBy = person
    const word = { outcome, number: number + 1, cause: cause ?? 'review', decidedBy, at }
    return [{ key: row.key, verdictId: null, word }]
  })
}

const engineOutcome = ({ outcome }: StoredCase): ActedOutcome => outcome

/** Entries that verdicts on these cases put on a list and that nobody has changed since. */
async function listsBack(
  queries: Queries,
  keys: readonly string[],
  due: Pick<Due, 'bulkId' | 'person' | 'dueAt'>,
): Promise<readonly Due[]> {
  const entries = await queries.query<{ id: string; note: string }>(
    'SELECT id, note FROM list_entries WHERE source = $1 AND note = ANY($2::text[])',
    [reviewSource, keys.map(caseNote)],
  )
  return entries.map(({ id, note }) => {
    const caseKey = keys.find((key) => note === caseNote(key)) ?? null
    return { publication: listPublication({ id, entry: null }), caseKey, verdictId: null, ...due }
  })
}
