/** The bytes of dead letters under a key: only that key opens them, only where they belong. */
import { describe, expect, test } from 'vitest'
import type { DeadLetter } from '../src/core/schema.gen.ts'
import { newLetterKey, sealLetter, unsealLetter } from '../src/letter-seal.ts'

const [key, other] = [newLetterKey(Buffer.alloc(32, 7)), newLetterKey(Buffer.alloc(32, 8))]
const letter: DeadLetter = {
  reason: 'bad-frame',
  detail: 'no magic byte',
  bytes: Buffer.from('{"phone":"13800000000"}'),
  key: null,
  sha256: '0'.repeat(64),
  source: 'coupon.claims',
  partition: 3,
  offset: 17,
  recordedAt: 1_772_380_800_000,
  headers: {},
  sealedBy: null,
}
const sealed = sealLetter(letter, key)

test('what is sealed names its key and shows nothing, and its key opens it', () => {
  expect(sealed.sealedBy).toBe(key.id)
  expect(Buffer.from(sealed.bytes!).includes('138000')).toBe(false)
  expect(unsealLetter(sealed, key)).toEqual(letter)
})

test('the same bytes are never sealed the same way', () => {
  expect(sealLetter(letter, key).bytes).not.toEqual(sealed.bytes)
})

describe('stays as it is', () => {
  const changed = Buffer.from(sealed.bytes!)
  changed[14]! ^= 1
  const cases: readonly (readonly [string, DeadLetter, DeadLetter])[] = [
    ['sealing without a key', sealLetter(letter, null), letter],
    ['without bytes', sealLetter({ ...letter, bytes: null }, key), { ...letter, bytes: null }],
    ['opening without a key', unsealLetter(sealed, null), sealed],
    ['opening with another key', unsealLetter(sealed, other), sealed],
    ['what was not sealed', unsealLetter(letter, key), letter],
    [
      'what was moved to another letter',
      unsealLetter({ ...sealed, offset: 18 }, key),
      { ...sealed, offset: 18 },
    ],
    [
      'bytes that were changed',
      unsealLetter({ ...sealed, bytes: changed }, key),
      { ...sealed, bytes: changed },
    ],
    [
      'bytes that are too short',
      unsealLetter({ ...sealed, bytes: Buffer.alloc(27) }, key),
      { ...sealed, bytes: Buffer.alloc(27) },
    ],
  ]
  test.each(cases)('%s', (_, given, expected) => {
    expect(given).toEqual(expected)
  })
})
