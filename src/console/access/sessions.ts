/**
 * Sessions of people: a random token that only the browser has, of which the database keeps the
 * SHA-256. One ends 12 hours after its last use, 7 days after it began, when its person signs out,
 * is shut out, or gets another role or password. Signing in always makes a new one.
 */
import type { Role } from '../api/operation.ts'
import type { Database, Queries } from '../database.ts'
import { csrfOf, newSecret, sha256 } from './secrets.ts'
import type { Visitor } from './visitor.ts'

export interface Sessions {
  /**
   * The new session's token; null where the person was shut out or got another password since it
   * was checked: no session outlives such a change by having begun beside it.
   */
  begin(known: { readonly name: string; readonly hash: string }, at: number): Promise<string | null>
  find(token: string, at: number, quietly?: 'quietly'): Promise<Visitor | null>
  end(token: string): Promise<void>
  /** Within a transaction that changes the person; all but the one with this token. */
  endAll(queries: Queries, person: string, but?: string | null): Promise<void>
  dropEnded(at: number): Promise<void>
}

export const idleMsMax = 12 * 3_600_000
export const sessionMsMax = 7 * 86_400_000
/** Use is written down at most so often. */
const useMs = 60_000
const personSessionsMax = 20

interface SessionRow {
  readonly person: string
  readonly role: Role
  readonly used_at: number
}

const findSql = `
SELECT s.person, p.role, s.used_at
FROM person_session s JOIN person p ON p.name = s.person
WHERE s.token_sha256 = $1 AND NOT p.is_disabled AND s.used_at > $2 AND s.ends_at > $3`

/** FOR SHARE waits for whoever changes the person, and then looks again. */
const beginSql = `
INSERT INTO person_session (token_sha256, person, begun_at, used_at, ends_at)
SELECT $1, known.name, $3, $3, $4 FROM (
  SELECT name FROM person WHERE name = $2 AND password = $5 AND NOT is_disabled FOR SHARE
) known
RETURNING person`

const dropOldestSql = `
DELETE FROM person_session WHERE token_sha256 IN (
  SELECT token_sha256 FROM person_session WHERE person = $1
  ORDER BY begun_at DESC, token_sha256 OFFSET $2
)`

export function newSessions(database: Database): Sessions {
  return {
    async begin({ name, hash }, at) {
      const token = newSecret()
      const values = [sha256(token), name, at, at + sessionMsMax, hash]
      return await database.transaction(async (queries) => {
        if ((await queries.query(beginSql, values)).length === 0) return null
        await queries.query(dropOldestSql, [name, personSessionsMax])
        await queries.query('UPDATE person SET last_seen_at = $2 WHERE name = $1', [name, at])
        return token
      })
    },
    async find(token, at, quietly) {
      const key = sha256(token)
      const [row] = await database.query<SessionRow>(findSql, [key, at - idleMsMax, at])
      if (row === undefined) return null
      const { person, role } = row
      if (quietly === undefined && row.used_at <= at - useMs)
        await use(database, { key, person, at })
      return { caller: { name: person, role }, via: 'session', csrf: csrfOf(token) }
    },
    async end(token) {
      await database.query('DELETE FROM person_session WHERE token_sha256 = $1', [sha256(token)])
    },
    async endAll(queries, person, but = null) {
      const kept = but === null ? new Uint8Array() : sha256(but)
      const sql = 'DELETE FROM person_session WHERE person = $1 AND token_sha256 <> $2'
      await queries.query(sql, [person, kept])
    },
    async dropEnded(at) {
      const sql = 'DELETE FROM person_session WHERE used_at <= $1 OR ends_at <= $2'
      await database.query(sql, [at - idleMsMax, at])
    },
  }
}

interface Use {
  readonly key: Uint8Array
  readonly person: string
  readonly at: number
}

async function use(database: Database, { key, person, at }: Use): Promise<void> {
  await database.query('UPDATE person_session SET used_at = $2 WHERE token_sha256 = $1', [key, at])
  await database.query('UPDATE person SET last_seen_at = $2 WHERE name = $1', [person, at])
}
