/**
 * `npm run simulate -- [--seed N] [--steps N] [--minutes N]`: seed after seed of the simulation in
 * test/simulation until so many messages were sent or so much time has passed. With --seed alone,
 * that seed only. Prints what was injected and `0 lost, 0 doubled`, or what is wrong and the
 * command that shows it again. About 700 messages a second.
 */
import { parseArgs } from 'node:util'
import { commitSeed } from '../test/simulation/commit-seed.ts'
import { type SimulationResult, simulate } from '../test/simulation/simulate.ts'

const problemsShown = 20

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${name} is "${text}": give a whole number above 0`)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string' },
    minutes: { type: 'string' },
  },
})
const seedGiven = wholeNumber('seed', values.seed)
const stepsGiven = wholeNumber('steps', values.steps)
const minutes = wholeNumber('minutes', values.minutes)
const single = seedGiven !== null && stepsGiven === null && minutes === null
const stepsMax = stepsGiven ?? (minutes === null ? 20_000 : Number.POSITIVE_INFINITY)
const endAt = minutes === null ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000

const firstSeed = seedGiven ?? commitSeed()
const totals = { seeds: 0, messages: 0, events: 0, audits: 0, commits: 0, alerts: 0 }
const faults = new Map<string, number>()

function add(result: SimulationResult): void {
  totals.seeds += 1
  for (const field of ['messages', 'events', 'audits', 'commits', 'alerts'] as const)
    totals[field] += result[field]
  for (const [name, count] of result.faults) faults.set(name, (faults.get(name) ?? 0) + count)
}

function fail({ seed, problems }: SimulationResult): never {
  console.error(`seed ${seed}: ${problems.length} problems`)
  for (const problem of problems.slice(0, problemsShown)) console.error(`  ${problem}`)
  console.error(`again: npm run simulate -- --seed ${seed}`)
  process.exit(1)
}

console.log(`first seed ${firstSeed}`)
for (let seed = firstSeed; ; seed += 1) {
  const result = await simulate({ seed })
  add(result)
  if (result.problems.length > 0) fail(result)
  if (single || totals.messages >= stepsMax || performance.now() >= endAt) break
}

const say = (number: number) => number.toLocaleString('en-US')
const injected = [...faults].sort(([a], [b]) => (a < b ? -1 : 1))
const width = Math.max(0, ...injected.map(([name]) => name.length))
for (const [name, count] of injected)
  console.log(`  ${name.padEnd(width)}  ${say(count).padStart(9)}`)
console.log(
  `${say(totals.seeds)} seeds: ${say(totals.messages)} messages, ${say(totals.events)} events in` +
    ` ${say(totals.commits)} batches, ${say(totals.audits)} decisions, ${say(totals.alerts)} alerts`,
)
console.log('0 lost, 0 doubled')
