/** `topics` against a real broker and a real registry: made, told apart, and mended. */
import type { Admin } from 'kafkajs'
import { describe, expect, inject, test } from 'vitest'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import { newTopicAdmin } from '../../src/log/kafka/topic-admin.ts'
import { configOf } from '../../src/log/kafka/topic-check.ts'
import { subjectOf, topicNames, topics } from '../../src/log/kafka/topics.ts'
import { type Installation, newInstallation } from '../support/installation.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const without = brokers === null || registryUrl === null
const installation = (name: string) => newInstallation(name, brokers!, registryUrl!)
/** ConfigResourceTypes.TOPIC, which the client exports only to CommonJS. */
const topicResource = 2

async function made(name: string, partitions = 2): Promise<Installation> {
  const one = installation(name)
  await one.done(['topics', 'create', '--partitions', String(partitions)])
  return one
}

async function alter(admin: Admin, topic: string, config: Readonly<Record<string, string>>) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const resource = { type: topicResource, name: topic, configEntries }
  await admin.alterConfigs({ validateOnly: false, resources: [resource] })
}

/** The lines that a check prints of what is not as it should be, without the prefix. */
async function differences({ run, prefix }: Installation, ...words: string[]): Promise<string[]> {
  const { stdout } = await run(['topics', 'check', ...words])
  const lines = stdout.trim().split('\n')
  return lines
    .filter((line) => !line.includes('as it should be'))
    .map((line) => line.replace(prefix, '').replace(/ +/g, ' '))
}

describe.skipIf(without)('topics create', () => {
  test('makes every topic as the table has it, and registers its schema', async () => {
    const { prefix, admin: connect, registry } = await made('create', 3)
    const names = topicNames.map((name) => prefix + name)
    const states = await newTopicAdmin(await connect(), registry).topicStates(names)
    for (const name of topicNames) {
      const spec = topics[name]
      const state = states.get(prefix + name)
      expect(state?.partitions).toBe(spec.partitions === 'one' ? 1 : 3)
      expect([...state!.config]).toEqual(expect.arrayContaining([...configOf(spec, 1)]))
      expect(await registry.compatibility(subjectOf(prefix + name))).toBe('FULL_TRANSITIVE')
    }
    expect((await registry.registeredIds(topicNames)).size).toBe(topicNames.length)
  })

  test('is done when the brokers know what was made, however much that is', async () => {
    const { prefix, admin: connect } = installation('many')
    const admin = await connect()
    for (let round = 0; round < 4; round += 1) {
      const topics = Array.from({ length: 12 }, (_, n) => ({
        topic: `${prefix}${round}-${n}`,
        numPartitions: 6,
      }))
      await makeTopics(admin, topics)
      const names = topics.map(({ topic }) => topic)
      const known = await admin.fetchTopicMetadata({ topics: names })
      expect(known.topics.map(({ partitions }) => partitions.length)).toEqual(names.map(() => 6))
    }
  })

  test('again changes nothing, and says what differs from what was asked', async () => {
    const one = await made('again')
    expect(await one.done(['topics', 'create', '--partitions', '2'])).not.toContain('made')
    const { code, stdout, stderr } = await one.run(['topics', 'create', '--partitions', '4'])
    expect(stdout).toContain('coupon.claims       partitions: 2, should be 4')
    expect(stderr).toMatch(/^couponguard: 7 differences from the contract; mend with: .* --fix\n$/)
    expect(code).toBe(0)
  })

  test('does not put its schema beside one that clashes', async () => {
    const one = installation('clash')
    const subject = subjectOf(`${one.prefix}risk.alerts`)
    const other = { type: 'record', name: 'Alert', fields: [{ name: 'when', type: 'string' }] }
    await one.registry.register(subject, other as never)
    const { code, stdout, stderr } = await one.run(['topics', 'create'])
    expect(stdout).toMatch(/risk\.alerts .*schema: not compatible with what is registered/)
    expect(stdout).toContain('choose another topicPrefix, or delete the subject')
    expect(stderr).toMatch(/^couponguard: .*\n$/)
    expect(code).toBe(1)
    await expect(one.registry.registeredIds(['risk.alerts'])).rejects.toThrow(
      /has not got our schema of .*risk\.alerts-value; register it with: couponguard topics create/,
    )
  })
})

