/**
 * `start`: everything in one process. Rebuilds from the data directory, plays the demonstration day
 * where asked, then takes events over HTTP until it is told to stop.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { type Assembled, assembleEmbedded } from '../assemble.ts'
import { besideLog } from '../assemble-console.ts'
import { addJudgingOptions, type JudgingOptions } from '../config/judging.ts'
import type { OpenConsole } from '../console/open-console.ts'
import { type DemoPlan, planDemo } from '../demo/plan.ts'
import { playDay } from '../demo/play-day.ts'
import { newBatcher } from '../http/batcher.ts'
import { buildServer, requestEventsMax } from '../http/server.ts'
import { summarizeLog } from '../log/committed-summary.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { newSummaryCount, type Summary } from '../recording/summary.ts'
import { systemClock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { alertLine } from './alert-line.ts'
import { CommandError, usageError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'
import { summaryText } from './summary-text.ts'

interface StartOptions extends JudgingOptions {
  readonly data: string
  readonly port: string
  readonly store: 'memory' | 'redis'
  readonly demo?: boolean
  readonly once?: boolean
  readonly json?: boolean
  readonly console: boolean
}

const examples = `
Examples:
  couponguard start --demo
  couponguard start --demo --once --data demo
  COUPONGUARD_REDIS_URL=redis://127.0.0.1:6379 couponguard start --store redis
  couponguard start --data data --port 7070 --campaigns campaigns.yaml --lists LISTS
  curl -H 'content-type: application/json' http://127.0.0.1:7070/v1/events -d '{"id":"e1","kind":"claim",
    "occurredAt":'$(date +%s000)',"user":"oA1","campaign":"c-noodles"}'
It listens on 127.0.0.1 only. docs/log.md says what the data directory holds.
`

/** Events that wait for their turn at most; one more is told to come back. */
const queueEventsMax = 20_000
const hourMs = 3_600_000
const retryEveryMs = 1_000
const lookEveryMs = 100
const looksMax = 300

export function registerStart(program: Command): void {
  const command = program
    .command('start')
    .description('Run everything in one process on a data directory.')
    .option('--demo', 'play a simulated campaign day first')
    .option('--once', 'end when the day is played')
    .option('--data <DIR>', 'data directory', 'data')
    .option('--port <N>', 'port on 127.0.0.1; 0 takes a free one', '7070')
    .option('--no-console', 'judge only: no review console on the port')
    .addOption(
      new Option('--store <WHERE>', 'where the windows are; redis: at COUPONGUARD_REDIS_URL')
        .choices(['memory', 'redis'])
        .default('memory'),
    )
  addJudgingOptions(command)
    .option('--json', 'print the summary of the day as one JSON document')
    .addHelpText('after', examples)
    .action(runStart)
}

async function runStart(options: StartOptions): Promise<void> {
  const port = portOf(options.port)
  if (options.once === true && options.demo !== true) throw usageError('--once: goes with --demo')
  try {
    await runOn(options, port)
  } catch (error) {
    throw dataProblem(options.data, error)
  }
}

/** A disk that fails in the middle ends the run; what was committed is there at the next. */
function dataProblem(data: string, error: unknown): unknown {
  if (!(error instanceof EdgeError)) return fileProblem(data, error)
  if (error.code.startsWith('redis-')) return new CommandError(error.message)
  const remedy = 'what was committed is kept; mend it and start again, it goes on from there'
  return new CommandError(`${data}: ${error.message}: ${remedy}`)
}

async function runOn(options: StartOptions, port: number): Promise<void> {
  const demo = options.demo === true ? await planDemo(options.data, systemClock.now()) : null
  const bar = startProgressBar('rebuild', demo?.options.events ?? 0)
  const assembled = await assembleEmbedded({
    ...options,
    ...(demo === null ? {} : { demoCampaigns: demo.campaigns }),
    onAlert: (alert, { timeZone }) => process.stderr.write(`${alertLine(alert, timeZone)}\n`),
    onRebuilt: bar.update,
  }).finally(() => bar.stop())
  // It reads along while the day is played, so that its queue is filled when people come.
  const review =
    options.once === true || !options.console
      ? null
      : besideLog(assembled, { ...options, ...consoleTold })
  try {
    for (const repair of assembled.log.repairs)
      process.stderr.write(`couponguard: repaired: ${repair}\n`)
    if (demo !== null) await play(assembled, demo, options)
    await assembled.embedded.catchUp()
    if (options.once !== true) await serve(assembled, port, review)
  } finally {
    await review?.close()
    await assembled.close()
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw usageError(`--port ${text}: must be a whole number from 0 to 65535`)
}

async function play(
  { embedded, log, keys, playbook }: Assembled,
  demo: DemoPlan,
  { data, json }: StartOptions,
): Promise<void> {
  const count = newSummaryCount(playbook)
  const bar = startProgressBar('demo', demo.options.events)
  const started = performance.now()
  let done = 0
  const before = await playDay({
    embedded,
    log,
    keys,
    options: demo.options,
    onPart(batch, letters, labels) {
      count.add(batch, labels)
      for (const { reason } of letters) count.addDeadLetter(reason)
      done += batch.judged.length + letters.length
      bar.update(done)
    },
  }).finally(() => bar.stop())
  const seconds = (performance.now() - started) / 1000
  if (!before) return print(count.result(), seconds, json === true)
  process.stderr.write(
    `couponguard: ${data} held the day of ${demo.date} already; choose another --data to play one anew\n`,
  )
  print(await summarizeLog(log, playbook), null, json === true)
}

/** `seconds` is null for what was not played just now. */
function print(summary: Summary, seconds: number | null, json: boolean): void {
  const rate = seconds === null ? null : Math.round(summary.events / seconds)
  const { detection, ...rest } = summary
  const document = { ...rest, eventsPerSecond: rate, ...(detection === null ? {} : { detection }) }
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : summaryText(summary, rate))
}

