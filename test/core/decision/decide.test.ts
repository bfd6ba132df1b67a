/**
 * Event, inputs and playbook → outcome, score, reasons: which of them wins, and what each needs.
 *
 * proves: D4
 */
import { describe, expect, it } from 'vitest'
import { decide, newDecisionRow } from '../../../src/core/decision/decide.ts'
import { reasonsMax } from '../../../src/core/decision/reasons.ts'
import { compileCondition } from '../../../src/core/rules/compile.ts'
import type { Playbook, Rule } from '../../../src/core/rules/playbook.ts'
import type { Decision, Event, Inputs, ListName, Outcome } from '../../../src/core/schema.gen.ts'
import { makeUserReadings } from '../../../src/core/signals/readings.gen.ts'
import { logSpecs } from '../../../src/core/signals/readings.ts'
import { plainEvent } from '../../support/plain-event.ts'

function rule(id: string, when: string, changes: Partial<Rule> = {}): Rule {
  const compiled = compileCondition(when)
  if (!('condition' in compiled)) throw new Error(compiled[0]!.message)
  const basis = { tier: 'behaviour', serves: [], mode: 'live', outcome: 'review' } as const
  const reason = { code: id, zh: `${id} 命中`, en: `${id} hit` }
  const more = { weight: 0, rolloutPercent: 100, advice: null, reason, examples: [], when }
  return { id, ...basis, onDoubt: 'review', ...more, ...compiled, ...changes }
}

const hit = (id: string, changes: Partial<Rule> = {}) => rule(id, 'is_redemption', changes)
/** The user's log was cut: three claims that are known are three or more. */
const doubtful = (id: string, changes: Partial<Rule> = {}) =>
  rule(id, 'user_claims_1h >= 9', changes)
const failed = (id: string, changes: Partial<Rule> = {}) =>
  rule(id, 'order_amount / coupon_amount > 1', changes)

const alerting = {
  abnormalShareMax: 0.05,
  clearShareMax: 0.04,
  minRedemptions: 1,
  minAbnormal: 1,
  minAbnormalUsers: 1,
  reviewScoreMin: 20,
  scopesMax: 1,
  channelBands: {},
}

const playbook = (rules: readonly Rule[], changes: Partial<Playbook> = {}): Playbook => ({
  name: 'test',
  version: '3',
  hash: 'h',
  timeZone: { name: 'UTC', from: Float64Array.of(-Infinity), offsetMs: Float64Array.of(0) },
  rules,
  score: { reviewAt: 60, blockAt: 90 },
  alerting,
  reportAmountMin: 1,
  models: [],
  ...changes,
})

const redemption = plainEvent({ kind: 'redemption', orderAmount: 900, couponAmount: 0 })
const userLog = logSpecs.find(({ name }) => name === 'user')!
const cutReadings = makeUserReadings(
  Float64Array.from(userLog.readings, ({ name }) => (name === 'claims_1h' ? 3 : 0)),
  redemption.occurredAt,
)

const quiet: Inputs = {
  readings: {
    user: cutReadings,
    device: null,
    ip: null,
    subnet: null,
    code: null,
    phone: null,
    sender: null,
    returned: null,
    campaign: null,
    merchant: null,
    category: null,
    channel: null,
  },
  lists: [],
  address: null,
  campaign: null,
  switch: 'none',
  alerts: [],
  late: false,
  repeatsSaturated: false,
}

interface Case {
  readonly rules?: readonly Rule[]
  readonly event?: Event
  readonly inputs?: Partial<Inputs>
  readonly book?: Partial<Playbook>
}

function decided({ rules = [], event = redemption, inputs = {}, book = {} }: Case): Decision {
  const named = { event, eventKey: 'k', recordedAt: event.occurredAt + 5 }
  return decide(named, { ...quiet, ...inputs }, playbook(rules, book), newDecisionRow())
}

const on = (...lists: readonly ListName[]) => ({
  lists: lists.map(
    (list) => ({ entry: `${list}/user/u1`, list, kind: 'user', source: 's' }) as const,
  ),
})

const claim = plainEvent({ ...redemption, kind: 'claim' })
const wrongCode = plainEvent({ ...redemption, attempt: 'wrong_code' })
const always = 'order_amount > 0'

