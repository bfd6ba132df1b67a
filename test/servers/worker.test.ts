/**
 * The worker and the monitor as processes of their own against a real broker and registry: a day
 * is judged once whatever is killed, and each alert is published once.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Admin, Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Alert, Audit, DeadLetter, Progress } from '../../src/core/schema.gen.ts'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import { newSchemaRegistry, type SchemaRegistry } from '../../src/log/kafka/schema-registry.ts'
import type { TopicName, TopicRecords } from '../../src/log/kafka/topics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { makeTopics, publishDay } from '../support/kafka-day.ts'
import { readValues } from '../support/kafka-read.ts'
import { startCli } from '../support/run-cli.ts'

const brokers = inject('kafkaBrokers')
const registryUrl = inject('registryUrl')
const topicPrefix = 'worker.'
const dayMs = 86_400_000
const partitions = 2
/** A member that was killed is waited for as long as its session lasts. */
const catchUpMs = 90_000

describe.skipIf(brokers === null || registryUrl === null)('a day on Kafka', () => {
  let kafka: Kafka
  let admin: Admin
  let registry: SchemaRegistry
  let folder = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'worker-test-'))
    writeFileSync(join(folder, 'key'), '7'.repeat(64), { mode: 0o600 })
    kafka = newKafkaClient({ brokers: [brokers ?? ''], tls: null, sasl: null }, 'worker-test')
    const connection = { username: null, password: null, tls: null, timeoutMs: 5_000 }
    registry = newSchemaRegistry(
      { url: registryUrl ?? '', ...connection },
      systemClock,
      topicPrefix,
    )
    admin = kafka.admin()
    await admin.connect()
  }, 60_000)
  afterAll(async () => {
    await admin.disconnect()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (...words: readonly string[]) =>
    startCli(words, {
      msMax: 180_000,
      env: {
        COUPONGUARD_KAFKA_BROKERS: brokers ?? '',
        COUPONGUARD_REGISTRY_URL: registryUrl ?? '',
        COUPONGUARD_TOPIC_PREFIX: topicPrefix,
      },
    })
  const startWorker = () => start('run', '--store', 'memory', '--key', join(folder, 'key'))

  async function records<T extends TopicName>(topic: T): Promise<readonly TopicRecords[T][]> {
    const values = await readValues(kafka, topicPrefix + topic)
    const read = await newRecordReader(registry).read(topic, values)
    return read.map((one) => {
      if ('rejected' in one) throw new Error(`${topic}: ${one.reason}`)
      return one
    })
  }

  /** Messages of the inputs that a shard's progress has not passed. */
  async function lag(): Promise<number> {
    const groups = await admin.fetchOffsets({ groupId: `${topicPrefix}couponguard` })
    let sum = 0
    for (const { topic, partitions: committed } of groups)
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const found = committed.find((one) => one.partition === partition)
        sum += Number(high) - Math.max(0, Number(found?.offset ?? 0))
      }
    return groups.length < 2 ? Number.POSITIVE_INFINITY : sum
  }

  test('is judged once, though worker and monitor are killed in the middle', async () => {
    const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
    await makeTopics({ admin, registry, topicPrefix }, partitions)
    const options = { seed: 11, events: 12_000, scenario: 'attack', startAt } as const
    const day = await publishDay(kafka, { admin, registry, topicPrefix }, options)

    const monitor = start('monitor')
    const worker = startWorker()
    await vi.waitFor(
      async () => expect((await records('risk.progress')).length).toBeGreaterThan(1),
      {
        timeout: catchUpMs,
        interval: 50,
      },
    )
    worker.child.kill('SIGKILL')
    monitor.child.kill('SIGKILL')
    await Promise.all([worker.ended, monitor.ended])
    const again = [startWorker(), start('monitor')]
    await vi.waitFor(async () => expect(await lag()).toBe(0), {
      timeout: catchUpMs,
      interval: 500,
    })

    const audits = await records('risk.audit')
    const letters = await records('risk.dead-letters')
    const progress = await records('risk.progress')
    checkOnce(audits, letters, day.messages)
    checkProgress(progress)
    expect(
      letters.filter(({ reason }) => reason.startsWith('not-') || reason === 'bad-frame'),
    ).not.toEqual([])
    await vi.waitFor(async () => checkAlerts(await records('risk.alerts')), {
      timeout: catchUpMs,
      interval: 500,
    })
    for (const { child } of again) child.kill('SIGTERM')
    for (const { ended } of again) expect((await ended).code).toBe(0)
  }, 240_000)
})

/** Every place of the inputs at most once, and no event decided twice. */
function checkOnce(
  audits: readonly Audit[],
  letters: readonly DeadLetter[],
  messages: number,
): void {
  const placeOf = (one: Audit | DeadLetter) => `${one.source}/${one.partition}/${one.offset}`
  const places = [...audits, ...letters].map(placeOf)
  expect(new Set(places).size).toBe(places.length)
  expect(new Set(audits.map(({ decision }) => decision.eventKey)).size).toBe(audits.length)
  // The rest are events that were sent twice.
  expect(messages - places.length).toBeGreaterThan(0)
  expect(messages - places.length).toBeLessThan(messages * 0.02)
}

/** Per shard, each commit goes on where the one before ended. */
function checkProgress(progress: readonly Progress[]): void {
  const reached = new Map<string, number>()
  for (const { offsets } of progress)
    for (const { topic, partition, nextOffset } of offsets) {
      const key = `${topic}/${partition}`
      expect(nextOffset).toBeGreaterThanOrEqual(reached.get(key) ?? 0)
      reached.set(key, nextOffset)
    }
  expect(reached.size).toBe(2 * partitions)
}

function checkAlerts(alerts: readonly Alert[]): void {
  const ids = alerts.map(({ id }) => id)
  expect(ids.length).toBeGreaterThan(0)
  expect(new Set(ids).size).toBe(ids.length)
}
