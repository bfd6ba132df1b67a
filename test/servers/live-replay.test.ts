/**
 * Two workers judge live over Redis, while lists, campaigns and the switch change and an alert is
 * raised. What is recorded of it is re-observed: each difference has its cause.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import type { Campaign, CouponEvent } from '../../src/core/schema.gen.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { newRecordFramer } from '../../src/log/kafka/record-framer.ts'
import { newRecordReader } from '../../src/log/kafka/record-reader.ts'
import { writeFrame } from '../../src/log/kafka/wire-format.ts'
import { writeHandMadeModel } from '../support/hand-made-model.ts'
import { allJudged, type Installation, newInstallation } from '../support/installation.ts'
import { readValues } from '../support/kafka-read.ts'
import { repoRoot, scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const redisUrl = inject('redisUrl')
const without = brokers === null || registryUrl === null || redisUrl === null
const dayMs = 86_400_000
const partitions = 3
const events = 3_000
const sentAtOnce = 200
const patience = { timeout: 120_000, interval: 500 }

/** The playbook that comes along, with an alert after few redemptions and a model. */
function playbookFile(folder: string): string {
  const text = readFileSync(join(repoRoot, 'playbooks', 'default.yaml'), 'utf8')
    .replace(/minRedemptions: \d+/, 'minRedemptions: 50')
    .replace(/minAbnormal: \d+/, 'minAbnormal: 5')
    .replace(/minAbnormalUsers: \d+/, 'minAbnormalUsers: 5')
    .replace(/reviewScoreMin: \d+/, 'reviewScoreMin: 0')
    .replace(/^rules:$/m, 'model: { name: by-hand, mode: live, reviewAt: 0.5 }\nrules:')
  writeHandMadeModel(join(folder, 'models'))
  const path = join(folder, 'playbook.yaml')
  writeFileSync(path, text)
  return path
}

async function started(one: Installation, words: readonly string[]) {
  const running = startCli(words, {
    env: { ...one.environment, COUPONGUARD_REDIS_URL: redisUrl! },
    msMax: 280_000,
  })
  onTestFinished(async () => {
    running.child.kill('SIGTERM')
    await running.ended
  })
  await vi.waitFor(() => expect(running.said().stderr).toContain('running'), patience)
}

/**
 * A day's events as if they had happened within the last hour, published in one go: record time is
 * the broker's, and is now.
 */
async function publish({ kafka, registry, prefix }: Installation, seed: number): Promise<void> {
  const now = Date.now()
  const startAt = now - dayMs
  const schemaId = (await registry.registeredIds(['coupon.claims'])).get('coupon.claims')!
  const lately = (event: CouponEvent): CouponEvent => {
    const occurredAt = Math.round(now - (now - Math.min(now, event.occurredAt)) / 24)
    const moved = (at: number | null) => (at === null ? null : at - event.occurredAt + occurredAt)
    const registeredAt = moved(event.registeredAt)
    return { ...event, occurredAt, registeredAt, lastActiveAt: moved(event.lastActiveAt) }
  }
  const waiting: Record<string, { key: string | null; value: Buffer }[]> = {}
  for (const { published, bytes } of generateRows({ seed, events, scenario: 'attack', startAt })) {
    const kind = published?.kind === 'redemption' ? 'redemptions' : 'claims'
    const value =
      published === null
        ? Buffer.from(bytes ?? [])
        : writeFrame(schemaId, couponEventType.toBuffer(lately(published)))
    waiting[kind] ??= []
    waiting[kind].push({ key: published?.user ?? null, value })
  }
  const producer = kafka.producer()
  await producer.connect()
  const partsOf = (kind: string, from: number) => ({
    topic: `${prefix}coupon.${kind}`,
    messages: waiting[kind]!.slice(from, from + sentAtOnce),
  })
  for (let from = 0; from < events; from += sentAtOnce) {
    const topicMessages = Object.keys(waiting).map((kind) => partsOf(kind, from))
    await producer.sendBatch({ topicMessages: topicMessages.filter((one) => one.messages[0]) })
  }
  await producer.disconnect()
}

async function recordsOf<T extends 'risk.audit' | 'risk.alerts'>(one: Installation, topic: T) {
  const values = await readValues(one.kafka, one.prefix + topic)
  const read = await newRecordReader(one.registry).read(topic, values)
  return read.flatMap((each) => ('rejected' in each ? [] : [each]))
}

async function putCampaign({ kafka, registry, prefix }: Installation, campaign: Campaign) {
  const framer = newRecordFramer(await registry.registeredIds(['risk.campaigns']))
  const producer = kafka.producer()
  await producer.connect()
  const value = framer.frame('risk.campaigns', campaign)
  await producer.send({
    topic: `${prefix}risk.campaigns`,
    messages: [{ key: campaign.id, value }],
  })
  await producer.disconnect()
}

describe.skipIf(without)('a live run, recorded and re-observed', () => {
  test('has no difference that is unexplained', async () => {
    const one = newInstallation('live-replay', brokers!, registryUrl!)
    await one.done(['topics', 'create', '--partitions', String(partitions)])
    const folder = scratchFolder()
    const [key, playbook] = [join(folder, 'key'), playbookFile(folder)]
    writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
    const worker = ['run', '--store', 'redis', '--key', key, '--playbook', playbook]
    await started(one, ['monitor', '--playbook', playbook])
    for (const words of [worker, worker]) await started(one, words)

    await publish(one, 7)
    await allJudged(one)
    const audits = await recordsOf(one, 'risk.audit')
    const { event } = audits.find((each) => each.event.kind === 'redemption')!
    const byModel = audits.filter(({ decision }) => decision.models[0]?.outcome === 'review')
    expect(byModel.length).toBeGreaterThan(0)
    const addresses = audits.flatMap((each) => each.event.ip ?? [])
    const range = `${addresses.find((ip) => ip.includes('.'))!.split('.')[0]}.0.0.0/8`
    await one.done(['lists', 'add', range, '--list', 'block', '--kind', 'ip'])
    await putCampaign(one, campaignOf(event.campaign))
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    await publish(one, 8)
    await one.done(['lists', 'switch', 'review'])
    await publish(one, 9)
    const decisions = await allJudged(one)
    await vi.waitFor(
      async () => expect(await recordsOf(one, 'risk.alerts')).not.toEqual([]),
      patience,
    )

    const out = join(folder, 'live.avro')
    await one.done(['record', '--out', out, '--key', key])
    const again = await one.run(['replay', out, '--rejudge', '--playbook', playbook, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ judged: decisions, differences: 0 })
    const ran = await one.run(['replay', out, '--playbook', playbook, '--key', key, '--json'])
    const { live } = JSON.parse(ran.stdout)
    const loose = live.examples.filter((each: { unexplained: [] }) => each.unexplained.length > 0)
    expect(loose).toEqual([])
    expect(live).toMatchObject({ compared: decisions, unexplained: 0 })
    const { byCause } = live
    for (const cause of ['shard-order', 'list', 'campaign', 'switch', 'alert'])
      expect(byCause[cause], cause).toBeGreaterThan(0)
    expect(ran.code).toBe(0)
  }, 280_000)
})

const campaignOf = (id: string): Campaign => ({
  id,
  category: null,
  stock: 5,
  exposures: null,
  stores: ['nowhere'],
  tiers: [],
  validFrom: null,
  validTo: null,
  officialDomains: ['example.org'],
  identityRequired: null,
  transferHopsMax: null,
  announcedPeaks: [],
})
