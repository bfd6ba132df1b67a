/**
 * An installation of its own for one test: topics under a prefix on the broker of the test run, the
 * roles as processes of the built command, and what they wrote.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Admin, Kafka } from 'kafkajs'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import { newSchemaRegistry, type SchemaRegistry } from '../../src/log/kafka/schema-registry.ts'
import type { TopicName, TopicRecords } from '../../src/log/kafka/topics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type DayOptions, makeTopics, type PublishedDay, publishDay } from './kafka-day.ts'
import { readValues } from './kafka-read.ts'
import { type Running, startCli } from './run-cli.ts'

export interface Endpoints {
  readonly brokers: string
  readonly registryUrl: string
  readonly redisUrl: string | null
}

export interface TestInstallation {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly registry: SchemaRegistry
  makeTopics(partitions: number): Promise<void>
  publish(options: DayOptions): Promise<PublishedDay>
  /** A command of couponguard that knows where everything is. */
  start(...words: readonly string[]): Running
  startWorker(store: 'memory' | 'redis', ...words: readonly string[]): Running
  /** What `read_committed` sees of a topic, in order. */
  records<T extends TopicName>(topic: T): Promise<readonly TopicRecords[T][]>
  /** Messages of the inputs that are not committed; Infinity before the first commit. */
  lag(): Promise<number>
  close(): Promise<void>
}

const roleMsMax = 240_000

export async function openInstallation(
  { brokers, registryUrl, redisUrl }: Endpoints,
  topicPrefix: string,
): Promise<TestInstallation> {
  const folder = mkdtempSync(join(tmpdir(), 'installation-'))
  const keyFile = join(folder, 'key')
  writeFileSync(keyFile, '7'.repeat(64), { mode: 0o600 })
  const kafka = newKafkaClient({ brokers: [brokers], tls: null, sasl: null }, 'installation')
  const login = { username: null, password: null, tls: null, timeoutMs: 5_000 }
  const registry = newSchemaRegistry({ url: registryUrl, ...login }, systemClock, topicPrefix)
  const admin = kafka.admin()
  await admin.connect()
  const parts = { admin, registry, topicPrefix }
  const env = {
    COUPONGUARD_KAFKA_BROKERS: brokers,
    COUPONGUARD_REGISTRY_URL: registryUrl,
    COUPONGUARD_TOPIC_PREFIX: topicPrefix,
    ...(redisUrl === null ? {} : { COUPONGUARD_REDIS_URL: redisUrl }),
  }
  const start = (...words: readonly string[]) => startCli(words, { msMax: roleMsMax, env })
  return {
    kafka,
    admin,
    registry,
    makeTopics: (partitions) => makeTopics(parts, partitions),
    publish: (options) => publishDay(kafka, parts, options),
    start,
    startWorker: (store, ...words) => start('run', '--store', store, '--key', keyFile, ...words),
    async records<T extends TopicName>(topic: T) {
      const values = await readValues(kafka, topicPrefix + topic)
      const read = await newRecordReader(registry).read(topic, values)
      return read.map((one) => {
        if ('rejected' in one) throw new Error(`${topic}: ${one.reason}`)
        return one
      })
    },
    lag: () => lagOf(admin, `${topicPrefix}couponguard`),
    async close() {
      await admin.disconnect()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function lagOf(admin: Admin, groupId: string): Promise<number> {
  let sum = 0
  const groups = await admin.fetchOffsets({ groupId })
  for (const { topic, partitions } of groups)
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      const found = partitions.find((one) => one.partition === partition)
      sum += Number(high) - Math.max(0, Number(found?.offset ?? 0))
    }
  return groups.length === 0 ? Number.POSITIVE_INFINITY : sum
}
