/**
 * Addresses against two judges that are not ours: node:net says what is an address, and the URL
 * parser writes IPv6 as RFC 5952 does.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalAddress, subnetOf } from '../../../src/core/event/address.ts'

describe('spellings', () => {
  const rows: [given: string, canonical: string | null][] = [
    ['1.2.3.4', '1.2.3.4'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['256.1.1.1', null],
    ['01.2.3.4', null],
    ['1.2.3.04', null],
    ['1.2.3', null],
    ['1.2.3.4.5', null],
    ['1.2.3.4.', null],
    ['0x7f.0.0.1', null],
    ['2130706433', null],
    ['1.2.3.4 ', null],
    ['１.2.3.4', null],
    ['::', '::'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['::ffff:0:1.2.3.4', '::ffff:0:102:304'],
    ['::ffff:1.2.3.256', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:1.2.3.4', null],
    ['1::2::3', null],
    ['1:2:3:4::5:6:7:8', null],
    [':1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:', null],
    [':::', null],
    ['::12345', null],
    ['::g', null],
    ['::-1', null],
    ['fe80::1%eth0', null],
    ['[::1]', null],
    ['::1/64', null],
    ['::ffff:01.2.3.4', null],
    ['', null],
    [':', null],
    ['localhost', null],
  ]
  test.each(rows)('%j is %j', (given, canonical) => {
    expect(canonicalAddress(given)).toBe(canonical)
    // node:net knows zones as well, which name an interface of one machine and nothing to us.
    if (!given.includes('%')) expect(isIP(given) !== 0).toBe(canonical !== null)
  })
})

/** How the URL parser writes an IPv6 address; it keeps mapped IPv4 in groups. */
function asUrlHost(address: string): string {
  const host = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host) ?? []
  if (high === undefined || low === undefined) return host
  const [h, l] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [h >> 8, h & 255, l >> 8, l & 255].join('.')
}

/** Groups with many zeros among them, in spellings of all sorts. */
const sometimesZero = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff))
const spelled = fc
  .tuple(
    fc.array(sometimesZero, { minLength: 8, maxLength: 8 }),
    fc.boolean(),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([groups, padded, upper, short]) => {
    const hex = (group: number) => group.toString(16).padStart(padded ? 4 : 1, '0')
    const zeros = /(?:^|:)(?:0+:)+0+(?:$|:)/
    const text = groups.map(hex).join(':')
    const shorter = short ? text.replace(zeros, '::') : text
    return upper ? shorter.toUpperCase() : shorter
  })
const almost = fc.string({
  unit: fc.constantFrom('0', '1', 'f', ':', '::', '.', 'ffff', '255', '%', 'g', ' '),
  maxLength: 14,
})

describe('properties', () => {
  test('every IPv6 address is written as the URL parser writes it', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        expect(canonicalAddress(text)).toBe(asUrlHost(text))
      }),
      { numRuns: 3_000 },
    )
  })

  test('an address is what node:net calls one', () => {
    fc.assert(
      fc.property(fc.oneof(almost, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        fc.pre(!text.includes('%'))
        expect(canonicalAddress(text) !== null).toBe(isIP(text) !== 0)
      }),
      { numRuns: 20_000 },
    )
  })

  test('the canonical form of a canonical form is itself', () => {
    fc.assert(
      fc.property(fc.oneof(spelled, fc.ipV4(), fc.ipV6(), almost), (text) => {
        const canonical = canonicalAddress(text)
        fc.pre(canonical !== null)
        expect(canonicalAddress(canonical)).toBe(canonical)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('subnets', () => {
  test.each([
    ['1.2.3.4', '1.2.3.0/24'],
    ['10.0.0.255', '10.0.0.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['2001:0:0:1::1', '2001:0:0:1::/64'],
    ['::1', '::/64'],
    ['1:2:3:4:5:6:7:0', '1:2:3:4::/64'],
  ])('%s is in %s', (address, subnet) => {
    expect(subnetOf(address)).toBe(subnet)
  })

  test('an address shares its subnet with exactly those that share its first bits', () => {
    const bits = (address: string) => {
      if (isIPv4(address)) return address.split('.').slice(0, 3).join('.')
      const host = new URL(`http://[${address}]/`).hostname.slice(1, -1)
      const [head, tail] = host.split('::')
      const parts = (text: string | undefined) =>
        text === undefined || text === '' ? [] : text.split(':')
      const missing = 8 - parts(head).length - parts(tail).length
      const zeros = host.includes('::') ? Array.from({ length: missing }, () => '0') : []
      return [...parts(head), ...zeros, ...parts(tail)].slice(0, 4).join(':')
    }
    const near = fc.tuple(spelled, spelled, fc.boolean()).map(([a, b, same]) => {
      const [left, right] = [canonicalAddress(a)!, canonicalAddress(b)!]
      if (!same || isIPv4(left) || isIPv4(right)) return [left, right] as const
      return [left, canonicalAddress(`${bits(left)}:${bits(right)}`)!] as const
    })
    fc.assert(
      fc.property(near, ([a, b]) => {
        fc.pre(isIPv6(a) === isIPv6(b))
        expect(subnetOf(a) === subnetOf(b)).toBe(bits(a) === bits(b))
      }),
      { numRuns: 2_000 },
    )
  })
})
