/**
 * Every rule of every field, at its edge: what is taken, what is refused, and what is kept of it.
 *
 * proves: D7
 */
import { describe, expect, test } from 'vitest'
import {
  amountMax,
  listItemsMax,
  nameCharsMax,
  resolutionMaxMs,
  textCharsMax,
  timeRejection,
} from '../../../src/core/event/decode.ts'
import { md5Hex } from '../../../src/core/event/keyed-hash.ts'
import type { CouponEvent } from '../../../src/core/schema.gen.ts'
import { decodeWith, kept, published, said, someTime } from './published.ts'

type About = Partial<CouponEvent>
const names = [
  'id',
  'user',
  'campaign',
  'couponType',
  'merchant',
  'store',
  'category',
  'channel',
  'currency',
  'transferId',
  'transferSender',
  'orderTier',
  'batchId',
] as const
const texts = ['deviceFingerprint', 'code', 'referrer', 'recipientPhone'] as const
const times = [
  'occurredAt',
  'codeIssuedAt',
  'codeExpiresAt',
  'registeredAt',
  'lastActiveAt',
  'portedAt',
  'transferredAt',
] as const
const amounts = ['orderAmount', 'couponAmount', 'packageAmount'] as const

test('these lists name every field that is a text, a time or an amount', () => {
  const known: readonly string[] = [...names, ...texts, ...times, ...amounts]
  const others = ['kind', 'resolutionMs', 'deviceAttributes', 'ip', 'attempt', 'geo', 'numberKind']
  others.push('transferHop', 'stacked', 'identityVerified')
  expect([...known, ...others].sort()).toEqual(Object.keys(published()).sort())
})

describe('texts', () => {
  const inNames: [what: string, text: string, answer: string][] = [
    ['as long as may be', 'x'.repeat(nameCharsMax), 'taken'],
    [
      'one too long',
      'x'.repeat(nameCharsMax + 1),
      'bad-field: FIELD is longer than 128 characters',
    ],
    ['Chinese', '午餐券', 'taken'],
    ['beyond the first plane', '🎫', 'taken'],
    ['a tab', 'a\tb', 'bad-field: FIELD holds control characters'],
    ['a null', 'a\0b', 'bad-field: FIELD holds control characters'],
    ['a line separator', 'a\u2028b', 'bad-field: FIELD holds control characters'],
    ['a delete', 'a\x7fb', 'bad-field: FIELD holds control characters'],
    ['a lone surrogate', 'a\ud800b', 'invalid-utf8: FIELD is not valid UTF-8'],
    ['a replacement character', 'a\ufffdb', 'invalid-utf8: FIELD is not valid UTF-8'],
  ]
  const perName = names.flatMap((field) => inNames.map((row) => [field, ...row] as const))
  test.each(perName)('%s: %s', (field, _, text, answer) => {
    expect(said(decodeWith({ [field]: text }))).toBe(answer.replace('FIELD', field))
  })

  const perText = texts.flatMap((field) => [
    [field, 'x'.repeat(textCharsMax), 'taken'] as const,
    [
      field,
      'x'.repeat(textCharsMax + 1),
      `bad-field: ${field} is longer than 2048 characters`,
    ] as const,
    [field, 'a\nb', `bad-field: ${field} holds control characters`] as const,
    [field, 'a\udfffb', `invalid-utf8: ${field} is not valid UTF-8`] as const,
  ])
  test.each(perText)('%s: %#', (field, text, answer) => {
    expect(said(decodeWith({ [field]: text }))).toBe(answer)
  })

  test.each(['id', 'user', 'campaign'] as const)('%s may not be empty', (field) => {
    expect(said(decodeWith({ [field]: '' }))).toBe(`missing-field: ${field} is empty`)
  })

  const optional = [...names.slice(3), ...texts, 'ip'] as const
  test.each(optional)('an empty %s is none', (field) => {
    expect(kept(decodeWith({ [field]: '' }))).toEqual(kept(decodeWith({})))
  })

  test('names are kept as they are', () => {
    for (const field of names) expect(kept(decodeWith({ [field]: 'a-1' }))[field]).toBe('a-1')
  })
})

