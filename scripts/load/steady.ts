/**
 * Load as it comes: a usual rate, for a minute ten times of it, and all the time events that are up
 * to half an hour late. Then: is everything judged, how soon after the end, once each, and does the
 * memory of a process grow?
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from 'kafkajs'
import type { CouponEvent } from '../../src/core/schema.gen.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { seeded } from '../../test/support/seeded.ts'
import { audit } from '../chaos/audit/auditor.ts'
import type { Problem } from '../chaos/audit/evidence.ts'
import { type Case, readEvidence } from '../chaos/audit/read-evidence.ts'
import { eventBytes, type SchemaIds } from '../chaos/event-bytes.ts'
import { newSender } from '../chaos/sender.ts'
import { lagOf, settle } from '../chaos/settle.ts'
import { group } from '../chaos/stage.ts'
import { type Growth, growthOf, sampleMemory } from './memory.ts'
import { type Installation, type LoadOptions, withInstallation, withServers } from './place.ts'

export interface SteadyOptions extends LoadOptions {
  /** Usual events a second. */
  readonly rate: number
  readonly durationMs: number
}

export interface SteadyResult {
  readonly messages: number
  readonly late: number
  /** From the last message sent to the last one committed. */
  readonly lagZeroAfterMs: number
  /** Messages not yet committed at the end of the burst. */
  readonly lagAfterBurst: number
  readonly audits: number
  readonly problems: readonly Problem[]
  readonly failures: readonly string[]
  readonly growth: readonly (Growth & { readonly role: string })[]
}

const topicPrefix = 'load.'
const tickMs = 100
/** The client's work grows with the square of what one call sends to a partition. */
const partMessagesMax = 1_000
const burst = { times: 10, lengthMs: 60_000 }
/** One event in so many is late, by up to so much. */
const [lateEvery, lateMsMax] = [5, 30 * 60_000]
const settleMaxMs = 180_000

export function runSteady(options: SteadyOptions): Promise<SteadyResult> {
  return withServers(options, (servers) =>
    withInstallation(options, { servers, topicPrefix }, (here) => load(options, here)),
  )
}

async function load(options: SteadyOptions, here: Installation): Promise<SteadyResult> {
  const { workers, say } = options
  const { fleet } = here
  await Promise.all([here.start('worker', workers), here.start('monitor', 1)])
  const members = [...fleet.members('worker'), ...fleet.members('monitor')]
  const over = new AbortController()
  const sampled = sampleMemory(() => members.map(({ pid }) => pid), over.signal)
  const { brokers, registryUrl } = here.servers
  const groupId = topicPrefix + group
  const of: Case = { brokers, registryUrl, topicPrefix, groupId, playbookPath: here.playbookPath }
  say(`${options.rate} events a second, for a minute ${options.rate * burst.times}`)
  const published = await publish(options, here, () => lagOf(of))
  const endedAt = performance.now()
  while ((await lagOf(of)) > 0 && performance.now() - endedAt < settleMaxMs) await sleep(250)
  const lagZeroAfterMs = performance.now() - endedAt
  over.abort()
  const growth = growthOf(await sampled).map((one) => ({
    ...one,
    role: members.find(({ pid }) => pid === one.pid)?.role ?? '',
  }))
  // The audit takes minutes and much memory: what is known already is not lost with it.
  const grew = growth.map(({ role, share }) => `${role} ${(share * 100).toFixed(2)} %`).join(', ')
  say(`lag 0 ${(lagZeroAfterMs / 1_000).toFixed(1)} s after the end; grew: ${grew}`)
  say('all is judged; the topics are audited')
  const unsettled = await settle(of, settleMaxMs, new AbortController().signal)
  await fleet.end()
  const evidence = await readEvidence(of)
  return {
    ...published,
    lagZeroAfterMs,
    audits: evidence.audits.length,
    problems: audit(evidence),
    failures: [...unsettled, ...fleet.defects],
    growth,
  }
}

async function publish(
  { seed, rate, durationMs }: SteadyOptions,
  { servers, ids }: Installation,
  lag: () => Promise<number>,
): Promise<Pick<SteadyResult, 'messages' | 'late' | 'lagAfterBurst'>> {
  const burstAt = durationMs / 3
  const burstMs = Math.min(burst.lengthMs, durationMs / 3)
  const events = Math.ceil((rate * (durationMs + burstMs * (burst.times - 1))) / 1_000)
  const rows = generateRows({ seed, events, scenario: 'attack', startAt: 0 })
  const chance = seeded(seed)
  const sender = newSender(servers.brokers, topicPrefix)
  const startedAt = performance.now()
  let [taken, messages, late, lagAfterBurst] = [0, 0, 0, -1]
  for (;;) {
    const atMs = performance.now() - startedAt
    if (atMs >= durationMs) break
    const inBurst = Math.min(Math.max(0, atMs - burstAt), burstMs)
    const due = ((atMs + inBurst * (burst.times - 1)) * rate) / 1_000
    if (lagAfterBurst < 0 && inBurst === burstMs) lagAfterBurst = await lag()
    const part = new Map<string, Message[]>()
    const until = Math.min(due, taken + partMessagesMax)
    while (taken < until) {
      const { value: row, done } = rows.next()
      if (done === true) break
      taken += 1
      if (row.published === null) continue
      messages += 1
      const isLate = chance.below(lateEvery) === 0
      if (isLate) late += 1
      const event = moved(row.published, row.recordedAt, isLate ? chance.below(lateMsMax) : 0)
      put(part, event, ids)
    }
    await sender.send(part, 'plain')
    // Who is behind sends on.
    if (taken >= due || part.size === 0) await sleep(tickMs)
  }
  await sender.close()
  return { messages, late, lagAfterBurst }
}

/** The event as if its message had been taken now, and so much later than it was. */
function moved(event: CouponEvent, recordedAt: number, lateMs: number): CouponEvent {
  const by = systemClock.now() - recordedAt
  const at = (time: number | null) => (time === null ? null : time + by)
  return {
    ...event,
    occurredAt: event.occurredAt + by - lateMs,
    codeIssuedAt: at(event.codeIssuedAt),
    codeExpiresAt: at(event.codeExpiresAt),
    registeredAt: at(event.registeredAt),
    lastActiveAt: at(event.lastActiveAt),
    portedAt: at(event.portedAt),
    transferredAt: at(event.transferredAt),
  }
}

function put(part: Map<string, Message[]>, event: CouponEvent, ids: SchemaIds): void {
  const topic = event.kind === 'claim' ? 'coupon.claims' : 'coupon.redemptions'
  const messages = part.get(topic) ?? []
  part.set(topic, messages)
  messages.push({ key: event.user, value: eventBytes(event, ids) })
}
