/** The hashes that leave the process, against the library's general way and the platform's own. */
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveKeys, eventKeyOf } from '../../../src/core/event/keyed-hash.ts'
import { hmacTextWith, sha256Text } from '../../../src/core/event/short-sha256.ts'

/** Around every length at which padding takes a block more, and where a text is no longer short. */
const lengths = [0, 1, 31, 54, 55, 56, 63, 64, 65, 118, 119, 120, 127, 128, 2047, 2048, 2049, 9000]
const letters = { ASCII: 'a', 'two bytes': 'é', 'three bytes': '券', 'a pair': '😀' }
const texts = Object.entries(letters).flatMap(([name, letter]) =>
  lengths.map((length) => [name, length, letter.repeat(length)] as const),
)

describe('SHA-256 of a short text', () => {
  it.each(texts)('is what the platform makes of %s × %i', (_, __, text) => {
    expect(sha256Text(text)).toBe(createHash('sha256').update(text).digest('hex').slice(0, 32))
  })
})

describe('HMAC-SHA256 of a short text', () => {
  const key = new Uint8Array(hkdfSync('sha256', 'key', 'salt', '', 32))
  const hmacText = hmacTextWith(key)

  it.each(texts)('is what the platform makes of %s × %i', (_, __, text) => {
    const hmac = createHmac('sha256', key).update(text).digest('hex')
    expect(hmacText(text)).toBe(hmac.slice(0, 32))
  })

  it('keeps keys apart that are used in turn', () => {
    const other = hmacTextWith(key.map((byte) => byte ^ 1))
    const before = hmacText('a')
    expect(other('a')).not.toBe(before)
    expect(hmacText('a')).toBe(before)
  })

  it('refuses a key that has no block of its own', () => {
    expect(() => hmacTextWith(new Uint8Array(65))).toThrow(/at most 64 bytes/)
  })
})

describe('the keys of an installation', () => {
  it('are others under another secret, and for another purpose', () => {
    const [one, other] = [1, 2].map((secret) => deriveKeys(new Uint8Array(16).fill(secret)))
    const made = [one!, other!].flatMap(({ phone, code, pseudonym }) =>
      [phone, code, pseudonym].map((hash) => hash('13812345678')),
    )
    expect(new Set(made).size).toBe(6)
    expect(one!.window).not.toEqual(other!.window)
    expect(one!.id).not.toBe(other!.id)
  })
})

describe('the event key', () => {
  it.each([
    ['moving a letter from user to id', ['ab', 'c', 1], ['a', 'bc', 1]],
    ['moving a digit from id to time', ['a', 'b1', 23], ['a', 'b', 123]],
    ['moving a length into the user', ['1:a', 'b', 1], ['1', ':ab', 1]],
    ['another time', ['a', 'b', 1], ['a', 'b', 2]],
  ] as const)('is another after %s', (_, one, other) => {
    const keys = [one, other].map(([user, id, at]) => eventKeyOf(user, id, at))
    expect(keys[0]).not.toBe(keys[1])
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  })
})
