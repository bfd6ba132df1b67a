/**
 * `npm run console-bench`: the review console with a million cases, on a Postgres of its own and in
 * a real browser. Prints what was measured beside what is asked, and ends with 1 where something is
 * missed, with 4 where Postgres or Chromium is not there. `--help` says the rest, and
 * docs/console-data.md has the figures.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { startProgressBar } from '../src/cli/progress-bar.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { requestKinds } from './console-bench/api-calls.ts'
import { type Figure, isMissed, rateOf, tableOf } from './console-bench/figures.ts'
import { type Filled, fill, review } from './console-bench/fill.ts'
import { chromiumPath, launch, openQueue, scroll, shift } from './console-bench/page-work.ts'
import {
  benchPlaybook,
  type RunningConsole,
  startConsole,
} from './console-bench/running-console.ts'
import { type Judged, judgedDay, newCrowd } from './console-bench/synthetic-audits.ts'
import { Unavailable } from './stack/available.ts'

const help = `npm run console-bench -- [options]

The review console with a million cases: what its projection takes, how fast it answers, and how
smoothly its page goes. Postgres is started in a temporary folder and stopped at the end.

  --cases N     flagged decisions to fill it with (default 1000000: a quarter of an hour)
  --calls N     requests of each kind (default 200; 30 below 100000 cases)
  --rows N      rows to scroll through (default 100000; 3000 below as many cases)
  --shift N     cases to decide by keys, at each of two paces (default 40; 8)
  --folder DIR  keeps the database there; a second run with the same --cases finds it full
  --part LIST   of: api, page (default both)
  --json        figures as JSON on stdout in place of the table
  --help        this

Examples:
  npm run console-bench
  npm run console-bench -- --cases 20000
  npm run console-bench -- --folder bench-database --part page
`

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    calls: { type: 'string' },
    rows: { type: 'string' },
    shift: { type: 'string' },
    folder: { type: 'string' },
    part: { type: 'string', default: 'api,page' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const missingExit = 4
/** With fewer cases all of it is short: about a minute with 20,000. */
const shortBelow = 100_000
const dayMs = 86_400_000
/** Days that the cases are spread over. */
const days = 30
const dayRows = 20_000
/** After the fill: records that were let through, and verdicts, each at most. */
const [allowedMax, reviewsMax] = [50_000, 3_000]
const parts = values.part.split(',')

function wholeNumber(name: 'cases' | 'calls' | 'rows' | 'shift', otherwise = 0): number {
  const number = Number(values[name] ?? otherwise)
  if (Number.isSafeInteger(number) && number > 0) return number
  process.stderr.write(`--${name} is "${values[name]}": give a whole number above 0\n`)
  process.exit(2)
}

const startedAt = performance.now()
function say(line: string): void {
  const seconds = (performance.now() - startedAt) / 1_000
  process.stderr.write(`${seconds.toFixed(1).padStart(7)} s  ${line}\n`)
}

/** A bar on a terminal, elsewhere a line every ten seconds. */
function progressOf(label: string, total: number) {
  const bar = startProgressBar(label, total)
  const isBar = process.stderr.isTTY === true
  let saidAt = performance.now()
  return {
    update(done: number, more = '') {
      bar.update(done)
      if (isBar || performance.now() - saidAt < 10_000) return
      saidAt = performance.now()
      say(`${label} ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${more}`)
    },
    stop: () => bar.stop(),
  }
}

const cases = wholeNumber('cases')
const isShort = cases < shortBelow
const options = {
  cases,
  calls: wholeNumber('calls', isShort ? 30 : 200),
  rows: wholeNumber('rows', isShort ? 3_000 : 100_000),
  shift: wholeNumber('shift', isShort ? 8 : 40),
}

interface FullConsole {
  readonly figures: readonly Figure[]
  readonly sample: Filled['sample']
  readonly newestAt: number
}

/** The newest case is of now, so that today's figures are those of a full day. */
async function fillConsole(
  { projection, store }: RunningConsole,
  judged: Judged,
): Promise<FullConsole> {
  const [held] = await store.query<{ cases: number; newest: number | null }>(
    'SELECT count(*) AS cases, max(recorded_at) AS newest FROM cases',
  )
  const isFull = held !== undefined && held.cases >= options.cases && held.newest !== null
  const to = isFull ? held.newest! : systemClock.now()
  // A full one is given a little more, for the rate.
  const count = isFull ? Math.min(100_000, options.cases) : options.cases
  const crowd = {
    ...{ population: options.cases, records: count, to },
    from: to - (isFull ? 1 : days) * dayMs,
    seed: isFull ? to % 1_000_003 : 1,
  }
  const filled = await filling('flagged', count, newCrowd(crowd))
  await projection.take({ topic: 'risk.alerts', partition: 0, next: 1, records: judged.alerts })
  const allowed = Math.min(allowedMax, count)
  const passed = await filling(
    'allowed',
    allowed,
    newCrowd({ ...crowd, records: allowed, seed: crowd.seed + 1 }),
  )
  if (!isFull) await review(projection, filled.sample.slice(-reviewsMax), to)
  say('the database gathers its statistics')
  await store.query('VACUUM ANALYZE')
  await holdSome(store, to)
  return {
    figures: [
      rateOf('flagged decisions projected, all of the fill', count, filled.perSecond, null),
      rateOf('flagged decisions projected, its last tenth', count / 10, filled.atEndPerSecond, {
        ...{ of: 'p50', limit: 2_000, atLeast: true },
      }),
      rateOf('decisions to let through projected', allowed, passed.perSecond, null),
    ],
    sample: filled.sample,
    newestAt: to,
  }

  async function filling(
    which: 'flagged' | 'allowed',
    total: number,
    make: ReturnType<typeof newCrowd>,
  ): Promise<Filled> {
    const progress = progressOf(`${which} decisions`, total)
    const partition = which === 'flagged' ? 0 : 1
    const position = await projection.position('risk.audit', partition)
    const at = (batch: Parameters<typeof projection.take>[0]) =>
      projection.take({ ...batch, next: batch.next + position })
    const onProgress = (done: number, rate: number) =>
      progress.update(done, `${Math.round(rate).toLocaleString('en-US')}/s`)
    const into = { ...projection, take: at }
    const done = await fill(which, total, {
      ...{ projection: into, judged, make, partition, onProgress },
    })
    progress.stop()
    return done
  }
}

