/** The real access side behind the real server, and browsers that keep what they are told. */
import { expect } from 'vitest'
import { z } from 'zod'
import { type Access, newAccess } from '../../../src/console/access/access.ts'
import type { Role } from '../../../src/console/api/operation.ts'
import { csrfHeader } from '../../../src/console/api/operations.ts'
import type { Database } from '../../../src/console/database.ts'
import type { Handlers } from '../../../src/console/handlers.ts'
import { migrate } from '../../../src/console/store/migrate.ts'
import { openPglite } from '../../../src/console/store/pglite.ts'
import { type Got, json, send } from './ask.ts'
import { type Stub, sampleAnswer, startStub } from './stub-console.ts'

export const password = 'correct horse battery'
export const dayMs = 86_400_000

export interface Running {
  readonly stub: Stub
  readonly access: Access
  readonly database: Database
  at: number
}

/** The real access side behind the real server; what is not people's is made up. */
export async function startAccess(
  on: Running,
  database: Database,
  own: Partial<Handlers> = {},
): Promise<void> {
  const access = newAccess({ database, timeZone: 'Asia/Shanghai', version: '1.2.3' })
  on.at = 1_700_000_000_000
  const stub = await startStub({
    visitors: access.visitors,
    audit: access.audit,
    own: { ...own, ...access.handlers },
    now: () => on.at,
    made: async (name) => sampleAnswer(name),
  })
  Object.assign(on, { stub, access, database })
}

/** A browser: keeps its cookie and the CSRF token it was told. */
export function newBrowser({ stub }: Running) {
  let cookie = ''
  let csrf = ''
  const browser = {
    cookie: () => cookie,
    csrf: () => csrf,
    forget() {
      cookie = ''
      csrf = ''
    },
    async ask(method: string, path: string, body?: object): Promise<Got> {
      const headers: Record<string, string> = { cookie, [csrfHeader]: csrf }
      const sent = { method, path: `/api/v1/${path}`, headers }
      if (body === undefined) return keep(await send(sent, stub.port))
      Object.assign(headers, json)
      return keep(await send({ ...sent, body: JSON.stringify(body) }, stub.port))
    },
    signIn: (name: string, word = password) =>
      browser.ask('POST', 'session', { name, password: word }),
  }
  function keep(got: Got): Got {
    const set = got.headers['set-cookie']
    const first = Array.isArray(set) ? set[0] : set
    if (first !== undefined) cookie = first.split(';')[0]!
    const told = z.object({ csrf: z.string() }).safeParse(JSON.parse(got.text))
    if (told.success) csrf = told.data.csrf
    return got
  }
  return browser
}

export const statusOf = async (asked: Promise<Got>) => (await asked).status

/** Somebody new, and their browser signed in. */
export async function addPerson(on: Running, name: string, role: Role) {
  await on.access.people.add({ name, role, password }, on.at)
  const browser = newBrowser(on)
  expect(await statusOf(browser.signIn(name))).toBe(200)
  return browser
}

/** Newest entries of the audit log. */
export const newestEntries = async (on: Running) => (await on.access.audit.page({ limit: 20 })).rows

/** PGlite in memory with the tables of this version. */
export async function openMigrated(): Promise<Database> {
  const database = await openPglite(null)
  await migrate(database)
  return database
}
