/**
 * What `console users`, `console tokens` and `console rebuild` have in common: the console's
 * database, opened and closed again; the name under which their deeds stand in the audit log; how
 * they print.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { loadPostgresUrl } from '../config/connections.ts'
import { type Access, newAccess } from '../console/access/access.ts'
import { type Role, roles } from '../console/api/operation.ts'
import { Refusal } from '../console/handlers.ts'
import { migrate } from '../console/store/migrate.ts'
import { openPglite } from '../console/store/pglite.ts'
import { openPostgres } from '../console/store/postgres.ts'
import type { Store } from '../console/store/store.ts'
import { lockDirectory } from '../log/directory/lock.ts'
import { systemClock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { version } from '../version.ts'
import { CommandError, usageError } from './exit.ts'

export interface PeopleOptions {
  readonly config?: string
  readonly data?: string
  readonly json?: boolean
}

export interface RoleOptions extends PeopleOptions {
  readonly role: Role
}

/** A command with the options of where the database is, and with examples. */
export function peopleCommand(command: Command, says: string, examples: string): Command {
  return command
    .description(says)
    .addHelpText('after', examples)
    .option('--config <FILE>', 'YAML with postgres; COUPONGUARD_POSTGRES_URL wins over it')
    .option('--data <DIR>', 'in place of Postgres: the data directory of start, which must not run')
    .option('--json', 'print one JSON document')
}

/** A command that has others below it: gives what makes one of those. */
export function peopleCommands(group: Command, says: string, examples: string) {
  group.description(says).addHelpText('after', examples)
  return (words: string, saysOne: string) => peopleCommand(group.command(words), saysOne, examples)
}

/** `--role`, where nothing is said the given one. */
export const roleOption = (unsaid: Role): Option =>
  new Option('--role <ROLE>', 'viewer, reviewer, lead or administrator')
    .default(unsaid)
    .argParser(roleOf)

/** Whoever runs a command on the server; nobody signed in can have this name. */
export const terminal = 'terminal:'

interface Deed {
  readonly action: string
  readonly subject?: string
  readonly detail?: string
}

/** Writes to the audit log what is about to be done. */
export async function told({ audit }: Access, deed: Deed): Promise<void> {
  const at = systemClock.now()
  await audit.write({ subject: null, detail: null, ...deed, at, person: terminal, address: null })
}

/** Prints what was done, for a program or for people. */
export function say({ json }: PeopleOptions, document: unknown, text: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(document) : text}\n`)
}

/** What is refused ends the command with one line; so does a database that is away. */
export async function withPeople<T>(
  options: PeopleOptions,
  work: (access: Access, database: Store) => Promise<T>,
): Promise<T> {
  const { database, close } = await openPeople(options)
  try {
    await migrate(database)
    return await work(newAccess({ database, timeZone: 'UTC', version }), database)
  } catch (error) {
    if (error instanceof Refusal || error instanceof EdgeError)
      throw new CommandError(error.message, undefined, error)
    throw error
  } finally {
    await close()
  }
}

interface Opened {
  readonly database: Store
  close(): Promise<void>
}

async function openPeople(options: PeopleOptions): Promise<Opened> {
  const { data } = options
  if (data === undefined) {
    const database = openPostgres({ url: loadPostgresUrl(options), name: 'couponguard-command' })
    return { database, close: () => database.close().catch(() => undefined) }
  }
  const folder = join(data, 'console')
  if (!existsSync(folder))
    throw new CommandError(`${data}: holds no console; start makes one when it runs there`)
  // The same lock as start's: one process at a time.
  const lock = await lockDirectory(data)
  try {
    const database = await openPglite(folder)
    return {
      database,
      async close() {
        await database.close().catch(() => undefined)
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

function roleOf(text: string): Role {
  const role = roles.find((one) => one === text)
  if (role === undefined) throw usageError(`--role ${text}: must be one of ${roles.join(', ')}`)
  return role
}
