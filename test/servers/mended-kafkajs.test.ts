/**
 * The mended client against a real broker, which checks every batch: what is sent comes back as it
 * was, in transactions too, and a process that only waits sleeps.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Kafka, KafkaMessage, Message } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import { mendKafkajs } from '../../src/log/kafka/patches/mend.ts'
import { ownPrefix } from '../support/installation.ts'
import { repoRoot } from '../support/run-cli.ts'
import { seeded } from '../support/seeded.ts'

const brokers = inject('kafkaBrokers')
const kafkajs = mendKafkajs()
const seed = 7
const own = ownPrefix('mended')

function client(): Kafka {
  const retry = { initialRetryTime: 50, retries: 12 }
  return new kafkajs.Kafka({ brokers: [brokers!], logLevel: kafkajs.logLevel.NOTHING, retry })
}

async function createTopic(topic: string): Promise<void> {
  const admin = client().admin()
  await admin.connect()
  await makeTopics(admin, [{ topic, numPartitions: 4 }])
  await admin.disconnect()
}

/** Records of all sorts, as many to each partition. */
function records(count: number): Message[] {
  const chance = seeded(seed)
  return Array.from({ length: count }, (_, at) => ({
    partition: at % 4,
    key: chance.pick([null, '', `user-${at}`, Buffer.from([0, 255, at & 255]), '優惠券']),
    value: chance.in(0.05) ? null : Buffer.alloc(chance.below(400), at),
    timestamp: String(1_772_380_800_000 + chance.below(5_000)),
    headers: chance.pick([{}, { ce_id: `${at}`, to: ['a', Buffer.from('b')], empty: '' }]),
  }))
}

/** As it comes back: everything is bytes. */
const asRead = ({ key, value, timestamp, headers }: Message | KafkaMessage) => ({
  key: hex(key ?? null),
  value: hex(value),
  timestamp,
  headers: Object.entries(headers ?? {}).map(([name, one]) => [
    name,
    (Array.isArray(one) ? one : [one]).map((each) => hex(each ?? null)),
  ]),
})
const hex = (given: Buffer | string | null) =>
  given === null ? null : Buffer.from(given).toString('hex')

async function readAll(topic: string, count: number): Promise<Map<number, KafkaMessage[]>> {
  const consumer = client().consumer({ groupId: `${topic}-readers` })
  const read = new Map<number, KafkaMessage[]>([0, 1, 2, 3].map((partition) => [partition, []]))
  let left = count
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachBatch: ({ batch }) => {
          read.get(batch.partition)!.push(...batch.messages)
          left -= batch.messages.length
          if (left <= 0) resolve()
          return Promise.resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return read
}

describe.skipIf(brokers === null)('the mended client', () => {
  test.each([
    ['as they are', kafkajs.CompressionTypes.None],
    ['compressed', kafkajs.CompressionTypes.GZIP],
  ])('sends records that come back as they were: %s', async (_, compression) => {
    const topic = `${own}${compression}`
    await createTopic(topic)
    const sent = records(4_000)
    const producer = client().producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    await producer.send({ topic, compression, messages: sent })
    await producer.disconnect()
    const read = await readAll(topic, sent.length)
    for (const [partition, messages] of read)
      expect(messages.map(asRead)).toEqual(
        sent.filter((one) => one.partition === partition).map(asRead),
      )
  })

  test('sends in transactions, one after the other, without a gap in the sequence', async () => {
    const topic = `${own}transactions`
    await createTopic(topic)
    const producer = client().producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    for (const [part, end] of ['commit', 'abort', 'commit', 'commit'].entries()) {
      const transaction = await producer.transaction()
      const messages = records(400).map((one, at) => ({ ...one, value: `${part}-${at}` }))
      await transaction.send({ topic, messages: messages.slice(0, 200) })
      await transaction.send({ topic, messages: messages.slice(200) })
      await (end === 'commit' ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    const all = [...(await readAll(topic, 1_200)).values()].flat()
    const ofPart = (part: number) =>
      all.filter(({ value }) => String(value).startsWith(`${part}-`)).length
    expect([0, 1, 2, 3].map(ofPart)).toEqual([400, 0, 400, 400])
  })
})

describe.skipIf(brokers === null)('transactions close upon each other', () => {
  test('with offsets and no record, or with both, succeed and ask five times each', async () => {
    const topic = `${own}offsets`
    await createTopic(topic)
    const producer = client().producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: () => () => 0,
    })
    const asked: string[] = []
    producer.on(producer.events.REQUEST, ({ payload }) => asked.push(payload.apiName))
    await producer.connect()
    for (let n = 1; n <= 100; n += 1) {
      const transaction = await producer.transaction()
      if (n > 50) await transaction.send({ topic, messages: [{ value: `${n}` }] })
      const topics = [{ topic, partitions: [{ partition: 0, offset: `${n}` }] }]
      await transaction.sendOffsets({ consumerGroupId: topic, topics })
      await transaction.commit()
    }
    await producer.disconnect()
    const times = (name: string) => asked.filter((one) => one === name).length
    expect(times('EndTxn')).toBe(100)
    expect(times('GroupCoordinator')).toBeLessThan(40)
    const admin = client().admin()
    await admin.connect()
    const offsets = await admin.fetchOffsets({ groupId: topic, topics: [topic] })
    await admin.disconnect()
    expect(offsets[0]?.partitions.find(({ partition }) => partition === 0)?.offset).toBe('100')
  })
})

describe.skipIf(brokers === null)('a connection that the broker closes', () => {
  const open: Socket[] = []
  let relay: Server
  beforeAll(async () => {
    const [host, port] = brokers!.split(':')
    relay = createServer((client) => {
      const behind = connect(Number(port), host)
      open.push(client)
      for (const socket of [client, behind]) socket.on('error', () => undefined)
      client.on('close', () => {
        open.splice(open.indexOf(client), 1)
        behind.destroy()
      })
      client.pipe(behind).pipe(client)
    })
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => relay.close())

  test('leaves none open behind it once the client is done', async () => {
    const topic = `${own}cut`
    await createTopic(topic)
    const kafka = new kafkajs.Kafka({
      brokers: [brokers!],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 50, retries: 12 },
      socketFactory: ({ onConnect }) =>
        connect((relay.address() as AddressInfo).port, '127.0.0.1', onConnect),
    })
    const consumer = kafka.consumer({
      groupId: topic,
      maxWaitTimeInMs: 100,
      heartbeatInterval: 100,
    })
    let read = 0
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async () => {
        read += 1
      },
    })
    const producer = client().producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    for (const cut of [0, 1]) {
      const goal = read + 1
      await producer.send({ topic, messages: [{ value: 'x' }] })
      await expect.poll(() => read, { timeout: 20_000 }).toBe(goal)
      await expect.poll(() => open.length, { timeout: 20_000 }).toBeGreaterThan(cut)
      open[cut]!.end()
      await sleep(500)
    }
    await producer.disconnect()
    await consumer.disconnect()
    await expect.poll(() => open.length, { timeout: 5_000 }).toBe(0)
  })
})

