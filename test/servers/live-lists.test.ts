/**
 * Lists, campaigns and the switch on real topics: what a command or the platform writes counts
 * within two seconds, what does not count is told, and a worker acts on it.
 *
 * proves: D3, D24
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import type { Campaign, CouponEvent, Event, ListEntry } from '../../src/core/schema.gen.ts'
import { noFacts } from '../../src/facts.ts'
import { type FactsFollower, newFactsFollower } from '../../src/facts-follower.ts'
import { newRecordFramer } from '../../src/log/kafka/record-framer.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import { writeFrame } from '../../src/log/kafka/wire-format.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { keys, published } from '../core/event/published.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { readValues } from '../support/kafka-read.ts'
import { plainEvent } from '../support/plain-event.ts'
import { scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const without = brokers === null || registryUrl === null
const withinMs = 2_000
const devices = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210']

async function made(name: string): Promise<Installation> {
  const one = newInstallation(name, brokers!, registryUrl!)
  await one.done(['topics', 'create', '--partitions', '1'])
  return one
}

interface Followed extends FactsFollower {
  readonly refused: readonly string[]
}

async function follow(one: Installation, base = noFacts): Promise<Followed> {
  const { kafka, registry, prefix } = one
  const refused: string[] = []
  const follower = await newFactsFollower({
    kafka,
    admin: await one.admin(),
    reader: newRecordReader(registry),
    groupId: `${prefix}follow-${process.hrtime.bigint()}`,
    topicPrefix: prefix,
    keys,
    clock: systemClock,
    base,
    onRefused: (line) => refused.push(line),
    onLost: (error) => refused.push(error.message),
  })
  onTestFinished(() => follower.close())
  await follower.caughtUp
  return { ...follower, refused }
}

const met = ({ facts }: Followed, event: Partial<Event>) =>
  facts.lists(plainEvent(event), Date.now()).map(({ entry }) => entry)
const soon = (check: () => void) => vi.waitFor(check, { timeout: withinMs, interval: 20 })

/** Writes records as the platform would; a null record takes the key away. */
async function write(
  { kafka, registry, prefix }: Installation,
  rows: readonly (readonly [key: string, ListEntry | Campaign | Buffer | null])[],
  topic: 'risk.lists' | 'risk.campaigns' = 'risk.lists',
) {
  const framer = newRecordFramer(await registry.registeredIds([topic]))
  const producer = kafka.producer()
  await producer.connect()
  const messages = rows.map(([key, record]) => ({
    key,
    value:
      record === null || Buffer.isBuffer(record)
        ? record
        : framer.frame(topic as never, record as never),
  }))
  await producer.send({ topic: prefix + topic, messages })
  await producer.disconnect()
}

const entryOf = (about: Partial<ListEntry>): ListEntry => ({
  list: 'block',
  kind: 'user',
  value: 'u1',
  source: 'test',
  note: null,
  addedAt: 0,
  expiresAt: null,
  keyId: null,
  ...about,
})

