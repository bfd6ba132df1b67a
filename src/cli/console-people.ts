/** What `console users` and `console tokens` work on: the people of the console's database. */
import type { Command } from 'commander'
import { loadPostgresUrl } from '../config/connections.ts'
import { type Access, newAccess } from '../console/access/access.ts'
import { type Role, roles } from '../console/api/operation.ts'
import { Refusal } from '../console/handlers.ts'
import { migrate } from '../console/store/migrate.ts'
import { openPostgres } from '../console/store/postgres.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { CommandError, usageError } from './exit.ts'

export interface PeopleOptions {
  readonly config?: string
  readonly json?: boolean
}

export function addPeopleOptions(command: Command): Command {
  return command
    .option('--config <FILE>', 'YAML with postgres; COUPONGUARD_POSTGRES_URL wins over it')
    .option('--json', 'print one JSON document')
}

/** Whoever runs a command on the server; nobody signed in can have this name. */
export const terminal = 'terminal:'

/** What is refused ends the command with one line; so does a database that is away. */
export async function withPeople<T>(
  options: PeopleOptions,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  const database = openPostgres(loadPostgresUrl(options))
  try {
    await migrate(database)
    return await work(newAccess({ database, timeZone: 'UTC', version: '' }))
  } catch (error) {
    if (error instanceof Refusal || error instanceof EdgeError)
      throw new CommandError(error.message, undefined, error)
    throw error
  } finally {
    await database.close().catch(() => undefined)
  }
}

export function roleOf(text: string): Role {
  const role = roles.find((one) => one === text)
  if (role === undefined) throw usageError(`--role ${text}: must be one of ${roles.join(', ')}`)
  return role
}
