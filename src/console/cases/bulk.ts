/**
 * One verdict on many cases. It is put down at once, and waits ten seconds in the outbox: until
 * then it can be taken back whole, and nothing of it was ever published.
 */

import type { z } from 'zod'
import type { bulkBody, bulkPreview } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import { type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { caseColumns, isHeld, type StoredCase } from './case-row.ts'
import { checkedReason } from './decide-case.ts'
import { giveVerdicts } from './give-verdicts.ts'
import { randomId } from './outbox-rows.ts'
import { isLead, ownWords } from './take.ts'
import { withdraw } from './withdraw.ts'

export const undoMs = 10_000

type LeftOut = z.output<typeof bulkPreview>['leftOut']
type Bulk = Pick<Handlers, 'previewBulk' | 'decideBulk' | 'undoBulk'>

interface Sorted {
  readonly decidable: readonly StoredCase[]
  readonly leftOut: LeftOut
}

/** `lock`: the rows are the transaction's until it ends; in order of keys, so nobody circles. */
async function sortOut(
  queries: Queries,
  body: z.output<typeof bulkBody>,
  { who, at, lock }: { readonly who: string; readonly at: number; readonly lock: boolean },
): Promise<Sorted> {
  const keys = [...new Set(body.keys)]
  const rows = await queries.query<StoredCase>(
    `SELECT ${caseColumns} FROM cases WHERE key = ANY($1::text[]) ORDER BY key
     ${lock ? 'FOR UPDATE' : ''}`,
    [keys],
  )
  const second = rows.filter(({ second_opinion }) => second_opinion).map(({ key }) => key)
  const own = second.length === 0 ? new Set() : await ownWords(queries, second, who)
  const found = new Set(rows.map(({ key }) => key))
  const leftOut: LeftOut = keys
    .filter((key) => !found.has(key))
    .map((key) => ({ key, why: 'unknown' }))
  const decidable: StoredCase[] = []
  for (const row of rows) {
    const { key } = row
    if (row.state === 'decided') leftOut.push({ key, why: 'decided' })
    else if (isHeld(row, who, at)) leftOut.push({ key, why: 'locked' })
    else if (own.has(key)) leftOut.push({ key, why: 'own' })
    else decidable.push(row)
  }
  return { decidable, leftOut }
}

export function newBulk(parts: ConsoleParts): Bulk {
  const { database, onChanged, onDue } = parts
  return {
    async previewBulk({ body, caller, at }) {
      const how = { who: caller.name, at, lock: false }
      const { decidable, leftOut } = await sortOut(database, body, how)
      return {
        decidable: decidable.length,
        leftOut,
        users: new Set(decidable.map((row) => row.user_name)).size,
        amountsAtStake: amountsOf(decidable),
        outcomes: {
          review: decidable.filter(({ outcome }) => outcome === 'review').length,
          block: decidable.filter(({ outcome }) => outcome === 'block').length,
        },
      }
    },

    async decideBulk({ body, caller, at }) {
      const id = randomId()
      const undoUntil = at + undoMs
      const answer = await database.transaction(async (queries) => {
        const how = { who: caller.name, at, lock: true }
        const { decidable, leftOut } = await sortOut(queries, body, how)
        await queries.query(
          `INSERT INTO bulks (id, verdict, reviewer, given_at, undo_until)
           VALUES ($1, $2, $3, $4, $5)`,
          [id, body.verdict, caller.name, at, undoUntil],
        )
        if (decidable.length > 0)
          await giveVerdicts(queries, parts, decidable, {
            verdict: body.verdict,
            reviewer: caller.name,
            reason: checkedReason(body),
            at,
            dueAt: undoUntil,
            bulkId: id,
          })
        return { id, decided: decidable.length, leftOut, undoUntil }
      })
      onDue()
      onChanged(['cases', 'overview'])
      return answer
    },

    async undoBulk({ params, caller, at }) {
      const id = params.id ?? ''
      const reopened = await database.transaction(async (queries) => {
        const bulk = await oneOf<BulkRow>(queries, bulkSql, [id])
        if (bulk === null) throw new Refusal(404, 'unknown-bulk', 'there is no such verdict')
        if (bulk.reviewer !== caller.name && !isLead(caller))
          throw new Refusal(403, 'not-yours', `${bulk.reviewer} said it; a lead can undo it`)
        if (bulk.undone_at !== null) return 0
        if (at >= bulk.undo_until) throw tooLate()
        await queries.query('UPDATE bulks SET undone_at = $2 WHERE id = $1', [id, at])
        return undo(queries, parts, { id, person: caller.name, at })
      })
      onChanged(['cases', 'overview'])
      return { reopened }
    },
  }
}

function amountsOf(rows: readonly StoredCase[]) {
  const amounts = new Map<string | null, number>()
  for (const { currency, money } of rows)
    if (money !== 0) amounts.set(currency, (amounts.get(currency) ?? 0) + money)
  return [...amounts]
    .map(([currency, amount]) => ({ currency, amount }))
    .sort((a, b) => b.amount - a.amount)
}

interface BulkRow {
  readonly reviewer: string
  readonly undo_until: number
  readonly undone_at: number | null
}
const bulkSql = 'SELECT reviewer, undo_until, undone_at FROM bulks WHERE id = $1 FOR UPDATE'

const tooLate = () =>
  new Refusal(409, 'too-late', 'it is being published already; undo its cases one by one')

/** All of it that still counts: single cases of it may have been undone before. */
async function undo(
  queries: Queries,
  parts: ConsoleParts,
  { id, person, at }: { readonly id: string; readonly person: string; readonly at: number },
): Promise<number> {
  const rows = await queries.query<StoredCase & { verdict_id: number }>(
    `SELECT c.*, v.id AS verdict_id FROM cases c
     JOIN verdicts v ON v.case_key = c.key AND v.round = c.round
     WHERE v.bulk_id = $1 AND v.withdrawn_at IS NULL AND c.state = 'decided'
     ORDER BY c.key FOR UPDATE OF c`,
    [id],
  )
  const [under] = await queries.query<{ count: number }>(
    `SELECT count(*) AS count FROM outbox WHERE bulk_id = $1 AND topic = 'risk.reviews'
     AND state = 'due' AND verdict_id = ANY($2::bigint[])`,
    [id, rows.map(({ verdict_id }) => verdict_id)],
  )
  if (under?.count !== rows.length) throw tooLate()
  if (rows.length === 0) return 0
  const taken = rows.map((row) => ({ row, verdictId: row.verdict_id }))
  const how = { person, at: at + 1, dueAt: at, holder: null, lockedUntil: null }
  await withdraw(queries, parts, taken, how)
  // The publisher may have taken some between the count and now: then none of it is undone.
  const published = await queries.query<{ id: number }>(
    'SELECT id FROM outbox WHERE bulk_id = $1 AND verdict_id = ANY($2::bigint[]) LIMIT 1',
    [id, rows.map(({ verdict_id }) => verdict_id)],
  )
  if (published.length > 0) throw tooLate()
  return rows.length
}
