/**
 * The example of a subscriber, as a process of its own beside a real worker: every decision is
 * acted on once, silence is taken for consent only where the engine is past, later words change
 * earlier ones, and kcat sees the same.
 *
 * proves: D24
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { highWatermarks } from '../../examples/high-watermarks.ts'
import { findCommand } from '../../scripts/stack/available.ts'
import type { Audit, DeadLetter, Decision } from '../../src/core/schema.gen.ts'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import { newRecordFramer } from '../../src/log/kafka/record-framer.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import type { TopicName, TopicRecords } from '../../src/log/kafka/topics.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { publishDay } from '../support/kafka-day.ts'
import { readValues } from '../support/kafka-read.ts'
import { repoRoot, scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const without = brokers === null || registryUrl === null
const dayMs = 86_400_000

async function recordsOf<T extends TopicName>(
  { kafka, prefix, registry }: Installation,
  topic: T,
): Promise<TopicRecords[T][]> {
  const read = await newRecordReader(registry).read(topic, await readValues(kafka, prefix + topic))
  return read.flatMap((one) => ('rejected' in one ? [] : [one]))
}

interface Subscriber {
  /** What it said so far: the deed, and what about. */
  lines(): readonly (readonly [deed: string, about: Readonly<Record<string, unknown>>])[]
  stop(): Promise<void>
}

function subscribe({ environment, prefix }: Installation): Subscriber {
  const example = join(repoRoot, 'examples', 'subscriber.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', example, `${prefix}subscriber`], {
    cwd: repoRoot,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString('utf8')
  })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  onTestFinished(stop)
  return {
    lines: () =>
      said
        .split('\n')
        .slice(0, -1)
        .map((line) => {
          const at = line.indexOf('{')
          return [line.slice(0, at - 1), JSON.parse(line.slice(at))] as const
        }),
    stop,
  }
}

async function judgedDay(name: string): Promise<Installation> {
  const one = newInstallation(name, brokers!, registryUrl!)
  await one.done(['topics', 'create', '--partitions', '2'])
  const key = join(scratchFolder(), 'key')
  writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
  const words = ['run', '--store', 'memory', '--key', key]
  const worker = startCli(words, { env: one.environment, msMax: 240_000 })
  onTestFinished(async () => {
    worker.child.kill('SIGTERM')
    await worker.ended
  })
  const startAt = Math.floor((Date.now() - 2 * dayMs) / dayMs) * dayMs
  const parts = { admin: await one.admin(), registry: one.registry, topicPrefix: one.prefix }
  await publishDay(one.kafka, parts, { seed: 5, events: 3_000, scenario: 'attack', startAt })
  return one
}

/** Where each input partition ends. */
async function endsOf(one: Installation): Promise<Map<string, number>> {
  const admin = await one.admin()
  const ends = new Map<string, number>()
  for (const topic of ['coupon.claims', 'coupon.redemptions'])
    for (const { partition, high } of await admin.fetchTopicOffsets(one.prefix + topic))
      ends.set(`${topic}/${partition}`, Number(high))
  return ends
}

function allowedTo(subscriber: Subscriber): Map<string, number> {
  const places = new Map<string, number>()
  for (const [deed, { input, below }] of subscriber.lines())
    if (deed === 'allow') places.set(String(input), Number(below))
  return places
}

