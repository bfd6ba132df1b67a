/**
 * The benchmark against Kafka, subject by subject: how many events a second come out committed when
 * the topic is full, and how late each comes out at a constant rate. Subject, load generator and
 * broker are processes of their own on the same machine; the processor time of each is told.
 */
import type { Admin, Kafka } from 'kafkajs'
import { systemClock } from '../runtime/clock.ts'
import type { BenchTopics, InstallationServers, TopicsOptions } from './bench-topics.ts'
import { startPart } from './child-part.ts'
import type { CopyLoopCost } from './copy-loop.ts'
import { cpuSecondsOf, rounded } from './cpu-time.ts'
import type { LoadResult } from './kafka-load.ts'

/** What is measured. Its part reads `--from`, writes results to `--to` and says what it cost. */
export interface Subject {
  readonly name: string
  /** Topics for one run of it. */
  open(options: TopicsOptions): Promise<BenchTopics>
  /** Part of `bench` that runs it; prints `{"ready":true}`, then its cost when its input ends. */
  readonly part: string
  /** The load that it is given: see load-shape.ts. */
  readonly shape: string
  /** For all its parts. */
  readonly flags: readonly string[]
  /** Beside the broker; null where it needs none. */
  readonly servers: InstallationServers | null
}

export type SubjectCost = CopyLoopCost

export interface KafkaBenchOptions {
  readonly brokers: string
  readonly kafka: Kafka
  readonly subjects: readonly Subject[]
  /** Of the full topic. */
  readonly events: number
  readonly rates: readonly number[]
  readonly seconds: number
  readonly partitions: number
  /** Processes whose time is told beside the subject's, such as the broker: name → process id. */
  readonly watched: ReadonlyMap<string, number>
  onStep(step: string): void
}

export interface Measured {
  readonly subject: SubjectCost
  /** Null where the topic was filled before. */
  readonly load: LoadResult | null
  /** Processor seconds of the watched processes for each million events. */
  readonly watchedPerMillion: Readonly<Record<string, number>>
}

export interface SubjectResult {
  readonly name: string
  readonly full: Measured
  readonly atRates: readonly Measured[]
}

export async function benchKafka(options: KafkaBenchOptions): Promise<readonly SubjectResult[]> {
  const admin = options.kafka.admin()
  await admin.connect()
  const results: SubjectResult[] = []
  try {
    for (const subject of options.subjects) {
      options.onStep(`${subject.name}: ${options.events} events as fast as it can`)
      const inOwn = (run: (flags: readonly string[]) => Promise<Measured>) =>
        inTopics(subject, { admin, options }, run)
      const full = await inOwn((flags) => runFull(subject, options, flags))
      const atRates: Measured[] = []
      for (const rate of options.rates) {
        options.onStep(`${subject.name}: ${rate} events a second for ${options.seconds} s`)
        atRates.push(await inOwn((flags) => runAtRate(subject, options, { rate, flags })))
      }
      results.push({ name: subject.name, full, atRates })
    }
  } finally {
    await admin.disconnect()
  }
  return results
}

/** More than any load: the subject ends when it is told to. */
const eventsMax = 100_000_000

async function inTopics(
  subject: Subject,
  { admin, options }: { readonly admin: Admin; readonly options: KafkaBenchOptions },
  run: (flags: readonly string[]) => Promise<Measured>,
): Promise<Measured> {
  const { brokers, partitions } = options
  const name = `bench-${systemClock.now().toString(36)}`
  const topics = await subject.open({ admin, partitions, name })
  try {
    return await run(['--kafka', brokers, '--partitions', String(partitions), ...topics.flags])
  } finally {
    await topics.remove()
  }
}

/** Midnight of a past day: who catches up on it is behind by more than a minute. */
const backlogAt = Date.UTC(2026, 2, 1, 16)
const dayMs = 86_400_000

/**
 * A day at a constant rate is played faster than it happens. Dated ahead, none of it is old when it
 * is read, as none would be at its own pace.
 */
const tomorrow = () => Math.ceil(systemClock.now() / dayMs + 1) * dayMs - dayMs / 3

async function runFull(
  subject: Subject,
  options: KafkaBenchOptions,
  flags: readonly string[],
): Promise<Measured> {
  const day = ['--start-at', String(backlogAt)]
  const all = [...flags, '--events', String(options.events), ...day, ...subject.flags]
  await startPart('fill', [...all, '--shape', subject.shape]).result()
  return watching(options, async () => {
    const child = startPart(subject.part, all)
    return { subject: await child.result<SubjectCost>(), load: null }
  })
}

async function runAtRate(
  subject: Subject,
  options: KafkaBenchOptions,
  { rate, flags: names }: { readonly rate: number; readonly flags: readonly string[] },
): Promise<Measured> {
  const flags = [...names, '--start-at', String(tomorrow()), ...subject.flags]
  const child = startPart(subject.part, [...flags, '--events', String(eventsMax)])
  try {
    await child.ready
    return await watching(options, async () => {
      const how = ['--rate', String(rate), '--seconds', String(options.seconds)]
      const load = startPart('load', [...flags, ...how, '--shape', subject.shape])
      const result = await load.result<LoadResult>()
      child.end()
      return { subject: await child.result<SubjectCost>(), load: result }
    })
  } finally {
    child.end()
  }
}

async function watching(
  { watched }: KafkaBenchOptions,
  run: () => Promise<Omit<Measured, 'watchedPerMillion'>>,
): Promise<Measured> {
  const before = new Map([...watched].map(([name, pid]) => [name, cpuSecondsOf(pid)]))
  const measured = await run()
  const watchedPerMillion: Record<string, number> = {}
  for (const [name, pid] of watched) {
    const seconds = cpuSecondsOf(pid) - before.get(name)!
    watchedPerMillion[name] = rounded((seconds / measured.subject.events) * 1e6)
  }
  return { ...measured, watchedPerMillion }
}
