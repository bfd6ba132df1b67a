/**
 * Re-observed against live: each cause of the closed list is found where it is the cause, and what
 * has none is unexplained.
 */
import { describe, expect, test } from 'vitest'
import { decide, newDecisionRow } from '../../src/core/decision/decide.ts'
import type {
  CampaignFacts,
  DeviceReadings,
  Inputs,
  RecordingRow,
} from '../../src/core/schema.gen.ts'
import { type Cause, causes } from '../../src/recording/live/causes.ts'
import { seeded } from '../support/seeded.ts'
import { heldAgainst, judgedLive, livePlaybook, noon, type Turn } from './judged-live.ts'

const device = { device: 'd'.repeat(32), deviceOrigin: 'fingerprint' } as const
const block = {
  lists: () => [{ entry: 'watch/user/u', list: 'watch', kind: 'user', source: 's' }] as const,
}
const stock: CampaignFacts = {
  validFrom: null,
  validTo: null,
  storeInScope: null,
  referrerOfficial: null,
  tierMinAmount: null,
  identityRequired: null,
  stock: 10,
  transferHopsMax: null,
}
const redemptions = 'coupon.redemptions'
const hourMs = 3_600_000

/** Shard 1 is judged before shard 0, whose events were recorded before. */
const crossed: readonly Turn[] = [
  { partition: 1, at: 500, about: device },
  { partition: 0, at: 100, about: device },
  { partition: 1, at: 600, about: device },
]
/** The ninth event of an address comes from another shard and between the others: gaps show it. */
const gaps: readonly Turn[] = [
  ...[0, 1_000, 2_000, 4_000, 5_000, 6_000].map((at) => ({
    partition: 0,
    at,
    about: { ip: '1.2.3.4' },
  })),
  { partition: 1, at: 2_500, about: { ip: '1.2.3.4' } },
  { partition: 0, at: 7_000, about: { ip: '1.2.3.4' } },
]
const late = noon - 2 * hourMs - 600_000
/** The claim was recorded just before the horizon passed it, and judged just after. */
const lateTwin: readonly Turn[] = [
  { partition: 0, source: redemptions, at: 2_000 },
  { partition: 0, at: 1_000, about: { ...device, occurredAt: late + 1_500 } },
]
const afterLate: Turn = { partition: 0, at: 3_000, about: device }
/** A full log has cut the first event when it is delivered once more. */
const cutAndRepeated: readonly Turn[] = [
  ...Array.from({ length: 300 }, (_, at) => ({ partition: 0, at, about: device })),
  { partition: 0, at: 0, again: 0 },
]

const cases: readonly (readonly [string, readonly Turn[], Partial<Record<Cause, number>>])[] = [
  ['nothing moved', [{ partition: 0, at: 0, about: device }], {}],
  ['shards in another order', crossed, { 'shard-order': 1, 'day-total': 2 }],
  ['another order seen only in gaps', gaps, { 'shard-order': 3, 'day-total': 4 }],
  [
    'twins in another order',
    [
      { partition: 0, source: redemptions, at: 20, about: { user: 'a', couponType: 't' } },
      { partition: 0, at: 10, about: { user: 'a', couponType: 't' } },
    ],
    { 'shard-order': 1, 'day-total': 1 },
  ],
  ['a list that holds live', [{ partition: 0, at: 0, facts: block }], { list: 1 }],
  [
    'a campaign known live',
    [{ partition: 0, at: 0, facts: { campaign: () => stock } }],
    { campaign: 1 },
  ],
  ['the switch', [{ partition: 0, at: 0, facts: { switchState: () => 'review' } }], { switch: 1 }],
  [
    'an alert in force',
    [{ partition: 0, source: redemptions, at: 0, alerts: ['all/1/1/raised'] }],
    { alert: 1 },
  ],
  ['an event late live', lateTwin, { late: 1, 'day-total': 1 }],
  ['windows that lack an event late live', [...lateTwin, afterLate], { late: 2, 'day-total': 1 }],
  ['a repeat whose entry was cut', cutAndRepeated, { cap: 1, 'day-total': 1 }],
  [
    'two at once',
    [{ ...crossed[0]!, facts: block }, ...crossed.slice(1)],
    { list: 1, 'shard-order': 1, 'day-total': 2 },
  ],
]

describe('a difference from live has its cause', () => {
  test.each(cases)('%s', async (_, turns, expected) => {
    const rows = await judgedLive(turns)
    const found = await heldAgainst(rows)
    const counted = Object.fromEntries(causes.map((cause) => [cause, expected[cause] ?? 0]))
    expect(found.examples.flatMap(({ unexplained }) => unexplained)).toEqual([])
    expect(found.byCause).toEqual(counted)
    expect(found).toMatchObject({ compared: rows.length, unexplained: 0 })
  })
})

