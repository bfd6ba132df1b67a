/**
 * Everything about who uses the console, over one database: what the server asks (visitors, audit),
 * the handlers, and what the command line changes.
 */
import type { Database } from '../database.ts'
import { type Attempts, newAttempts } from './attempts.ts'
import { type AuditEntries, newAuditEntries } from './audit-entries.ts'
import { newPasswords, type Passwords } from './passwords.ts'
import { newPeople, type People } from './people.ts'
import { newPeopleHandlers, type PeopleHandlers } from './people-handlers.ts'
import { newPrograms, type Programs } from './programs.ts'
import { newSavedFilters } from './saved-filters.ts'
import { newSetupCode } from './secrets.ts'
import { newSessions, type Sessions } from './sessions.ts'
import type { Visitors } from './visitor.ts'

export interface AccessParts {
  /** Migrated. */
  readonly database: Database
  readonly timeZone: string
  readonly version: string
  /** How many cases each person has decided; nobody any where not given. */
  decidedCounts?(): Promise<ReadonlyMap<string, number>>
}

export interface Access {
  readonly visitors: Visitors
  readonly audit: AuditEntries
  readonly handlers: PeopleHandlers
  readonly people: People
  readonly programs: Programs
  readonly passwords: Passwords
  /**
   * While nobody exists: the code that makes the first administrator, for the terminal and nowhere
   * else. Null afterwards. It is another one at every start.
   */
  firstStartCode(): Promise<string | null>
  /** Drops what has ended or is too old; to be called every hour or so. */
  keepHouse(at: number): Promise<void>
}

export function newAccess(parts: AccessParts): Access {
  const { database, timeZone, version } = parts
  const decidedCounts = parts.decidedCounts ?? (async () => new Map<string, number>())
  const passwords = newPasswords()
  const sessions: Sessions = newSessions(database)
  const attempts: Attempts = newAttempts(database)
  const audit = newAuditEntries(database)
  const programs = newPrograms(database)
  const people = newPeople({ database, passwords, sessions, attempts, decidedCounts })
  const setupCode = newSetupCode()
  const filters = newSavedFilters(database)
  return {
    visitors: { bySession: sessions.find, byToken: programs.find },
    audit,
    handlers: newPeopleHandlers({
      ...{ people, programs, sessions, attempts, audit, filters, timeZone, version, setupCode },
    }),
    people,
    programs,
    passwords,
    firstStartCode: async () => ((await people.areThere()) ? null : setupCode),
    async keepHouse(at) {
      await sessions.dropEnded(at)
      await attempts.dropOld(at)
      await audit.forget()
    },
  }
}
