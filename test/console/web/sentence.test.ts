/** What happened, in words: who, what, where, money, when; and nothing of an event as markup. */
import { describe, expect, test } from 'vitest'
import type { CaseRow } from '../../../src/console/api/case-shapes.ts'
import { type Part, sentenceOf } from '../../../src/console/web/case/sentence.ts'
import { makeFormat } from '../../../src/console/web/time/format.ts'

const at = Date.UTC(2026, 10, 25, 4, 48, 4)
const row: CaseRow = {
  key: '0'.repeat(32),
  decisionId: 'a@b',
  outcome: 'block',
  score: 97,
  kind: 'claim',
  occurredAt: at,
  recordedAt: at + 900,
  user: 'om7Wa5',
  device: '812c6988576f0c5beef3bafbb0bb25cf',
  ip: '121.58.213.65',
  campaign: 'lunch-voucher',
  merchant: 'm-221',
  channel: 'group-share',
  category: 'catering',
  amountAtStake: 2_000,
  currency: 'CNY',
  rules: ['device-farm'],
  reason: null,
  state: 'open',
  verdict: null,
  decidedBy: null,
  decidedAt: null,
  assignee: null,
  lockedUntil: null,
  secondOpinion: false,
  notes: 0,
}
const event = {
  couponType: 'voucher',
  couponAmount: 2_000,
  attempt: 'succeeded',
  registeredAt: at - 5 * 3_600_000,
}
const english = makeFormat('en', 'Asia/Shanghai')
const chinese = makeFormat('zh', 'Asia/Shanghai')
const say = (parts: readonly Part[]) => parts.map(({ text }) => text).join('')
const told = (change: Partial<CaseRow>, facts: object = {}) => {
  const subject = { row: { ...row, ...change }, event: { ...event, ...facts } }
  return [
    say(sentenceOf({ ...subject, format: english })),
    say(sentenceOf({ ...subject, format: chinese })),
  ] as const
}

describe('the sentence', () => {
  test('says who, what, how much, where, when and from where, in both languages', () => {
    const [en, zh] = told({})
    expect(en).toBe(
      'User om7Wa5 claimed a voucher worth ¥20.00 of campaign lunch-voucher at merchant m-221 ' +
        'by way of group sharing on 25 Nov 2026, 12:48:04 from address 121.58.213.65 with device ' +
        '812c6988576f0c5beef3bafbb0bb25cf. The account was 5 hrs old.',
    )
    expect(zh).toBe(
      '2026年11月25日 12:48:04，用户 om7Wa5 从地址 121.58.213.65 使用设备 ' +
        '812c6988576f0c5beef3bafbb0bb25cf 通过社群分享渠道，在商户 m-221 领取了活动 lunch-voucher ' +
        '的代金券，面额 ¥20.00。该账号当时已注册 5小时。',
    )
  })

  test.each([
    ['a redemption', { kind: 'redemption' }, {}, /redeemed a voucher/, /核销了活动/],
    [
      'a reversal',
      { kind: 'reversal' },
      {},
      /asked for a refund of a voucher/,
      /申请退款，涉及活动/,
    ],
    [
      'a refused one',
      { kind: 'reversal' },
      { attempt: 'declined' },
      /asked in vain for a refund of a voucher/,
      /申请退款.*未成功/,
    ],
    ['one that failed', {}, { attempt: 'wrong_code' }, /tried in vain to claim/, /未成功/],
    ['no device', { device: null }, {}, /without a device fingerprint/, /无设备指纹/],
    [
      'a referrer',
      {},
      { referrerDomain: 'evil.example' },
      /came from evil\.example/,
      /evil\.example/,
    ],
    ['no identity', {}, { identityVerified: false }, /not verified/, /未实名/],
    ['stacked coupons', {}, { stacked: [{}, {}] }, /stacked 2 further/, /另叠加了 2 张/],
  ] as const)('tells %s', (...[, change, facts, en, zh]) => {
    const [inEnglish, inChinese] = told(change, facts)
    expect(inEnglish).toMatch(en)
    expect(inChinese).toMatch(zh)
  })

  test('tells who passed a coupon on, how long before and how often', () => {
    const gift = { transferSender: 'o-giver', transferredAt: at - 240_000, transferHop: 3 }
    const [en, zh] = told({}, gift)
    expect(en).toContain('passed on by o-giver 4 mins before, for the 3rd time.')
    expect(zh).toContain('此券由 o-giver 于 4分钟前 转赠，已转手 3 次。')
  })

  test('keeps what an event says apart from our own words', () => {
    const user = '<b onload=x>\u202e'
    const parts = sentenceOf({ row: { ...row, user }, event, format: english })
    expect(parts.filter(({ text }) => text.includes('<b')).map(({ is }) => is)).toEqual(['user'])
  })

  test('leaves out fields of the wrong type', () => {
    const [en] = told({}, { couponAmount: 'much', registeredAt: {}, referrerDomain: 7 })
    expect(en).not.toMatch(/worth|old|came from|undefined|NaN/)
  })
})
