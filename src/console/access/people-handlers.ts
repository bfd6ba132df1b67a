/** Handlers of signing in and out, people, tokens of programs, the audit log and saved filters. */
import { type Call, type Caller, type Handlers, Refusal, type Visit } from '../handlers.ts'
import { type Attempts, type Tried, tooMany } from './attempts.ts'
import type { AuditEntries } from './audit-entries.ts'
import { isSame } from './compare.ts'
import { type Known, notFirst, type People } from './people.ts'
import type { Programs } from './programs.ts'
import type { SavedFilters } from './saved-filters.ts'
import { csrfOf, plainCode } from './secrets.ts'
import type { Sessions } from './sessions.ts'

export type PeopleOperation =
  | 'showSession'
  | 'signIn'
  | 'signOut'
  | 'firstStart'
  | 'changePassword'
  | 'listPeople'
  | 'addPerson'
  | 'changePerson'
  | 'listTokens'
  | 'addToken'
  | 'removeToken'
  | 'listAudit'
  | 'listFilters'
  | 'saveFilter'
export type PeopleHandlers = Pick<Handlers, PeopleOperation>

export interface PeopleHandlerParts {
  readonly people: People
  readonly programs: Programs
  readonly sessions: Sessions
  readonly attempts: Attempts
  readonly audit: AuditEntries
  readonly filters: SavedFilters
  readonly timeZone: string
  readonly version: string
  /** What the terminal shows while nobody exists. */
  readonly setupCode: string
}

const done = { done: true } as const

export function newPeopleHandlers(parts: PeopleHandlerParts): PeopleHandlers {
  const { people, programs, audit, filters } = parts
  return {
    ...entryHandlers(parts),
    async changePassword({ caller, body, at, visit }) {
      const { session, address } = signedInBy(visit)
      const tried = { name: caller.name, address, at }
      await count(parts, tried, 'changePassword')
      if ((await people.check(caller.name, body.current)) === null)
        throw new Refusal(403, 'wrong-password', 'the current password is not that')
      await parts.attempts.forgive(tried)
      await people.changePassword(caller.name, body.next, session)
      return done
    },
    listPeople: async ({ at }) => ({ rows: [...(await people.list(at))] }),
    async addPerson({ body, at }) {
      await people.add(body, at)
      return await people.one(body.name, at)
    },
    async changePerson({ params, body, at }) {
      const { name = '' } = params
      await people.change(name, body)
      return await people.one(name, at)
    },
    listTokens: async () => ({ rows: [...(await programs.list())] }),
    addToken: ({ body, caller, at }) => programs.add({ ...body, by: caller.name }, at),
    async removeToken({ params: { id = '' } }) {
      await programs.remove(id)
      return done
    },
    listAudit: ({ query }) => audit.page(query),
    listFilters: async ({ caller }) => ({ rows: await filters.list(caller.name) }),
    async saveFilter({ caller, body }) {
      await filters.save(caller.name, body)
      return { rows: await filters.list(caller.name) }
    },
  }
}

type Entry = Pick<PeopleHandlers, 'showSession' | 'signIn' | 'signOut' | 'firstStart'>

function entryHandlers(parts: PeopleHandlerParts): Entry {
  const { people, sessions, timeZone, version } = parts
  const sessionOf = async (person: Caller | null, session: string | null) => ({
    person: person === null ? null : { name: person.name, role: person.role },
    csrf: session === null ? null : csrfOf(session),
    firstStart: person === null && !(await people.areThere()),
    timeZone,
    version,
  })
  /** A new session always: one that was there before is ended, whoever brought it. */
  const begin = async (known: Known, visit: Visit, at: number) => {
    if (visit.session !== null) await sessions.end(visit.session)
    const session = await sessions.begin(known, at)
    const found = session === null ? null : await sessions.find(session, at)
    if (session === null || found === null) throw wrong()
    visit.setSession(session)
    return await sessionOf(found.caller, session)
  }
  return {
    showSession: ({ caller, visit }) =>
      sessionOf(caller.name === '' ? null : caller, visit?.session ?? null),
    async signIn({ body, at, visit: given }) {
      const visit = visitOf(given)
      const known = await signIn(parts, body, { at, address: visit.address })
      return await begin(known, visit, at)
    },
    async signOut({ visit: given }) {
      const visit = visitOf(given)
      if (visit.session !== null) await sessions.end(visit.session)
      visit.setSession(null)
      return done
    },
    async firstStart({ body, at, visit: given }) {
      const visit = visitOf(given)
      const known = await makeFirst(parts, body, { at, address: visit.address })
      return await begin(known, visit, at)
    },
  }
}

interface When {
  readonly at: number
  readonly address: string
}

const wrong = () => new Refusal(401, 'wrong', 'name or password is wrong')

/** Throws Refusal 429 where it must wait; one entry tells of all until it may be tried again. */
async function count(
  { attempts, audit }: PeopleHandlerParts,
  tried: Tried,
  action: string,
): Promise<void> {
  const wait = await attempts.count(tried)
  if (wait === null) return
  const { at, address } = tried
  const refusal = tooMany(wait)
  const entry = { at, person: '', action, subject: null, address }
  if (wait.isFirst) await audit.write({ ...entry, detail: `refused: ${refusal.message}` })
  throw refusal
}

/** Who it is; every way to fail sounds and takes the same. */
async function signIn(
  parts: PeopleHandlerParts,
  { name, password }: Call<'signIn'>['body'],
  { at, address }: When,
): Promise<Known> {
  const { people, attempts, audit } = parts
  const entry = { at, action: 'signIn', subject: null, address }
  const tried = { name, address, at }
  await count(parts, tried, 'signIn')
  const person = await people.check(name, password)
  if (person === null) {
    // Not what was typed: now and then it is a password.
    const known = await people.nameOf(name)
    await audit.write({ ...entry, person: known ?? '', detail: 'refused: wrong name or password' })
    throw wrong()
  }
  await attempts.forgive(tried)
  await audit.write({ ...entry, person: person.name, detail: null })
  return person
}

async function makeFirst(
  parts: PeopleHandlerParts,
  { code, name, password }: Call<'firstStart'>['body'],
  { at, address }: When,
): Promise<Known> {
  const { people, attempts, audit, setupCode } = parts
  const tried = { name: 'the first start', address, at }
  const entry = { at, action: 'firstStart', subject: name, address }
  if (await people.areThere()) throw notFirst()
  await count(parts, tried, 'firstStart')
  if (!isSame(plainCode(code), plainCode(setupCode))) {
    await audit.write({ ...entry, person: '', subject: null, detail: 'refused: wrong code' })
    throw new Refusal(403, 'wrong-code', 'the code is the one that the terminal shows')
  }
  const known = await people.addFirst({ name, password }, at)
  await attempts.forgive(tried)
  await audit.write({ ...entry, person: name, detail: null })
  return known
}

function visitOf(visit: Visit | undefined): Visit {
  if (visit === undefined) throw new TypeError('a call without its visit')
  return visit
}

function signedInBy(given: Visit | undefined): Visit {
  const visit = visitOf(given)
  if (visit.session === null) throw new Refusal(403, 'no-person', 'a program has no password')
  return visit
}