describe.skipIf(without)('a subscriber', () => {
  test('acts on every decision once, and on silence where the engine is past', async () => {
    const one = await judgedDay('subscriber')
    const first = subscribe(one)
    const ends = await endsOf(one)
    await vi.waitFor(() => expect(allowedTo(first)).toEqual(ends), {
      timeout: 90_000,
      interval: 500,
    })

    const audits: Audit[] = await recordsOf(one, 'risk.audit')
    const bad = audits.map(({ decision }) => decision).filter(({ outcome }) => outcome !== 'allow')
    expect(bad.length).toBeGreaterThan(10)
    const acted = first.lines().filter(([deed]) => deed === 'hold' || deed === 'refuse')
    expect(acted.map(([, { id }]) => id).sort()).toEqual(bad.map(({ id }) => id).sort())
    const letters: DeadLetter[] = await recordsOf(one, 'risk.dead-letters')
    // They come by a topic of their own, which may be read later than the others.
    const unjudged = () => first.lines().filter(([deed]) => deed === 'not judged')
    await vi.waitFor(() => expect(unjudged()).toHaveLength(letters.length), { timeout: 20_000 })

    // No event below what is allowed is acted on afterwards.
    const placeOfId = new Map(
      audits.map(({ decision, source, partition, offset }) => [
        decision.id,
        { input: `${source}/${partition}`, offset },
      ]),
    )
    const allowed = new Map<string, number>()
    for (const [deed, about] of first.lines()) {
      if (deed === 'allow') allowed.set(String(about.input), Number(about.below))
      const place = placeOfId.get(String(about.id))
      if (deed !== 'hold' && deed !== 'refuse') continue
      expect(place!.offset).toBeGreaterThanOrEqual(allowed.get(place!.input) ?? 0)
    }

    const [held] = bad
    await supersede(one, held!, 'allow')
    await vi.waitFor(() => expect(first.lines().at(-1)?.[0]).toBe('release'), { timeout: 20_000 })
    expect(first.lines().at(-1)?.[1].id).toBe(`${held!.id}+1`)
    await first.stop()

    const again = subscribe(one)
    await supersede(one, held!, 'block', 2)
    await vi.waitFor(() => expect(again.lines().map(([deed]) => deed)).toContain('refuse'), {
      timeout: 30_000,
    })
    expect(again.lines().filter(([deed]) => deed === 'refuse')).toHaveLength(1)
  }, 240_000)

  test('waits for what was decided and is not shown yet: high watermarks count it', async () => {
    const { kafka, prefix, admin: connect } = newInstallation('ends', brokers!, registryUrl!)
    const admin = await connect()
    const topic = `${prefix}ends`
    await makeTopics(admin, [{ topic, numPartitions: 3 }])
    const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1 })
    onTestFinished(() => producer.disconnect())
    await producer.connect()
    const transaction = await producer.transaction()
    const messages = [{ value: 'one' }, { value: 'two' }].map((one) => ({ ...one, partition: 1 }))
    await transaction.send({ topic, messages })
    const ends = async () => [...(await highWatermarks(admin, topic))].sort()
    const shown = async () =>
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)])
    const before = [
      [0, 0],
      [1, 2],
      [2, 0],
    ]
    expect([await ends(), (await shown()).sort()]).toEqual([before, before.map(([at]) => [at, 0])])
    await transaction.commit()
    // The mark of the commit has a place too.
    await vi.waitFor(async () => expect((await ends())[1]).toEqual([1, 3]), { timeout: 20_000 })
  }, 60_000)

  test.skipIf(findCommand('kcat') === null)(
    'kcat sees keys and headers of the same',
    async () => {
      const one = await judgedDay('kcat')
      const decisions = await vi.waitFor(
        async () => {
          const found: Decision[] = await recordsOf(one, 'risk.decisions')
          expect(found.length).toBeGreaterThan(10)
          return found
        },
        { timeout: 60_000, interval: 1_000 },
      )
      const words = ['-b', brokers!, '-t', `${one.prefix}risk.decisions`, '-C', '-e', '-q']
      const { stdout } = spawnSync(
        'kcat',
        [...words, '-X', 'isolation.level=read_committed', '-f', '%k %h\n'],
        { encoding: 'utf8' },
      )
      const lines = stdout.trim().split('\n')
      expect(lines.length).toBeGreaterThanOrEqual(decisions.length)
      for (const { user, id } of decisions)
        expect(
          lines.find((line) => line.startsWith(`${user} `) && line.includes(`ce_id=${id}`)),
        ).toMatch(/ce_type=couponguard\.decision\.v1/)
    },
    120_000,
  )
})

/** What the console writes when a reviewer has spoken. */
async function supersede(
  { kafka, prefix, registry }: Installation,
  decision: Decision,
  outcome: 'allow' | 'block',
  times = 1,
): Promise<void> {
  const ids = await registry.registeredIds(['risk.decisions'])
  const later: Decision = {
    ...decision,
    id: `${decision.id}+${times}`,
    outcome,
    supersedes: times === 1 ? decision.id : `${decision.id}+${times - 1}`,
    cause: 'review',
    decidedBy: 'r1',
  }
  const value = newRecordFramer(ids).frame('risk.decisions', later)
  const producer = kafka.producer()
  await producer.connect()
  // Sent twice, as after a lost answer: it is acted on once.
  const messages = [1, 2].map(() => ({ key: decision.user, value }))
  await producer.send({ topic: `${prefix}risk.decisions`, messages })
  await producer.disconnect()
}
