/**
 * `npm run alert-check -- --seeds 30 [--events N] [--from S]`: for each seed a day with an attack
 * and a clean one, judged as `replay` does. The moment at which the share of abnormal redemptions
 * crosses is worked out again from the decisions, event by event: the alert must be raised within a
 * minute of event time after it, in every attack, and no share alert of any scope may be raised on
 * a clean day. Exit 1 where that fails. A seed takes about four seconds.
 */
import { parseArgs } from 'node:util'
import { indexCampaigns } from '../src/config/campaigns-file.ts'
import { publishedTestKey } from '../src/config/key-file.ts'
import { defaultPlaybookPath, loadPlaybook } from '../src/config/playbook-file.ts'
import { deriveKeys } from '../src/core/event/keyed-hash.ts'
import type { Alert, Audit } from '../src/core/schema.gen.ts'
import { type Facts, noFacts } from '../src/facts.ts'
import { generateRows } from '../src/generate/campaign-day.ts'
import { campaignsFor } from '../src/generate/campaigns.ts'
import { toRecordingRow } from '../src/generate/recorded.ts'
import type { LoggedEvent } from '../src/log/stream.ts'
import { batchEventsMax, newPipeline } from '../src/pipeline.ts'
import { batchSpanMs } from '../src/recording/replay.ts'
import { newMemoryStore } from '../src/state/memory-store.ts'

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]
/** Asia/Shanghai, where generated days begin and end. */
const zoneMs = 8 * hourMs
const startAt = Date.UTC(2026, 2, 2) - zoneMs
const raisedWithinMs = minuteMs

