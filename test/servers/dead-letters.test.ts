/**
 * Bad messages through a real worker into risk.dead-letters, and back: listed, looked at, sent
 * again, and decided once however often they are sent.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from 'kafkajs'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import { type Audit, type CouponEvent, schemas } from '../../src/core/schema.gen.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import { subjectOf } from '../../src/log/kafka/topics.ts'
import { writeFrame } from '../../src/log/kafka/wire-format.ts'
import { published } from '../core/event/published.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { readValues } from '../support/kafka-read.ts'
import { scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const without = brokers === null || registryUrl === null
/** As long as a worker takes an unknown schema for unknown. */
const unknownForMs = 10_000

async function startedInstallation(name: string, env = {}): Promise<Installation> {
  const one = newInstallation(name, brokers!, registryUrl!)
  await one.done(['topics', 'create', '--partitions', '2'])
  const key = join(scratchFolder(), 'key')
  writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
  const worker = startCli(['run', '--store', 'memory', '--key', key], {
    env: { ...one.environment, ...env },
    msMax: 120_000,
  })
  onTestFinished(async () => {
    worker.child.kill('SIGTERM')
    await worker.ended
  })
  return one
}

async function publish({ kafka, prefix }: Installation, messages: Message[]): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const topic = `${prefix}coupon.claims`
  await producer.send({ topic, messages: messages.map((one) => ({ partition: 1, ...one })) })
  await producer.disconnect()
}

async function audits({ kafka, prefix, registry }: Installation): Promise<Audit[]> {
  const values = await readValues(kafka, `${prefix}risk.audit`)
  const read = await newRecordReader(registry).read('risk.audit', values)
  return read.flatMap((one) => ('rejected' in one ? [] : [one]))
}

interface Listed {
  readonly total: number
  readonly reasons: Readonly<Record<string, number>>
  readonly letters: readonly {
    readonly reason: string
    readonly offset: number
    readonly redriven: number
  }[]
}
const list = async (one: Installation, ...words: string[]): Promise<Listed> =>
  JSON.parse(await one.done(['dead-letters', 'list', '--json', ...words]))

const until = (total: number, one: Installation) =>
  vi.waitFor(async () => expect((await list(one)).total).toBe(total), {
    timeout: 45_000,
    interval: 500,
  })

const event = (about: Partial<CouponEvent>) => published({ occurredAt: Date.now(), ...about })
const framed = (schemaId: number, about: Partial<CouponEvent>) =>
  writeFrame(schemaId, couponEventType.toBuffer(event(about)))

