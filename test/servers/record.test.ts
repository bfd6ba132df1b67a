/**
 * A day judged live, recorded from the topics and judged again: the same decisions byte for byte.
 * And what a recording holds beside: duplicates without a decision, and what could not be read. And
 * the verdicts of reviewers, as labels of that day.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import type { Decision, RecordingRow, Review, Verdict } from '../../src/core/schema.gen.ts'
import { newRecordFramer } from '../../src/log/kafka/record-framer.ts'
import { openRecording } from '../../src/recording/read.ts'
import { readReviews } from '../../src/recording/review-file.ts'
import { allJudged, type Installation, newInstallation } from '../support/installation.ts'
import { publishDay } from '../support/kafka-day.ts'
import { scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const without = brokers === null || registryUrl === null

async function rowsOf(path: string): Promise<RecordingRow[]> {
  const recording = await openRecording(path)
  const rows: RecordingRow[] = []
  for await (const part of recording.rows()) rows.push(...part)
  expect(recording.problem()).toBeNull()
  return rows
}

const dayMs = 86_400_000

/** Topics, a key, and a worker until the test ends. */
async function started(name: string): Promise<Installation & { readonly key: string }> {
  const one = newInstallation(name, brokers!, registryUrl!)
  await one.done(['topics', 'create', '--partitions', '2'])
  const key = join(scratchFolder(), 'key')
  writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
  const worker = startCli(['run', '--store', 'memory', '--key', key], {
    env: one.environment,
    msMax: 240_000,
  })
  onTestFinished(async () => {
    worker.child.kill('SIGTERM')
    await worker.ended
  })
  return { ...one, key }
}

/** A generated day of the day before yesterday: the broker says when it came in, which is now. */
async function publish(one: Installation, events: number) {
  const admin = await one.admin()
  const startAt = Math.floor((Date.now() - 2 * dayMs) / dayMs) * dayMs
  const options = { seed: 7, events, scenario: 'attack', startAt } as const
  return publishDay(one.kafka, { admin, registry: one.registry, topicPrefix: one.prefix }, options)
}

const reviewOf = (decision: Decision, verdict: Verdict, at: number): Review => ({
  eventKey: decision.eventKey,
  decisionId: decision.id,
  verdict,
  reviewer: 'r1',
  reason: at % 3 === 0 ? '误判' : null,
  at,
})

/** One of each flagged decision, and of one a second thought before the first was told. */
function reviewsOf(decisions: readonly Decision[]): readonly Review[] {
  const flagged = decisions.filter(({ outcome }) => outcome !== 'allow')
  expect(flagged.length).toBeGreaterThan(20)
  const first = flagged.map((decision, at) =>
    reviewOf(decision, at % 3 === 0 ? 'legitimate' : 'fraud', 1_000 + (at % 7)),
  )
  return [reviewOf(flagged[0]!, 'inconclusive', 2_000), ...first]
}

async function publishReviews({ kafka, registry, prefix }: Installation, said: readonly Review[]) {
  const framer = newRecordFramer(await registry.registeredIds(['risk.reviews']))
  const producer = kafka.producer()
  await producer.connect()
  const messages = said.map((review) => ({
    key: review.eventKey,
    value: framer.frame('risk.reviews', review),
  }))
  const noReview = { key: 'x', value: Buffer.from('no review') }
  await producer.send({ topic: `${prefix}risk.reviews`, messages: [...messages, noReview] })
  await producer.disconnect()
}

