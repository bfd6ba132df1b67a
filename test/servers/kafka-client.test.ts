/**
 * The Kafka client against a real broker: TLS and every way to log in work, and whatever is wrong
 * is one line that says what to do, soon, with no password in it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { makeCertificates } from '../../scripts/stack/certificates.ts'
import { type KafkaServer, startKafka } from '../../scripts/stack/kafka.ts'
import { freePort } from '../../scripts/stack/running.ts'
import type { KafkaConnection, SaslLogin, Tls } from '../../src/config/connections.ts'
import { kafkaError, newKafkaClient } from '../../src/log/kafka/client.ts'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import { newInstallation } from '../support/installation.ts'

const brokers = inject('kafkaBrokers')
const plain = (broker: string): KafkaConnection => ({ brokers: [broker], tls: null, sasl: null })

/** What the client makes of a connection: the brokers it sees, or the failure in our words. */
async function reached(connection: KafkaConnection): Promise<number | EdgeError> {
  const admin = newKafkaClient(connection, 'test').admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length
  } catch (error) {
    return kafkaError(error)
  } finally {
    await admin.disconnect()
  }
}

describe.skipIf(brokers === null)('with TLS and a login', () => {
  const password = 'hunter2'
  const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
  let folder = ''
  let server: KafkaServer
  let tls: Tls = { ca: null, cert: null, key: null }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'couponguard-kafka-'))
    const certificates = makeCertificates(join(folder, 'certificates'))
    tls = { ca: certificates.ca, cert: null, key: null }
    const users = [{ name: 'guard', password }]
    const secure = { tls: certificates, users }
    server = await startKafka({ folder: join(folder, 'kafka'), secure })
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const login = (mechanism: SaslLogin['mechanism'], word = password, username = 'guard') => ({
    mechanism,
    username,
    password: word,
  })
  const secureTo = (sasl: SaslLogin | null, trust: Tls | null = tls): KafkaConnection => ({
    brokers: [server.secureBrokers!],
    tls: trust,
    sasl,
  })

  test.each(mechanisms)('%s is let in', async (mechanism) => {
    expect(await reached(secureTo(login(mechanism)))).toBe(1)
  })

  test.each(mechanisms)('%s with a wrong password is told so at once', async (mechanism) => {
    const startedAt = performance.now()
    const failure = await reached(secureTo(login(mechanism, 'wrong-secret')))
    expect(failure).toMatchObject({ code: 'kafka-refused', retriable: false })
    expect(String(failure)).toMatch(/user or password is wrong .* check kafka.username/)
    expect(String(failure)).not.toContain('wrong-secret')
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })

  test('a user who is not there', async () => {
    const failure = await reached(secureTo(login('scram-sha-512', password, 'nobody')))
    expect(failure).toMatchObject({ code: 'kafka-refused', retriable: false })
  })

  test('a certificate that nobody we trust has signed', async () => {
    const failure = await reached(secureTo(login('plain'), { ca: null, cert: null, key: null }))
    expect(failure).toMatchObject({ code: 'kafka-refused', retriable: false })
    expect(String(failure)).toMatch(/certificate is not trusted .* check kafka.tls.caFile/)
  })

  test('without TLS where TLS is asked for', async () => {
    const failure = await reached(secureTo(login('plain'), null))
    expect(failure).toBeInstanceOf(EdgeError)
    expect(String(failure)).toMatch(/and kafka.tls as its listener has it\?$/)
  })
})

describe.skipIf(brokers === null)('without', () => {
  test('a broker that is not there', async () => {
    const broker = `127.0.0.1:${await freePort()}`
    const failure = await reached(plain(broker))
    expect(failure).toMatchObject({ code: 'kafka-away', retriable: true })
    expect(String(failure)).toContain(broker)
    expect(String(failure)).toMatch(/is it running, is kafka.brokers right\?$/)
  })

  test('a topic that is not there', async () => {
    const producer = newKafkaClient(plain(brokers!), 'test').producer({
      allowAutoTopicCreation: false,
    })
    await producer.connect()
    const sent = producer.send({ topic: 'nobody-made-this', messages: [{ value: 'x' }] })
    const failure = kafkaError(
      await sent.then(
        () => null,
        (error: unknown) => error,
      ),
    )
    await producer.disconnect()
    expect(failure).toMatchObject({ code: 'kafka-topic', retriable: false })
    expect(failure.message).toMatch(/make it with: couponguard topics create$/)
  })

  test('an epoch that another took over', async () => {
    const kafka = newKafkaClient(plain(brokers!), 'test')
    const installation = newInstallation('fenced', brokers!, 'http://127.0.0.1:1')
    const topic = `${installation.prefix}t`
    const admin = await installation.admin()
    await makeTopics(admin, [{ topic, numPartitions: 1 }])
    const settings = { transactionalId: topic, idempotent: true, maxInFlightRequests: 1 }
    const [first, second] = [kafka.producer(settings), kafka.producer(settings)]
    await Promise.all([first.connect(), second.connect()])
    const work = await first.transaction()
    await work.send({ topic, messages: [{ value: 'a' }] })
    await second.transaction().then((transaction) => transaction.abort())
    const failure = kafkaError(
      await work.commit().then(
        () => null,
        (error: unknown) => error,
      ),
    )
    await Promise.all([first.disconnect(), second.disconnect()])
    expect(failure).toMatchObject({ code: 'kafka-fenced', retriable: false })
  })
})

test('a defect stays a defect', () => {
  const defect = new TypeError('x is not a function')
  expect(() => kafkaError(defect)).toThrow(defect)
})
