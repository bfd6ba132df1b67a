/** Changes of lists into the table of entries. Of several changes of one entry the last holds. */

import type { ListChange } from '../../lists/kept-lists.ts'
import type { Queries } from '../database.ts'
import { giveBack } from './begin-anew.ts'
import { keptOrNull, keptText } from './kept-text.ts'

export interface KnownChange extends ListChange {
  /** Null where nobody here knows. */
  readonly addedBy: string | null
}

const noteMax = 1_024

/** Who added an entry is not in the topic: it is kept where the same entry comes again. */
export async function upsertEntries(
  queries: Queries,
  changes: readonly KnownChange[],
): Promise<void> {
  const last = new Map(changes.map((change) => [keptText(change.id, 600), change]))
  const gone = [...last].filter(([, { entry }]) => entry === null).map(([id]) => id)
  if (gone.length > 0)
    await queries.query('DELETE FROM list_entries WHERE id = ANY($1::text[])', [gone.sort()])
  const rows = [...last].flatMap(([id, { entry, addedBy }]) =>
    entry === null
      ? []
      : [
          {
            id,
            list: entry.list,
            kind: entry.kind,
            value: keptText(entry.value, 512),
            source: keptText(entry.source),
            note: keptOrNull(entry.note, noteMax),
            added_at: entry.addedAt,
            added_by: addedBy,
            expires_at: entry.expiresAt,
            key_id: keptOrNull(entry.keyId),
          },
        ],
  )
  if (rows.length === 0) return
  await queries.query(
    `INSERT INTO list_entries AS e
     SELECT * FROM json_to_recordset($1::json) AS r(
       id text, list text, kind text, value text, source text, note text, added_at bigint,
       added_by text, expires_at bigint, key_id text)
     ORDER BY id
     ON CONFLICT (id) DO UPDATE SET
       source = excluded.source, note = excluded.note, expires_at = excluded.expires_at,
       key_id = excluded.key_id, added_at = excluded.added_at,
       added_by = coalesce(excluded.added_by,
         CASE WHEN e.added_at = excluded.added_at THEN e.added_by END)`,
    [JSON.stringify(rows)],
  )
  await giveBack(
    queries,
    'entry',
    rows.map(({ id }) => id),
  )
}
