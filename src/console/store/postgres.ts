/**
 * Postgres 15 or later as the console's database, through a pool of at most ten connections. A
 * server that went away is met again by the next query: nothing has to be started anew.
 */
import pg from 'pg'
import type { Queries, Value } from '../database.ts'
import { meetOthers } from './others.ts'
import { consoleName, databaseError, type Store } from './store.ts'

export interface PostgresOptions {
  readonly url: string
  /** Connections at most; default 10. */
  readonly connectionsMax?: number
  /** A statement that takes longer is ended; default 30 s. */
  readonly statementMaxMs?: number
  /** What its connections are called at the server; default that of a console. */
  readonly name?: string
}

const types = new pg.TypeOverrides()
/** bigint, numeric (sums of bigint) and arrays of bigint: all of ours are below 2^53. */
types.setTypeParser(20, Number)
types.setTypeParser(1700, Number)
types.setTypeParser(1016, (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)))

/** Opens no connection yet. */
export function openPostgres(options: string | PostgresOptions): Store {
  const given: PostgresOptions = typeof options === 'string' ? { url: options } : options
  const { connectionsMax = 10, statementMaxMs = 30_000 } = given
  const pool = newPool(given, connectionsMax, statementMaxMs)
  return {
    query: (sql, values) => run(pool, sql, values),
    async transaction(work, limits) {
      if (limits === undefined) return inTransaction(pool, work)
      const own = newPool(given, 1, limits.statementMaxMs)
      try {
        return await inTransaction(own, work)
      } finally {
        await own.end()
      }
    },
    alone: (lock, work) => alone(pool, lock, work),
    meetOthers: (heard) =>
      meetOthers({ connectionString: given.url, application_name: consoleName }, heard),
    close: () => pool.end(),
  }
}

function newPool(
  { url, name = consoleName }: PostgresOptions,
  connectionsMax: number,
  statementMs: number,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: name,
    statement_timeout: statementMs,
    // A server that the network lost never answers: the driver has to give up by itself.
    query_timeout: statementMs + 5_000,
    types,
  })
  // An idle connection that breaks is thrown away by the pool; the next query opens another.
  pool.on('error', () => undefined)
  return pool
}

async function run<Row extends object>(
  on: pg.Pool | pg.PoolClient,
  sql: string,
  values: readonly Value[] | undefined,
): Promise<readonly Row[]> {
  try {
    const result = await on.query<Row>(sql, values === undefined ? undefined : [...values])
    // Several statements at once give several results.
    return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
  } catch (error) {
    throw databaseError(error)
  }
}

async function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    const client = await pool.connect()
    client.on('error', ignored)
    return client
  } catch (error) {
    throw databaseError(error)
  }
}

/** What breaks a connection reaches whoever waits on it; with nobody, it must not end us. */
const ignored = () => undefined

function release(client: pg.PoolClient, broken: boolean): void {
  client.off('error', ignored)
  client.release(broken)
}

async function inTransaction<T>(pool: pg.Pool, work: (queries: Queries) => Promise<T>): Promise<T> {
  const client = await connected(pool)
  let isBroken = true
  try {
    await run(client, 'BEGIN', undefined)
    try {
      const result = await work({ query: (sql, values) => run(client, sql, values) })
      await run(client, 'COMMIT', undefined)
      isBroken = false
      return result
    } catch (error) {
      await run(client, 'ROLLBACK', undefined)
      isBroken = false
      throw error
    }
  } finally {
    release(client, isBroken)
  }
}

/** The lock is the connection's: it goes with it, however the holder ends. */
async function alone<T>(pool: pg.Pool, lock: number, work: () => Promise<T>): Promise<T | null> {
  const client = await connected(pool)
  let isBroken = true
  try {
    const sql = 'SELECT pg_try_advisory_lock($1) AS held'
    const [row] = await run<{ held: boolean }>(client, sql, [lock])
    if (row?.held !== true) {
      isBroken = false
      return null
    }
    try {
      return await work()
    } finally {
      await run(client, 'SELECT pg_advisory_unlock($1)', [lock])
      isBroken = false
    }
  } finally {
    release(client, isBroken)
  }
}
