/**
 * `node --max-old-space-size=14336 --import tsx scripts/load.ts [--minutes N] [--rate N]`: real
 * servers and processes under load that comes in bursts and late, and an hour of backlog against
 * the same hour judged live. Prints what was seen beside what is asked, and ends with 1 where
 * something falls short. Half an hour and some minutes; `--minutes 3` is a short form.
 * serves: D18
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commitSeed } from '../test/simulation/commit-seed.ts'
import { type BacklogResult, runBacklog } from './load/backlog.ts'
import type { LoadOptions } from './load/place.ts'
import { runSteady, type SteadyResult } from './load/steady.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(commitSeed()) },
    store: { type: 'string', default: 'redis' },
    part: { type: 'string' },
  },
})

function wholeNumber(name: 'minutes' | 'rate' | 'seed'): number {
  const number = Number(values[name])
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${name} is "${values[name]}": give a whole number above 0`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'couponguard-load-'))
const startedAt = performance.now()
const store = values.store === 'memory' ? 'memory' : 'redis'
const options: LoadOptions = {
  seed: wholeNumber('seed'),
  store,
  workers: store === 'redis' ? 2 : 1,
  folder,
  say(line) {
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(8)} s  ${line}`)
  },
}

const limits = { lagZeroMs: 60_000, growth: 0.05, otherwise: 0.01 }
const number = (value: number) => value.toLocaleString('en-US')
const percent = (share: number) => `${(share * 100).toFixed(2)} %`
let well = true

/** One line of the report; what falls short says so. */
function tell(isWell: boolean, line: string): void {
  if (!isWell) well = false
  console.log(`${isWell ? 'ok    ' : 'SHORT '}  ${line}`)
}

function tellSteady(result: SteadyResult): void {
  const { messages, late, lagAfterBurst, lagZeroAfterMs, audits, problems, failures } = result
  console.log(
    `${number(messages)} messages, ${number(late)} of them late; ${number(audits)} audits`,
  )
  for (const line of failures) tell(false, line)
  for (const { name, line } of problems.slice(0, 20)) console.log(`        ${name}: ${line}`)
  tell(problems.length === 0, `${problems.length} lost, doubled or wrong`)
  const seconds = (lagZeroAfterMs / 1000).toFixed(1)
  const behind = `${number(lagAfterBurst)} behind at the end of the burst`
  tell(lagZeroAfterMs <= limits.lagZeroMs, `lag 0 ${seconds} s after the end; ${behind}`)
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
  for (const { role, pid, meanBytes, share, quarters } of result.growth) {
    const grew = `grew by ${percent(share)} over the second half`
    const each = quarters.map(mebibytes).join(', ')
    tell(
      share < limits.growth,
      `${role} ${pid}: ${mebibytes(meanBytes)} MiB, ${grew} (quarters: ${each})`,
    )
  }
}

function tellBacklog({ events, flagged, otherwise, byOutcomes, catchUpMs }: BacklogResult): void {
  const share = otherwise / Math.max(1, events)
  const seconds = (catchUpMs / 1000).toFixed(1)
  console.log(`an hour of backlog: ${number(events)} events, ${flagged} flagged live, ${seconds} s`)
  for (const [change, count] of byOutcomes) console.log(`${String(count).padStart(8)}  ${change}`)
  const line = `${otherwise} of them (${percent(share)}) decided otherwise than live`
  tell(events > 0 && share <= limits.otherwise, line)
}

console.log(`seed ${options.seed}, store ${store}, ${options.workers} workers`)
try {
  const durationMs = wholeNumber('minutes') * 60_000
  if (values.part !== 'backlog')
    tellSteady(await runSteady({ ...options, rate: wholeNumber('rate'), durationMs }))
  if (values.part !== 'steady') tellBacklog(await runBacklog({ ...options, events: 170_000 }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(well ? 0 : 1)