/** Some cases are held by colleagues, whom the API would have to sign in one by one. */
async function holdSome(store: RunningConsole['store'], at: number): Promise<void> {
  await store.query('UPDATE cases SET assignee = NULL WHERE assignee IS NOT NULL')
  await store.query(
    `UPDATE cases SET assignee = 'reviewer-' || (abs(hashtext(key)) % 5), locked_until = $1
     WHERE key IN (SELECT key FROM cases WHERE state = 'open' ORDER BY score, key LIMIT 300)`,
    [at + dayMs],
  )
}

async function measurePage(browser: Browser, url: string, figures: Figure[]): Promise<void> {
  const rows = Math.min(options.rows, options.cases)
  say(`the page: a scroll through ${rows.toLocaleString('en-US')} rows`)
  const page = await openQueue(browser, url)
  const progress = progressOf('rows', rows)
  const scrolled = await scroll(page, { rows, rowsAFrame: 20, onProgress: progress.update })
  progress.stop()
  say(`rows were missing in ${scrolled.emptyFrames} of ${scrolled.frames} frames`)
  await page.context().close()
  figures.push(...scrolled.figures)
  for (const lookMs of [1_000, 0]) {
    say(`the page: ${options.shift} cases by keys`)
    const own = await openQueue(browser, url)
    figures.push(await shift(own, { cases: options.shift, lookMs }))
    await own.context().close()
  }
}

interface Bench {
  readonly console: RunningConsole
  readonly judged: Judged
  /** Null where the page is left out. */
  readonly chromium: string | null
  /** Takes what was measured, so that it is told even where a later part fails. */
  readonly figures: Figure[]
}

async function measureAll({ console, judged, chromium, figures }: Bench): Promise<void> {
  const { sample, newestAt, ...filled } = await fillConsole(console, judged)
  figures.push(...filled.figures)
  if (parts.includes('api')) {
    say('requests')
    const kinds = requestKinds({ sample, newestAt })
    const progress = progressOf('kinds of requests', kinds.length)
    for (const [at, kind] of kinds.entries()) {
      figures.push(await kind.measure(console.ask, options.calls))
      progress.update(at + 1, kind.name)
    }
    progress.stop()
  }
  if (chromium === null) return
  const browser = await launch(chromium)
  try {
    await measurePage(browser, console.url, figures)
  } finally {
    await browser.close()
  }
}

/** Of the last minutes: whoever reads the figures must know how busy the machine was. */
const loads = () => loadavg().map((one) => one.toFixed(1))

function textOf(figures: readonly Figure[]): string {
  const cases = options.cases.toLocaleString('en-US')
  return `${cases} cases, ${cpus().length} cores, load ${loads().join(' ')}\n${tableOf(figures)}`
}

function jsonOf(figures: readonly Figure[]): string {
  const machine = { cores: cpus().length, load: loads(), node: process.version }
  return JSON.stringify({ ...options, machine, figures }, null, 2)
}

async function run(): Promise<number> {
  const chromium = parts.includes('page') ? chromiumPath() : null
  const figures: Figure[] = []
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const folder =
    values.folder === undefined
      ? mkdtempSync(join(tmpdir(), 'console-bench-'))
      : resolve(values.folder)
  if (!existsSync(folder)) mkdirSync(folder)
  // Servers end with this process, however it ends.
  process.once('exit', () => {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
  })
  say('a generated day is judged')
  const playbook = benchPlaybook()
  // Before anything waits for an answer: it leaves nobody else a turn.
  const judged = await judgedDay(playbook, dayRows)
  const console = await startConsole(folder, playbook)
  try {
    await measureAll({ console, judged, chromium, figures })
    return figures.some(isMissed) ? 1 : 0
  } finally {
    process.stdout.write(`${values.json ? jsonOf(figures) : textOf(figures)}\n`)
    await console.end()
  }
}

if (values.help) process.stdout.write(help)
else
  process.exitCode = await run().catch((error: unknown) => {
    if (!(error instanceof Unavailable)) throw error
    process.stderr.write(`console-bench: ${error.message}\n`)
    return missingExit
  })
