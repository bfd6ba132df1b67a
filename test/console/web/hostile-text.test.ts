/** Text of an attacker: marks that mislead are named, bytes are shown as they are. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../../../src/console/web/case/condition.ts'
import { bytesOf, hexLines } from '../../../src/console/web/letters/hex.ts'
import { clip, reveal } from '../../../src/console/web/parts/reveal.ts'

describe('reveal', () => {
  test.each([
    ['cod\u202egpj.exe', ['U+202E']],
    ['a\u200bb\u2066c\u2069', ['U+200B', 'U+2066', 'U+2069']],
    ['nul\u0000 and line\n', ['U+0000', 'U+000A']],
    ['tag \u{e0041}', ['U+E0041']],
    ['half \ud83d', ['U+D83D']],
    ['优惠券 😀 <b>', []],
  ])('%j hides %j', (text, hidden) => {
    expect(reveal(text).flatMap((piece) => piece.hidden ?? [])).toEqual(hidden)
  })

  test('loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          reveal(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})

test('clip keeps both ends, and whole characters', () => {
  expect(clip('0123456789abcdef', 9)).toBe('01234…def')
  expect([...clip('😀'.repeat(50), 10)]).toHaveLength(10)
  expect(clip('short', 10)).toBe('short')
})

describe('bytes', () => {
  test('stand as digits beside their text', () => {
    const lines = hexLines(bytesOf(btoa('{"id":"<b>"}\u0000\u00ff more than a line')))
    expect(lines[0]).toEqual({
      offset: '000000',
      hex: '7b 22 69 64 22 3a 22 3c  62 3e 22 7d 00 ff 20 6d',
      text: '{"id":"<b>"}.. m',
    })
    expect(lines[1]?.offset).toBe('000010')
  })

  test('that are no base64 are none', () => {
    expect(bytesOf('*')).toHaveLength(0)
  })
})

test('a condition has the values beside its signals, and not inside quoted text', () => {
  const values = new Map([['user_claims_1d', '14']])
  const pieces = piecesOf('user_claims_1d >= 8 && attempt == "user_claims_1d"', values)
  expect(pieces).toEqual([
    { text: 'user_claims_1d', value: '14' },
    { text: ' >= 8 && attempt == "user_claims_1d"', value: null },
  ])
})
