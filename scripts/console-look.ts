/**
 * Looks at every screen of the review console in both languages, both themes and two widths, and
 * ends with 1 where one is not as it should be; scripts/console/page-checks.ts says what that is.
 * Chromium is COUPONGUARD_CHROMIUM, else Debian's. Takes ten minutes; `--help` says the rest.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { systemClock } from '../src/runtime/clock.ts'
import { setup as buildWhereStale } from './built.ts'
import { type Consoles, type Looked, lookAt, looks, nameOf } from './console/look.ts'
import { type OwnConsole, startConsole } from './console/own-console.ts'
import { firstStart, screens } from './console/screens.ts'
import { administrator, enter, workADay } from './console/team.ts'

const help = `npx tsx scripts/console-look.ts [URL NAME PASSWORD_FILE] [options]

Looks at every screen of the review console. Alone, it starts two consoles in temporary folders, one
after the demonstration's day and one that has seen nothing. With URL it looks at that one; what the
administrator NAME does there stands in its audit log.

  --out FOLDER    keeps a picture of each look there
  --screens LIST  of these only: case,alert
  --looks LIST    language, theme and width, of these only: zh-dark-1280,en-light-1920
  --help          this

Examples:
  npx tsx scripts/console-look.ts --out pictures
  npx tsx scripts/console-look.ts --screens case --looks zh-dark-1280
  npx tsx scripts/console-look.ts http://127.0.0.1:7071 ada password.txt
`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    out: { type: 'string' },
    screens: { type: 'string' },
    looks: { type: 'string' },
  },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const out = values.out === undefined ? {} : { out: values.out }
const chosenScreens = chosen(values.screens, [firstStart, ...screens], ({ name }) => name)
const chosenLooks = chosen(values.looks, looks, nameOf)

function chosen<T>(asked: string | undefined, all: readonly T[], name: (one: T) => string) {
  if (asked === undefined) return all
  const names = asked.split(',')
  const unknown = names.filter((one) => !all.some((known) => name(known) === one))
  if (unknown.length === 0) return all.filter((one) => names.includes(name(one)))
  console.error(`${unknown.join(', ')}: there is no such; there are ${all.map(name).join(', ')}`)
  process.exit(2)
}

async function lookThrough(browser: Browser, consoles: Consoles, of = chosenScreens) {
  const found: Looked[] = []
  for (const look of chosenLooks)
    found.push(
      ...(await lookAt(browser, {
        ...{ consoles, look, screens: of },
        ...out,
        onLooked: ({ screen, problems, axe }) => {
          for (const problem of [...problems, ...axe])
            process.stdout.write(`${screen} ${nameOf(look)}: ${problem}\n`)
        },
      })),
    )
  return found
}

async function lookAtOwn(browser: Browser): Promise<readonly Looked[]> {
  buildWhereStale()
  const started: OwnConsole[] = []
  const start = async (words: readonly string[]) => {
    const own = await startConsole(words)
    started.push(own)
    return own
  }
  try {
    const [day, nothing] = [await start(['--demo']), await start([])]
    const isFirst = chosenScreens.includes(firstStart)
    const door = { door: { url: day.url, session: null } }
    const before = isFirst ? await lookThrough(browser, door, [firstStart]) : []
    const session = await enter(browser, day.url, { ...administrator, code: day.code })
    const idle = await enter(browser, nothing.url, { ...administrator, code: nothing.code })
    await workADay(browser, day.url, { session, at: systemClock.now() })
    const consoles = {
      ...door,
      day: { url: day.url, session },
      nothing: { url: nothing.url, session: idle },
    }
    const rest = chosenScreens.filter((screen) => screen !== firstStart)
    return [...before, ...(await lookThrough(browser, consoles, rest))]
  } finally {
    for (const own of started) await own.stop()
  }
}

async function lookAtGiven(browser: Browser, words: readonly string[]) {
  const [url = '', name = '', passwordFile = ''] = words
  const password = readFileSync(passwordFile, 'utf8').trim()
  const session = await enter(browser, url, { name, password })
  const consoles = { door: { url, session: null }, day: { url, session } }
  const there = chosenScreens.filter((screen) => screen !== firstStart)
  return lookThrough(browser, consoles, there)
}

async function lookAtAll(browser: Browser): Promise<readonly Looked[]> {
  try {
    return positionals.length === 0
      ? await lookAtOwn(browser)
      : await lookAtGiven(browser, positionals)
  } finally {
    await browser.close()
  }
}

/** A line for each screen, a column for each look: `ok`, or how much is wrong. */
function table(found: readonly Looked[]): string {
  const names = [...new Set(found.map(({ screen }) => screen))]
  const columns = chosenLooks.map(nameOf)
  const cell = (name: string, column: string) => {
    const seen = found.find(({ screen, look }) => screen === name && nameOf(look) === column)
    const wrong = seen === undefined ? null : seen.problems.length + seen.axe.length
    return (wrong === null ? '–' : wrong === 0 ? 'ok' : String(wrong)).padStart(column.length)
  }
  const lines = names.map((name) =>
    [name.padEnd(21), ...columns.map((column) => cell(name, column))].join('  '),
  )
  return [[' '.repeat(21), ...columns].join('  '), ...lines].join('\n')
}

const executablePath = process.env.COUPONGUARD_CHROMIUM ?? '/usr/bin/chromium'
if (!existsSync(executablePath)) {
  console.error(`${executablePath}: no chromium; install it, or name it by COUPONGUARD_CHROMIUM`)
  process.exit(2)
}
if (values.out !== undefined && !existsSync(values.out)) mkdirSync(values.out)
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
})
const found = await lookAtAll(browser)
const problems = found.reduce((sum, one) => sum + one.problems.length, 0)
const violations = found.reduce((sum, one) => sum + one.axe.length, 0)
const charts = found.reduce((sum, one) => sum + one.charts, 0)
const count = new Set(found.map(({ screen }) => screen)).size
process.stdout.write(
  `\n${table(found)}\n\n${count} screens x ${chosenLooks.length} looks = ${found.length} pictures, ${charts} charts: ${problems} problems, ${violations} axe violations\n`,
)
process.exitCode = problems + violations === 0 ? 0 : 1