describe.skipIf(without)('record', () => {
  test('a day that was judged live re-judges to the same bytes', async () => {
    const one = await started('record')
    const { messages } = await publish(one, 3_000)
    const audits = await allJudged(one)
    const folder = scratchFolder()
    const out = join(folder, 'day.avro')
    const { stdout } = await one.run(['record', '--out', out, '--key', one.key, '--json'])
    const recorded = JSON.parse(stdout)
    expect(recorded).toMatchObject({ rows: messages, decisions: audits })
    expect(readdirSync(folder)).toEqual(['day.avro'])

    const rows = await rowsOf(out)
    const times = rows.map(({ recordedAt }) => recordedAt)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(rows.some(({ event }) => event !== null && event.geo !== null)).toBe(true)
    expect(rows.filter(({ decision }) => decision !== null)).toHaveLength(audits)

    const again = await one.run(['replay', out, '--rejudge', '--json'])
    expect([again.code, again.stderr]).toEqual([0, ''])
    expect(JSON.parse(again.stdout)).toMatchObject({ judged: audits, differences: 0 })

    const middle = new Date(times[Math.floor(times.length / 2)]!).toISOString()
    const halves: number[] = []
    for (const side of ['--to', '--from']) {
      const half = join(folder, `${side}.avro`)
      const ran = await one.run(['record', '--out', half, '--key', one.key, side, middle, '--json'])
      halves.push(JSON.parse(ran.stdout).rows)
      const part = await rowsOf(half)
      expect(
        part.every(({ recordedAt: at }) => at < Date.parse(middle) === (side === '--to')),
      ).toBe(true)
    }
    expect(halves[0]! + halves[1]!).toBe(messages)
  }, 240_000)

  test('what comes from now on, with what is judged of it', async () => {
    const one = await started('record-for')
    const out = join(scratchFolder(), 'now.avro')
    const words = ['record', '--out', out, '--key', one.key, '--for', '15s', '--json']
    const recording = startCli(words, { env: one.environment, msMax: 150_000 })
    const begun = /^couponguard: recording what comes until \S+Z\n/
    await vi.waitFor(() => expect(recording.said().stderr).toMatch(begun), { timeout: 20_000 })
    const { messages } = await publish(one, 500)
    const { code, stdout, stderr } = await recording.ended
    expect([code, stderr.replace(begun, '')]).toEqual([0, ''])
    expect(JSON.parse(stdout).rows).toBe(messages)
    expect(JSON.parse(stdout).decisions).toBeGreaterThan(400)
  }, 240_000)

  test('the verdicts of reviewers, for evaluate and train --labels', async () => {
    const one = await started('record-reviews')
    await publish(one, 3_000)
    await allJudged(one)
    const folder = scratchFolder()
    const [day, file] = [join(folder, 'day.avro'), join(folder, 'reviews.avro')]
    await one.done(['record', '--out', day, '--key', one.key])
    const decisions = (await rowsOf(day)).flatMap(({ decision }) => decision ?? [])
    const said = reviewsOf(decisions)
    await publishReviews(one, said)

    const ran = await one.done(['record', '--reviews', file, '--json'])
    expect(JSON.parse(ran)).toEqual({ reviews: { file, reviews: said.length, unreadable: 1 } })
    const byTime = (a: Review, b: Review) => a.at - b.at || (a.eventKey < b.eventKey ? -1 : 1)
    expect(await readReviews(file)).toEqual([...said].sort(byTime))
    expect(readdirSync(folder).sort()).toEqual(['day.avro', 'reviews.avro'])

    const words = ['evaluate', day, '--labels', file, '--key', one.key, '--json']
    const { labels, labelled, rules } = JSON.parse(await one.done(words))
    const events = said.length - 1
    expect(labels).toMatchObject({ events, met: events, inconclusive: 1 })
    expect(labelled).toBe(events - 1)
    expect(rules.length).toBeGreaterThan(3)

    const both = join(folder, 'both.avro')
    const range = ['--to', '2026-01-01T00:00:00Z', '--json']
    const old = ['record', '--out', both, '--key', one.key, '--reviews', file, ...range]
    expect(JSON.parse(await one.done(old))).toMatchObject({
      ...{ out: both, rows: 0 },
      reviews: { file, reviews: 0, unreadable: 0 },
    })
    expect(await readReviews(file)).toEqual([])
  }, 240_000)

  test.each([
    [['--from', 'yesterday'], '--from yesterday: is no time such as '],
    [['--for', '0s'], '--for 0s: is no span such as '],
    [['--for', '1m', '--to', '1m'], '--for begins now: give it alone'],
    [['--from', '1m', '--to', '2m'], '--to: must be after --from'],
  ])('%j is refused as usage', async (words, line) => {
    const { run } = newInstallation('usage', brokers!, registryUrl!)
    const ran = await run(['record', '--out', 'x', '--key', 'k', ...words])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(`couponguard: ${line}`)])
  })
})
