/**
 * What both databases of the console are beyond the port: work that only one process may do at a
 * time, and the same words for the same failure.
 */
import { EdgeError } from '../../runtime/edge-error.ts'
import type { Database, Queries, Value } from '../database.ts'
import type { Heard, Others } from './others.ts'

export interface Store extends Database {
  /**
   * Does the work while holding a lock that only one holder in all processes has; null at once
   * where another one has it. The work's own queries go through the store and not the lock.
   */
  alone<T>(lock: number, work: () => Promise<T>): Promise<T | null>
  /** Meets other processes on this database; null where there can be none. */
  readonly meetOthers: ((heard: Heard) => Others) | null
}

/** What connections of a running console are called at the server. */
export const consoleName = 'couponguard-console'

export const locks = { outbox: 7_070_001, migrations: 7_070_002 } as const

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const awayStates = /^(?:08|57P0|53)/
const busyStates = new Set(['40001', '40P01', '55P03', '57014'])
const refusedStates = /^(?:28|3D000|42501)/
const awayErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** A driver's error in our words; a defect, such as wrong SQL, comes back as it is. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EdgeError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const said = error.message.split('\n')[0]!
  if (busyStates.has(code))
    return new EdgeError('database-busy', `the database was busy: ${said}`, true, error)
  if (awayErrnos.has(code) || awayStates.test(code) || isCut(error.message))
    return new EdgeError('database-away', `the database is away: ${said}`, true, error)
  if (refusedStates.test(code))
    return new EdgeError('database-refused', `the database refuses us: ${said}`, false, error)
  return error
}

/** The driver gives these no code. */
const cuts = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client was closed',
  'not queryable',
]
const isCut = (message: string) => cuts.some((words) => message.includes(words))

export function awayBecause(why: string): EdgeError {
  return new EdgeError('database-away', `the database is away: ${why}`, true)
}

/** One row, or null where there is none. */
export async function oneOf<Row extends object>(
  queries: Queries,
  sql: string,
  values: readonly Value[] = [],
): Promise<Row | null> {
  const rows = await queries.query<Row>(sql, values)
  return rows[0] ?? null
}
