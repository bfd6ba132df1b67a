/**
 * What `npm test` runs: the parts of `npm run check`, each counted as one test, then all tests. Its
 * last line is `N passed, N failed, N skipped`. With CI=true a skip is a failure. Words after `--`
 * go to vitest: `npm test -- test/cli`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const root = join(import.meta.dirname, '..')
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

/** Runs a command of node_modules with our own output; gives whether it succeeded. */
function run(command: string, words: readonly string[]): boolean {
  const env = {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
  }
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit', env })
  return status === 0
}

function runChecks(): Counts {
  const { check } = packageSchema.parse(readJson(join(root, 'package.json'))).scripts
  const results = check.split('&&').map((part) => {
    const [command, ...words] = part.trim().split(/\s+/)
    const well = run(command!, words)
    process.stdout.write(`${well ? 'ok    ' : 'FAILED'}  ${part.trim()}\n`)
    return well
  })
  const passed = results.filter((well) => well).length
  return { passed, failed: results.length - passed, skipped: 0 }
}

function runTests(words: readonly string[]): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-test-'))
  const path = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
    const well = run('vitest', ['run', ...reporters, ...words])
    return countsOf(reportSchema.parse(readJson(path)), well)
  } catch (error) {
    process.stdout.write(`vitest left no report: ${String(error)}\n`)
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
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

const checks = runChecks()
const tests = runTests(process.argv.slice(2))
const passed = checks.passed + tests.passed
const failed = checks.failed + tests.failed
const { skipped } = tests
const inCi = /^(1|true)$/.test(process.env.CI ?? '')
if (inCi && skipped > 0) process.stdout.write('CI is set: a skip is a failure\n')
process.exitCode = failed > 0 || (inCi && skipped > 0) ? 1 : 0
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