describe.skipIf(without)('topics check', () => {
  test('finds nothing after create', async () => {
    const one = await made('clean')
    expect(await one.done(['topics', 'check'])).toContain('as it should be')
    const { ok, topics: found } = JSON.parse(await one.done(['topics', 'check', '--json']))
    expect([ok, found.length]).toEqual([true, topicNames.length])
  })

  test('says what differs, mends it, and leaves what is not ours', async () => {
    const one = await made('differ')
    const { prefix, registry } = one
    const admin = await one.admin()
    await alter(admin, `${prefix}coupon.claims`, {
      'retention.ms': '1000',
      'message.timestamp.type': 'CreateTime',
      'compression.type': 'gzip',
      'cleanup.policy': 'delete',
      'retention.bytes': '-1',
      'segment.ms': '86400000',
      'max.message.bytes': '1000',
      'min.insync.replicas': '1',
    })
    const raised = { topic: `${prefix}coupon.redemptions`, count: 3 }
    await admin.createPartitions({ topicPartitions: [raised] })
    await admin.deleteTopics({ topics: [`${prefix}risk.reviews`] })
    await alter(admin, `${prefix}risk.lists`, { 'cleanup.policy': 'delete' })
    const body = { compatibility: 'NONE' }
    await fetch(`${registryUrl}/config/${subjectOf(`${prefix}risk.audit`)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify(body),
    })

    const found = await differences(one)
    expect(found).toEqual([
      'coupon.claims partitions: 2, should be 3',
      'coupon.claims retention.ms: 1000, should be 4320000000',
      'coupon.claims message.timestamp.type: CreateTime, should be LogAppendTime',
      'coupon.claims max.message.bytes: 1000, should be 4194304',
      'risk.decisions partitions: 2, should be 3',
      'risk.audit partitions: 2, should be 3',
      'risk.audit compatibility: NONE, should be FULL_TRANSITIVE',
      'risk.reviews missing: not there, should be 3 partitions',
      'risk.lists cleanup.policy: delete, should be compact',
      expect.stringMatching(/^risk.lists retention.ms: \d+, should be -1$/),
      expect.stringMatching(/^risk.lists segment.ms: \d+, should be 86400000$/),
      expect.stringMatching(/^risk.lists max.message.bytes: \d+, should be 8388608$/),
      'risk.reports partitions: 2, should be 3',
      'risk.dead-letters partitions: 2, should be 3',
    ])
    const ended = await one.run(['topics', 'check'])
    expect([ended.code, ended.stderr]).toEqual([
      1,
      `couponguard: ${found.length} differences from the contract; mend with: couponguard topics check --fix\n`,
    ])

    expect(await one.done(['topics', 'check', '--fix'])).toContain(
      'partitions: set to 3, was 2; users move to other shards, see docs/topics.md',
    )
    expect(await differences(one)).toEqual([])
    expect(await registry.compatibility(subjectOf(`${prefix}risk.audit`))).toBe('FULL_TRANSITIVE')
    const claims = `${prefix}coupon.claims`
    const states = await newTopicAdmin(admin, registry).topicStates([claims])
    expect(states.get(claims)?.config.get('compression.type')).toBe('gzip')
  })

  test('cannot take partitions away, and says so', async () => {
    const one = await made('fewer', 3)
    const { code, stdout, stderr } = await one.run([
      'topics',
      'check',
      '--fix',
      '--partitions',
      '2',
    ])
    expect(stdout).toContain('3, should be 2; Kafka takes no partition away; make the topic anew')
    expect(stderr).toBe(
      'couponguard: 7 differences from the contract cannot be mended by --fix; see above\n',
    )
    expect(code).toBe(1)
  })

  test('of nothing at all ends with what to do', async () => {
    const { code, stderr } = await installation('nothing').run(['topics', 'check'])
    expect(stderr).toMatch(/is there; make them with: couponguard topics create\n$/)
    expect(code).toBe(1)
  })
})

test.each([
  [['create', '--partitions', '0'], '--partitions 0: must be a whole number from 1 to 10000'],
  [['create', '--replication', 'x'], '--replication x: must be a whole number from 1 to 9'],
  [['check', '--partitions', '1.5'], '--partitions 1.5: must be a whole number from 1 to 10000'],
])('topics %j is refused as usage', async (words, line) => {
  const { run } = newInstallation('usage', brokers ?? '127.0.0.1:1', registryUrl ?? 'http://x')
  const { code, stderr } = await run(['topics', ...words])
  expect([code, stderr]).toEqual([2, `couponguard: ${line}\n`])
})
