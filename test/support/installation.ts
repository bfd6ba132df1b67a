/**
 * An installation of its own on the servers of the test run: a topic prefix that nobody else has,
 * the environment that commands find it by, clients to look with; and for tests of the roles its
 * topics, a generated day, the roles as processes of the built command, and what they wrote.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Admin, Kafka } from 'kafkajs'
import { expect, onTestFinished, vi } from 'vitest'
import type { Connections } from '../../src/config/connections.ts'
import { loadConnections } from '../../src/config/connections.ts'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import { newSchemaRegistry, type SchemaRegistry } from '../../src/log/kafka/schema-registry.ts'
import { inputTopics, type TopicName, type TopicRecords } from '../../src/log/kafka/topics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type DayOptions, makeOurTopics, type PublishedDay, publishDay } from './kafka-day.ts'
import { readValues } from './kafka-read.ts'
import {
  type Ran,
  type Running,
  type RunOptions,
  runCli,
  scratchFolder,
  startCli,
} from './run-cli.ts'

export interface Installation {
  readonly prefix: string
  readonly environment: Readonly<Record<string, string>>
  readonly connections: Connections
  readonly kafka: Kafka
  readonly registry: SchemaRegistry
  /** The command, in this installation. */
  run(words: readonly string[], options?: RunOptions): Promise<Ran>
  /** Fails the test unless the command succeeds; gives what it printed. */
  done(words: readonly string[], options?: RunOptions): Promise<string>
  /** Connected until the test ends. */
  admin(): Promise<Admin>
}

/**
 * What names begin with that nobody else has, another run on the same servers neither: those that
 * are given by the environment keep what an earlier run left there.
 */
export const ownPrefix = (name: string) =>
  `${name}-${process.pid}-${systemClock.now().toString(36)}.`

export function newInstallation(name: string, brokers: string, registryUrl: string): Installation {
  const prefix = ownPrefix(name)
  const environment = {
    COUPONGUARD_KAFKA_BROKERS: brokers,
    COUPONGUARD_REGISTRY_URL: registryUrl,
    COUPONGUARD_TOPIC_PREFIX: prefix,
  }
  const connections = loadConnections({}, environment)
  const kafka = newKafkaClient(connections.kafka, name)
  const run = (words: readonly string[], options: RunOptions = {}) =>
    runCli(words, { ...options, env: { ...environment, ...options.env } })
  return {
    prefix,
    environment,
    connections,
    kafka,
    registry: newSchemaRegistry(connections.registry, systemClock, prefix),
    run,
    async done(words, options) {
      const { code, stdout, stderr } = await run(words, options)
      expect(stderr).toBe('')
      expect(code).toBe(0)
      return stdout
    },
    async admin() {
      const admin = kafka.admin()
      onTestFinished(() => admin.disconnect())
      await admin.connect()
      return admin
    },
  }
}

export interface Endpoints {
  readonly brokers: string
  readonly registryUrl: string
  readonly redisUrl: string | null
}

/** One with topics of its own and roles that run. */
export interface RoleInstallation extends Installation {
  makeTopics(partitions: number): Promise<void>
  publish(options: DayOptions): Promise<PublishedDay>
  /** A command that goes on until it is told to end. */
  start(...words: readonly string[]): Running
  startWorker(store: 'memory' | 'redis', ...words: readonly string[]): Running
  /** What `read_committed` sees of a topic, in order. */
  records<T extends TopicName>(topic: T): Promise<readonly TopicRecords[T][]>
  /** Messages of the inputs that are not committed; Infinity before the first commit. */
  lag(): Promise<number>
}

const roleMsMax = 240_000

/** Until the test ends. */
export async function openInstallation(
  { brokers, registryUrl, redisUrl }: Endpoints,
  name: string,
): Promise<RoleInstallation> {
  const one = newInstallation(name, brokers, registryUrl)
  const { kafka, registry, prefix: topicPrefix } = one
  const keyFile = join(scratchFolder(), 'key')
  writeFileSync(keyFile, '7'.repeat(64), { mode: 0o600 })
  const admin = await one.admin()
  const parts = { admin, registry, topicPrefix }
  const env = {
    ...one.environment,
    ...(redisUrl === null ? {} : { COUPONGUARD_REDIS_URL: redisUrl }),
  }
  const start = (...words: readonly string[]) => startCli(words, { msMax: roleMsMax, env })
  return {
    ...one,
    makeTopics: (partitions) => makeOurTopics(parts, partitions),
    publish: (options) => publishDay(kafka, parts, options),
    start,
    startWorker: (store, ...words) => start('run', '--store', store, '--key', keyFile, ...words),
    async records<T extends TopicName>(topic: T) {
      const values = await readValues(kafka, topicPrefix + topic)
      const read = await newRecordReader(registry).read(topic, values)
      return read.map((row) => {
        if ('rejected' in row) throw new Error(`${topic}: ${row.reason}`)
        return row
      })
    },
    lag: () => lagOf(admin, topicPrefix),
  }
}

/** Of both inputs, whether or not any of a topic is committed yet. */
async function lagOf(admin: Admin, topicPrefix: string): Promise<number> {
  const topics = inputTopics.map((name) => topicPrefix + name)
  const groups = await admin.fetchOffsets({ groupId: `${topicPrefix}couponguard`, topics })
  const committed = new Map(
    groups.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic} ${partition}`, Number(offset)]),
    ),
  )
  if ([...committed.values()].every((offset) => offset < 0)) return Number.POSITIVE_INFINITY
  let sum = 0
  for (const topic of topics)
    for (const { partition, high } of await admin.fetchTopicOffsets(topic))
      sum += Number(high) - Math.max(0, committed.get(`${topic} ${partition}`) ?? 0)
  return sum
}

/**
 * Resolves when workers have judged all that was published, and readers see it, which is a moment
 * after the commit; gives the number of audits.
 */
export async function allJudged(
  { admin: connect, kafka, prefix }: Installation,
  timeout = 120_000,
): Promise<number> {
  const admin = await connect()
  let last = -1
  return vi.waitFor(
    async () => {
      expect(await lagOf(admin, prefix)).toBe(0)
      const { length } = await readValues(kafka, `${prefix}risk.audit`)
      const isSame = length === last
      last = length
      expect(isSame).toBe(true)
      return length
    },
    { timeout, interval: 1_000 },
  )
}