describe.skipIf(without)('dead letters', () => {
  test('are told by reason, shown with their bytes, and sent back as they came', async () => {
    const one = await startedInstallation('letters')
    const ids = await one.registry.registeredIds(['coupon.claims'])
    const id = ids.get('coupon.claims')!
    const large = framed(id, { referrer: 'x'.repeat(1_100_000) })
    await publish(one, [
      { key: 'u1', value: '{"id":"e1"}\u001b[2J', headers: { trace: 'a\u0007b' } },
      { key: 'u2', value: large },
      { key: 'u3', value: framed(id, { id: 'late', occurredAt: 1_000 }) },
      { key: 'u4', value: framed(id, { id: 'good', user: 'u4' }) },
      { key: 'u5', value: null },
    ])
    await until(4, one)

    const all = await list(one)
    expect(all.reasons).toEqual({ 'bad-frame': 2, 'too-large': 1, 'stale-time': 1 })
    expect((await list(one, '--reason', 'too-large')).letters).toMatchObject([{ offset: 1 }])
    expect((await list(one, '--topic', 'coupon.redemptions')).total).toBe(0)
    const text = await one.done(['dead-letters', 'list', '--reason', 'too-large'])
    expect(text).toMatch(/1 {2}too-large\n\n\S+Z {2}coupon.claims\/1\/1 +too-large: message is/)

    const shown = await one.done(['dead-letters', 'show', '--offset', '0'])
    expect(shown).toContain('from        coupon.claims/1/0')
    expect(shown).toContain('key         u1')
    expect(shown).toContain('header      trace: a\\u{7}b')
    expect(shown).toContain('7b 22 69 64 22 3a 22 65 31 22 7d 1b 5b 32 4a')
    expect(shown).toContain('{"id":"e1"}\\u{1b}[2J')
    expect(shown).not.toContain('\u001b')
    const ambiguous = await one.run(['dead-letters', 'show', '--reason', 'bad-frame'])
    expect([ambiguous.code, ambiguous.stderr]).toEqual([
      1,
      expect.stringMatching(/^couponguard: 2 letters are meant; choose one by .*\n$/),
    ])

    const dry = await one.done(['dead-letters', 'redrive', '--all', '--dry-run'])
    expect(dry).toContain(
      'coupon.claims/1/1  cannot be sent: only its first 262144 bytes were kept',
    )
    expect(dry).toMatch(/coupon.claims\/1\/2 {2}cannot be sent: it was read and then refused/)
    expect(dry).toContain('2 letters would be sent again')

    await one.done(['dead-letters', 'redrive', '--offset', '0'])
    await until(5, one)
    const [again] = (await list(one, '--offset', '5')).letters
    expect(again).toMatchObject({ reason: 'bad-frame', redriven: 1 })
    const bytes = JSON.parse(await one.done(['dead-letters', 'show', '--offset', '5', '--json']))
    const decoded = (base64: string) => Buffer.from(base64, 'base64').toString()
    expect(decoded(bytes.bytesBase64)).toBe('{"id":"e1"}\u001b[2J')
    expect(decoded(bytes.key)).toBe('u1')
    expect(decoded(bytes.headers['couponguard-redriven-from'])).toBe('coupon.claims/1/0')
    expect(decoded(bytes.headers.trace)).toBe('a\u0007b')
    await one.done(['dead-letters', 'redrive', '--offset', '5'])
    await until(6, one)
    expect(await one.done(['dead-letters', 'list', '--offset', '6'])).toContain(
      'sent again 2 times',
    )
  }, 120_000)

  test('sent again twice are decided once', async () => {
    const one = await startedInstallation('twice')
    const { registry, prefix } = one
    // A schema that no earlier run has registered: its id is the last one.
    const last = await registry.register(subjectOf(`${prefix}other`), {
      type: 'record',
      name: 'Other',
      doc: `last before ${prefix}`,
      fields: [],
    } as never)
    await publish(one, [{ key: 'u1', value: framed(last + 1, { id: 'e7', user: 'u1' }) }])
    await until(1, one)
    expect((await list(one)).letters).toMatchObject([{ reason: 'unknown-schema' }])

    const late = { ...Object(schemas.CouponEvent), doc: `late by ${prefix}` }
    expect(await registry.register(subjectOf(`${prefix}late`), late)).toBe(last + 1)
    await sleep(unknownForMs + 500)
    const words = ['dead-letters', 'redrive', '--reason', 'unknown-schema']
    expect(await one.done(words)).toBe('1 letter sent again\n')
    expect(await one.done(words)).toBe('1 letter sent again\n')
    await publish(one, [{ key: 'u1', value: 'the end' }])
    await until(2, one)
    expect((await audits(one)).map((audit) => audit.event.id)).toEqual(['e7'])
  }, 120_000)

  test('are encrypted where a key is configured, and only who has it reads them', async () => {
    const file = join(scratchFolder(), 'letters-key')
    writeFileSync(file, '9'.repeat(64), { mode: 0o600 })
    const env = { COUPONGUARD_DEAD_LETTERS_KEY_FILE: file }
    const one = await startedInstallation('sealed', env)
    await publish(one, [{ key: 'u1', value: 'phone 13800000000' }])
    await until(1, one)
    const without = await one.done(['dead-letters', 'show'])
    expect(without).not.toContain('13800000000')
    expect(without).toMatch(/cannot be: its bytes are encrypted with key [0-9a-f]{8}; give that by/)
    expect(await one.done(['dead-letters', 'show'], { env })).toContain('phone 13800000000')
    expect((await one.run(['dead-letters', 'redrive', '--all'])).code).toBe(1)
    await one.done(['dead-letters', 'redrive', '--all'], { env })
    await until(2, one)
  }, 120_000)

  test.each([
    [['redrive'], 2, 'say which: --reason, --topic, --partition, --offset, or --all'],
    [['list', '--reason', 'odd'], 2, '--reason odd: is none of not-json, not-avro, '],
    [['show', '--offset', '-1'], 2, '--offset -1: must be a whole number'],
    [['list', '--limit', 'all'], 2, '--limit all: must be a whole number'],
  ])('%j is refused as usage', async (words, code, line) => {
    const one = newInstallation('usage', brokers!, registryUrl!)
    const ran = await one.run(['dead-letters', ...words])
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(`couponguard: ${line}`)])
  })

  test('without topics end with what to do', async () => {
    const { code, stderr } = await newInstallation('none', brokers!, registryUrl!).run([
      'dead-letters',
      'list',
    ])
    expect(stderr).toMatch(/has not got .*; make it with: couponguard topics create\n$/)
    expect(code).toBe(1)
  })
})