describe('the outcome', () => {
  it.each<readonly [string, Case, Outcome, boolean]>([
    ['nothing hits', { rules: [rule('r', 'is_claim')] }, 'allow', false],
    ['a hit', { rules: [hit('r')] }, 'review', true],
    ['a hit that asks for nothing', { rules: [hit('r', { outcome: 'allow' })] }, 'allow', false],
    ['the strongest hit', { rules: [hit('b', { outcome: 'block' }), hit('r')] }, 'block', true],
    ['doubt', { rules: [doubtful('d')] }, 'review', false],
    ['doubt that asks for more', { rules: [doubtful('d', { onDoubt: 'block' })] }, 'block', false],
    ['doubt of a weight', { rules: [doubtful('d', { outcome: 'allow' })] }, 'allow', false],
    ['doubt beside a hit', { rules: [doubtful('d'), hit('r')] }, 'review', true],
    ['a failure', { rules: [failed('f')] }, 'review', false],
    ['a failure of a weight', { rules: [failed('f', { outcome: 'allow' })] }, 'review', false],
    ['a late event', { inputs: { late: true } }, 'review', false],
    ['forgotten repeats', { inputs: { repeatsSaturated: true } }, 'review', false],
    ['late, and a hit', { rules: [hit('r')], inputs: { late: true } }, 'review', true],
    ['a shadow rule', { rules: [hit('r', { mode: 'shadow', weight: 99 })] }, 'allow', false],
    ['a shadow doubt', { rules: [doubtful('d', { mode: 'shadow' })] }, 'allow', false],
    ['a shadow failure', { rules: [failed('f', { mode: 'shadow' })] }, 'allow', false],
    ['a rule that is off', { rules: [hit('r', { mode: 'off' })] }, 'allow', false],
    ['a score to review', { rules: [hit('r', { outcome: 'allow', weight: 60 })] }, 'review', true],
    ['a score below it', { rules: [hit('r', { outcome: 'allow', weight: 59 })] }, 'allow', false],
    ['a score to block', { rules: [hit('r', { weight: 90 })] }, 'block', true],
    ['a claim', { rules: [rule('r', always)], event: claim }, 'review', false],
    ['a failed attempt', { rules: [rule('r', always)], event: wrongCode }, 'review', false],
    ['the switch to review', { inputs: { switch: 'review' } }, 'review', false],
    [
      'the switch to review, over a block',
      { rules: [hit('b', { outcome: 'block' })], inputs: { switch: 'review' } },
      'review',
      true,
    ],
    [
      'the switch to shadow',
      { rules: [hit('b', { outcome: 'block' })], inputs: { switch: 'shadow', late: true } },
      'allow',
      false,
    ],
    [
      'the allow-list',
      { rules: [hit('b', { outcome: 'block', weight: 99 })], inputs: on('allow') },
      'allow',
      false,
    ],
    [
      'the allow-list, but a block-list too',
      { rules: [hit('b', { outcome: 'block' })], inputs: on('allow', 'block') },
      'block',
      true,
    ],
    ['the watch-list alone', { inputs: on('watch') }, 'allow', false],
  ])('%s', (_, given, outcome, abnormal) => {
    expect(decided(given)).toMatchObject({ outcome, abnormal })
  })
})

describe('an alert in force', () => {
  const weight = (points: number) => [hit('w', { outcome: 'allow', weight: points })]
  const inForce = { alerts: ['all/1/1/raised', 'campaign:c/1/1/raised'] }

  it.each<readonly [string, Case, Outcome, readonly string[]]>([
    ['reaches the floor', { rules: weight(20), inputs: inForce }, 'review', inForce.alerts],
    ['stays below it', { rules: weight(19), inputs: inForce }, 'allow', []],
    ['no alert', { rules: weight(20) }, 'allow', []],
    ['is reviewed anyway', { rules: [hit('r', { weight: 30 })], inputs: inForce }, 'review', []],
    ['doubt anyway', { rules: [...weight(30), doubtful('d')], inputs: inForce }, 'review', []],
    [
      'is a claim',
      {
        rules: [rule('w', always, { outcome: 'allow', weight: 30 })],
        event: claim,
        inputs: inForce,
      },
      'allow',
      [],
    ],
    [
      'is a failed attempt',
      {
        rules: [rule('w', always, { outcome: 'allow', weight: 30 })],
        event: wrongCode,
        inputs: inForce,
      },
      'allow',
      [],
    ],
    [
      'is on the allow-list',
      { rules: weight(30), inputs: { ...inForce, ...on('allow') } },
      'allow',
      [],
    ],
    ['no rule acts', { rules: weight(30), inputs: { ...inForce, switch: 'shadow' } }, 'allow', []],
  ])('%s', (_, given, outcome, alertIds) => {
    const decision = decided(given)
    expect(decision).toMatchObject({ outcome, alertIds })
    if (alertIds.length > 0) expect(decision).toMatchObject({ abnormal: false })
    const codes = decision.reasons.map(({ code }) => code)
    expect(codes.includes('share-alert')).toBe(alertIds.length > 0)
  })
})

