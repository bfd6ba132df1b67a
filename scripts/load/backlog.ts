/**
 * An hour judged live against the same hour judged as a backlog. Both installations judge the
 * generated day up to that hour; then the one has its workers running while the hour comes in, in
 * the order of its record times and some twenty times as fast, and the other has them stopped until
 * all of it is there. Counted is how many events were decided otherwise.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from 'kafkajs'
import { generateRows } from '../../src/generate/campaign-day.ts'
import type { GeneratedRow } from '../../src/generate/faults.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type Case, readEvidence } from '../chaos/audit/read-evidence.ts'
import { eventBytes } from '../chaos/event-bytes.ts'
import { newSender } from '../chaos/sender.ts'
import type { Servers } from '../chaos/servers.ts'
import { lagOf } from '../chaos/settle.ts'
import { group } from '../chaos/stage.ts'
import { type Installation, type LoadOptions, withInstallation, withServers } from './place.ts'

export interface BacklogOptions extends LoadOptions {
  /** Generated rows of the whole day. */
  readonly events: number
}

export interface BacklogResult {
  /** Decided events of the hour. */
  readonly events: number
  readonly flagged: number
  /** Of them, those decided otherwise. */
  readonly otherwise: number
  /** How many by `live → backlog`. */
  readonly byOutcomes: ReadonlyMap<string, number>
  readonly catchUpMs: number
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]
const zoneMs = 8 * hourMs
/** Of the day, in local time: the morning peak is in it. */
const hourOfDay = 10
const timesAsFast = 20
const partMessagesMax = 2_000
const settleMaxMs = 600_000

export function runBacklog(options: BacklogOptions): Promise<BacklogResult> {
  const today = Math.floor((systemClock.now() + zoneMs) / dayMs) * dayMs - zoneMs
  const startAt = today - 3 * dayMs
  const hour = { from: startAt + hourOfDay * hourMs, to: startAt + (hourOfDay + 1) * hourMs }
  const { seed, events } = options
  const rows = [...generateRows({ seed, events, scenario: 'attack', startAt })]
  return withServers(options, async (servers) => {
    const live = await judged(options, servers, { rows, hour, name: 'live' })
    const backlog = await judged(options, servers, { rows, hour, name: 'backlog' })
    return compare(live.outcomes, backlog.outcomes, backlog.tookMs)
  })
}

interface Hour {
  readonly rows: readonly GeneratedRow[]
  readonly hour: { readonly from: number; readonly to: number }
  readonly name: 'live' | 'backlog'
}

/** Outcomes of the hour by event key, and how long it took from the last message. */
function judged(options: LoadOptions, servers: Servers, { rows, hour, name }: Hour) {
  const { workers, say } = options
  const before = rows.filter(({ recordedAt }) => recordedAt < hour.from)
  const during = rows.filter((row) => row.recordedAt >= hour.from && row.recordedAt < hour.to)
  return withInstallation(options, { servers, topicPrefix: `${name}.` }, async (here) => {
    const of = caseOf(here)
    say(`${name}: ${before.length} events before the hour`)
    await publish(here, before, null)
    const places = await here.start('worker', workers)
    await judgedAll(of)
    say(`${name}: ${during.length} events of the hour`)
    if (name === 'backlog') {
      await Promise.all(places.map((place) => place.close()))
      await publish(here, during, null)
      await here.start('worker', workers)
    } else await publish(here, during, timesAsFast)
    const publishedAt = performance.now()
    await judgedAll(of)
    const tookMs = performance.now() - publishedAt
    await here.fleet.end()
    const { audits } = await readEvidence(of)
    const inHour = audits.filter(({ recordedAt }) => recordedAt >= hour.from)
    const outcomes = new Map(
      inHour.map(({ decision }) => [decision.eventKey, decision.outcome] as const),
    )
    return { outcomes, tookMs }
  })
}

const caseOf = ({ servers, topicPrefix, playbookPath }: Installation): Case => ({
  brokers: servers.brokers,
  registryUrl: servers.registryUrl,
  topicPrefix,
  groupId: topicPrefix + group,
  playbookPath,
})

async function judgedAll(of: Case): Promise<void> {
  const until = performance.now() + settleMaxMs
  for (let lag = await lagOf(of); lag > 0; lag = await lagOf(of)) {
    if (performance.now() > until) throw new Error(`${lag} messages are not judged`)
    await sleep(250)
  }
}

/** In the order of record times: at once, or so many times as fast as they came. */
async function publish(
  { servers, topicPrefix, ids }: Installation,
  rows: readonly GeneratedRow[],
  speed: number | null,
): Promise<void> {
  const sender = newSender(servers.brokers, topicPrefix)
  const startedAt = performance.now()
  let part = new Map<string, Message[]>()
  let waiting = 0
  const send = async () => {
    await sender.send(part, 'plain')
    part = new Map()
    waiting = 0
  }
  for (const { published, recordedAt } of rows) {
    if (speed !== null) {
      const dueMs = (recordedAt - rows[0]!.recordedAt) / speed - (performance.now() - startedAt)
      if (dueMs > 0) {
        await send()
        await sleep(Math.max(dueMs, 20))
      }
    }
    if (published === null) continue
    const topic = published.kind === 'claim' ? 'coupon.claims' : 'coupon.redemptions'
    const messages = part.get(topic) ?? []
    part.set(topic, messages)
    const value = eventBytes(published, ids)
    messages.push({ key: published.user, value, timestamp: String(recordedAt) })
    waiting += 1
    if (waiting >= partMessagesMax) await send()
  }
  await send()
  await sender.close()
}

function compare(
  live: ReadonlyMap<string, string>,
  backlog: ReadonlyMap<string, string>,
  catchUpMs: number,
): BacklogResult {
  const byOutcomes = new Map<string, number>()
  let flagged = 0
  for (const [key, outcome] of live) {
    const other = backlog.get(key) ?? 'nothing'
    if (outcome !== 'allow') flagged += 1
    if (other === outcome) continue
    const change = `${outcome} → ${other}`
    byOutcomes.set(change, (byOutcomes.get(change) ?? 0) + 1)
  }
  const otherwise = [...byOutcomes.values()].reduce((sum, count) => sum + count, 0)
  return { events: live.size, flagged, otherwise, byOutcomes, catchUpMs }
}
