/**
 * Address text against the decoder's own reading of it, and the map of ranges against the plain
 * definition: the ranges that cover an address, widest first, combined one by one.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalAddress } from '../../src/core/event/address.ts'
import { type AddressRange, buildAddressRanges } from '../../src/lists/address-ranges.ts'
import { formatCidr, newAddressReader, parseCidr } from '../../src/lists/address-text.ts'

const seed = Number(process.env.SEED ?? 20_260_201)
console.info(`address-ranges: SEED=${seed}`)
const runs = { seed, numRuns: 300 }

const hexadecimal = fc.integer({ min: 0, max: 0xffff }).map((group) => group.toString(16))
const ipv4Text = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((p) => p.join('.'))
const ipv6Text = fc.oneof(
  fc.array(hexadecimal, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':')),
  fc
    .tuple(fc.array(hexadecimal, { maxLength: 7 }), fc.array(hexadecimal, { maxLength: 7 }))
    .map(([head, tail]) => `${head.join(':')}::${tail.join(':')}`),
  fc
    .tuple(fc.constantFrom('::', '::ffff:', '64:ff9b::', '1:2:3:4:5:6:'), ipv4Text)
    .map((p) => p.join('')),
)
const almostAddress = fc
  .tuple(fc.oneof(ipv4Text, ipv6Text), fc.nat(40), fc.string({ maxLength: 2 }))
  .map(([text, at, noise]) => text.slice(0, at) + noise + text.slice(at + 1))

describe('address text', () => {
  test('is read as the decoder reads it, right or wrong', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4Text, ipv6Text, almostAddress), (text) => {
        const canonical = canonicalAddress(text)
        const reader = newAddressReader()
        expect(reader.read(text) === 0, text).toBe(canonical === null)
        const cidr = parseCidr(text)
        if (!text.includes('/')) expect(cidr === null ? null : formatCidr(cidr)).toBe(canonical)
      }),
      { seed, numRuns: 3_000 },
    )
  })

  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::1/32', '2001:db8::/32'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['10.0.0.0/33', null],
    ['10.0.0.0/08', null],
    ['10.0.0.0/', null],
    ['010.0.0.1', null],
    ['::ffff:10.0.0.0/64', null],
    ['1.2.3', null],
    [':::', null],
    ['1::2::3', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['fe80::1%eth0', null],
    ['', null],
  ])('%s is %s', (text, expected) => {
    const cidr = parseCidr(text)
    expect(cidr === null ? null : formatCidr(cidr)).toBe(expected)
  })
})

// A small corner of each family, so that ranges nest and touch often.
const corner = fc.oneof(
  fc
    .tuple(fc.nat(3), fc.nat(255), fc.integer({ min: 20, max: 32 }))
    .map(([c, d, p]) => `10.0.${c}.${d}/${p}`),
  fc.constantFrom('0.0.0.0/0', '255.255.255.255/32', '255.255.255.0/24', '::/0', 'ffff::/16'),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom(31, 32, 33, 62, 64, 65, 96, 126, 127, 128))
    .map(([a, b, p]) => `2001:db${a}:0:${b}::${b}/${p}`),
)
const rangeList = fc.array(fc.tuple(corner, fc.integer({ min: 1, max: 9 })), { maxLength: 24 })
const probes = fc.array(
  fc.oneof(
    corner.map((text) => text.slice(0, text.indexOf('/'))),
    fc.nat(1023).map((at) => `10.0.${at >> 8}.${at & 255}`),
    fc.constantFrom('9.255.255.255', '255.255.255.255', '::', 'ffff::1', '2001:db7:ffff::1'),
  ),
  { minLength: 20, maxLength: 40 },
)
const combine = (outer: number, inner: number) => outer * 10 + inner
const toRanges = (list: readonly (readonly [string, number])[]): AddressRange[] =>
  list.map(([text, value]) => ({ ...parseCidr(text)!, value }))

function covers({ family, words, prefix }: AddressRange, text: string): boolean {
  const address = parseCidr(text)!
  if (address.family !== family) return false
  const bits = (all: readonly number[]) =>
    all
      .map((word) => word.toString(2).padStart(32, '0'))
      .join('')
      .slice(0, prefix)
  return bits(words) === bits(address.words)
}

/** Ranges of one size are taken in the order in which they were given. */
const expectedAt = (ranges: readonly AddressRange[], text: string) =>
  ranges
    .filter((range) => covers(range, text))
    .sort((a, b) => a.prefix - b.prefix)
    .reduce((outer, { value }) => (outer === 0 ? value : combine(outer, value)), 0)

describe('address ranges', () => {
  test('give every address the value of the ranges that cover it', () => {
    fc.assert(
      fc.property(rangeList, probes, (list, texts) => {
        const ranges = toRanges(list)
        const found = buildAddressRanges(ranges, combine)
        for (const text of texts) expect(found.find(text), text).toBe(expectedAt(ranges, text))
      }),
      runs,
    )
  })

  test('have the same bytes for the same contents, however they are written', () => {
    const build = (...texts: string[]) =>
      buildAddressRanges(toRanges(texts.map((text) => [text, 1] as const)), Math.max).bytes()
    const whole = build('10.0.0.0/8', '2001:db8::/32')
    expect(build('2001:db8::/33', '10.128.0.0/9', '10.0.0.0/9', '2001:db8:8000::/33')).toEqual(
      whole,
    )
    expect(build('10.0.0.0/8', '10.3.0.0/16', '2001:db8::/32')).toEqual(whole)
    expect(build('10.0.0.0/8', '2001:db8::/31')).not.toEqual(whole)
  })

  test('what is no address is in no range', () => {
    const everything = buildAddressRanges(
      toRanges([
        ['0.0.0.0/0', 7],
        ['::/0', 7],
      ]),
      Math.max,
    )
    expect(everything.find('1.2.3.4')).toBe(7)
    for (const text of ['', 'x', '1.2.3.4.5', '1.2.3.400']) expect(everything.find(text)).toBe(0)
  })
})
