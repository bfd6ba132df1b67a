/**
 * `topics reach` against a real broker: first records, empty partitions, settings gone wrong.
 *
 * proves: D6
 */
import type { Admin } from 'kafkajs'
import { describe, expect, inject, test } from 'vitest'
import { newTopicAdmin } from '../../src/log/kafka/topic-admin.ts'
import { topicNames } from '../../src/log/kafka/topics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type Installation, newInstallation } from '../support/installation.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const without = brokers === null || registryUrl === null
const topicResource = 2
const day = 86_400_000

async function made(name: string, partitions = 3): Promise<Installation> {
  const one = newInstallation(name, brokers!, registryUrl!)
  await one.done(['topics', 'create', '--partitions', String(partitions)])
  return one
}

/** Records of one partition at these record times; they need no schema to be the first. */
async function send(
  { kafka, prefix }: Installation,
  [name, partition]: readonly [name: string, partition: number],
  ...times: readonly number[]
) {
  const producer = kafka.producer()
  await producer.connect()
  for (const at of times) {
    const messages = [{ key: 'k', value: 'v', partition, timestamp: String(at) }]
    await producer.send({ topic: prefix + name, messages })
  }
  await producer.disconnect()
}

async function transactional({ kafka, prefix }: Installation) {
  const transactionalId = `${prefix}t`
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  return producer
}

async function set(admin: Admin, { prefix, registry }: Installation, name: string, change: object) {
  const topic = prefix + name
  const states = await newTopicAdmin(admin, registry).topicStates([topic])
  const ours = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'segment.ms']
  const kept = ours.map((each) => [each, states.get(topic)?.config.get(each) ?? ''])
  const configEntries = Object.entries({ ...Object.fromEntries(kept), ...change }).map(
    ([key, value]) => ({ name: key, value: String(value) }),
  )
  const resource = { type: topicResource, name: topic, configEntries }
  await admin.alterConfigs({ validateOnly: false, resources: [resource] })
}

describe.skipIf(without)('topics reach', () => {
  test('says the oldest record of each topic, and which partitions are empty', async () => {
    const one = await made('reach')
    const now = systemClock.now()
    const [old, older] = [now - 2 * day, now - 9.5 * day]
    // The first of a partition counts, wherever an older one comes after it.
    await send(one, ['risk.audit', 0], old, now)
    await send(one, ['risk.audit', 2], older, now, now)
    await send(one, ['coupon.claims', 1], older)
    const lines = (await one.done(['topics', 'reach'])).replaceAll(one.prefix, '').split('\n')
    const lineOf = (name: string) => lines.find((line) => line.startsWith(`${name} `))
    const since = new Date(older).toISOString()
    expect(lineOf('risk.audit')).toMatch(
      new RegExp(
        `since ${since}, 9.5 days back; partition 1 empty; kept 180 days; nothing dropped`,
      ),
    )
    // The broker dates the inputs itself.
    expect(lineOf('coupon.claims')).toMatch(/ seconds? back; partitions 0, 2 empty; kept 50 days$/)
    expect(lineOf('risk.decisions')).toMatch(/ {2}empty; kept 180 days$/)
    expect(lineOf('risk.lists')).toMatch(/ {2}empty; the last of each key is kept$/)

    const { ok, topics } = JSON.parse(await one.done(['topics', 'reach', '--json']))
    expect([ok, topics.length]).toEqual([true, topicNames.length])
    expect(topics.find(({ topic }: { topic: string }) => topic.endsWith('risk.audit'))).toEqual({
      topic: `${one.prefix}risk.audit`,
      partitions: [
        { partition: 0, firstOffset: 0, oldestAt: old },
        { partition: 1, firstOffset: 0, oldestAt: null },
        { partition: 2, firstOffset: 0, oldestAt: older },
      ],
      oldestAt: older,
      reachMs: expect.any(Number),
      keptMs: 180 * day,
      keepsLastOfKey: false,
      wantedMs: 180 * day,
      shortcomings: [],
      standing: 'whole',
    })
  })

  test('ends with 1 where settings drop too soon or a topic is missing; check mends it', async () => {
    const one = await made('short', 1)
    const admin = await one.admin()
    await set(admin, one, 'risk.audit', { 'retention.ms': 179 * day })
    await set(admin, one, 'risk.alerts', { 'retention.bytes': 1_000_000 })
    await admin.deleteTopics({ topics: [`${one.prefix}risk.reviews`] })
    const { code, stdout, stderr } = await one.run(['topics', 'reach'])
    expect(stdout).toMatch(
      /risk\.audit .* kept 179 days; CANNOT keep 180 days: retention\.ms is 15465600000, should be at least 15552000000\n/,
    )
    expect(stdout).toMatch(
      /risk\.alerts .*; CANNOT .*: retention\.bytes is 1000000, should be -1\n/,
    )
    expect(stdout).toMatch(/risk\.reviews +NOT THERE, must be kept 180 days\n/)
    expect(stderr.replaceAll(one.prefix, '')).toBe(
      'couponguard: cannot be kept 180 days: risk.audit, risk.alerts, risk.reviews; mend with: couponguard topics check --fix\n',
    )
    expect(code).toBe(1)
    await one.done(['topics', 'check', '--fix'])
    await one.done(['topics', 'reach'])
  })

  test('passes over what was never committed, and says what was dropped', async () => {
    const one = await made('cut', 1)
    const now = systemClock.now()
    const topic = `${one.prefix}risk.decisions`
    const producer = await transactional(one)
    const at = (days: number) => [{ key: 'k', value: 'v', timestamp: String(now - days * day) }]
    const first = await producer.transaction()
    await first.send({ topic, messages: at(8) })
    await first.abort()
    const second = await producer.transaction()
    await second.send({ topic, messages: at(4) })
    await second.commit()
    await producer.disconnect()
    const decisions = async () =>
      /risk\.decisions +(.*)/.exec(await one.done(['topics', 'reach']))?.[1]
    expect(await decisions()).toMatch(/ 4 days back; kept 180 days; nothing dropped yet$/)

    const admin = await one.admin()
    await send(one, ['risk.decisions', 0], now - day)
    // The client deletes only in topics that it knows.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] })
    expect(await decisions()).toMatch(/ 1 day back; kept 180 days; older records were dropped$/)
  })

  test('tells of a record time that no calendar has', async () => {
    const one = await made('undated', 1)
    await send(one, ['risk.audit', 0], -9e15)
    expect(await one.done(['topics', 'reach'])).toMatch(/risk\.audit +since -9000000000000000, /)
  })

  test('takes what an open transaction holds back for not there yet', async () => {
    const one = await made('open', 1)
    const topic = `${one.prefix}risk.decisions`
    const producer = await transactional(one)
    const open = await producer.transaction()
    await open.send({ topic, messages: [{ key: 'k', value: 'v' }] })
    await send(one, ['risk.audit', 0], systemClock.now() - 2 * day)
    const said = await one.done(['topics', 'reach'])
    await open.abort()
    await producer.disconnect()
    expect(said).toMatch(/risk\.decisions +empty; kept 180 days\n/)
    expect(said).toMatch(/risk\.audit +since .* 2 days back/)
  })

  test('of nothing at all ends with what to do', async () => {
    const { code, stderr } = await newInstallation('none', brokers!, registryUrl!).run([
      'topics',
      'reach',
    ])
    expect(stderr).toMatch(/^couponguard: no topic is there, .* couponguard topics create\n$/)
    expect(code).toBe(1)
  })
})
