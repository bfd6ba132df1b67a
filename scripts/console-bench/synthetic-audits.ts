/**
 * Audit records of a programme under attack, as many as are asked for. A campaign day is generated
 * and judged by the default playbook and model; its flagged decisions, with their true rules,
 * signals and texts, then come again and again with other people, devices, addresses, campaigns and
 * times. Who comes how often follows a power law, so a few devices and addresses have thousands of
 * cases. Same seed, same records; some 40,000 a second.
 */
import { indexCampaigns } from '../../src/config/campaigns-file.ts'
import { publishedTestKey } from '../../src/config/key-file.ts'
import { deriveKeys, eventKeyOf } from '../../src/core/event/keyed-hash.ts'
import type { Playbook } from '../../src/core/rules/playbook.ts'
import type { Alert, Audit, Decision, Event } from '../../src/core/schema.gen.ts'
import { noFacts } from '../../src/facts.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { campaignsFor } from '../../src/generate/campaigns.ts'
import { toRecordingRow } from '../../src/generate/recorded.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'
import { batchEventsMax, newPipeline } from '../../src/pipeline.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { seeded } from '../../test/support/seeded.ts'

/** 2026-03-02 in Asia/Shanghai. */
const dayStart = Date.UTC(2026, 2, 1, 16)

export interface Judged {
  readonly flagged: readonly Audit[]
  readonly allowed: readonly Audit[]
  readonly alerts: readonly Alert[]
}

/** The day that all others are made from. */
export async function judgedDay(playbook: Playbook, rows: number): Promise<Judged> {
  const keys = deriveKeys(publishedTestKey)
  const campaigns = indexCampaigns(campaignsFor(dayStart, rows))
  const facts = { ...noFacts, campaign: (event: Event) => campaigns.facts(event) }
  const pipeline = newPipeline({ store: newMemoryStore(), playbook, facts, keys })
  const flagged: Audit[] = []
  const allowed: Audit[] = []
  const alerts: Alert[] = []
  const judge = async (events: readonly LoggedEvent[]) => {
    const { outputs } = await pipeline.process(events)
    for (const audit of outputs.audits)
      (audit.decision.outcome === 'allow' ? allowed : flagged).push(audit)
    alerts.push(...outputs.alerts)
  }
  let batch: LoggedEvent[] = []
  let offset = 0
  const options = { seed: 7, events: rows, scenario: 'attack', startAt: dayStart } as const
  for (const row of generateRows(options)) {
    const { event, recordedAt } = toRecordingRow(row, offset, keys)
    offset += 1
    if (event === null) continue
    batch.push({ event, recordedAt, source: 'coupon.claims', partition: 0, offset })
    if (batch.length < batchEventsMax) continue
    await judge(batch)
    batch = []
  }
  await judge(batch)
  return { flagged, allowed, alerts }
}

export interface Crowd {
  /** How many people, devices and addresses there are follows from it. */
  readonly population: number
  readonly records: number
  /** Record time of the first and of the last of them, in milliseconds. */
  readonly from: number
  readonly to: number
  readonly seed: number
}

export const deviceOf = (rank: number): string => (rank * 7919 + 1).toString(16).padStart(32, 'd')
export const ipOf = (rank: number): string =>
  `10.${(rank >> 16) & 255}.${(rank >> 8) & 255}.${rank & 255}`
export const userOf = (rank: number): string => `o-shopper-${rank.toString(36).padStart(5, '0')}`
export const campaignOf = (rank: number): string => `spring-${rank + 1}`
export const merchantOf = (rank: number): string => `shop-${rank + 1}`
export const codeOf = (rank: number): string => rank.toString(16).padStart(32, 'c')

export const campaignsMax = 12
export const merchantsMax = 80

/** The n-th record, from whichever of the templates comes next. */
export function newCrowd({ population, records, from, to, seed }: Crowd) {
  const chance = seeded(seed)
  /** Rank 0 is the heaviest: the higher the power, the heavier. */
  const ranked = (count: number, power: number) => Math.floor(count * chance.next() ** power)
  const stepMs = (to - from) / records
  return (template: Audit, n: number): Audit => {
    const recordedAt = Math.round(from + n * stepMs)
    const { event, decision } = template
    const occurredAt = recordedAt - Math.max(0, decision.recordedAt - event.occurredAt)
    const user = userOf(ranked(Math.ceil(population / 3), 2))
    const campaign = campaignOf(ranked(campaignsMax, 2))
    const id = `e-${seed}-${n}`
    const seen: Event = {
      ...event,
      ...{ id, user, campaign, occurredAt },
      device: event.device === null ? null : deviceOf(ranked(Math.ceil(population / 8), 3)),
      ip: event.ip === null ? null : ipOf(ranked(Math.ceil(population / 10), 3)),
      merchant: event.merchant === null ? null : merchantOf(ranked(merchantsMax, 2)),
      codeHash: event.codeHash === null ? null : codeOf(ranked(population, 1)),
    }
    const eventKey = eventKeyOf(user, id, occurredAt)
    const own = { eventKey, eventId: id, user, occurredAt, recordedAt, campaign }
    const decided: Decision = { ...decision, ...own, id: `${eventKey}@${decision.playbookVersion}` }
    return { ...template, recordedAt, offset: n, event: seen, decision: decided }
  }
}