/** Events of three shards; each is at any time up to the drift behind another. */
function manyTurns(seed: number, count: number, driftMs: number): readonly Turn[] {
  const chance = seeded(seed)
  const behind = [0, 0, 0]
  const turns = Array.from({ length: count }, (_, index) => {
    const partition = chance.below(3)
    const source = chance.in(0.3) ? redemptions : 'coupon.claims'
    const ip = `10.0.0.${chance.below(6)}`
    const user = `u${partition}-${chance.below(300)}`
    const about = { ...device, device: `${chance.below(60)}`.padStart(32, '0'), ip, user }
    if (chance.in(0.02)) behind[partition] = chance.below(driftMs)
    const turn = { partition, source, at: index * 40, about }
    return { turn, judgedAt: turn.at + behind[partition]! }
  })
  // A shard keeps its own order: nothing of it is judged before what came before.
  const reached = [0, 0, 0]
  const judged = turns.map(({ turn, judgedAt }) => {
    reached[turn.partition] = Math.max(reached[turn.partition]!, judgedAt)
    return { turn, judgedAt: reached[turn.partition]! }
  })
  return judged.sort((a, b) => a.judgedAt - b.judgedAt).map(({ turn }) => turn)
}

test.each([1, 2, 3])('any order of shards within the drift is found (seed %i)', async (seed) => {
  const rows = await judgedLive(manyTurns(seed, 1_000, 10_000))
  const found = await heldAgainst(rows, 10_000)
  expect(found.examples.flatMap(({ unexplained }) => unexplained)).toEqual([])
  expect(found.byCause['shard-order']).toBeGreaterThan(200)
  expect(found.unexplained).toBe(0)
})

type Change = (row: RecordingRow) => RecordingRow
const live = (row: RecordingRow) => ({ inputs: row.inputs!, decision: row.decision! })

/** Inputs changed and judged by, as a worker that counts wrongly would. */
const judgedBy =
  (change: (inputs: Inputs) => Inputs): Change =>
  (row) => {
    const { inputs, decision } = live(row)
    const { eventKey } = decision
    const changed = change(inputs)
    const named = { event: row.event!, eventKey, recordedAt: row.recordedAt }
    return {
      ...row,
      inputs: changed,
      decision: decide(named, changed, livePlaybook, newDecisionRow()),
    }
  }
const withDevice = (about: Partial<DeviceReadings>) =>
  judgedBy(({ readings, ...rest }) => ({
    ...rest,
    readings: { ...readings, device: { ...readings.device!, ...about } },
  }))

/** Recorded in the order in which they are judged: whatever differs is planted. */
const inOrder: readonly Turn[] = [
  { partition: 1, at: 100, about: device },
  { partition: 0, at: 200, about: device },
  { partition: 0, at: 300, about: device },
]

const planted: readonly (readonly [string, Change, string])[] = [
  ['more than there are', withDevice({ users_1d: 9 }), 'device: users_1d 9, re-observed 2'],
  ['less than without all that may move', withDevice({ users_1d: 0 }), 'device: users_1d 0'],
  [
    'what no order reads, though between least and most',
    judgedBy(({ readings, ...rest }) => ({
      ...rest,
      readings: { ...readings, device: { ...readings.device!, users_1d: 1, claims_1h: 2 } },
    })),
    'device: users_1d 1, re-observed 2',
  ],
  [
    'a total lower than it can be',
    judgedBy(({ readings, ...rest }) => ({
      ...rest,
      readings: { ...readings, campaign: { claims_day: 0, redemptions_day: 0 } },
    })),
    'campaign: claims_day 0, re-observed 2',
  ],
  ['no decision', (row) => ({ ...row, inputs: null, decision: null }), 'decided by one of the two'],
  [
    'a decision that its inputs do not give',
    (row) => ({ ...row, decision: { ...live(row).decision, score: 77 } }),
    'not what its recorded inputs give',
  ],
]

describe('a difference without a cause is unexplained', () => {
  test.each(planted)('%s', async (_, change, line) => {
    const rows = await judgedLive(inOrder)
    expect(await heldAgainst(rows)).toMatchObject({ differences: 0, unexplained: 0 })
    const found = await heldAgainst(rows.map((row, at) => (at === 1 ? change(row) : row)))
    expect(found).toMatchObject({ differences: 1, unexplained: 1, byCause: noCause })
    expect(found.examples[0]!.unexplained.join()).toContain(line)
  })

  test('another order than the drift allows', async () => {
    const rows = await judgedLive(crossed)
    expect((await heldAgainst(rows, 400)).unexplained).toBe(0)
    const strict = await heldAgainst(rows, 399)
    expect(strict.unexplained).toBe(1)
    expect(strict.examples.flatMap(({ unexplained }) => unexplained).join()).toContain(
      'device: claims_10s 1, re-obs',
    )
  })

  test('what was not judged yet is no difference', async () => {
    const rows = await judgedLive(inOrder)
    const cutOff = rows.map((row, at) => (at < 2 ? row : { ...row, inputs: null, decision: null }))
    expect(await heldAgainst(cutOff)).toMatchObject({ compared: 2, differences: 0 })
  })
})

const noCause = Object.fromEntries(causes.map((cause) => [cause, 0]))
