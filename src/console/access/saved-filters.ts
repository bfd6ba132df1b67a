/** Filters of the queue that somebody saved under a name; an empty one removes it. */
import type { Database } from '../database.ts'
import { Refusal } from '../handlers.ts'

export interface SavedFilter {
  readonly name: string
  readonly query: string
}

export interface SavedFilters {
  list(owner: string): Promise<SavedFilter[]>
  save(owner: string, filter: SavedFilter): Promise<void>
}

const ownMax = 100

export function newSavedFilters(database: Database): SavedFilters {
  return {
    async list(owner) {
      const sql = 'SELECT name, query FROM saved_filter WHERE owner = $1 ORDER BY name'
      return [...(await database.query<SavedFilter>(sql, [owner]))]
    },
    async save(owner, { name, query }) {
      if (query === '') {
        await database.query('DELETE FROM saved_filter WHERE owner = $1 AND name = $2', [
          owner,
          name,
        ])
        return
      }
      const saved = await database.query(
        `INSERT INTO saved_filter (owner, name, query) SELECT $1, $2, $3
         WHERE (SELECT count(*) FROM saved_filter WHERE owner = $1 AND name <> $2) < ${ownMax}
         ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query RETURNING name`,
        [owner, name, query],
      )
      if (saved.length === 0)
        throw new Refusal(409, 'too-many', `at most ${ownMax} saved filters; remove one first`)
    },
  }
}
