/** `console rebuild`: what the topics fill is filled anew from their beginning. */
import type { Command } from 'commander'
import { beginAnew } from '../console/projection/begin-anew.ts'
import { type PeopleOptions, peopleCommand, say, told, withPeople } from './console-people.ts'

const examples = `
Examples:
  couponguard console rebuild
  couponguard console rebuild --data data
No console may run meanwhile. The next one reads all topics from their beginning. Verdicts, penalties,
notes, acknowledgements, people, saved filters and the audit log stay; locks on cases are let go.
`

export function registerConsoleRebuild(program: Command): void {
  const says = 'Empty what the topics fill; the next console fills it anew.'
  peopleCommand(program.command('rebuild'), says, examples).action(runRebuild)
}

async function runRebuild(options: PeopleOptions): Promise<void> {
  await withPeople(options, async (access, database) => {
    await told(access, { action: 'rebuild' })
    const cases = await beginAnew(database)
    const text = `${cases} cases and all counts are gone; the next console reads all topics anew`
    say(options, { cases }, text)
  })
}
