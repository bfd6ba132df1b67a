/**
 * People: who may use the console, as what. Nobody is ever removed, since verdicts and the audit
 * log name them: they are shut out. The last administrator who is not can be neither shut out nor
 * given another role, however many try at once.
 */
import type { z } from 'zod'
import type { Role } from '../api/operation.ts'
import type { personShape } from '../api/people-shapes.ts'
import type { Database, Queries } from '../database.ts'
import { Refusal } from '../handlers.ts'
import type { Attempts } from './attempts.ts'
import type { Passwords } from './passwords.ts'
import { foldedName } from './secrets.ts'
import type { Sessions } from './sessions.ts'

export type Person = z.output<typeof personShape>

export interface Added {
  readonly name: string
  readonly role: Role
  readonly password: string
}

/** Somebody whose password was right just now. */
export interface Known {
  readonly name: string
  /** Of the password that was right: where it is another one by now, nothing begins. */
  readonly hash: string
}

export interface Change {
  readonly role?: Role | undefined
  readonly isDisabled?: boolean | undefined
  readonly password?: string | undefined
}

export interface People {
  areThere(): Promise<boolean>
  list(at: number): Promise<readonly Person[]>
  one(name: string, at: number): Promise<Person>
  /** Throws Refusal where there is one of that name, or the password is too easy. */
  add(added: Added, at: number): Promise<void>
  /** The first administrator; throws Refusal where anybody exists. */
  addFirst(added: Omit<Added, 'role'>, at: number): Promise<Known>
  /** Ends all sessions of the person. */
  change(name: string, change: Change): Promise<void>
  /** Who it is where name and password are right; null else, after as long. */
  check(name: string, password: string): Promise<Known | null>
  /** A name as it is written; null where there is nobody of it. */
  nameOf(name: string): Promise<string | null>
  /** Their own password; ends all their sessions but that of the token. */
  changePassword(name: string, password: string, but: string | null): Promise<void>
}

export interface PeopleParts {
  readonly database: Database
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly attempts: Attempts
  /** How many cases each has decided; of the cases' part of the database. */
  decidedCounts(): Promise<ReadonlyMap<string, number>>
}

interface PersonRow {
  readonly name: string
  readonly role: Role
  readonly is_disabled: boolean
  readonly created_at: number
  readonly last_seen_at: number | null
}

const listSql = `
SELECT name, role, is_disabled, created_at, last_seen_at FROM person
WHERE $1::text IS NULL OR folded = $1 ORDER BY folded LIMIT 1000`
const addSql = `
INSERT INTO person (name, folded, role, password, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING name`

export function newPeople(parts: PeopleParts): People {
  return { ...reading(parts), ...adding(parts), ...changing(parts) }
}

const areThere = async (queries: Queries) =>
  (await queries.query('SELECT 1 AS one FROM person LIMIT 1')).length > 0

function reading(
  parts: PeopleParts,
): Pick<People, 'areThere' | 'list' | 'one' | 'nameOf' | 'check'> {
  const { database, passwords, attempts } = parts
  async function rowsOf(name: string | null, at: number): Promise<readonly Person[]> {
    const folded = name === null ? null : foldedName(name)
    const rows = await database.query<PersonRow>(listSql, [folded])
    const decided = await parts.decidedCounts()
    const names = rows.map((row) => row.name)
    const blocked = await attempts.blockedUntil(names, at)
    return rows.map((row) => ({
      name: row.name,
      role: row.role,
      isDisabled: row.is_disabled,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      lockedUntil: blocked.get(row.name) ?? null,
      decided: decided.get(row.name) ?? 0,
    }))
  }
  return {
    areThere: () => areThere(database),
    list: (at) => rowsOf(null, at),
    async one(name, at) {
      const [person] = await rowsOf(name, at)
      if (person === undefined) throw nobodyOf(name)
      return person
    },
    async nameOf(name) {
      const sql = 'SELECT name FROM person WHERE folded = $1'
      const [row] = await database.query<{ name: string }>(sql, [foldedName(name)])
      return row?.name ?? null
    },
    async check(name, password) {
      const sql = 'SELECT name, password, is_disabled FROM person WHERE folded = $1'
      const [row] = await database.query<CheckedRow>(sql, [foldedName(name)])
      const isRight = await passwords.verify(row?.password ?? null, password)
      if (!isRight || row === undefined || row.is_disabled) return null
      return { name: row.name, hash: row.password }
    },
  }
}

