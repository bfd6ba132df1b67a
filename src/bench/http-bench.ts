/**
 * The benchmark over HTTP: `start` with a log behind it, given what the platform's own calls are
 * promised (single redemptions, single claims, imports of many), one load after the other and all
 * together, then redemptions at further rates. Load generator and server share the machine.
 * serves: D8
 */
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKey } from '../config/key-file.ts'
import { deriveKeys } from '../core/event/keyed-hash.ts'
import { campaignsFor } from '../generate/campaigns.ts'
import { systemClock } from '../runtime/clock.ts'
import { rounded } from './cpu-time.ts'
import {
  dayOf,
  dayStartAt,
  generateHttpDay,
  type HttpDay,
  type HttpDayOptions,
  type LoadKind,
} from './http-day.ts'
import { type HttpLoadResult, requestsOf, runHttpLoad } from './http-load.ts'
import { type HttpSubject, startHttpSubject } from './http-subject.ts'
import { writeRows } from './restart.ts'

export interface HttpBenchOptions {
  readonly seed: number
  /** Events in the server's log and windows before the first request. */
  readonly before: number
  /** How long each load is measured; arrays for as long as one takes to be due, at least. */
  readonly seconds: number
  /** Redemptions a second beyond those that are wanted. */
  readonly rates: readonly number[]
  /** Further words for `couponguard start`. */
  readonly words: readonly string[]
  readonly nodeFlags: readonly string[]
  /** Ends it, with its reason. */
  readonly signal: AbortSignal
  onStep(step: string): void
}

export interface Load {
  readonly name: string
  readonly kind: LoadKind
  /** In a request. */
  readonly events: number
  /** Requests a second. */
  readonly rate: number
  /** What an answer may take. */
  readonly withinMs: number
}

export type Verdict = 'every answer' | '99 %' | 'no'

export interface LoadFigures extends HttpLoadResult {
  readonly load: Load
  /** Who was answered within the time, where nobody met an error. */
  readonly isMetBy: Verdict
}

export interface RunFigures {
  readonly name: string
  readonly loads: readonly LoadFigures[]
  /** Of the server: processor seconds for a million events, warming up included. */
  readonly cpuSecondsPerMillion: number
  /** Of the server, at the end. */
  readonly residentBytes: number
}

export interface HttpFigures {
  readonly before: number
  readonly seconds: number
  readonly runs: readonly RunFigures[]
  /** Of the machine, over a minute. */
  readonly loadAverage: { readonly before: number; readonly after: number }
}

export const redemptions: Load = {
  name: 'redemptions, one each',
  kind: 'redemption',
  events: 1,
  rate: 200,
  withinMs: 150,
}
export const claims: Load = {
  name: 'claims, one each',
  kind: 'claim',
  events: 1,
  rate: 50,
  withinMs: 300,
}
export const imports: Load = {
  name: 'arrays of 500 claims',
  kind: 'claim',
  events: 500,
  rate: 1 / 6,
  withinMs: 1_500,
}

interface Run {
  readonly name: string
  readonly loads: readonly Load[]
}

export async function benchHttp(
  options: HttpBenchOptions,
  folder: string,
  day: HttpDay,
): Promise<HttpFigures> {
  const before = loadAverageNow()
  options.onStep(`writes a log of ${options.before} events`)
  const words = ['--data', await writeLog(options, folder, day), ...options.words]
  options.onStep('starts the server on it')
  const campaigns = ['--campaigns', join(folder, 'campaigns.json')]
  const subject = await startHttpSubject({ ...options, words: [...words, ...campaigns] })
  const ending = new AbortController()
  const end = (error: unknown) => ending.abort(error)
  subject.failed.catch(end)
  const signal = AbortSignal.any([options.signal, ending.signal])
  try {
    const runs: RunFigures[] = []
    for (const run of runsOf(options.rates)) {
      signal.throwIfAborted()
      options.onStep(`${run.name}, for ${options.seconds} s`)
      runs.push(await measure(run, { ...options, signal }, { subject, day }))
    }
    const loadAverage = { before, after: loadAverageNow() }
    return { before: options.before, seconds: options.seconds, runs, loadAverage }
  } finally {
    await subject.stop()
  }
}