describe.skipIf(without)('the topics of facts', () => {
  test('what commands write counts within two seconds, and is there for who comes later', async () => {
    const one = await made('live')
    const early = await follow(one)
    const key = join(scratchFolder(), 'key')
    writeFileSync(key, 'ab'.repeat(32), { mode: 0o600 })
    const list = (...words: string[]) => one.done(['lists', ...words])
    const ip = ['--list', 'block', '--kind', 'ip']

    expect(await list('add', '1.2.3.4', '5.6.0.0/16', ...ip, '--note', 'case 1')).toBe(
      'added  block/ip/1.2.3.4\nadded  block/ip/5.6.0.0/16\n',
    )
    await soon(() => expect(met(early, { ip: '1.2.3.4' })).toEqual(['block/ip/1.2.3.4']))
    await soon(() => expect(met(early, { ip: '5.6.7.8' })).toEqual(['block/ip/5.6.0.0/16']))
    await list('remove', '1.2.3.4', ...ip)
    await soon(() => expect(met(early, { ip: '1.2.3.4' })).toEqual([]))

    const file = join(scratchFolder(), 'devices.txt')
    writeFileSync(file, `${devices.join('\n')}\n`)
    const publish = ['--list', 'watch', '--kind', 'device', '--key', key, '--publish']
    expect(await list('import', file, ...publish)).toContain('risk.lists: written')
    await soon(() =>
      expect(met(early, { device: devices[1]! })).toEqual([`watch/device/${devices[1]}`]),
    )

    await list('switch', 'review', '--note', 'drill')
    await soon(() => expect(early.facts.switchState()).toBe('review'))
    const late = await follow(one)
    expect(met(late, { ip: '5.6.7.8' })).toEqual(['block/ip/5.6.0.0/16'])
    expect(met(late, { ip: '1.2.3.4' })).toEqual([])
    expect(late.facts.switchState()).toBe('review')
    await list('switch', 'none')
    await soon(() => expect(late.facts.switchState()).toBe('none'))
    expect([...early.refused, ...late.refused]).toEqual([])
  })

  test('campaigns count, and come before those of files', async () => {
    const one = await made('campaigns')
    const base = { ...noFacts, campaign: () => ({ ...fromFile }) }
    const followed = await follow(one, base)
    const stockOf = (campaign: string) =>
      followed.facts.campaign(plainEvent({ campaign }))?.stock ?? null
    expect(stockOf('c1')).toBe(7)
    await write(one, [['c1', campaignOf('c1', 100)]], 'risk.campaigns')
    await soon(() => expect(stockOf('c1')).toBe(100))
    await write(one, [['c1', null]], 'risk.campaigns')
    await soon(() => expect(stockOf('c1')).toBe(7))
  })

  test('a campaigns file that a command writes counts within two seconds', async () => {
    const one = await made('campaigns-file')
    const followed = await follow(one)
    const known = (campaign: string) => followed.facts.campaign(plainEvent({ campaign }))
    const file = join(scratchFolder(), 'campaigns.yaml')
    const write = (text: string) => writeFileSync(file, `campaigns:\n${text}`)
    write('  - { id: spring, stock: 100, validFrom: 2026-02-01T00:00:00+08:00 }\n  - { id: may }\n')
    const said = await one.done(['campaigns', 'import', file])
    expect(said).toBe('risk.campaigns: written, 2 campaigns\n')
    await soon(() =>
      expect(known('spring')).toMatchObject({ stock: 100, validFrom: Date.UTC(2026, 0, 31, 16) }),
    )
    expect(known('may')).not.toBeNull()

    write('  - { id: spring, stock: 50 }\n')
    await one.done(['campaigns', 'import', file, '--json'])
    await soon(() => expect(known('spring')).toMatchObject({ stock: 50, validFrom: null }))
    expect(known('may')).not.toBeNull()
    expect(await one.done(['campaigns', 'remove', 'may'])).toBe('removed  may\n')
    await soon(() => expect(known('may')).toBeNull())

    write('  - { id: spring, stock: 7 }\n  - { id: summer, stock: many }\n')
    const wrong = await one.run(['campaigns', 'import', file])
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/campaigns\.yaml:3:\d+: campaigns\.1\.stock: must be a whole/)
    expect(known('spring')?.stock).toBe(50)
    expect(followed.refused).toEqual([])
  })

  test('what does not count is told, and the rest counts', async () => {
    const one = await made('refused')
    await write(one, [
      ['block/user/u1', entryOf({})],
      ['block/user/u2', entryOf({ value: 'u3' })],
      ['block/phone/x', entryOf({ kind: 'phone', value: '13800138000' })],
      [
        `block/phone/${'a'.repeat(32)}`,
        entryOf({ kind: 'phone', value: 'a'.repeat(32), keyId: 'other' }),
      ],
      ['block/ip/1.2.3.4/33', entryOf({ kind: 'ip', value: '1.2.3.4/33' })],
      ['unknown/unknown/x', entryOf({ list: 'unknown', kind: 'unknown', value: 'x' })],
      ['broken', Buffer.from('{}')],
      ['allow/user/u4', entryOf({ list: 'allow', value: 'u4' })],
    ])
    const followed = await follow(one)
    expect(met(followed, { user: 'u1' })).toEqual(['block/user/u1'])
    expect(met(followed, { user: 'u4' })).toEqual(['allow/user/u4'])
    expect(met(followed, { user: 'u3' })).toEqual([])
    expect(followed.refused).toEqual([
      'risk.lists: an entry stands under another key than list/kind/value',
      'risk.lists: an entry is not in the kept form of a phone',
      `risk.lists: an entry is hashed with key other, ours is ${keys.id}; add it again with our key`,
      'risk.lists: an entry is not in the kept form of a ip',
      'risk.lists: an entry is of a list or kind we do not know',
      'risk.lists: a record cannot be read: bad-frame',
    ])
    expect(followed.refused.join()).not.toContain('13800138000')
  })

  test('a worker that runs acts on them', async () => {
    const one = await made('acts')
    const key = join(scratchFolder(), 'key')
    writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
    const words = ['run', '--store', 'memory', '--key', key]
    const worker = startCli(words, { env: one.environment, msMax: 120_000 })
    onTestFinished(async () => {
      worker.child.kill('SIGTERM')
      await worker.ended
    })
    await vi.waitFor(() => expect(worker.said().stderr).toContain('running'), { timeout: 30_000 })
    const schemaId = (await one.registry.registeredIds(['coupon.claims'])).get('coupon.claims')!
    const outcomeOf = async (about: Partial<CouponEvent>) => {
      const event = published({ occurredAt: Date.now(), user: `user-${about.id}`, ...about })
      const value = writeFrame(schemaId, couponEventType.toBuffer(event))
      const producer = one.kafka.producer()
      await producer.connect()
      await producer.send({
        topic: `${one.prefix}coupon.claims`,
        messages: [{ key: event.user, value }],
      })
      await producer.disconnect()
      return vi.waitFor(
        async () => {
          const values = await readValues(one.kafka, `${one.prefix}risk.audit`)
          const audits = await newRecordReader(one.registry).read('risk.audit', values)
          const found = audits.find((each) => !('rejected' in each) && each.event.id === about.id)
          if (found === undefined || 'rejected' in found) throw new Error('not judged yet')
          return found.decision.outcome
        },
        { timeout: 30_000, interval: 200 },
      )
    }
    expect(await outcomeOf({ id: 'before', user: 'oBad' })).toBe('allow')
    const bad = ['oBad', '--kind', 'user', '--key', key]
    await one.done(['lists', 'add', ...bad, '--list', 'block'])
    await new Promise((resolve) => setTimeout(resolve, withinMs))
    expect(await outcomeOf({ id: 'blocked', user: 'oBad' })).toBe('block')
    await one.done(['lists', 'remove', ...bad, '--list', 'block'])
    await one.done(['lists', 'switch', 'review'])
    await new Promise((resolve) => setTimeout(resolve, withinMs))
    expect(await outcomeOf({ id: 'switched' })).toBe('review')
    await one.done(['lists', 'switch', 'none'])
    await new Promise((resolve) => setTimeout(resolve, withinMs))
    expect(await outcomeOf({ id: 'undone', user: 'oBad' })).toBe('allow')
  }, 180_000)
})

