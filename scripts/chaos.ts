/**
 * `npm run chaos -- [--minutes N] [--seed S]`: real servers and processes, attacked at random and
 * at the worst moments while a generated day is judged; then an auditor says what was lost or
 * doubled. Prints what was injected and `0 lost, 0 doubled`, or what is wrong and the command that
 * deals the same faults again. Without --minutes the short form: about two minutes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/runtime/clock.ts'
import { commitSeed } from '../test/simulation/commit-seed.ts'
import { chaosNotRun } from './chaos/exit-codes.ts'
import { type ChaosOptions, type ChaosResult, runChaos } from './chaos/run.ts'
import { Unavailable } from './stack/available.ts'

const problemsShown = 30
const shortForm = { events: 30_000, durationMs: 90_000 }
const longForm = { eventsMin: 200_000, eventsPerMinute: 8_000 }

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${name} is "${text}": give a whole number above 0`)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    events: { type: 'string' },
    workers: { type: 'string' },
    store: { type: 'string', default: 'redis' },
    calm: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const seed = wholeNumber('seed', values.seed) ?? commitSeed()
const minutes = wholeNumber('minutes', values.minutes)
const store = values.store === 'memory' ? 'memory' : 'redis'
const form =
  minutes === null
    ? shortForm
    : {
        events: Math.max(longForm.eventsMin, minutes * longForm.eventsPerMinute),
        durationMs: minutes * 60_000,
      }
const folder = mkdtempSync(join(tmpdir(), 'couponguard-chaos-'))
const startedAt = performance.now()
const say = (line: string) => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const time = new Date(systemClock.now()).toISOString().slice(11, 23)
  console.log(`${time} ${seconds.padStart(7)} s  ${line}`)
}
const options: ChaosOptions = {
  seed,
  ...form,
  events: wholeNumber('events', values.events) ?? form.events,
  store,
  calm: values.calm,
  workers: wholeNumber('workers', values.workers) ?? (store === 'redis' ? 3 : 1),
  monitors: 2,
  folder,
  say,
}

const number = (value: number) => value.toLocaleString('en-US')

function printCounts(title: string, counts: ReadonlyMap<string, number>): void {
  if (counts.size === 0) return
  console.log(title)
  for (const [name, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${number(count).padStart(6)}  ${name}`)
}

function print({ published, faults, ends, counts, problems, failures }: ChaosResult): boolean {
  printCounts('faults:', faults)
  printCounts('processes that ended of their own accord, and were started again:', ends)
  console.log(
    `${number(published.messages)} messages, ${number(published.spoiled)} of them spoiled` +
      ` and ${number(published.withdrawn)} withdrawn (${published.again} parts sent again);` +
      ` ${number(counts.audits)} audits,` +
      ` ${number(counts.decisions)} decisions, ${number(counts.letters)} dead letters,` +
      ` ${number(counts.alerts)} alerts`,
  )
  for (const line of failures) console.log(`FAILED  ${line}`)
  const byName = new Map<string, number>()
  for (const { name } of problems) byName.set(name, (byName.get(name) ?? 0) + 1)
  printCounts('what is wrong:', byName)
  const lines = problems.map(({ name, line }) => `${name}: ${line}`)
  for (const line of lines.slice(0, problemsShown)) console.log(`  ${line}`)
  const well = problems.length === 0 && failures.length === 0
  if (!well) writeFileSync(join(folder, 'problems.txt'), `${[...failures, ...lines].join('\n')}\n`)
  if (well) console.log('0 lost, 0 doubled')
  else console.log(`again: npm run chaos -- ${wordsAgain()}`)
  return well
}

function wordsAgain(): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    name === 'seed' || typeof value !== 'string' ? [] : [`--${name} ${value}`],
  )
  return [`--seed ${seed}`, ...given].join(' ')
}

const interruption = new AbortController()
// npm passes a Ctrl-C on, so it comes twice.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!interruption.signal.aborted) console.log('interrupted: everything is ended')
    interruption.abort()
  })

console.log(`seed ${seed}, ${number(options.events)} events, store ${store}`)
let well = false
try {
  well = print(await runChaos(options, interruption.signal))
} catch (error) {
  if (interruption.signal.aborted) process.exitCode = 130
  else if (error instanceof Unavailable) {
    console.log(`NOT RUN  ${error.message}`)
    process.exitCode = chaosNotRun
  } else console.log(error)
}
if (well && !values.keep) rmSync(folder, { recursive: true, force: true })
else console.log(`data and logs: ${folder}`)
// What an interrupted fault still waits for is not waited for.
process.exit(process.exitCode ?? (well ? 0 : 1))
