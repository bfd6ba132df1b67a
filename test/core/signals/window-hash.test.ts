/**
 * The windows' keyed hash against the reference vectors of HalfSipHash-2-4 with 64 bits of output
 * (veorq/SipHash, vectors.h, vectors_hsip64). The reference hashes the bytes 0, 1, 2 … under the
 * key 0 … 7; ours hashes whole words, so that every fourth vector is ours.
 */
import { describe, expect, it } from 'vitest'
import { WindowHash } from '../../../src/core/signals/window-hash.ts'

const key = Uint32Array.from([0x03020100, 0x07060504])

/** Length in bytes, and the eight bytes of the hash. */
const vectors: readonly (readonly [length: number, hash: string])[] = [
  [0, '218d1f59b9b83cc8'],
  [4, 'd5e78a175be52ea1'],
  [8, 'edfee820bce4858c'],
  [12, '7bc71f9faef5c799'],
  [16, '7336aad25f7bf3b5'],
  [20, '1bf52b0a6feea7db'],
  [24, '70741045ae3fa6f1'],
  [28, '2d925ffb1e0016b5'],
  [32, '28709d46d811626c'],
  [36, '86d67a40ec4276dc'],
  [40, '5b38c81c67c8ae4c'],
  [44, '1e30f3ad27dcb15a'],
  [48, 'a9eaa8c04ba93e3e'],
  [52, '02445a7998f550e1'],
  [56, 'a1a492f942f15f1d'],
  [60, 'd6762890bf26e460'],
]

type Part = string | number | null

function hexOf(parts: readonly Part[], under = key): string {
  const out = new Uint32Array(2)
  const hash = new WindowHash(under)
  hash.begin()
  for (const part of parts)
    if (typeof part === 'string') hash.addText(part)
    else hash.addNumber(part)
  hash.writeTo(out, 0)
  return Buffer.from(out.buffer).toString('hex')
}

describe('the keyed hash of the windows', () => {
  it.each(vectors)('of %i bytes agrees with the reference', (length, expected) => {
    const out = new Uint32Array(2)
    const hash = new WindowHash(key)
    hash.begin()
    for (let at = 0; at < length; at += 4) hash.addWord(0x03020100 + at * 0x01010101)
    hash.writeTo(out, 0)
    expect(Buffer.from(out.buffer).toString('hex')).toBe(expected)
  })

  it('tells apart texts that differ in anything, however long', () => {
    const texts = ['', '\u0000', 'a', 'a\u0000', '\u0000a', 'ab', 'ba', 'é', 'e\u0301', '\ud83d']
    const packed = ['\u6261', 'ab', 'a\u0000b\u0000', '\u0061\u0062\u0100']
    const long = [127, 128, 129, 256].map((length) => 'a'.repeat(length))
    const all = [...new Set([...texts, ...packed, ...long])]
    expect(new Set(all.map((text) => hexOf([text]))).size).toBe(all.length)
  })

  it('tells apart rows of texts and numbers that run together', () => {
    const rows: readonly Part[][] = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      ['abc', ''],
      ['', 'abc'],
      [1, 2],
      [2, 1],
      [0],
      [null],
      [null, null],
      [0.5],
      [-1],
      ['1'],
    ]
    expect(new Set(rows.map((row) => hexOf(row))).size).toBe(rows.length)
  })

  it('is another under another key', () => {
    expect(hexOf(['user'])).not.toBe(hexOf(['user'], Uint32Array.from([1, 2])))
  })
})
