/** `console tokens`: tokens of programs. One is printed when it is made, and never again. */
import type { Command } from 'commander'
import { personName } from '../console/api/people-shapes.ts'
import { systemClock } from '../runtime/clock.ts'
import {
  type PeopleOptions,
  peopleCommands,
  type RoleOptions,
  roleOption,
  say,
  terminal,
  told,
  withPeople,
} from './console-people.ts'
import { usageError } from './exit.ts'

const examples = `
Examples:
  couponguard console tokens add export --role viewer > TOKEN
  couponguard console tokens list
  couponguard console tokens remove ID
  curl -H "Authorization: Bearer $(cat TOKEN)" http://127.0.0.1:7071/api/v1/cases
`

export function registerConsoleTokens(program: Command): void {
  const says = 'Make, list and take back tokens of programs.'
  const make = peopleCommands(program.command('tokens'), says, examples)
  make('add <NAME>', 'Make a token and print it, this once.')
    .addOption(roleOption('viewer'))
    .action(addToken)
  make('list', 'List them, without the tokens themselves.').action(listTokens)
  make('remove <ID>', 'Take one back.').action(removeToken)
}

async function addToken(given: string, options: RoleOptions): Promise<void> {
  const read = personName.safeParse(given)
  if (!read.success) throw usageError('NAME: letters, digits, space and . _ @ - only, at most 60')
  const name = read.data
  await withPeople(options, async (access) => {
    const { role } = options
    const detail = JSON.stringify({ name, role })
    await told(access, { action: 'addToken', subject: name, detail })
    const made = await access.programs.add({ name, role, by: terminal }, systemClock.now())
    say(options, made, made.token)
  })
}

async function listTokens(options: PeopleOptions): Promise<void> {
  await withPeople(options, async ({ programs }) => {
    const rows = await programs.list()
    const lines = rows.map(({ id, name, role }) => `${id}\t${name}\t${role}`)
    say(options, { rows }, lines.length === 0 ? 'none yet: console tokens add' : lines.join('\n'))
  })
}

async function removeToken(id: string, options: PeopleOptions): Promise<void> {
  await withPeople(options, async (access) => {
    await told(access, { action: 'removeToken', subject: id })
    await access.programs.remove(id)
    say(options, { done: true }, 'taken back')
  })
}