function adding({ database, passwords }: PeopleParts): Pick<People, 'add' | 'addFirst'> {
  const insert = async (queries: Queries, { name, role }: Omit<Added, 'password'>, rest: Rest) =>
    (await queries.query(addSql, [name, foldedName(name), role, rest.hash, rest.at])).length > 0
  return {
    async add(added, at) {
      checkPassword(added.name, added.password)
      const hash = await passwords.hash(added.password)
      if (await insert(database, added, { hash, at })) return
      const detail = 'there is somebody of that name, or of one that looks like it'
      throw new Refusal(409, 'exists', detail)
    },
    async addFirst(added, at) {
      checkPassword(added.name, added.password)
      const hash = await passwords.hash(added.password)
      await database.transaction(async (queries) => {
        await queries.query('LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE')
        if (await areThere(queries)) throw notFirst()
        await insert(queries, { ...added, role: 'administrator' }, { hash, at })
      })
      return { name: added.name, hash }
    },
  }
}

function changing(parts: PeopleParts): Pick<People, 'change' | 'changePassword'> {
  const { database, passwords, sessions, attempts } = parts
  return {
    async change(name, change) {
      if (change.password !== undefined) checkPassword(name, change.password)
      const hash = change.password === undefined ? null : await passwords.hash(change.password)
      const known = await database.transaction((queries) =>
        changeOne(queries, sessions, { name, change, hash }),
      )
      if (hash !== null || change.isDisabled === false) await attempts.lift(known)
    },
    async changePassword(name, password, but) {
      checkPassword(name, password)
      const hash = await passwords.hash(password)
      await database.transaction(async (queries) => {
        await queries.query('UPDATE person SET password = $2 WHERE name = $1', [name, hash])
        await sessions.endAll(queries, name, but)
      })
    },
  }
}

export const notFirst = () =>
  new Refusal(409, 'not-first', 'somebody exists already; sign in, or ask an administrator')
const nobodyOf = (name: string) => new Refusal(404, 'no-person', `there is nobody called ${name}`)

interface Rest {
  readonly hash: string
  readonly at: number
}

interface CheckedRow {
  readonly name: string
  readonly password: string
  readonly is_disabled: boolean
}

interface Changing {
  readonly name: string
  readonly change: Change
  readonly hash: string | null
}

async function changeOne(
  queries: Queries,
  sessions: Sessions,
  { name, change: { role, isDisabled }, hash }: Changing,
): Promise<string> {
  // Whoever changes an administrator waits here for whoever else does.
  const others = await queries.query<{ folded: string }>(
    `SELECT folded FROM person WHERE role = 'administrator' AND NOT is_disabled
     ORDER BY folded FOR UPDATE`,
  )
  const folded = foldedName(name)
  const isOnly = others.length === 1 && others[0]!.folded === folded
  if (isOnly && ((role !== undefined && role !== 'administrator') || isDisabled === true))
    throw new Refusal(409, 'last-administrator', 'the last administrator stays one')
  const [changed] = await queries.query<{ name: string }>(
    `UPDATE person SET role = coalesce($2, role), is_disabled = coalesce($3, is_disabled),
       password = coalesce($4, password) WHERE folded = $1 RETURNING name`,
    [folded, role ?? null, isDisabled ?? null, hash],
  )
  if (changed === undefined) throw nobodyOf(name)
  await sessions.endAll(queries, changed.name)
  return changed.name
}

/** Length is the table's affair; this refuses what is long and yet guessed at once. */
function checkPassword(name: string, password: string): void {
  const plain = foldedName(password)
  const isOneThing = new Set(plain).size < 5
  const isName = name.length >= 4 && plain.replaceAll(foldedName(name), '').length < 8
  if (isOneThing || isName)
    throw new Refusal(400, 'weak-password', 'too easy to guess: a few words in a row are better')
}
