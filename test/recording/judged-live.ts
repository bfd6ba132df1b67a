/**
 * A live run on a small scale: events of several input partitions, judged one by one in any order
 * by one pipeline a shard over shared windows, as workers do; and what is recorded of it.
 */
import { join } from 'node:path'
import { parsePlaybook } from '../../src/config/playbook-file.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { Playbook } from '../../src/core/rules/playbook.ts'
import type { Event, RecordingRow } from '../../src/core/schema.gen.ts'
import { type Facts, noFacts } from '../../src/facts.ts'
import { newPipeline, type Pipeline } from '../../src/pipeline.ts'
import { emptyRow } from '../../src/recording/header.ts'
import { type AgainstLive, LiveComparison } from '../../src/recording/live/against-live.ts'
import { openRecording } from '../../src/recording/read.ts'
import { reobserve } from '../../src/recording/replay.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { plainEvent } from '../support/plain-event.ts'
import { scratchFolder } from '../support/run-cli.ts'
import { plainHeader, writeRecording } from './sample-rows.ts'

const ruleText = (signal: string, condition: string, hit: string, miss: string) => `
  - id: on-${signal.replaceAll('_', '-')}
    tier: behaviour
    outcome: review
    weight: 1
    when: ${signal}${condition}
    reason: { code: seen, zh: 有, en: There. }
    examples: { hit: [{ ${signal}: ${hit} }], nearMiss: [{ ${signal}: ${miss} }] }`

const ruleTexts = [
  ruleText('device_users_1d', ' >= 1', '1', '0'),
  ruleText('ip_gap_mean_1d', ' > 0', '1', '0'),
  ruleText('ip_users_1h', ' >= 1', '1', '0'),
  ruleText('user_claim_age_45d', ' >= 0', '0', '-1'),
  ruleText('campaign_claims_day', ' >= 1', '1', '0'),
  ruleText('stock_used', ' > 0', '0.5', '0'),
  ruleText('watched', '', 'true', 'false'),
]

/** Every rule hits at once, and so a decision shows each reading that differs. */
const playbookText = `name: live
version: 1.0.0
timeZone: Asia/Shanghai
score: { reviewAt: 90, blockAt: 97 }
alerting:
  abnormalShareMax: 0.05
  clearShareMax: 0.04
  minRedemptions: 2
  minAbnormal: 1
  minAbnormalUsers: 1
  reviewScoreMin: 0
  scopesMax: 20
reportAmountMin: 5000000
rules:${ruleTexts.join('')}
`

function load(): Playbook {
  const parsed = parsePlaybook(playbookText, 'live.yaml')
  if ('problems' in parsed)
    throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  return parsed.playbook
}
export const livePlaybook = load()

export const noon = Date.UTC(2026, 2, 1, 4)
const keys = deriveKeys(new Uint8Array(32).fill(7))

/** An event that a worker judges in its turn. */
export interface Turn {
  /** Input partition; 0 and 1 of coupon.claims where nothing else is said. */
  readonly partition: number
  readonly source?: string
  /** Milliseconds after noon: when it was recorded. */
  readonly at: number
  readonly about?: Partial<Event>
  /** What is known in this turn. */
  readonly facts?: Partial<Facts>
  readonly alerts?: readonly string[]
  /** The turn, by its number, whose event is delivered and judged once more. */
  readonly again?: number
}

/** Judges the turns in the order given; rows as `record` has them. */
export async function judgedLive(turns: readonly Turn[]): Promise<RecordingRow[]> {
  const store = newMemoryStore()
  const pipelines = new Map<number, Pipeline>()
  const offsets = new Map<string, number>()
  const rows: RecordingRow[] = []
  const byTurn: RecordingRow[] = []
  let turn: Turn = { partition: 0, at: 0 }
  const facts: Facts = {
    lists: (event, at) => (turn.facts?.lists ?? noFacts.lists)(event, at),
    address: (ip) => (turn.facts?.address ?? noFacts.address)(ip),
    campaign: (event) => (turn.facts?.campaign ?? noFacts.campaign)(event),
    switchState: () => (turn.facts?.switchState ?? noFacts.switchState)(),
  }
  const followed = { anyRaised: () => true, inForce: () => turn.alerts ?? [] }
  for (const [index, one] of turns.entries()) {
    turn = one
    const row = one.again === undefined ? rowOf(one, index, offsets) : byTurn[one.again]!
    byTurn.push(row)
    const { event, partition, ...place } = row
    const made = newPipeline({ store, playbook: livePlaybook, facts, keys, followed })
    const pipeline = pipelines.get(partition) ?? made
    pipelines.set(partition, pipeline)
    const { judged } = await pipeline.process([{ ...place, partition, event: event! }])
    const audit = judged[0]!.kind === 'decided' ? judged[0]!.audit : null
    const decided = { inputs: audit?.inputs ?? null, decision: audit?.decision ?? null }
    const known = rows.findIndex((each) => each.event === event)
    rows.splice(known < 0 ? rows.length : known, 1, { ...row, ...decided })
  }
  return rows.sort(
    (a, b) =>
      a.recordedAt - b.recordedAt ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
      a.partition - b.partition ||
      a.offset - b.offset,
  )
}

function rowOf(
  { partition, source = 'coupon.claims', at, about }: Turn,
  index: number,
  offsets: Map<string, number>,
): RecordingRow {
  const offset = offsets.get(`${partition} ${source}`) ?? 0
  offsets.set(`${partition} ${source}`, offset + 1)
  const recordedAt = noon + at
  const kind = source === 'coupon.claims' ? 'claim' : 'redemption'
  const basis = { id: `e${index}`, user: `u${index}`, kind, occurredAt: recordedAt } as const
  return {
    ...emptyRow(recordedAt, source, partition, offset),
    event: plainEvent({ ...basis, ...about }),
  }
}

/** Re-observes a recording of the rows with nothing known, and holds it against them. */
export async function heldAgainst(
  rows: readonly RecordingRow[],
  driftMs = 60_000,
): Promise<AgainstLive> {
  const path = join(scratchFolder(), 'live.avro')
  await writeRecording(path, rows, plainHeader)
  const recording = await openRecording(path)
  const playbook = livePlaybook
  const against = new LiveComparison({ recording, playbook, keys, driftMs })
  const ignore = () => undefined
  const parts = { recording, playbook, facts: noFacts, keys, out: null, against }
  await reobserve({ ...parts, onRows: ignore, onAlert: ignore })
  const result = await against.result()
  if (result === null) throw new Error('there was nothing to compare')
  return result
}
