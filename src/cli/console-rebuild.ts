/** `console rebuild`: what the topics fill is filled anew from their beginning. */
import type { Command } from 'commander'
import { beginAnew } from '../console/projection/begin-anew.ts'
import { systemClock } from '../runtime/clock.ts'
import { addPeopleOptions, type PeopleOptions, terminal, withPeople } from './console-people.ts'

const examples = `
Examples:
  couponguard console rebuild
  couponguard console rebuild --data data
No console may run meanwhile. The next one reads all topics from their beginning. Verdicts, penalties,
notes, acknowledgements, people, saved filters and the audit log stay; locks on cases are let go.
`

export function registerConsoleRebuild(program: Command): void {
  const rebuild = program
    .command('rebuild')
    .description('Empty what the topics fill; the next console fills it anew.')
  addPeopleOptions(rebuild).addHelpText('after', examples).action(runRebuild)
}

async function runRebuild(options: PeopleOptions): Promise<void> {
  await withPeople(options, async ({ audit }, database) => {
    const at = systemClock.now()
    const entry = { action: 'rebuild', subject: null, detail: null, address: null }
    await audit.write({ ...entry, at, person: terminal })
    const cases = await beginAnew(database)
    const said = `${cases} cases and all counts are gone; the next console reads all topics anew`
    process.stdout.write(`${options.json === true ? JSON.stringify({ cases }) : said}\n`)
  })
}
