/**
 * What is committed on a real broker, where transactions of several producers lie between each
 * other: the auditor of chaos, who reads bytes, and the client of the roles see the same, which is
 * what was committed.
 */
import { CompressionTypes, Kafka, logLevel, type Transaction } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { readTopics } from '../../scripts/chaos/audit/read-records.ts'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import { ownPrefix } from '../support/installation.ts'
import { seeded } from '../support/seeded.ts'

const brokers = inject('kafkaBrokers') ?? ''
const topicPrefix = ownPrefix('committed')
const topic = 'mixed'
const patience = { timeout: 30_000, interval: 100 }
const seed = 20_260_302
const producers = 4

describe.skipIf(brokers === '')(`seed ${seed}`, () => {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const mended = newKafkaClient({ brokers: [brokers], tls: null, sasl: null }, 'committed-test')
  const committed: string[] = []
  const closers: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const admin = kafka.admin()
    await admin.connect()
    await makeTopics(admin, [{ topic: topicPrefix + topic, numPartitions: 1 }])
    await admin.disconnect()
    await writeHistory()
  })
  afterAll(async () => {
    for (const close of closers) await close()
  })

  /** Producers take turns at random; each transaction ends at random, well or not. */
  async function writeHistory(): Promise<void> {
    const chance = seeded(seed)
    const all = await Promise.all(
      Array.from({ length: producers }, async (_, number) => {
        const transactionalId = `${topicPrefix}${number}`
        const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1 })
        await producer.connect()
        closers.push(() => producer.disconnect())
        return producer
      }),
    )
    const open = new Map<number, { transaction: Transaction; values: string[] }>()
    const end = async (number: number, well: boolean) => {
      const { transaction, values } = open.get(number)!
      open.delete(number)
      if (well) committed.push(...values)
      await (well ? transaction.commit() : transaction.abort())
    }
    for (let step = 0; step < 120; step += 1) {
      const number = chance.below(producers)
      if (open.has(number) && chance.in(0.4)) {
        await end(number, chance.in(0.5))
        continue
      }
      const begin = () => all[number]!.transaction()
      const transaction = open.get(number)?.transaction ?? (await vi.waitFor(begin, patience))
      const { values } = open.get(number) ?? { values: [] }
      const value = `${number} at ${step}`
      const messages = [{ key: 'k', value, headers: { step: String(step), other: 'x' } }]
      const compression = chance.in(0.3) ? CompressionTypes.GZIP : CompressionTypes.None
      await transaction.send({ topic: topicPrefix + topic, messages, compression })
      open.set(number, { transaction, values: [...values, value] })
    }
    for (const number of [...open.keys()]) await end(number, chance.in(0.5))
  }

  const sorted = (values: readonly string[]) =>
    [...values].sort((a, b) => Number(a.split(' at ')[1]) - Number(b.split(' at ')[1]))

  test('the auditor sees what was committed, whole and in order', async () => {
    const values: string[] = []
    const { ends, open } = await readTopics({
      source: { brokers, registryUrl: '', topicPrefix },
      topics: [topic],
      take({ value, key, headers, timestamp }) {
        const text = String(value)
        values.push(text)
        expect([String(key), String(headers.step), String(headers.other)]).toEqual([
          'k',
          text.split(' at ')[1],
          'x',
        ])
        expect(timestamp).toBeGreaterThan(1.7e12)
        return Promise.resolve()
      },
    })
    expect(values).toEqual(sorted(committed))
    expect(open).toEqual([])
    expect(ends.map(({ offset }) => offset)).toEqual([expect.any(Number)])
  })

  /** At least so many; what comes after them may be there or not. */
  const readBy = async (client: Kafka, groupId: string, least: number) => {
    const values: string[] = []
    const consumer = client.consumer({ groupId: topicPrefix + groupId })
    closers.push(() => consumer.disconnect())
    await consumer.connect()
    await consumer.subscribe({ topic: topicPrefix + topic, fromBeginning: true })
    await consumer.run({
      eachMessage: ({ message }) => {
        values.push(String(message.value))
        return Promise.resolve()
      },
    })
    await vi.waitFor(() => expect(values.length).toBeGreaterThanOrEqual(least), patience)
    return values
  }

  test('and so does the client of the roles', async () => {
    expect(await readBy(mended, 'mended', committed.length)).toEqual(sorted(committed))
  })

  test('but not kafkajs as it is', async () => {
    const more = committed.length + 1
    expect((await readBy(kafka, 'as-it-is', more)).length).toBeGreaterThanOrEqual(more)
  })
})
