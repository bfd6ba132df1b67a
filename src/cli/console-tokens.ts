/** `console tokens`: tokens of programs. One is printed when it is made, and never again. */
import type { Command } from 'commander'
import { personName } from '../console/api/people-shapes.ts'
import { systemClock } from '../runtime/clock.ts'
import {
  addPeopleOptions,
  type PeopleOptions,
  roleOf,
  terminal,
  withPeople,
} from './console-people.ts'
import { usageError } from './exit.ts'

interface AddOptions extends PeopleOptions {
  readonly role: string
}

const examples = `
Examples:
  couponguard console tokens add export --role viewer > TOKEN
  couponguard console tokens list
  couponguard console tokens remove ID
  curl -H "Authorization: Bearer $(cat TOKEN)" http://127.0.0.1:7071/api/v1/cases
`

export function registerConsoleTokens(program: Command): void {
  const tokens = program
    .command('tokens')
    .description('Make, list and take back tokens of programs.')
    .addHelpText('after', examples)
  const make = (words: string, says: string) =>
    addPeopleOptions(tokens.command(words).description(says)).addHelpText('after', examples)
  make('add <NAME>', 'Make a token and print it, this once.')
    .option('--role <ROLE>', 'viewer, reviewer, lead or administrator', 'viewer')
    .action(addToken)
  make('list', 'List them, without the tokens themselves.').action(listTokens)
  make('remove <ID>', 'Take one back.').action(removeToken)
}

async function addToken(given: string, options: AddOptions): Promise<void> {
  const role = roleOf(options.role)
  const read = personName.safeParse(given)
  if (!read.success) throw usageError('NAME: letters, digits, space and . _ @ - only, at most 60')
  const name = read.data
  await withPeople(options, async ({ audit, programs }) => {
    const at = systemClock.now()
    const detail = JSON.stringify({ name, role })
    await audit.write(entryOf(at, { action: 'addToken', subject: name, detail }))
    const made = await programs.add({ name, role, by: terminal }, at)
    process.stdout.write(`${options.json === true ? JSON.stringify(made) : made.token}\n`)
  })
}

async function listTokens(options: PeopleOptions): Promise<void> {
  await withPeople(options, async ({ programs }) => {
    const rows = await programs.list()
    const lines = rows.map(({ id, name, role }) => `${id}\t${name}\t${role}`)
    const text = lines.length === 0 ? 'none yet: console tokens add' : lines.join('\n')
    process.stdout.write(`${options.json === true ? JSON.stringify({ rows }) : text}\n`)
  })
}

async function removeToken(id: string, options: PeopleOptions): Promise<void> {
  await withPeople(options, async ({ audit, programs }) => {
    const at = systemClock.now()
    await audit.write(entryOf(at, { action: 'removeToken', subject: id, detail: null }))
    await programs.remove(id)
    process.stdout.write(options.json === true ? '{"done":true}\n' : 'taken back\n')
  })
}

interface Said {
  readonly action: string
  readonly subject: string
  readonly detail: string | null
}

const entryOf = (at: number, said: Said) => ({ ...said, at, person: terminal, address: null })
