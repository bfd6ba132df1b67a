/** `console users`: who may use the console, said on the server's own terminal. */
import type { Command } from 'commander'
import { z } from 'zod'
import type { Access } from '../console/access/access.ts'
import { passphrase, personName } from '../console/api/people-shapes.ts'
import { systemClock } from '../runtime/clock.ts'
import {
  type PeopleOptions,
  peopleCommands,
  type RoleOptions,
  roleOption,
  say,
  told,
  withPeople,
} from './console-people.ts'
import { usageError } from './exit.ts'
import { typedSecret } from './typed-secret.ts'

interface DisableOptions extends PeopleOptions {
  readonly undo?: boolean
}

const examples = `
Examples:
  couponguard console users add ada --role administrator
  couponguard console users password ada < FILE
  couponguard console users list --json
  couponguard console users disable ada
  couponguard console users password ada --data data
The password is asked for, or read from the first line of standard input: at least 12 characters.
`

export function registerConsoleUsers(program: Command): void {
  const says = 'Add and list people, give a new password, shut somebody out.'
  const make = peopleCommands(program.command('users'), says, examples)
  make('add <NAME>', 'Add a person; the password is asked for.')
    .addOption(roleOption('reviewer'))
    .action(addUser)
  make('list', 'List everybody.').action(listUsers)
  make('password <NAME>', 'Give a new password; ends their sessions, and any lock.').action(
    (name: string, options: PeopleOptions) => setPassword(checkedName(name), options),
  )
  make('disable <NAME>', 'Shut somebody out; ends their sessions.')
    .option('--undo', 'let them in again')
    .action((name: string, options: DisableOptions) => disable(checkedName(name), options))
}

const lookUp = async ({ people }: Access, name: string) => people.one(name, systemClock.now())

async function addUser(given: string, options: RoleOptions): Promise<void> {
  const { role } = options
  const name = checkedName(given)
  const password = checkedPassword(await typedSecret(`password of ${name}`))
  await withPeople(options, async (access) => {
    await told(access, { action: 'addPerson', subject: name, detail: `{"role":"${role}"}` })
    await access.people.add({ name, role, password }, systemClock.now())
    say(options, await lookUp(access, name), `${name} may use the console as ${role}`)
  })
}

async function listUsers(options: PeopleOptions): Promise<void> {
  await withPeople(options, async ({ people }) => {
    const rows = await people.list(systemClock.now())
    const lines = rows.map(({ name, role, isDisabled }) =>
      [name, role, ...(isDisabled ? ['shut out'] : [])].join('\t'),
    )
    say(options, { rows }, lines.length === 0 ? 'nobody yet: console users add' : lines.join('\n'))
  })
}

async function setPassword(name: string, options: PeopleOptions): Promise<void> {
  const password = checkedPassword(await typedSecret(`new password of ${name}`))
  await withPeople(options, async (access) => {
    await changed(access, name, '{"password":"new"}')
    await access.people.change(name, { password })
    say(
      options,
      await lookUp(access, name),
      `${name} has a new password; their sessions have ended`,
    )
  })
}

async function disable(name: string, options: DisableOptions): Promise<void> {
  const isDisabled = options.undo !== true
  await withPeople(options, async (access) => {
    await changed(access, name, `{"isDisabled":${isDisabled}}`)
    await access.people.change(name, { isDisabled })
    const words = isDisabled
      ? 'is shut out; their sessions have ended'
      : 'may use the console again'
    say(options, await lookUp(access, name), `${name} ${words}`)
  })
}

const changed = (access: Access, subject: string, detail: string) =>
  told(access, { action: 'changePerson', subject, detail })

const checkedName = (name: string) => checked(personName, name, 'NAME')
const checkedPassword = (password: string) => checked(passphrase, password, 'the password')

function checked(shape: z.ZodType<string>, text: string, what: string): string {
  const read = shape.safeParse(text)
  if (read.success) return read.data
  throw usageError(`${what}: ${z.flattenError(read.error).formErrors.join('; ')}`)
}