/** Before anything is there that would have to be removed: it takes a while. */
export const generateFor = (options: HttpBenchOptions): HttpDay =>
  generateHttpDay(dayOptionsOf(options))

function dayOptionsOf(options: HttpBenchOptions): HttpDayOptions {
  const { seed, before, rates } = options
  const needs: Record<LoadKind, number> = { redemption: 0, claim: 0 }
  for (const load of runsOf(rates).flatMap(({ loads }) => loads))
    needs[load.kind] += requestsOf(pacedAs(load, options)) * load.events
  return { seed, before, needs, now: systemClock.now() }
}

function runsOf(rates: readonly number[]): readonly Run[] {
  const wanted = [redemptions, claims, imports]
  return [
    ...wanted.map((load) => ({ name: load.name, loads: [load] })),
    { name: 'all together', loads: wanted },
    ...rates.map((rate) => ({
      name: `${redemptions.name}, ${rate} a second`,
      loads: [{ ...redemptions, rate }],
    })),
  ]
}

const warmupSecondsMax = 5

function pacedAs({ rate, events }: Load, { seconds }: { readonly seconds: number }) {
  const warmupSeconds = Math.min(warmupSecondsMax, seconds)
  return { rate, events, seconds: Math.max(seconds, 1 / rate), warmupSeconds }
}

/** The log of a data directory with a key of its own; gives the directory. */
async function writeLog(
  options: HttpBenchOptions,
  folder: string,
  { before, movedMs }: HttpDay,
): Promise<string> {
  const data = join(folder, 'data')
  await writeRows(data, before, deriveKeys(await loadOrCreateKey(data)))
  const { events } = dayOf(dayOptionsOf(options))
  const campaigns = campaignsFor(dayStartAt + movedMs, events)
  await writeFile(join(folder, 'campaigns.json'), JSON.stringify({ campaigns }))
  return data
}

interface Measuring {
  readonly subject: HttpSubject
  readonly day: HttpDay
}

async function measure(
  { name, loads }: Run,
  options: HttpBenchOptions,
  { subject, day }: Measuring,
): Promise<RunFigures> {
  const prepared = loads.map((load) => {
    const paced = pacedAs(load, options)
    return { load, ...paced, bodies: bodiesOf(day, load, requestsOf(paced)) }
  })
  const cpuAtStart = subject.cpuSeconds()
  const figures = await Promise.all(
    prepared.map(async ({ load, ...paced }): Promise<LoadFigures> => {
      const { url } = subject
      const result = await runHttpLoad({ ...paced, url, signal: options.signal })
      return { load, ...result, isMetBy: verdictOf(load, result) }
    }),
  )
  const events = prepared.reduce((sum, one) => sum + one.bodies.length * one.events, 0)
  return {
    name,
    loads: figures,
    cpuSecondsPerMillion: rounded(((subject.cpuSeconds() - cpuAtStart) / events) * 1e6),
    residentBytes: subject.residentBytes(),
  }
}

/** Made before the first is sent, each of the time when it will be: sending is all that is left. */
function bodiesOf(day: HttpDay, load: Load, requests: number): readonly Buffer[] {
  const now = systemClock.now()
  const dueAt = (request: number) => now + (request * 1_000) / load.rate
  if (load.events === 1)
    return day.bodies(load.kind, requests, dueAt).map((body) => Buffer.from(body))
  return Array.from({ length: requests }, (_, request) => {
    const items = day.bodies(load.kind, load.events, () => dueAt(request))
    return Buffer.from(`[${items.join(',')}]`)
  })
}

function verdictOf({ withinMs }: Load, { latencyMs, lost, errors }: HttpLoadResult): Verdict {
  if (lost + errors > 0 || latencyMs.p99 > withinMs) return 'no'
  return latencyMs.max > withinMs ? '99 %' : 'every answer'
}

const loadAverageNow = () => Math.round(loadavg()[0]! * 10) / 10
