/**
 * The local stack itself: that each server is what the code will need (transactions that
 * read_committed sees whole or not at all, a registry that refuses what is incompatible), that a
 * stopped one comes back with its data, and that none leaves a process or a port behind.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startedAt } from '../../scripts/stack/machine.ts'
import { startRedisCluster, startRedisPair, withClient } from '../../scripts/stack/redis.ts'
import { type PlacedServer, type ServerKind, startKind } from '../../scripts/stack/servers.ts'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import { ownPrefix } from '../support/installation.ts'

const endpoints = {
  kafka: inject('kafkaBrokers'),
  registry: inject('registryUrl'),
  redis: inject('redisUrl'),
  postgres: inject('postgresUrl'),
}
const without = (kind: ServerKind): boolean => endpoints[kind] === null
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stack-test-'))
  chmodSync(folder, 0o711)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function client(brokers: string): Kafka {
  return new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING, retry: { retries: 8 } })
}

async function createTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  await makeTopics(admin, [{ topic, numPartitions: 1 }])
  await admin.disconnect()
}

/** One transaction per list, committed or aborted. */
async function send(
  kafka: Kafka,
  topic: string,
  transactions: readonly (readonly [values: readonly string[], end: 'commit' | 'abort'])[],
): Promise<void> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: topic,
  })
  await producer.connect()
  for (const [values, end] of transactions) {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: values.map((value) => ({ value })) })
    await transaction[end]()
  }
  await producer.disconnect()
}

/** What a consumer that reads committed records sees from the start, until `last` comes. */
async function readUntil(kafka: Kafka, topic: string, last: string): Promise<readonly string[]> {
  const consumer = kafka.consumer({ groupId: `${topic}-readers`, readUncommitted: false })
  const seen: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ message }) => {
          seen.push(String(message.value))
          if (seen.at(-1) === last) resolve()
          return Promise.resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return seen
}

describe.skipIf(without('kafka'))('Kafka', () => {
  test('takes transactions, of which read_committed sees the committed ones', async () => {
    const kafka = client(endpoints.kafka!)
    const topic = `${ownPrefix('stack')}transactions`
    await createTopic(kafka, topic)
    await send(kafka, topic, [
      [['a', 'b'], 'commit'],
      [['never'], 'abort'],
      [['last'], 'commit'],
    ])
    expect(await readUntil(kafka, topic, 'last')).toEqual(['a', 'b', 'last'])
  })

  test('makes no topic by itself', async () => {
    const kafka = client(endpoints.kafka!)
    const producer = kafka.producer({ retry: { retries: 1 }, allowAutoTopicCreation: true })
    const admin = kafka.admin()
    await Promise.all([producer.connect(), admin.connect()])
    const messages = [{ value: 'lost' }]
    await expect(producer.send({ topic: 'nobody-made-this', messages })).rejects.toThrow()
    const topics = await admin.listTopics()
    await Promise.all([producer.disconnect(), admin.disconnect()])
    expect(topics).not.toContain('nobody-made-this')
  })

  test('has its records when it comes back, stopped or killed', async () => {
    const place = { folder: join(folder, 'kafka'), detached: false }
    const first = await startKind('kafka', { ...place, ports: [] })
    await createTopic(client(first.endpoint), 'kept')
    await send(client(first.endpoint), 'kept', [[['a', 'stopped'], 'commit']])
    await first.stop()
    await expectGone(first)
    const second = await startKind('kafka', { ...place, ports: first.ports })
    expect(second.endpoint).toBe(first.endpoint)
    await send(client(second.endpoint), 'kept', [[['killed'], 'commit']])
    second.signal('SIGKILL')
    await second.stop()
    const third = await startKind('kafka', { ...place, ports: first.ports })
    const seen = await readUntil(client(third.endpoint), 'kept', 'killed')
    await third.stop()
    expect(seen).toEqual(['a', 'stopped', 'killed'])
  })
})

describe.skipIf(without('registry'))('the registry', () => {
  const call = async (url: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  const record = (...fields: object[]) => ({
    schema: JSON.stringify({ type: 'record', name: 'Seen', fields }),
  })
  const id = { name: 'id', type: 'string' }

  test.each([
    ['an optional field', { name: 'note', type: ['null', 'string'], default: null }, true],
    ['a field without default', { name: 'must', type: 'string' }, false],
  ])('says of %s whether it is compatible', async (_, field, compatible) => {
    const url = endpoints.registry!
    const subject = `${ownPrefix('stack')}value`
    await call(url, 'POST', `/subjects/${subject}/versions`, record(id))
    await call(url, 'PUT', `/config/${subject}`, { compatibility: 'BACKWARD' })
    const path = `/compatibility/subjects/${subject}/versions/latest`
    const answer = await call(url, 'POST', path, record(id, field))
    expect(answer).toMatchObject({ status: 200, body: { is_compatible: compatible } })
  })

  test('has its schemas under their ids after SIGKILL', async () => {
    const place = { folder: join(folder, 'registry'), detached: false }
    const first = await startKind('registry', { ...place, ports: [] })
    const made = await call(first.endpoint, 'POST', '/subjects/kept-value/versions', record(id))
    first.signal('SIGKILL')
    await first.stop()
    const second = await startKind('registry', { ...place, ports: first.ports })
    const kept = await call(second.endpoint, 'GET', '/subjects/kept-value/versions/latest')
    await second.stop()
    await expectGone(second)
    expect(made).toMatchObject({ status: 200, body: { id: expect.any(Number) } })
    expect(kept).toMatchObject({ status: 200, body: made.body })
  })
})

describe.skipIf(without('redis'))('Redis', () => {
  const info = (url: string, section: string): Promise<string> =>
    withClient(url, undefined, (redis) => redis.info(section))

  test('answers', async () => {
    expect(await withClient(endpoints.redis!, undefined, (redis) => redis.ping())).toBe('PONG')
  })

  test('is a cluster of three nodes that share all slots', async () => {
    const cluster = await startRedisCluster({ folder: join(folder, 'cluster') })
    const nodes = await Promise.all(
      cluster.nodes.map(({ url }) =>
        withClient(url, undefined, (redis) => redis.call('CLUSTER', 'INFO')),
      ),
    )
    await cluster.stop()
    expect(nodes).toHaveLength(3)
    for (const node of nodes) expect(node).toMatch(/cluster_slots_ok:16384/)
  })

  test('is a primary whose replica takes over', async () => {
    const { primary, replica, stop } = await startRedisPair({ folder: join(folder, 'pair') })
    await withClient(primary.url, undefined, async (redis) => {
      await redis.set('kept', 'yes')
      await redis.wait(1, 5_000)
    })
    primary.signal('SIGKILL')
    await withClient(replica.url, undefined, (redis) => redis.call('REPLICAOF', 'NO', 'ONE'))
    expect(await info(replica.url, 'replication')).toMatch(/role:master/)
    expect(await withClient(replica.url, undefined, (redis) => redis.get('kept'))).toBe('yes')
    await stop()
  })
})

describe('Redis and PostgreSQL, stopped,', () => {
  test.for(['redis', 'postgres'] as const)(
    'leave no process and no port: %s',
    async (kind, { skip }) => {
      skip(without(kind), `no ${kind} here`)
      const place = { folder: join(folder, `stopped-${kind}`), detached: false }
      const server = await startKind(kind, { ...place, ports: [] })
      expect(await Promise.all(server.ports.map(isOpen))).toEqual([true])
      await server.stop()
      await expectGone(server)
    },
  )
})

async function expectGone({ pid, ports }: PlacedServer): Promise<void> {
  expect(startedAt(pid)).toBeNull()
  expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false))
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
