/**
 * What `npm test` runs: the parts of `npm run check`, each counted as one test, then all tests,
 * last those against real servers and in a browser, then the short form of `npm run chaos`, counted
 * as one test. That nothing of it all runs or listens afterwards is one more.
 * The last line is `N passed, N failed, N skipped`. With CI=true a skip is a failure. Words after
 * `--` go to vitest: `npm test -- test/cli`.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { systemClock } from '../src/runtime/clock.ts'
import { chaosNotRun } from './chaos/exit-codes.ts'
import { leftBehind, type MachineState, observeMachine, type TestRun } from './stack/left-behind.ts'

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const root = join(import.meta.dirname, '..')
const testRun: TestRun = {
  mark: `COUPONGUARD_TEST_RUN=${process.pid}-${systemClock.now()}`,
  folder: mkdtempSync(join(tmpdir(), 'couponguard-test-')),
}
const packageSchema = z.object({ scripts: z.object({ check: z.string() }) })
const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})
type Report = z.infer<typeof reportSchema>

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

/**
 * Runs a command of node_modules with our own output; gives its exit code. All that it starts can
 * be told by its mark, and by the folder for what is temporary.
 */
function run(command: string, words: readonly string[]): number | null {
  const [name, value] = testRun.mark.split('=') as [string, string]
  const env = {
    ...process.env,
    [name]: value,
    TMPDIR: testRun.folder,
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
  }
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit', env })
  return status
}

function runChecks(): Counts {
  const { check } = packageSchema.parse(readJson(join(root, 'package.json'))).scripts
  const results = check.split('&&').map((part) => {
    const [command, ...words] = part.trim().split(/\s+/)
    const well = run(command!, words) === 0
    process.stdout.write(`${well ? 'ok    ' : 'FAILED'}  ${part.trim()}\n`)
    return well
  })
  const passed = results.filter((well) => well).length
  return { passed, failed: results.length - passed, skipped: 0 }
}

function runTests(words: readonly string[]): Counts {
  const path = join(testRun.folder, 'report.json')
  rmSync(path, { force: true })
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
    const well = run('vitest', ['run', ...reporters, ...words]) === 0
    return countsOf(reportSchema.parse(readJson(path)), well)
  } catch (error) {
    process.stdout.write(`vitest left no report: ${String(error)}\n`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/** A file that could not be loaded, and an error outside of any test, count as one failure each. */
function countsOf(report: Report, well: boolean): Counts {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length
  const failed = report.numFailedTests + unloaded
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !well ? 1 : failed,
    skipped: skippedOf(report),
  }
}

function skippedOf({ numPendingTests, numTodoTests, testResults }: Report): number {
  for (const { name, assertionResults } of testResults)
    for (const { fullName, status } of assertionResults)
      if (status !== 'passed' && status !== 'failed')
        process.stdout.write(`skipped: ${name.slice(root.length + 1)}: ${fullName}\n`)
  return numPendingTests + numTodoTests
}

/** The seed is that of the commit, and printed. */
function runChaos(): Counts {
  const name = 'chaos, in its short form'
  const status = run('tsx', ['scripts/chaos.ts'])
  const skipped = status === chaosNotRun
  const word = skipped ? 'SKIPPED:' : status === 0 ? 'ok     ' : 'FAILED '
  process.stdout.write(`${word} ${name}\n`)
  if (skipped) return { passed: 0, failed: 0, skipped: 1 }
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 }
}

/** Nothing that these runs started may run or listen when they have ended. */
async function checkLeft(before: MachineState | null): Promise<Counts> {
  const name = 'no process and no port left behind'
  if (before === null) {
    process.stdout.write(`SKIPPED: ${name}: this system has no /proc\n`)
    return { passed: 0, failed: 0, skipped: 1 }
  }
  const left = await leftBehind(before, testRun)
  process.stdout.write(`${left.length === 0 ? 'ok    ' : 'FAILED'}  ${name}\n`)
  for (const one of left) process.stdout.write(`        ${one}\n`)
  return { passed: left.length === 0 ? 1 : 0, failed: left.length === 0 ? 0 : 1, skipped: 0 }
}

const sum = (counts: readonly Counts[], key: keyof Counts): number =>
  counts.reduce((total, one) => total + one[key], 0)

// Open to pass through: a server may run as another user.
chmodSync(testRun.folder, 0o711)
const before = observeMachine()
const words = process.argv.slice(2)
// Servers would take the cores from the other tests: where all run, they run one after the other.
const runs =
  words.length > 0
    ? [words]
    : [
        ['--project', 'unit'],
        ['--project', 'servers'],
        ['--project', 'browser'],
      ]
const chaos = words.length > 0 ? [] : [runChaos]
const parts = [runChecks, ...runs.map((run) => () => runTests(run)), ...chaos]
const counts = [...parts.map((part) => part()), await checkLeft(before)]
rmSync(testRun.folder, { recursive: true, force: true })
const failed = sum(counts, 'failed')
const skipped = sum(counts, 'skipped')
const inCi = /^(1|true)$/.test(process.env.CI ?? '')
if (inCi && skipped > 0) process.stdout.write('CI is set: a skip is a failure\n')
process.exitCode = failed > 0 || (inCi && skipped > 0) ? 1 : 0
process.stdout.write(`${sum(counts, 'passed')} passed, ${failed} failed, ${skipped} skipped\n`)