describe('the score', () => {
  const weights = (...points: readonly number[]) =>
    points.map((weight, index) => hit(`w${index}`, { outcome: 'allow', weight }))

  it.each([
    [[], 0],
    [[40], 40],
    [[40, 40], 64],
    [[50, 50, 50], 88],
    [[100, 1], 100],
    [[0, 0], 0],
  ])('weights %j give %i', (points, score) => {
    expect(decided({ rules: weights(...points) }).score).toBe(score)
  })

  it('adds neither shadow hits nor doubts', () => {
    const rules = [hit('s', { mode: 'shadow', weight: 50 }), doubtful('d', { weight: 50 })]
    expect(decided({ rules }).score).toBe(0)
  })
})

describe('a decision', () => {
  it('is named by event and playbook, and carries both', () => {
    const decision = decided({ rules: [hit('r', { advice: 'step-up' })] })
    expect(decision).toMatchObject({
      id: 'k@3',
      eventKey: 'k',
      eventId: redemption.id,
      user: redemption.user,
      recordedAt: redemption.occurredAt + 5,
      playbook: 'test',
      playbookVersion: '3',
      playbookHash: 'h',
      advice: ['step-up'],
      amountAtStake: 0,
      supersedes: null,
    })
  })

  it('lists hits, doubts and failures of live and shadow rules with what they asked for', () => {
    const rules = [
      hit('a', { outcome: 'block' }),
      rule('b', 'is_claim'),
      hit('c', { mode: 'shadow' }),
      doubtful('d'),
      doubtful('e', { outcome: 'allow' }),
      failed('f'),
    ]
    const told = decided({ rules }).results.map(
      ({ rule: id, mode, result, outcome }) => `${id} ${mode} ${result} ${outcome}`,
    )
    expect(told).toEqual([
      'a live hit block',
      'c shadow hit review',
      'd live doubtful review',
      'e live doubtful allow',
      'f live failed review',
    ])
  })

  it('gives reasons only where it does not allow, its own first, then the strongest', () => {
    const rules = [
      hit('weak', { weight: 10 }),
      hit('strong', { outcome: 'block', weight: 5 }),
      doubtful('doubt'),
      hit('quiet', { mode: 'shadow' }),
    ]
    const { reasons } = decided({ rules, inputs: { late: true } })
    expect(reasons.map(({ code }) => code)).toEqual(['too-late', 'strong', 'weak', 'doubt'])
    expect(reasons.at(-1)!.en).toMatch(/^Cannot tell: /)
    expect(decided({ rules, inputs: on('allow') }).reasons).toEqual([])
    const many = Array.from({ length: 9 }, (_, index) => hit(`r${index}`))
    expect(decided({ rules: many }).reasons).toHaveLength(reasonsMax)
  })

  it('advises once, by live hits only', () => {
    const advising = (id: string, changes: Partial<Rule> = {}) =>
      hit(id, { outcome: 'allow', advice: 'step-up', ...changes })
    const advice = (...rules: readonly Rule[]) => decided({ rules }).advice
    expect(advice(advising('a'), advising('b'), advising('c', { advice: 'call' }))).toEqual([
      'step-up',
      'call',
    ])
    expect(advice(advising('a', { mode: 'shadow' }))).toEqual([])
    expect(decided({ rules: [advising('a')], inputs: { switch: 'shadow' } }).advice).toEqual([])
  })

  it.each([
    [0, 0, 0],
    [50, 350, 650],
    [100, 1_000, 1_000],
  ])('a roll-out to %i %% reaches that share of users, always the same', (percent, least, most) => {
    const rules = [hit('r', { rolloutPercent: percent })]
    const reached = (user: string) =>
      decided({ rules, event: { ...redemption, user } }).outcome === 'review'
    const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`)
    const first = users.filter(reached)
    expect(first.length).toBeGreaterThanOrEqual(least)
    expect(first.length).toBeLessThanOrEqual(most)
    expect(users.filter(reached)).toEqual(first)
  })

  it('is the same for the same input, whatever was decided before it with the same row', () => {
    const row = newDecisionRow()
    const book = playbook([doubtful('d'), hit('r'), rule('c', 'is_claim')])
    const judge = (event: Event, inputs: Inputs) =>
      decide({ event, eventKey: 'k', recordedAt: 1 }, inputs, book, row)
    const once = judge(redemption, quiet)
    judge(claim, { ...quiet, late: true })
    expect(judge(redemption, quiet)).toEqual(once)
  })
})