const fromFile = {
  validFrom: null,
  validTo: null,
  storeInScope: null,
  referrerOfficial: null,
  tierMinAmount: null,
  identityRequired: null,
  stock: 7,
  transferHopsMax: null,
}
const campaignOf = (id: string, stock: number): Campaign => ({
  id,
  category: null,
  stock,
  exposures: null,
  stores: [],
  tiers: [],
  validFrom: null,
  validTo: null,
  officialDomains: [],
  identityRequired: null,
  transferHopsMax: null,
  announcedPeaks: [],
})

test.each([
  [['add', 'x', '--list', 'grey', '--kind', 'user'], '--list grey: is none of block, allow, watch'],
  [['add', 'x', '--list', 'block', '--kind', 'name'], '--kind name: is none of user, device, '],
  [
    ['add', 'x', '--list', 'block', '--kind', 'user'],
    "--kind user: is hashed with the workers' key",
  ],
  [['switch', 'off'], 'off: is none of none, review, shadow'],
  [
    ['import', 'package.json', '--list', 'block', '--kind', 'user'],
    'say where to: --out LISTS, or',
  ],
])('lists %j is refused as usage', async (words, line) => {
  const { run } = newInstallation('usage', brokers ?? '127.0.0.1:1', registryUrl ?? 'http://x')
  const { code, stderr } = await run(['lists', ...words])
  expect([code, stderr]).toEqual([2, expect.stringContaining(`couponguard: ${line}`)])
})
