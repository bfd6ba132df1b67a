/** Undoing a verdict, asking for a second opinion, and notes: what else people do to a case. */
import type { VerdictWord } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import { type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { caseRowOf } from './case-row.ts'
import { markVerdicts } from './marks.ts'
import { storedCase } from './show-case.ts'
import { isLead, lockCase, lockMs } from './take.ts'
import { withdraw } from './withdraw.ts'

export interface CountingVerdict {
  readonly id: number
  readonly verdict: VerdictWord
  readonly reviewer: string
  readonly given_at: number
}

async function countingVerdict(
  queries: Queries,
  key: string,
  round: number,
): Promise<CountingVerdict | null> {
  const sql = `SELECT id, verdict, reviewer, given_at FROM verdicts
    WHERE case_key = $1 AND round = $2 AND withdrawn_at IS NULL`
  return oneOf<CountingVerdict>(queries, sql, [key, round])
}

type Changing = Pick<Handlers, 'undoVerdict' | 'askSecondOpinion' | 'addNote'>

export const notDecided = () => new Refusal(409, 'not-decided', 'nobody has decided this case')

export function newChanging(parts: ConsoleParts): Changing {
  const { database, onChanged, onDue } = parts
  return {
    async undoVerdict({ params, caller, at }) {
      const row = await database.transaction(async (queries) => {
        const stored = await lockCase(queries, params.key ?? '')
        const verdict = await countingVerdict(queries, stored.key, stored.round)
        if (stored.state !== 'decided' || verdict === null) throw notDecided()
        const isOwn = verdict.reviewer === caller.name
        if (!isOwn && !isLead(caller))
          throw new Refusal(403, 'not-yours', `${verdict.reviewer} said it; a lead can undo it`)
        await withdraw(queries, parts, [{ row: stored, verdictId: verdict.id }], {
          person: caller.name,
          // The time of a word on an event tells it from the one before.
          at: Math.max(at, verdict.given_at + 1),
          dueAt: at,
          holder: isOwn ? caller.name : null,
          lockedUntil: isOwn ? at + lockMs : null,
        })
        return storedCase(queries, stored.key)
      })
      onDue()
      onChanged(['cases', 'overview'])
      return caseRowOf(row, at)
    },

    async askSecondOpinion({ params, body, caller, at }) {
      const row = await database.transaction(async (queries) => {
        const stored = await lockCase(queries, params.key ?? '')
        if (stored.state !== 'decided') throw notDecided()
        await openAgain(queries, stored.key)
        const note = body.note?.trim() ?? ''
        if (note !== '') await insertNote(queries, stored.key, { author: caller.name, at, note })
        return storedCase(queries, stored.key)
      })
      onChanged(['cases', 'overview'])
      return caseRowOf(row, at)
    },

    async addNote({ params, body, caller, at }) {
      const written = await database.transaction(async (queries) => {
        const { key } = await lockCase(queries, params.key ?? '')
        return insertNote(queries, key, { author: caller.name, at, note: body.text })
      })
      onChanged(['cases'])
      return written
    },
  }
}

/** A decided case, locked by the transaction, in a new round for somebody else. */
export async function openAgain(queries: Queries, key: string): Promise<void> {
  await markVerdicts(queries, [key], -1)
  await queries.query(
    `UPDATE cases SET state = 'open', verdict = NULL, decided_by = NULL, decided_at = NULL,
       second_opinion = true, round = round + 1
     WHERE key = $1`,
    [key],
  )
}

async function insertNote(
  queries: Queries,
  key: string,
  { author, at, note }: { author: string; at: number; note: string },
) {
  const text = note.toWellFormed()
  const row = await oneOf<{ id: number }>(
    queries,
    `INSERT INTO notes (case_key, author, written_at, note) VALUES ($1, $2, $3, $4) RETURNING id`,
    [key, author, at, text],
  )
  await queries.query('UPDATE cases SET notes = notes + 1 WHERE key = $1', [key])
  return { id: row!.id, author, at, text }
}