describe('numbers', () => {
  const perTime = times.flatMap((field) => [
    [field, 0, 'taken'] as const,
    [field, 8.64e15, 'taken'] as const,
    ...[-1, 0.5, 8.64e15 + 2, Number.NaN, Number.POSITIVE_INFINITY].map(
      (at) => [field, at, `bad-field: ${field} is no time in milliseconds since 1970`] as const,
    ),
  ])
  test.each(perTime)('%s %d: %s', (field, at, answer) => {
    expect(said(decodeWith({ [field]: at }))).toBe(answer)
  })

  const perAmount = amounts.flatMap((field) => [
    [field, 0, 'taken'] as const,
    [field, amountMax, 'taken'] as const,
    [field, -1, `negative-amount: ${field} is negative`] as const,
    ...[amountMax + 1, 12.5, Number.NaN, Number.POSITIVE_INFINITY, 1e308].map(
      (amount) =>
        [
          field,
          amount,
          `bad-field: ${field} is no whole number of minor units up to 10000000000000`,
        ] as const,
    ),
  ])
  test.each(perAmount)('%s %d: %s', (field, amount, answer) => {
    expect(said(decodeWith({ [field]: amount }))).toBe(answer)
  })

  const others: [About, answer: string][] = [
    [{ resolutionMs: resolutionMaxMs }, 'taken'],
    [{ resolutionMs: resolutionMaxMs + 1 }, 'bad-field: resolutionMs is not between 0 and 31 days'],
    [{ resolutionMs: -1 }, 'bad-field: resolutionMs is not between 0 and 31 days'],
    [{ resolutionMs: 0.5 }, 'bad-field: resolutionMs is not between 0 and 31 days'],
    [{ transferHop: 0 }, 'taken'],
    [{ transferHop: 1_000 }, 'taken'],
    [{ transferHop: 1_001 }, 'bad-field: transferHop is not between 0 and 1000'],
    [{ transferHop: -1 }, 'bad-field: transferHop is not between 0 and 1000'],
    [{ transferHop: 1.5 }, 'bad-field: transferHop is not between 0 and 1000'],
    [{ geo: { lat: -90, lon: 180 } }, 'taken'],
    [{ geo: { lat: 90.01, lon: 0 } }, 'bad-field: geo is not a place on earth'],
    [{ geo: { lat: 0, lon: -180.01 } }, 'bad-field: geo is not a place on earth'],
    [{ geo: { lat: Number.NaN, lon: 0 } }, 'bad-field: geo is not a place on earth'],
    [{ kind: 'unknown' }, 'bad-field: kind is none of claim, redemption and reversal'],
    [{ attempt: 'unknown', numberKind: 'unknown' }, 'taken'],
  ]
  test.each(others)('%j: %s', (about, answer) => {
    expect(said(decodeWith(about))).toBe(answer)
  })
})

describe('the date against the record time', () => {
  const week = 7 * 86_400_000
  test.each([
    [300_000, 'taken'],
    [300_001, 'future-time: occurredAt is more than 5 minutes ahead'],
    [-week, 'taken'],
    [-week - 1, 'stale-time: occurredAt is more than 7 days behind'],
  ])('%d ms away: %s', (away, answer) => {
    const result = timeRejection(someTime + away, someTime)
    expect(result === null ? 'taken' : said(result)).toBe(answer)
  })
})

