/**
 * What the default playbook makes of refunds: who has many is flagged, and who had one is left
 * alone. The figures are those of one small day; `docs/tuning.md` has more. Rerun with `npx vitest
 * run --project unit test/generate/refunds-judged.test.ts`.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { indexCampaigns } from '../../src/config/campaigns-file.ts'
import { publishedTestKey } from '../../src/config/key-file.ts'
import { defaultPlaybookPath, loadPlaybook } from '../../src/config/playbook-file.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { Audit } from '../../src/core/schema.gen.ts'
import { noFacts } from '../../src/facts.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { campaignsFor } from '../../src/generate/campaigns.ts'
import type { RowLabels } from '../../src/generate/faults.ts'
import { defaultMix } from '../../src/generate/mix.ts'
import { toRecordingRow } from '../../src/generate/recorded.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'
import { newPipeline } from '../../src/pipeline.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'

const startAt = Date.UTC(2026, 2, 1, 16)
const options = { seed: 8, events: 40_000, scenario: 'attack', startAt } as const
const batchEvents = 250

type Judged = Audit & { readonly labels: RowLabels }

async function judgeDay(): Promise<Judged[]> {
  const keys = deriveKeys(publishedTestKey)
  const campaigns = indexCampaigns(campaignsFor(startAt, options.events))
  const facts = { ...noFacts, campaign: (event: LoggedEvent['event']) => campaigns.facts(event) }
  const playbook = loadPlaybook(defaultPlaybookPath)
  const pipeline = newPipeline({ store: newMemoryStore(), playbook, facts, keys })
  const mix = { ...defaultMix, 'refund-abuser': 25 }
  const labels: RowLabels[] = []
  const judged: Judged[] = []
  let waiting: LoggedEvent[] = []
  const judge = async () => {
    const { outputs } = await pipeline.process(waiting)
    for (const audit of outputs.audits) judged.push({ ...audit, labels: labels[audit.offset]! })
    waiting = []
  }
  for (const row of generateRows({ ...options, mix })) {
    const { event, ...place } = toRecordingRow(row, labels.length, keys)
    labels.push(row.labels)
    if (event !== null) waiting.push({ ...place, event })
    if (waiting.length >= batchEvents) await judge()
  }
  await judge()
  return judged
}

const flagged = ({ decision }: Judged) => decision.outcome !== 'allow'
const refunds = ({ event }: Judged) => event.kind === 'reversal' && event.attempt === 'succeeded'
const hits = ({ decision }: Judged, rule: string) =>
  decision.results.some((one) => one.rule === rule && one.result === 'hit')
const share = <T>(of: readonly T[], is: (one: T) => boolean) => of.filter(is).length / of.length

describe(`a day with refunds, seed ${options.seed}`, () => {
  let honest: Judged[]
  let abusers: Judged[]

  beforeAll(async () => {
    const judged = await judgeDay()
    const genuine = judged.filter(({ labels }) => labels.kind !== 'malformed')
    honest = genuine.filter(({ labels }) => !labels.fraud)
    abusers = genuine.filter(({ labels }) => labels.kind === 'refund-abuser')
  })

  it('flags every account that had four refunds and more than half of what it bought', () => {
    const users = [...new Set(abusers.map(({ event }) => event.user))]
    const caught = users.filter((user) =>
      abusers.some((one) => one.event.user === user && flagged(one)),
    )
    const many = users.filter((user) => {
      const own = abusers.filter(({ event }) => event.user === user)
      const bought = own.filter(({ event }) => event.kind === 'redemption')
      return own.filter(refunds).length >= Math.max(4, bought.length / 2)
    })
    expect(many.length).toBeGreaterThan(5)
    expect(many.filter((user) => !caught.includes(user))).toEqual([])
    expect(caught.length / users.length).toBeGreaterThan(0.6)
  })

  it('flags two of five refunds of abusers, and less of what they claim and spend', () => {
    expect(share(abusers.filter(refunds), flagged)).toBeGreaterThan(0.4)
    expect(share(abusers, flagged)).toBeGreaterThan(0.15)
  })

  it.each(['refund-of-nothing', 'refund-habit', 'code-used-again'])(
    'by %s among others',
    (rule) => {
      expect(abusers.filter((one) => hits(one, rule)).length).toBeGreaterThan(0)
    },
  )

  it('leaves honest people alone who have a refund, or spend a coupon that was refunded', () => {
    const taken = honest.filter(refunds)
    const codes = new Set(taken.map(({ event }) => event.codeHash))
    const again = honest.filter(
      ({ event, inputs }) =>
        event.kind === 'redemption' && (inputs.readings.code?.reversals_45d ?? 0) > 0,
    )
    expect(taken.length).toBeGreaterThan(20)
    expect(again.length).toBeGreaterThan(3)
    for (const one of again) expect(codes).toContain(one.event.codeHash)
    expect(again.filter(flagged)).toEqual([])
    expect(share(taken, flagged)).toBeLessThan(0.05)
    expect(honest.filter((one) => hits(one, 'refund-habit'))).toEqual([])
  })

  it('blocks nobody honest who had a refund', () => {
    const users = new Set(honest.filter(refunds).map(({ event }) => event.user))
    const blocked = honest.filter(({ decision }) => decision.outcome === 'block')
    expect(blocked.filter(({ event }) => users.has(event.user))).toEqual([])
  })
})
