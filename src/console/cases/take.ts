/**
 * Taking cases and giving them back. A lock is a name and a time on the row, fifteen minutes from
 * when it was taken or used last; one that has run out counts for nothing.
 */
import type { Queries } from '../database.ts'
import { type Caller, type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { caseColumns, caseRowOf, holderOf, isHeld, type StoredCase } from './case-row.ts'
import { noCase } from './show-case.ts'

export const lockMs = 15 * 60_000

export const isLead = ({ role }: Caller): boolean => role === 'lead' || role === 'administrator'

/** The case, locked until the transaction ends. */
export async function lockCase(queries: Queries, key: string): Promise<StoredCase> {
  const sql = `SELECT ${caseColumns} FROM cases WHERE key = $1 FOR UPDATE`
  const row = await oneOf<StoredCase>(queries, sql, [key])
  if (row === null) throw noCase()
  return row
}

/** Throws where this person cannot decide the case now. */
export async function assertFree(
  queries: Queries,
  row: StoredCase,
  who: string,
  at: number,
): Promise<void> {
  if (row.state === 'decided')
    throw new Refusal(
      409,
      'decided',
      `it was decided by ${row.decided_by ?? 'somebody'}: ${row.verdict}`,
    )
  if (isHeld(row, who, at)) {
    const until = new Date(row.locked_until ?? at).toISOString()
    throw new Refusal(423, 'locked', `${row.assignee} has taken it, until ${until}`)
  }
  if (!row.second_opinion) return
  const own = await ownWords(queries, [row.key], who)
  if (own.has(row.key))
    throw new Refusal(409, 'own', 'a second opinion is somebody else’s: you had the first word')
}

/**
 * Those of the cases that this person has had a word in: a verdict that was not taken back, or the
 * penalty that is appealed against.
 */
export async function ownWords(
  queries: Queries,
  keys: readonly string[],
  who: string,
): Promise<ReadonlySet<string>> {
  const rows = await queries.query<{ case_key: string }>(
    `SELECT case_key FROM verdicts
     WHERE case_key = ANY($1::text[]) AND reviewer = $2 AND withdrawn_at IS NULL
     UNION SELECT case_key FROM penalties
     WHERE case_key = ANY($1::text[]) AND imposed_by = $2 AND state = 'appealed'`,
    [keys, who],
  )
  return new Set(rows.map(({ case_key }) => case_key))
}

export async function setHolder(
  queries: Queries,
  row: StoredCase,
  who: string | null,
  until: number | null,
): Promise<StoredCase> {
  await queries.query('UPDATE cases SET assignee = $2, locked_until = $3 WHERE key = $1', [
    row.key,
    who,
    until,
  ])
  return { ...row, assignee: who, locked_until: until }
}

type Taking = Pick<Handlers, 'takeCase' | 'releaseCase'>

export function newTaking({ database, onChanged }: ConsoleParts): Taking {
  return {
    async takeCase({ params, caller, at }) {
      const taken = await database.transaction(async (queries) => {
        const row = await lockCase(queries, params.key ?? '')
        await assertFree(queries, row, caller.name, at)
        return setHolder(queries, row, caller.name, at + lockMs)
      })
      onChanged(['cases'])
      return caseRowOf(taken, at)
    },
    async releaseCase({ params, caller, at }) {
      const released = await database.transaction(async (queries) => {
        const row = await lockCase(queries, params.key ?? '')
        const holder = holderOf(row, at)
        if (holder !== null && holder !== caller.name && !isLead(caller))
          throw new Refusal(403, 'not-yours', `${holder} has taken it; a lead can give it back`)
        return setHolder(queries, row, null, null)
      })
      onChanged(['cases'])
      return caseRowOf(released, at)
    },
  }
}
