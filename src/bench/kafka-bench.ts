/**
 * The benchmark against Kafka, subject by subject: how many events a second come out committed when
 * the topic is full, and how late each comes out at a constant rate. Subject, load generator and
 * broker are processes of their own on the same machine; the processor time of each is told.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { systemClock } from '../runtime/clock.ts'
import { startPart } from './child-part.ts'
import type { CopyLoopCost } from './copy-loop.ts'
import { cpuSecondsOf, rounded } from './cpu-time.ts'
import type { LoadResult } from './kafka-load.ts'

/** What is measured. Its part reads `--from`, writes results to `--to` and says what it cost. */
export interface Subject {
  readonly name: string
  /** Part of `bench` that runs it; prints `{"ready":true}`, then its cost when its input ends. */
  readonly part: string
  /** The load that it is given: see load-shape.ts. */
  readonly shape: string
  /** For all its parts. */
  readonly flags: readonly string[]
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
      const full = await inTopics(admin, options, (topics) => runFull(subject, options, topics))
      const atRates: Measured[] = []
      for (const rate of options.rates) {
        options.onStep(`${subject.name}: ${rate} events a second for ${options.seconds} s`)
        atRates.push(
          await inTopics(admin, options, (topics) => runAtRate(subject, options, { rate, topics })),
        )
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

/** Topics of one run and the flags that name them. */
interface Topics {
  readonly from: string
  readonly to: string
  readonly flags: readonly string[]
}

async function inTopics(
  admin: Admin,
  { brokers, partitions }: KafkaBenchOptions,
  run: (topics: Topics) => Promise<Measured>,
): Promise<Measured> {
  const group = `bench-${systemClock.now().toString(36)}`
  const [from, to] = [`${group}-in`, `${group}-out`]
  const topics = [from, to].map((topic) => ({ topic, numPartitions: partitions }))
  await admin.createTopics({ topics, waitForLeaders: false })
  await untilThere(admin, [from, to])
  const names = ['--kafka', brokers, '--from', from, '--to', to, '--group', group]
  const flags = [...names, '--partitions', String(partitions)]
  try {
    return await run({ from, to, flags })
  } finally {
    await admin.deleteTopics({ topics: [from, to] })
  }
}

/** The client's own waiting gives up where the broker has not heard of the topic yet. */
async function untilThere(admin: Admin, topics: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await admin.fetchTopicMetadata({ topics: [...topics] })
      return
    } catch (error) {
      if (tries === 100) throw error
      await sleep(100)
    }
  }
}

async function runFull(
  subject: Subject,
  options: KafkaBenchOptions,
  { flags }: Topics,
): Promise<Measured> {
  const all = [...flags, '--events', String(options.events), ...subject.flags]
  await startPart('fill', [...all, '--shape', subject.shape]).result()
  return watching(options, async () => {
    const child = startPart(subject.part, all)
    return { subject: await child.result<SubjectCost>(), load: null }
  })
}

async function runAtRate(
  subject: Subject,
  options: KafkaBenchOptions,
  { rate, topics }: { readonly rate: number; readonly topics: Topics },
): Promise<Measured> {
  const flags = [...topics.flags, ...subject.flags]
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