/**
 * A worker with nothing to do: a consumer and four transactional producers that have sent once.
 * Prints how often it is woken, and what it burns, in three seconds.
 */
const idler = (mended: boolean, topic: string) => `
  import { createRequire } from 'node:module'
  import { readFileSync } from 'node:fs'
  import { mendKafkajs } from './dist/log/kafka/patches/mend.js'
  const kafkajs = ${mended} ? mendKafkajs() : createRequire(import.meta.url)('kafkajs')
  const kafka = new kafkajs.Kafka({ brokers: ['${brokers}'], logLevel: 0 })
  const consumer = kafka.consumer({ groupId: '${topic}-${mended}' })
  await consumer.connect()
  await consumer.subscribe({ topics: ['${topic}'] })
  const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve))
  await consumer.run({ eachBatch: async () => {} })
  await joined
  for (let n = 0; n < 4; n += 1) {
    const transactionalId = '${topic}-${mended}-' + n
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: '${topic}', messages: [{ value: 'x' }] })
    await transaction.commit()
  }
  const wakes = () => Number(/^voluntary_ctxt_switches:\\s*(\\d+)/m.exec(
    readFileSync('/proc/self/status', 'utf8'))[1])
  setTimeout(() => {
    const [before, cpu] = [wakes(), process.cpuUsage()]
    setTimeout(() => {
      const { user, system } = process.cpuUsage(cpu)
      const [wakesPerSecond, cpuPercent] = [(wakes() - before) / 3, (user + system) / 30_000]
      console.log(JSON.stringify({ wakesPerSecond, cpuPercent }))
      process.exit()
    }, 3_000)
  }, 2_000)
`

describe.skipIf(brokers === null || !existsSync('/proc/self/status'))('an idle worker', () => {
  const topic = `${own}idle`
  const rest = async (mended: boolean): Promise<{ wakesPerSecond: number; cpuPercent: number }> => {
    const words = ['--no-warnings', '--input-type=module', '-e', idler(mended, topic)]
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: repoRoot })
    process.stdout.write(`${mended ? 'mended' : 'as it is'}: ${stdout}`)
    return JSON.parse(stdout)
  }
  beforeAll(() => createTopic(topic))

  test('sleeps: it is woken less than fifty times a second', async () => {
    const { wakesPerSecond, cpuPercent } = await rest(true)
    expect(wakesPerSecond).toBeLessThan(50)
    expect(cpuPercent).toBeLessThan(2)
  })

  test('would be woken hundreds of times by the client as it is', async () => {
    expect((await rest(false)).wakesPerSecond).toBeGreaterThan(200)
  })
})
