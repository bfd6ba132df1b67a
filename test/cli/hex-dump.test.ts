/** Bytes as people see them, whatever somebody chose to put there. */
import { expect, test } from 'vitest'
import { hexDump, visibleText } from '../../src/cli/hex-dump.ts'

test('sixteen bytes a line, with their text', () => {
  expect(hexDump(Buffer.from('{"id":"e1","user":"券"}\n'))).toBe(
    [
      '00000000  7b 22 69 64 22 3a 22 65 31 22 2c 22 75 73 65 72  |{"id":"e1","user|',
      '00000010  22 3a 22 e5 88 b8 22 7d 0a                       |":"..."}.|',
    ].join('\n'),
  )
  expect(hexDump(Buffer.alloc(0))).toBe('')
})

test.each([
  ['plain', 'plain'],
  ['券', '券'],
  ['a\u001b[31mred', 'a\\u{1b}[31mred'],
  ['a\r\nb\tc\u0000', 'a\\u{d}\\u{a}b\\u{9}c\\u{0}'],
  ['back\\slash', 'back\\\\slash'],
  ['right to \u202eleft', 'right to \\u{202e}left'],
  ['\u2028', '\\u{2028}'],
  ['no\u00adhyphen', 'no\\u{ad}hyphen'],
])('%j is shown as %s', (text, shown) => {
  expect(visibleText(Buffer.from(text))).toBe(shown)
})

test('bytes that are no UTF-8 are shown as such', () => {
  expect(visibleText(Buffer.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
})
