/**
 * The windows' keyed hash against the reference vectors of HalfSipHash-2-4 with 64 bits of output
 * (veorq/SipHash, vectors.h, vectors_hsip64). The reference hashes the bytes 0, 1, 2 … under the
 * key 0 … 7; ours hashes UTF-16 code units, low byte first, so that every second vector is ours.
 */
import { describe, expect, it } from 'vitest'
import { deriveKeys, eventKeyOf, hashText } from '../../../src/core/event/keyed-hash.ts'

const key = Uint32Array.from([0x03020100, 0x07060504])

/** Length in bytes, and the eight bytes of the hash. */
const vectors: readonly (readonly [length: number, hash: string])[] = [
  [0, '218d1f59b9b83cc8'],
  [2, '064f39ef7c50eb57'],
  [4, 'd5e78a175be52ea1'],
  [6, 'ce3e91358aa2bc25'],
  [8, 'edfee820bce4858c'],
  [10, '95b0469f06a6f2ee'],
  [12, '7bc71f9faef5c799'],
  [14, '3bb1a870eae8e658'],
  [16, '7336aad25f7bf3b5'],
  [18, 'c9b2db2b9a3e42f9'],
  [20, '1bf52b0a6feea7db'],
  [22, 'e20103fa1ba776ef'],
  [24, '70741045ae3fa6f1'],
  [26, '0d899ed8112923f0'],
  [28, '2d925ffb1e0016b5'],
  [30, '291aaf864898179d'],
  [32, '28709d46d811626c'],
  [34, '8324e4d7528f9830'],
  [36, '86d67a40ec4276dc'],
  [38, 'cbd92ee724d42109'],
  [40, '5b38c81c67c8ae4c'],
  [42, 'a91a52c025327024'],
  [44, '1e30f3ad27dcb15a'],
  [46, '495c0f995557dc38'],
  [48, 'a9eaa8c04ba93e3e'],
  [50, '912d568fd8f65a49'],
  [52, '02445a7998f550e1'],
  [54, '359569e7d289e3bc'],
  [56, 'a1a492f942f15f1d'],
  [58, '5d1b5ea1b231d89d'],
  [60, 'd6762890bf26e460'],
  [62, 'f90b3ab572d46693'],
]

/** The text whose UTF-16 code units, low byte first, are the bytes 0, 1, 2 … */
function textOf(length: number): string {
  const units = Array.from({ length: length / 2 }, (_, index) => index * 2 + ((index * 2 + 1) << 8))
  return String.fromCharCode(...units)
}

function hexOf(text: string): string {
  const out = new Uint32Array(2)
  hashText(key, text, out, 0)
  return Buffer.from(out.buffer).toString('hex')
}

describe('the keyed hash of the windows', () => {
  it.each(vectors)('of %i bytes agrees with the reference', (length, hash) => {
    expect(hexOf(textOf(length))).toBe(hash)
  })

  it('tells apart texts that differ in anything, however long', () => {
    const texts = ['', '\u0000', 'a', 'a\u0000', '\u0000a', 'ab', 'ba', 'é', 'e\u0301', '\ud83d']
    const long = [127, 128, 129, 256].map((length) => 'a'.repeat(length))
    const all = [...texts, ...long]
    expect(new Set(all.map(hexOf)).size).toBe(all.length)
  })

  it('is another under another key', () => {
    const hashUnder = (secret: number) => {
      const out = new Uint32Array(2)
      hashText(deriveKeys(new Uint8Array(16).fill(secret)).window, 'user', out, 0)
      return [...out]
    }
    expect(hashUnder(1)).not.toEqual(hashUnder(2))
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
