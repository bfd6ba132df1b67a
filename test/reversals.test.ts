/**
 * Refunds (D20), through the whole pipeline and the default playbook: what a reversal counts for,
 * what it leaves alone, and what a user who has everything refunded meets.
 *
 * proves: D20
 */
import { describe, expect, it, test } from 'vitest'
import type { Outcome } from '../src/core/schema.gen.ts'
import { dayMs, judgedSteps as judged, type Step, said, times } from './support/judged-steps.ts'

const redeem = (about: Step = {}): Step => ({ kind: 'redemption', orderAmount: 3_000, ...about })
const claim = (about: Step = {}): Step => ({ kind: 'claim', ...about })
const refund = (about: Step = {}): Step => ({ kind: 'reversal', orderAmount: 3_000, ...about })
const code = { codeHash: 'c0', codeBlock: 'b0', codeTail: 7 }

const lastOf = async (steps: readonly Step[]) => said((await judged(steps)).audits.at(-1)!)

describe('what follows from refunds', () => {
  const elsewhere = { user: 'u2' }
  test.each<[string, readonly Step[], Outcome, ...string[]]>([
    ['an honest refund', [redeem(), refund({ after: 2 * dayMs })], 'allow'],
    ['a refund that was refused upstream', [refund({ attempt: 'declined' })], 'allow'],
    ['a refund of nothing', [refund()], 'review', 'refund-of-nothing'],
    ['refunded twice', [redeem(), refund(), refund()], 'review', 'refund-of-nothing'],
    [
      'a code refunded by one who never used it',
      [redeem(code), refund({ ...code, ...elsewhere })],
      'review',
      'refund-of-nothing',
    ],
    ['a used code again', [redeem(code), redeem(code)], 'block', 'code-used-twice'],
    [
      'a code again by its claimer',
      [claim(code), redeem(code), redeem(code)],
      'review',
      'code-used-again',
    ],
    ['and once more', [claim(code), ...times(3, redeem(code))], 'block', 'code-used-twice'],
    [
      'a code again by somebody else',
      [claim(code), redeem(code), redeem({ ...code, ...elsewhere })],
      'block',
      'code-used-twice',
    ],
    ['a refunded code again', [redeem(code), refund(code), redeem(code)], 'allow'],
    [
      'a refunded code twice again',
      [redeem(code), refund(code), redeem(code), redeem(code)],
      'block',
      'code-used-twice',
    ],
    [
      'a code whose refund was refused again',
      [redeem(code), refund({ ...code, attempt: 'declined' }), redeem(code)],
      'block',
      'code-used-twice',
    ],
    ['three refunds of three', times(3, redeem(), refund()), 'allow'],
    ['four refunds of four', times(4, redeem(), refund()), 'review', 'refund-habit'],
    [
      'what such a user spends next',
      [...times(4, redeem(), refund()), redeem()],
      'review',
      'refund-habit',
    ],
    [
      'four refunds of nine',
      [...times(4, redeem({ after: dayMs }), refund()), ...times(5, redeem({ after: dayMs }))],
      'allow',
    ],
    [
      'four refunds, the first 45 days ago',
      [redeem(), refund(), ...times(3, redeem({ after: 15 * dayMs }), refund())],
      'allow',
    ],
  ])('%s', async (_, steps, outcome, ...rules) => {
    expect(await lastOf(steps)).toEqual([outcome, ...rules])
  })
})

describe('a reversal', () => {
  it('takes nothing out of a window, and is neither claim nor redemption there', async () => {
    const { audits } = await judged([redeem(), refund(), claim()])
    const user = audits.map(({ inputs }) => inputs.readings.user!)
    expect(
      user.map((log) => [log.claims_1d, log.redemptions_45d, log.reversals_45d, log.amount_day]),
    ).toEqual([
      [0, 1, 0, 3_000],
      [0, 1, 1, 3_000],
      [1, 1, 1, 3_000],
    ])
    expect(user.map((log) => log.failed_1d)).toEqual([0, 0, 0])
  })

  it('that was refused upstream is no failed attempt, and no claim behind a redemption', async () => {
    const declined = refund({ attempt: 'declined' })
    const { audits } = await judged([claim(code), refund(code), declined, redeem(code)])
    const { user, code: codes } = audits.at(-1)!.inputs.readings
    expect([user!.failed_1d, user!.reversals_45d]).toEqual([0, 1])
    expect([user!.claim_age_45d, codes!.claim_age_45d]).toEqual([10_800, 10_800])
  })

  it('counts for its user and its code, not for who sits at the counter', async () => {
    const desk = { device: 'd'.repeat(32), ip: '203.0.113.9', phone: 'p', transferSender: 'u9' }
    const { audits } = await judged([
      refund({ ...desk, ...code, deviceOrigin: 'fingerprint' }),
      redeem({ ...desk, transferSender: null, user: 'u2', deviceOrigin: 'fingerprint' }),
    ])
    const [one, next] = audits.map(({ inputs }) => inputs.readings)
    const { user, code: codes, ...others } = one!
    expect([user!.reversals_7d, codes!.reversals_45d]).toEqual([1, 1])
    const { device, ip, subnet, phone, sender, returned } = others
    expect([device, ip, subnet, phone, sender, returned]).toEqual(times(6, null as never))
    expect([next!.device!.users_1d, next!.ip!.events_1d, next!.phone!.users_1d]).toEqual([1, 1, 1])
  })

  it('leaves the rhythm of claims alone', async () => {
    const gap = async (steps: readonly Step[]) =>
      (await judged(steps)).audits.at(-1)!.inputs.readings.user!.gap_mean_1d
    const claims = times(7, claim({ after: 10_000 }))
    const between = times(7, refund({ after: 7_000 }), claim({ after: 3_000 }))
    expect([await gap(claims), await gap(between)]).toEqual([10, 10])
  })

  it('is in no tally and no total of a day', async () => {
    const { tallies, audits } = await judged([redeem(), ...times(2, refund())])
    expect(tallies.map(({ scope, redemptions, claims }) => [scope, redemptions, claims])).toEqual([
      ['all', 1, 0],
      ['campaign:c1', 1, 0],
    ])
    expect(audits.at(-1)!.inputs.readings.campaign).toEqual({ claims_day: 0, redemptions_day: 1 })
    expect(audits.at(-1)!.decision).toMatchObject({ outcome: 'review', abnormal: false })
  })

  it('has the money at stake that would be paid back', async () => {
    const { audits } = await judged([refund(), refund({ couponAmount: 500 })])
    expect(audits.map(({ decision }) => decision.amountAtStake)).toEqual([3_000, 500])
  })
})
