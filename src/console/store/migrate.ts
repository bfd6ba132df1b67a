/**
 * Brings the console's tables to the state of this version: the numbered SQL files of migrations/
 * that were not applied yet, all in one transaction, one process at a time. A database that a newer
 * version made, or a file that was changed after it was applied, is refused in one line.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EdgeError } from '../../runtime/edge-error.ts'
import type { Database, Queries } from '../database.ts'
import { locks } from './store.ts'

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

const folder = join(import.meta.dirname, 'migrations')

function readMigrations(): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

const table = `CREATE TABLE IF NOT EXISTS migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint
)`

/** Tables of millions are rewritten, and whoever comes second waits for the first to be done. */
const statementMaxMs = 3_600_000

/** Names of those that it applied. Rejects with EdgeError `database-failed` where it refuses. */
export async function migrate(database: Database): Promise<readonly string[]> {
  const ours = readMigrations()
  const bring = async (queries: Queries) => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [locks.migrations])
    await queries.query(table)
    const missing = await missingOf(queries, ours)
    for (const { name, sql, checksum } of missing) {
      await queries.query(sql)
      const values = [name, checksum]
      await queries.query('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', values)
    }
    return missing.map(({ name }) => name)
  }
  return database.transaction(bring, { statementMaxMs })
}

async function missingOf(
  queries: Queries,
  ours: readonly Migration[],
): Promise<readonly Migration[]> {
  const sql = 'SELECT name, checksum FROM migrations ORDER BY name'
  const applied = await queries.query<{ name: string; checksum: string }>(sql)
  for (const { name, checksum } of applied) {
    const mine = ours.find((one) => one.name === name)
    if (mine === undefined)
      throw refused(`it was made by a newer version (${name}): start that one, or another database`)
    if (mine.checksum !== checksum)
      throw refused(`${name} is not what was applied to it: start the version that made it`)
  }
  return ours.filter(({ name }) => !applied.some((one) => one.name === name))
}

const refused = (why: string) =>
  new EdgeError('database-failed', `the console's database cannot be used: ${why}`, false)
