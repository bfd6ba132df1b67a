/**
 * One event against what the payment side says of it: every kind of finding, and its edges.
 *
 * proves: D15
 */
import { describe, expect, test } from 'vitest'
import {
  type Coverage,
  findingsOf,
  type Redemption,
  type Settlement,
} from '../../../src/core/reconciliation/match.ts'

const minute = 60_000
const noon = Date.UTC(2026, 2, 1, 12)
const day = { from: Date.UTC(2026, 2, 1), until: Date.UTC(2026, 2, 2) }
const coverage: Coverage = { afterMs: 30 * minute, redemptions: day, settlements: day }

const redeemed = (at = noon, about: Partial<Redemption> = {}): Redemption => ({
  ...{ at, latestAt: at, amount: 500, currency: 'CNY', refused: null },
  ...about,
})
const paid = (at = noon + minute, about: Partial<Settlement> = {}): Settlement => ({
  ...{ at, status: 'settled', amount: 500, currency: 'CNY', place: at },
  ...about,
})
const failed = (at?: number) => paid(at, { status: 'failed' })
const refunded = (at?: number) => paid(at, { status: 'refunded' })

/** The kinds with their notes, such as `amount-differs currency`. */
const say = (redemption: Redemption | null, ...rows: Settlement[]) =>
  findingsOf(redemption, rows, coverage).map(({ kind, notes }) => [kind, ...notes].join(' '))

const last = day.until - 30 * minute
const cases: [what: string, said: string[], expected: string[]][] = [
  ['redeemed and paid the same', say(redeemed(), paid()), ['settled']],
  ['paid just before it was redeemed', say(redeemed(), paid(noon - minute)), ['settled']],
  ['paid half an hour after', say(redeemed(), paid(noon + 30 * minute)), ['settled']],
  ['paid later', say(redeemed(), paid(noon + 30 * minute + 1)), ['settled late']],
  ['a failed payment, then a good one', say(redeemed(), failed(noon), paid()), ['settled']],
  [
    'an amount that nobody tells',
    say(redeemed(noon, { amount: null }), paid()),
    ['settled amount-not-known'],
  ],
  ['a currency that nobody tells', say(redeemed(noon, { currency: null }), paid()), ['settled']],
  ['another amount', say(redeemed(), paid(noon, { amount: 501 })), ['amount-differs amount']],
  ['nothing paid at all', say(redeemed(), paid(noon, { amount: 0 })), ['amount-differs amount']],
  [
    'another currency',
    say(redeemed(), paid(noon, { currency: 'HKD' })),
    ['amount-differs currency'],
  ],
  ['never paid', say(redeemed()), ['used-but-not-spent']],
  ['paid in vain', say(redeemed(), failed()), ['used-but-not-spent payment-failed']],
  ['redeemed half an hour before the end', say(redeemed(last)), ['used-but-not-spent']],
  ['redeemed later than that', say(redeemed(last + 1)), ['too-young']],
  [
    'redeemed at a time known to the hour',
    say(redeemed(last - minute, { latestAt: last + 59 * minute })),
    ['too-young'],
  ],
  ['redeemed before settlements begin', say(redeemed(day.from - 1)), ['uncovered']],
  ['redeemed as settlements begin', say(redeemed(day.from)), ['used-but-not-spent']],
  ['paid, and nothing redeemed', say(null, paid()), ['paid-but-not-credited']],
  ['paid half an hour before the end', say(null, paid(last)), ['paid-but-not-credited']],
  ['paid later than that', say(null, paid(last + 1)), ['too-young']],
  ['paid as the recording begins', say(null, paid(day.from + 30 * minute - 1)), ['uncovered']],
  [
    'paid for an attempt that failed',
    say(redeemed(noon, { refused: 'attempt-failed' }), paid()),
    ['paid-but-not-credited attempt-failed'],
  ],
  [
    'paid just now for what was blocked',
    say(redeemed(day.until, { refused: 'blocked' }), paid(day.until)),
    ['paid-but-not-credited blocked'],
  ],
  ['blocked and not paid', say(redeemed(noon, { refused: 'blocked' })), []],
  ['blocked and paid in vain', say(redeemed(noon, { refused: 'blocked' }), failed()), []],
  ['paid in vain, and nothing redeemed', say(null, failed()), []],
  ['paid back', say(redeemed(), paid(), refunded(noon + 9 * minute)), ['refunded']],
  ['paid back, and nothing redeemed', say(null, paid(), refunded(noon + 9 * minute)), ['refunded']],
  ['only the refund is known', say(redeemed(), refunded()), ['refunded']],
  [
    'paid three times',
    say(redeemed(), paid(), paid(), paid()),
    ['settled', 'duplicate-settlement', 'duplicate-settlement'],
  ],
  ['paid twice, one of them paid back', say(redeemed(), paid(), paid(), refunded()), ['settled']],
  [
    'paid twice, and nothing redeemed',
    say(null, paid(), paid()),
    ['paid-but-not-credited', 'duplicate-settlement'],
  ],
]

test.each(cases)('%s', (_, said, expected) => {
  expect(said).toEqual(expected)
})

describe('what a finding points to', () => {
  test('the earliest payment counts, whatever the order of the rows', () => {
    const rows = [paid(noon + 9, { amount: 7 }), paid(noon + 3), paid(noon + 5, { amount: 6 })]
    const found = findingsOf(redeemed(), rows, coverage)
    expect(found.map(({ kind, settlement }) => [kind, settlement?.amount])).toEqual([
      ['settled', 500],
      ['duplicate-settlement', 6],
      ['duplicate-settlement', 7],
    ])
  })

  test('of equal times the one that stands first in the file', () => {
    const rows = [paid(noon, { place: 9 }), paid(noon, { place: 4 })]
    const [first] = findingsOf(redeemed(), rows, coverage)
    expect(first?.settlement?.place).toBe(4)
  })

  test('the time to look again is when the other side may be no later', () => {
    const again = (redemption: Redemption | null, ...rows: Settlement[]) =>
      findingsOf(redemption, rows, coverage)[0]?.lookAgainAt
    expect(again(redeemed(last + 5))).toBe(last + 5 + 30 * minute)
    expect(again(null, paid(last + 7))).toBe(last + 7 + 30 * minute)
    expect(again(redeemed())).toBeNull()
  })
})