type Scenario = 'attack' | 'clean'

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${name} is "${text}": give a whole number above 0`)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '30' },
    events: { type: 'string', default: '30000' },
    from: { type: 'string', default: '1' },
  },
})
const seeds = wholeNumber('seeds', values.seeds)
const events = wholeNumber('events', values.events)
const from = wholeNumber('from', values.from)

const keys = deriveKeys(publishedTestKey)
const playbook = loadPlaybook(defaultPlaybookPath)
const { alerting } = playbook
const campaigns = indexCampaigns(campaignsFor(startAt, events))
const facts: Facts = { ...noFacts, campaign: (event) => campaigns.facts(event) }

/** Rows that arrive within the span of a batch, as `replay` takes them. */
function* batches(scenario: Scenario, seed: number): Generator<LoggedEvent[]> {
  let waiting: LoggedEvent[] = []
  let offset = 0
  for (const generated of generateRows({ seed, events, scenario, startAt })) {
    const { event, ...row } = toRecordingRow(generated, offset, keys)
    offset += 1
    if (event === null) continue
    const first = waiting[0]?.recordedAt ?? row.recordedAt
    if (waiting.length >= batchEventsMax || row.recordedAt - first >= batchSpanMs) {
      yield waiting
      waiting = []
    }
    waiting.push({ ...row, event })
  }
  yield waiting
}

/** A day of the scope `all`, counted event by event. */
interface Day {
  redemptions: number
  abnormal: number
  readonly users: Set<string>
  /** Largest event time so far. */
  at: number
  /** Largest share while the minimums were met. */
  shareMax: number
  crossedAt: number | null
}

function count(days: Map<number, Day>, { event, inputs, decision }: Audit): void {
  const failed = event.attempt !== 'succeeded' && event.attempt !== 'unknown'
  if (failed || inputs.repeatsSaturated) return
  const number = Math.floor((event.occurredAt + zoneMs) / dayMs)
  const day = days.get(number) ?? newDay()
  days.set(number, day)
  day.at = Math.max(day.at, event.occurredAt)
  if (event.kind !== 'redemption') return
  day.redemptions += 1
  if (decision.abnormal) {
    day.abnormal += 1
    day.users.add(event.user)
  }
  const enough =
    day.redemptions >= alerting.minRedemptions &&
    day.abnormal >= alerting.minAbnormal &&
    day.users.size >= alerting.minAbnormalUsers
  if (!enough) return
  const share = day.abnormal / day.redemptions
  day.shareMax = Math.max(day.shareMax, share)
  if (share > alerting.abnormalShareMax) day.crossedAt ??= day.at
}

const newDay = (): Day => ({
  redemptions: 0,
  abnormal: 0,
  users: new Set(),
  at: 0,
  shareMax: 0,
  crossedAt: null,
})

interface Judged {
  readonly days: ReadonlyMap<number, Day>
  /** Share alerts that were raised. */
  readonly raised: readonly Alert[]
}

async function judge(scenario: Scenario, seed: number): Promise<Judged> {
  const pipeline = newPipeline({ store: newMemoryStore(), playbook, facts, keys })
  const days = new Map<number, Day>()
  const raised: Alert[] = []
  for (const batch of batches(scenario, seed)) {
    const { outputs } = await pipeline.process(batch)
    for (const audit of outputs.audits) count(days, audit)
    const isRaised = ({ condition, transition }: Alert) =>
      condition === 'abnormal_share' && transition === 'raised'
    raised.push(...outputs.alerts.filter(isRaised))
  }
  return { days, raised }
}

const clock = (at: number) => new Date(at + zoneMs).toISOString().slice(5, 19).replace('T', ' ')
const percent = (share: number) => `${(share * 100).toFixed(2)} %`
const scopesOf = (alerts: readonly Alert[]) => alerts.map(({ scope }) => scope).join(', ')

/** What an attack's alerts got wrong; one line for the table beside it. */
function checkAttack({ days, raised }: Judged): { line: string; faults: string[] } {
  const faults: string[] = []
  const lines: string[] = []
  for (const [number, { crossedAt, shareMax }] of [...days].sort(([a], [b]) => a - b)) {
    const alert = raised.find(({ scope, day }) => scope === 'all' && day === number)
    if (crossedAt === null) {
      if (alert !== undefined) faults.push(`raised at ${clock(alert.at)} without a crossing`)
      continue
    }
    const lateMs = alert === undefined ? null : alert.at - crossedAt
    if (lateMs === null) faults.push(`crossed at ${clock(crossedAt)}, never raised`)
    else if (lateMs < 0) faults.push(`raised ${-lateMs} ms before the crossing`)
    else if (lateMs > raisedWithinMs) faults.push(`raised ${lateMs / 1000} s after the crossing`)
    const after = lateMs === null ? 'never' : `+${(lateMs / 1000).toFixed(1)} s`
    lines.push(`crossed ${clock(crossedAt)}, raised ${after}, up to ${percent(shareMax)}`)
  }
  if (lines.length === 0) {
    const most = Math.max(0, ...[...days.values()].map(({ shareMax }) => shareMax))
    faults.push(`an attack without a crossing: at most ${percent(most)}`)
  }
  return { line: lines.join('; ') || 'no crossing', faults }
}

function checkClean({ days, raised }: Judged): { line: string; faults: string[] } {
  const share = [...days.values()].map(
    (day) => day.abnormal / Math.max(alerting.minRedemptions, day.redemptions),
  )
  const line = `clean: ${percent(Math.max(0, ...share))}, ${scopesOf(raised) || 'nothing'} raised`
  return { line, faults: raised.length === 0 ? [] : [`a clean day raised ${scopesOf(raised)}`] }
}

let failed = 0
for (let seed = from; seed < from + seeds; seed += 1) {
  const attack = checkAttack(await judge('attack', seed))
  const clean = checkClean(await judge('clean', seed))
  const faults = [...attack.faults, ...clean.faults]
  if (faults.length > 0) failed += 1
  console.log(`seed ${String(seed).padStart(3)}  ${attack.line} | ${clean.line}`)
  for (const fault of faults) console.error(`  seed ${seed}: ${fault}`)
}
if (failed > 0) {
  console.error(`${failed} of ${seeds} seeds failed`)
  process.exit(1)
}
console.log(
  `${seeds} seeds of ${events.toLocaleString('en-US')} events: raised within` +
    ` ${raisedWithinMs / 1000} s of event time in every attack, never on a clean day`,
)