/** Takes events until SIGINT or SIGTERM, then finishes what is under way. */
async function serve(
  { embedded, log }: Assembled,
  port: number,
  review: OpenConsole | null,
): Promise<void> {
  let failing: string | null = null
  const batcher = newBatcher({
    process: async (published: readonly unknown[]) => {
      try {
        return await embedded.submit(published)
      } catch (error) {
        failing = `${whatFails(error)}; it is tried again`
        throw error
      }
    },
    batchMax: requestEventsMax,
    queueMax: queueEventsMax,
  })
  const server = buildServer({
    submit: batcher.submit,
    notReady: () => failing,
    onDefect: sayDefect,
    hasPage: review !== null,
  })
  review?.register(server)
  const said = await listen(server, port)
  const keepHouse = async () => {
    const removed = await log.dropExpired(systemClock.now())
    for (const line of removed) process.stderr.write(`couponguard: ${line}\n`)
  }
  await keepHouse()
  const retention = setInterval(() => void keepHouse().catch(sayProblem), hourMs)
  // A log that could not be written tries again by itself: what is pending is committed first.
  const retry = setInterval(() => {
    if (failing === null) return
    embedded.catchUp().then(
      () => {
        failing = null
      },
      () => undefined,
    )
  }, retryEveryMs)
  const stopped = stopSignal()
  process.stdout.write(`couponguard listens on ${said} (stop with Ctrl-C)\n`)
  let isOver = false
  // Judging goes on without it, and what its closing breaks off is no trouble.
  const sayWhy = (error: unknown) => (isOver ? undefined : consoleTold.onTrouble(error))
  if (review !== null) sayConsole(review, said).catch(sayWhy)
  await stopped
  isOver = true
  clearInterval(retention)
  clearInterval(retry)
  await server.close()
  await batcher.close()
}

/** The code that makes the first administrator stands on the terminal and nowhere else. */
async function sayConsole(review: OpenConsole, url: string): Promise<void> {
  const code = await review.ready
  await readAlong(review)
  const how = code === null ? 'sign in' : `make the first administrator with the code ${code}`
  process.stdout.write(`review console at ${url}: ${how}\n`)
}

/** People are told of the console when its queue is filled, or will not be soon. */
async function readAlong(review: OpenConsole): Promise<void> {
  // It must not keep alive a process that was told to stop.
  const wait = () => sleep(lookEveryMs, undefined, { ref: false })
  for (let looks = 0; review.lag() !== 0 && looks < looksMax; looks += 1) await wait()
}

const consoleTold = {
  onTrouble: (error: unknown) =>
    void process.stderr.write(`couponguard: console: ${messageOf(error)}\n`),
  onDefect: (error: unknown) => sayDefect(error),
}

const sayDefect = (error: unknown) => {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`couponguard: defect: ${said}\n`)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

function whatFails(error: unknown): string {
  if (!(error instanceof EdgeError)) return 'a defect'
  const isStore = error.code.startsWith('redis-') || error.code === 'store-lost'
  return isStore ? error.message : 'the log cannot be written'
}

async function listen(server: ReturnType<typeof buildServer>, port: number): Promise<string> {
  try {
    return await server.listen({ host: '127.0.0.1', port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EADDRINUSE')
      throw new CommandError(`--port ${port}: is taken; stop what uses it, or choose another, or 0`)
    if (code === 'EACCES')
      throw new CommandError(`--port ${port}: this user may not listen there; choose one from 1024`)
    throw error
  }
}

const sayProblem = (error: unknown) => {
  process.stderr.write(`couponguard: ${messageOf(error)}\n`)
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
