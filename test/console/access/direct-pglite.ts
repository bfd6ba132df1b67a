/** PGlite in memory with the tables of people alone, on this very thread. */
import { readFileSync } from 'node:fs'
import { PGlite, types } from '@electric-sql/pglite'
import type { Database, Queries } from '../../../src/console/database.ts'

export async function openDirectPglite(): Promise<Database> {
  const db = await PGlite.create({ parsers: { [types.INT8]: Number } })
  const sql = new URL('../../../src/console/store/migrations/0002-people.sql', import.meta.url)
  await db.exec(readFileSync(sql, 'utf8'))
  return {
    query: async (text, values) => (await db.query(text, [...(values ?? [])])).rows as never,
    transaction: (work) =>
      db.transaction((own) => {
        const queries: Queries = {
          query: async (text, values) => (await own.query(text, [...(values ?? [])])).rows as never,
        }
        return work(queries)
      }),
    close: () => db.close(),
  }
}
