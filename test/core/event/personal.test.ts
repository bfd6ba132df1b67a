/** What must not survive decoding, in the spellings in which people write it. proves: D23 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  attributesMd5,
  hashCode,
  hashPhone,
  invalidReferrer,
  keepName,
  referrerDomain,
} from '../../../src/core/event/personal.ts'
import { lookOf, looks } from '../../../src/core/event/text-look.ts'
import { keys } from './published.ts'

describe('phones', () => {
  const same = [
    '13800138000',
    '138 0013 8000',
    '138-0013-8000',
    '+8613800138000',
    '+86 138 0013 8000',
  ]
  same.push(
    '8613800138000',
    '008613800138000',
    '(+86)138-0013-8000',
    '１３８００１３８０００',
    'tel:13800138000',
  )
  test.each(same)('%s is one number', (phone) => {
    expect(hashPhone(phone, keys)).toBe(hashPhone('13800138000', keys))
  })

  const others = ['13800138001', '1380013800', '86138001380', '+852 6123 4567', '8610648123456']
  test.each(others)('%s is another', (phone) => {
    expect(hashPhone(phone, keys)).not.toBe(hashPhone('13800138000', keys))
  })

  test('all that is kept is 128 bits of a keyed hash', () => {
    expect(hashPhone('13800138000', keys)).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('names', () => {
  const personal = [
    ...['13800138000', '8613800138000', '+8613800138000', '008613800138000', 'u13800138000'],
    ...[
      '138 0013 8000',
      '138-0013-8000',
      '+86 138 0013 8000',
      '+86-138-0013-8000',
      '138.0013.8000',
    ],
    ...['１３８００１３８０００', 'tel:13800138000', 'user 19912345678 (home)'],
    ...['wang.wei@example.com', 'a@b', 'x wang＠example.com', '王伟@例子.中国'],
    ...['11010519491231002X', '11010519491231002x', '110105194912310021', '110105 19491231 002X'],
    ...[
      '6222021234567890123',
      '6222 0212 3456 7890 123',
      '6222-0212-3456-7890',
      '4111111111111111',
    ],
    ...['5500000000000004', 'card:4111 1111 1111 1111'],
  ]
  test.each(personal)('%s is kept as a keyed hash', (name) => {
    const keptAs = keepName(name, keys)
    expect(keptAs).toMatch(/^p:[0-9a-f]{32}$/)
    expect(keepName(name, keys)).toBe(keptAs)
  })

  const plain = [
    ...['u1', 'c-noodles', '午餐券', 'oA1b2C3d4E5f6G7h8', '550e8400-e29b-41d4-a716-446655440000'],
    ...[
      '1380013800',
      '138001380000',
      '23800138000',
      '20260302123045123',
      '2026-03-02 12:30:45.123',
    ],
    ...['order-20260302-0001', '110105199913310021', '12345678901234567890', '门店０１', '3f0c9a'],
    ...['d41d8cd98f00b204e9800998ecf8427e', 'm-101', '12345-6789'],
  ]
  test.each(plain)('%s is kept as it is', (name) => {
    expect(keepName(name, keys)).toBe(name)
  })

  test('no spelling of a name makes it slow', () => {
    const hostile = [
      '1'.repeat(128),
      '1 '.repeat(64),
      '@'.repeat(128),
      'a@'.repeat(64),
      '138-'.repeat(32),
    ]
    const startedAt = performance.now()
    for (let round = 0; round < 200; round += 1) for (const name of hostile) keepName(name, keys)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe('codes', () => {
  const rows: [code: string, tail: number | null][] = [
    ['ABCD-0099', 99],
    ['ABCD-0100', 100],
    ['ABCD-00AZ', Number.parseInt('00AZ', 36)],
    ['ABCD-00B0', Number.parseInt('00B0', 36)],
    ['ABCD-ZZZZ', 36 ** 4 - 1],
    ['ABCD-00券1', null],
    ['123', null],
    ['---', null],
  ]
  test.each(rows)('%s has the tail %d', (code, tail) => {
    expect(hashCode(code, keys).codeTail).toBe(tail)
  })

  test.each([
    'abcd0099',
    'ABCD 0099',
    'AB-CD-00-99',
    'ＡＢＣＤ００９９',
    'ABCD–0099',
    ' abcd-0099 ',
  ])('%s is ABCD-0099', (code) => {
    expect(hashCode(code, keys)).toEqual(hashCode('ABCD-0099', keys))
  })

  test('neighbours share a block, and no other hash', () => {
    const [one, next, far] = ['ABCD0099', 'ABCD0100', 'ABCE0100'].map((code) =>
      hashCode(code, keys),
    )
    expect(one!.codeBlock).toBe(next!.codeBlock)
    expect(far!.codeBlock).not.toBe(next!.codeBlock)
    expect(new Set([one, next, far].map((code) => code!.codeHash)).size).toBe(3)
    // A code that is another one's block must not show it.
    expect(hashCode('ABCD', keys).codeHash).not.toBe(one!.codeBlock)
  })
})

describe('device attributes', () => {
  test('the order in which they are named changes nothing; name and value do not run together', () => {
    expect(attributesMd5({ a: '1', b: '2' })).toBe(attributesMd5({ b: '2', a: '1' }))
    expect(attributesMd5({ ab: 'c' })).not.toBe(attributesMd5({ a: 'bc' }))
    expect(attributesMd5({ imei: '353112345678901' })).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('referrers', () => {
  const rows: [referrer: string, domain: string][] = [
    ['https://shop.example.com/coupon?phone=13800138000#top', 'shop.example.com'],
    ['HTTPS://SHOP.Example.COM', 'shop.example.com'],
    ['shop.example.com/path', 'shop.example.com'],
    ['//shop.example.com/path', 'shop.example.com'],
    ['  https://shop.example.com  ', 'shop.example.com'],
    ['https://shop.example.com:8443/', 'shop.example.com'],
    ['https://shop.example.com:/', 'shop.example.com'],
    ['https://shop.example.com./', 'shop.example.com'],
    ['https://user:secret@evil.example/', 'evil.example'],
    ['https://shop.example.com@evil.example/', 'evil.example'],
    ['https://shop.example.com:80@evil.example/', 'evil.example'],
    ['https://a@shop.example.com@evil.example/', 'evil.example'],
    ['https://evil.example\\@shop.example.com/', 'evil.example'],
    ['https://evil.example/@shop.example.com', 'evil.example'],
    ['https://evil.example?@shop.example.com', 'evil.example'],
    ['https://evil.example#@shop.example.com', 'evil.example'],
    ['https:\\\\evil.example\\shop.example.com', 'evil.example'],
    ['https:///evil.example/', 'evil.example'],
    ['https://xn--fsqu00a.xn--fiqs8s/', 'xn--fsqu00a.xn--fiqs8s'],
    ['https://例子.中国/', invalidReferrer],
    ['https://shop.example.com%2eevil.example/', invalidReferrer],
    ['https://[2001:db8::1]/', invalidReferrer],
    ['https://1.2.3.4/', '1.2.3.4'],
    ['javascript:alert(1)', invalidReferrer],
    ['mailto:wang@example.com', 'example.com'],
    ['/relative/path', invalidReferrer],
    ['https://', invalidReferrer],
    ['', invalidReferrer],
    [`https://${'a'.repeat(254)}/`, invalidReferrer],
    ['https://a..b/', invalidReferrer],
  ]
  test.each(rows)('%j comes from %s', (referrer, domain) => {
    expect(referrerDomain(referrer)).toBe(domain)
  })

  test('a browser goes where we say it came from, or we say that it is invalid', () => {
    const piece = fc.constantFrom(
      'shop.example',
      'evil.example',
      '@',
      ':',
      '/',
      '\\',
      '?',
      '#',
      '.',
      '80',
      '%2e',
      'a',
      '://',
      '[',
      ' ',
    )
    const given = fc.tuple(
      fc.constantFrom('https://', 'http:/', 'https:\\\\', 'https:'),
      fc.array(piece, { maxLength: 7 }),
    )
    let compared = 0
    fc.assert(
      fc.property(given, ([scheme, pieces]) => {
        const referrer = `${scheme}${pieces.join('')}`
        fc.pre(URL.canParse(referrer))
        const host = new URL(referrer).hostname.replace(/\.$/, '')
        // Of these the URL parser makes an IPv4 address: 80 becomes 0.0.0.80.
        fc.pre(!/^\d+(\.\d+)*$/.test(host))
        const domain = referrerDomain(referrer)
        if (domain === invalidReferrer) return
        compared += 1
        expect(domain).toBe(host)
      }),
      { numRuns: 20_000 },
    )
    expect(compared).toBeGreaterThan(1_000)
  })
})

describe('a first look at a text', () => {
  const suspicious = /[@\u0080-\uffff]|\d{11}|\d{3}[ .-]\d{4}/
  const unprintable = /[^\x20-\x7e]/

  test('finds what the patterns find, on random texts of what they look for', () => {
    const unit = fc.constantFrom(...'0123456789012345678901234567 .-@aZ~\u001f\u007f\u0080中')
    const text = fc.array(unit, { maxLength: 14, size: 'max' }).map((units) => units.join(''))
    fc.assert(
      fc.property(text, (one) => {
        const [odd, personal] = [unprintable.test(one), suspicious.test(one)]
        const expected = odd ? looks.unprintable : personal ? looks.suspicious : looks.ordinary
        expect(lookOf(one), JSON.stringify(one)).toBe(expected)
      }),
      { seed: 20_261_126, numRuns: 20_000 },
    )
  })
})
