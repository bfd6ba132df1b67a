/**
 * The entry of the block list that a ban of a user is, put there and taken off by way of the
 * outbox. A ban replaces what stood there of that user; what somebody changed since stays as they
 * left it; and where another penalty of the same user still holds, taking one off leaves the other.
 */
import type { Event, ListEntry } from '../../core/schema.gen.ts'
import { caseNote, entryId, newEntryOf, reviewSource } from '../cases/list-from-case.ts'
import { type Due, insertDue, listPublication } from '../cases/outbox-rows.ts'
import type { Queries } from '../database.ts'
import type { Engine } from '../engine.ts'
import { keptText } from '../projection/kept-text.ts'
import { oneOf } from '../store/store.ts'
import { countingStates, type PenaltyRow } from './penalty-rows.ts'

/** Source of what a penalty puts on a list. */
export const penaltySource = 'penalty'

export function banEntry(
  { user }: Event,
  given: { readonly key: string; readonly at: number; readonly until: number | null },
  engine: Pick<Engine, 'keyId'>,
): ListEntry {
  const { key, at, until: expiresAt } = given
  const about = { list: 'block', kind: 'user', value: user, source: penaltySource } as const
  return newEntryOf({ ...about, note: caseNote(key), at, expiresAt }, engine)
}

/** As `insertDue` wants it, but for what is published. */
export type DueOf = Pick<Due, 'verdictId' | 'bulkId' | 'person' | 'dueAt'>

export interface EntryChange {
  readonly penalty: PenaltyRow
  /** On the list, or off it. */
  readonly isOn: boolean
  readonly at: number
  readonly due: DueOf
}

/** MUST be called with the subject locked, and after the penalty's own row says what it is now. */
export async function changeEntry(queries: Queries, change: EntryChange): Promise<void> {
  const { penalty, isOn, at, due } = change
  if (penalty.entry === null) return
  // What waits to be published is the opposite: taken out, the list stays as it was before it.
  const held = await queries.query(
    `DELETE FROM outbox WHERE publication_id = $1 AND state = 'due' RETURNING id`,
    [penalty.publication_id],
  )
  if (held.length > 0) return
  const entry = entryOf(penalty.entry)
  const holding = isOn ? entry : await otherEntry(queries, penalty, at)
  if (!isOn && !(await isOurs(queries, penalty, entry))) return
  if (isOn && entry.expiresAt !== null && entry.expiresAt <= at) return
  const publication = listPublication({
    id: entryId({ ...entry, list: 'block', kind: 'user' }),
    entry: holding === null ? null : { ...holding, addedAt: at },
  })
  await insertDue(queries, [{ publication, caseKey: penalty.case_key, ...due }])
  await queries.query('UPDATE penalties SET publication_id = $2 WHERE id = $1', [
    penalty.id,
    publication.id,
  ])
}

/** Written by `banEntry`, and by nobody else. */
const entryOf = (text: string): ListEntry => JSON.parse(text)

/** Nobody has put another entry in its place; the verdict on the same case may have. */
async function isOurs(queries: Queries, penalty: PenaltyRow, entry: ListEntry): Promise<boolean> {
  const id = keptText(entryId({ ...entry, list: 'block', kind: 'user' }), 600)
  const sql = 'SELECT source, note FROM list_entries WHERE id = $1'
  const there = await oneOf<{ source: string; note: string | null }>(queries, sql, [id])
  if (there === null) return true
  const sources: readonly string[] = [penaltySource, reviewSource]
  return sources.includes(there.source) && there.note === caseNote(penalty.case_key)
}

async function otherEntry(
  queries: Queries,
  { id, subject_kind, subject }: PenaltyRow,
  at: number,
): Promise<ListEntry | null> {
  const other = await oneOf<{ entry: string }>(
    queries,
    `SELECT entry FROM penalties
     WHERE subject_kind = $1 AND subject = $2 AND id <> $3 AND entry IS NOT NULL
       AND state = ANY($4::text[]) AND (until_at IS NULL OR until_at > $5)
     ORDER BY id DESC LIMIT 1`,
    [subject_kind, subject, id, countingStates, at],
  )
  return other === null ? null : entryOf(other.entry)
}
