/** Which rules are judged and listed, what is kept of their signals, and how reasons read. */
import { describe, expect, test } from 'vitest'
import { compileCondition } from '../../../src/core/rules/compile.ts'
import { judge, signalValues } from '../../../src/core/rules/judge.ts'
import type { Playbook, Rule } from '../../../src/core/rules/playbook.ts'
import { renderReason, templateProblems } from '../../../src/core/rules/reason.ts'
import { rowOf } from './rows.ts'

function rule(id: string, when: string, changes: Partial<Rule> = {}): Rule {
  const compiled = compileCondition(when)
  if (!('condition' in compiled)) throw new Error(compiled[0]!.message)
  return {
    id,
    tier: 'behaviour',
    serves: [],
    mode: 'live',
    outcome: 'review',
    onDoubt: 'review',
    weight: 50,
    rolloutPercent: 100,
    when,
    advice: null,
    reason: { code: id, zh: '', en: '' },
    examples: [],
    ...compiled,
    ...changes,
  }
}

function playbook(...rules: readonly Rule[]): Playbook {
  return {
    name: 'test',
    version: '1',
    hash: '',
    timeZone: { name: 'UTC', from: Float64Array.of(-Infinity), offsetMs: Float64Array.of(0) },
    rules,
    score: { reviewAt: 60, blockAt: 97 },
    alerting: {
      abnormalShareMax: 0.05,
      clearShareMax: 0.04,
      minRedemptions: 1,
      minAbnormal: 1,
      minAbnormalUsers: 1,
      reviewScoreMin: 0,
      scopesMax: 1,
      channelBands: {},
    },
    reportAmountMin: 1,
    models: [],
  }
}

const listed = (book: Playbook, row = rowOf({ user_claims_1h: 9 }), bucket = 50) =>
  judge(book, row, bucket).map(({ rule: { id }, verdict }) => `${id} ${verdict}`)

describe('judging lists', () => {
  test('hits, doubts and failures in order, not misses and absents', () => {
    const book = playbook(
      rule('misses', 'user_claims_1h > 9'),
      rule('hits', 'user_claims_1h >= 9'),
      rule('lacks', 'user_devices_1d >= 9'),
      rule('doubts', 'ip_users_1h >= 9'),
      rule('fails', 'user_claims_1h / user_claims_1d > 1'),
    )
    const row = rowOf({ user_claims_1h: 9, user_claims_1d: 0, ip_users_1h: { atLeast: 3 } })
    expect(listed(book, row)).toEqual(['hits hit', 'doubts doubtful', 'fails failed'])
  })

  test('shadow rules, and no rule that is off', () => {
    const book = playbook(
      rule('shadow', 'user_claims_1h >= 9', { mode: 'shadow' }),
      rule('off', 'user_claims_1h >= 9', { mode: 'off' }),
    )
    expect(listed(book)).toEqual(['shadow hit'])
  })

  test.each([
    [0, 0, false],
    [30, 29, true],
    [30, 30, false],
    [100, 99, true],
  ])('a rule rolled out to %i %% for bucket %i: %s', (rolloutPercent, bucket, acts) => {
    const book = playbook(rule('r', 'user_claims_1h >= 9', { rolloutPercent }))
    expect(listed(book, undefined, bucket)).toEqual(acts ? ['r hit'] : [])
  })
})

test('values of signals say what was read and how far it can be trusted', () => {
  const when =
    'is_claim && campaign == "x" && user_claims_1h > 1 && ip_users_1h > 1 && user_ips_1d > 1'
  const row = rowOf({
    is_claim: true,
    campaign: 'x',
    ip_users_1h: { atLeast: 12 },
    user_ips_1d: 'unknown!',
  })
  expect(signalValues(rule('r', when), row)).toEqual([
    { signal: 'is_claim', value: 1, saturated: false },
    { signal: 'campaign', value: 'x', saturated: false },
    { signal: 'user_claims_1h', value: null, saturated: false },
    { signal: 'ip_users_1h', value: 12, saturated: true },
    { signal: 'user_ips_1d', value: null, saturated: true },
  ])
})

describe('a reason', () => {
  const row = rowOf({
    ip_users_1h: { atLeast: 12 },
    user_claims_1h: 7,
    user_amount_day: 5_000_050,
    coupon_share: 0.98765,
    device_gap_cv_1d: 0.00123,
    campaign: 'spring $& {x}',
    user_ips_1d: 'unknown!',
  })
  test.each([
    ['plain 文字', 'plain 文字'],
    ['{user_claims_1h} times', '7 times'],
    ['{ip_users_1h}', '≥ 12'],
    ['{user_failed_1h}/{user_ips_1d}', '–/–'],
    ['{user_amount_day/100} 元', '50000.5 元'],
    ['{coupon_share*100} %', '98.77 %'],
    ['{device_gap_cv_1d}', '0.0012'],
    ['{campaign}', 'spring $& {x}'],
  ])('%s reads %s', (template, text) => {
    expect(templateProblems(template)).toEqual([])
    const reason = { code: 'r', zh: template, en: `${template}.` }
    expect(renderReason(reason, row)).toEqual({ code: 'r', zh: text, en: `${text}.` })
  })

  test.each([
    ['an {ip_user_1h}', 4, 'did you mean ip_users_1h?'],
    ['{is_claim}', 1, 'cannot stand in a text'],
    ['{campaign/2}', 1, 'not a number'],
    ['{user_claims_1h / 2}', 1, 'a placeholder is'],
    ['{}', 1, 'a placeholder is'],
    ['a { b', 2, 'without its partner'],
    ['a } b', 2, 'without its partner'],
  ])('%s is refused', (template, at, message) => {
    expect(templateProblems(template)).toEqual([{ at, message: expect.stringContaining(message) }])
  })
})