describe('lists', () => {
  const coupons = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ source: `s${index}`, amount: index }))
  const attributes = (count: number) =>
    Object.fromEntries(coupons(count).map(({ source }) => [source, 'x']))
  const rows: [About, answer: string][] = [
    [{ stacked: coupons(listItemsMax) }, 'taken'],
    [{ stacked: coupons(listItemsMax + 1) }, 'bad-field: stacked has more than 64 coupons'],
    [{ stacked: [{ source: 's', amount: -1 }] }, 'negative-amount: stacked.amount is negative'],
    [
      { stacked: [{ source: 's', amount: 0.5 }] },
      'bad-field: stacked.amount is no whole number of minor units up to 10000000000000',
    ],
    [
      { stacked: [{ source: 'x'.repeat(nameCharsMax + 1), amount: 0 }] },
      'bad-field: stacked.source is longer than 128 characters',
    ],
    [
      { stacked: [{ source: 'a\ud800', amount: 0 }] },
      'invalid-utf8: stacked.source is not valid UTF-8',
    ],
    [{ deviceAttributes: attributes(listItemsMax) }, 'taken'],
    [
      { deviceAttributes: attributes(listItemsMax + 1) },
      'bad-field: deviceAttributes has more than 64',
    ],
    [
      { deviceAttributes: { model: 'x'.repeat(textCharsMax + 1) } },
      'bad-field: deviceAttributes holds a text that is too long',
    ],
    [
      { deviceAttributes: { ['x'.repeat(nameCharsMax + 1)]: 'x' } },
      'bad-field: deviceAttributes holds a text that is too long',
    ],
    [
      { deviceAttributes: { model: 'a\ufffd' } },
      'invalid-utf8: deviceAttributes is not valid UTF-8',
    ],
  ]
  test.each(rows)('%#: %s', (about, answer) => {
    expect(said(decodeWith(about))).toBe(answer)
  })

  test('of a stacked coupon its source and amount are kept', () => {
    const stacked = [{ source: 's', amount: 5 }]
    expect(kept(decodeWith({ stacked })).stacked).toEqual(stacked)
  })
})

describe('the device', () => {
  const sdk = '0123456789abcdef0123456789abcdef'
  const rows: [what: string, About, device: string | null, origin: string][] = [
    ['none', {}, null, 'none'],
    ['an empty fingerprint', { deviceFingerprint: '' }, null, 'none'],
    ['no attributes at all', { deviceAttributes: {} }, null, 'none'],
    ['as the SDK writes it', { deviceFingerprint: sdk }, sdk, 'fingerprint'],
    ['in capitals', { deviceFingerprint: sdk.toUpperCase() }, sdk, 'fingerprint'],
    ['made by hand', { deviceFingerprint: 'my phone' }, md5Hex('my phone'), 'handmade'],
    [
      'of four digits',
      { deviceFingerprint: '0123'.repeat(8) },
      md5Hex('0123'.repeat(8)),
      'handmade',
    ],
    [
      'of five digits',
      { deviceFingerprint: `${'0123'.repeat(7)}0124` },
      `${'0123'.repeat(7)}0124`,
      'fingerprint',
    ],
    [
      'attributes',
      { deviceAttributes: { b: '2', a: '1' } },
      md5Hex('[["a","1"],["b","2"]]'),
      'attributes',
    ],
    ['both', { deviceFingerprint: sdk, deviceAttributes: { a: '1' } }, sdk, 'fingerprint'],
  ]
  test.each(rows)('%s', (_, about, device, origin) => {
    expect(kept(decodeWith(about))).toMatchObject({ device, deviceOrigin: origin })
  })
})

describe('the address', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['2001:DB8::0:1', '2001:db8::1'],
  ])('%s is kept as %s', (ip, canonical) => {
    expect(kept(decodeWith({ ip })).ip).toBe(canonical)
  })
  test.each(['1.2.3', 'fe80::1%eth0', ' 1.2.3.4', '1.2.3.4:80', 'localhost'])(
    '%s is none',
    (ip) => {
      expect(said(decodeWith({ ip }))).toBe('bad-field: ip is no IPv4 or IPv6 address')
    },
  )
})
