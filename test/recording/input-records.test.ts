/** Lines and CSV records: the same whatever the chunks, each with its line, and bounded. */

import { parse as parseCsv } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type InputRecord,
  RecordCutter,
  recordBytesMax,
} from '../../src/recording/input-records.ts'

function cut(text: string | Buffer, delimiter: string | null, chunkSize = 65_536): InputRecord[] {
  const bytes = Buffer.from(text)
  const cutter = new RecordCutter(delimiter)
  const records: InputRecord[] = []
  for (let at = 0; at < bytes.length; at += chunkSize)
    records.push(...cutter.push(bytes.subarray(at, at + chunkSize)))
  return [...records, ...cutter.end(false)]
}

const told = (records: readonly InputRecord[]) =>
  records.map(({ line, text, fault }) => `${line} ${text ?? fault?.reason}`)

/** Place of the line end that closes the record at `from`, or -1. */
function endByScan(text: string, from: number): number {
  let quoted = false
  for (let at = from; at < text.length; at += 1) {
    if (quoted && text.startsWith('""', at)) at += 1
    else if (quoted) quoted = text[at] !== '"'
    else if (text[at] === '\n') return at
    else quoted = text[at] === '"' && (at === from || text[at - 1] === ',')
  }
  return -1
}

function toldByScan(whole: string): string[] {
  const text = `${whole}\n`
  const records: string[] = []
  let line = 1
  for (let from = 0; from < whole.length; ) {
    const closed = endByScan(text, from)
    const record = text.slice(from, closed < 0 ? text.indexOf('\n', from) : closed)
    if (record !== '') records.push(`${line} ${closed < 0 ? 'bad-field' : record}`)
    line += record.split('\n').length
    from += record.length + 1
  }
  return records
}

describe('records', () => {
  const long = 'x'.repeat(recordBytesMax + 1)
  const cases: [string, string | Buffer, string | null, string[]][] = [
    ['lines', 'a\nb\n', null, ['1 a', '2 b']],
    ['the last line without an end', 'a\nb', null, ['1 a', '2 b']],
    ['Windows line ends and blank lines', 'a\r\n\r\nb\r\n', ',', ['1 a', '3 b']],
    ['a quoted line end', 'a,"b\nc",d\ne', ',', ['1 a,"b\nc",d', '3 e']],
    ['doubled quotes', '"a ""\n""",b\nc', ',', ['1 "a ""\n""",b', '3 c']],
    ['a quote inside a value', '5" pipe,1\nc', ',', ['1 5" pipe,1', '2 c']],
    ['quotes in JSON lines', '{"a":"\n"}\n', null, ['1 {"a":"', '2 "}']],
    ['an open quote', 'a\n"b\nc\nd', ',', ['1 a', '2 bad-field', '3 c', '4 d']],
    ['two open quotes', '"a\nb\n"c\n', ',', ['1 "a\nb\n"c']],
    ['a long line', `a\n${long}\nb\n`, ',', ['1 a', '2 too-large', '3 b']],
    ['a long last line', `a\n${long}`, null, ['1 a', '2 too-large']],
    ['bad UTF-8', Buffer.from([97, 10, 0xff, 10, 98]), ',', ['1 a', '2 invalid-utf8', '3 b']],
  ]
  test.each(cases)('%s', (_, text, delimiter, expected) => {
    for (const chunkSize of text.length > 1_000 ? [65_536, 3_000_000] : [1, 2, 3, 65_536])
      expect(told(cut(text, delimiter, chunkSize))).toEqual(expected)
  })

  test('an open quote in a large file costs its line only', () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index},and more of the same`)
    lines[10] = '"open'
    const records = cut(lines.join('\n'), ',')
    expect(records.filter(({ fault }) => fault !== null)).toMatchObject([{ line: 11 }])
    expect(records).toHaveLength(lines.length)
  })

  test('nothing but open quotes is read as fast as anything else', () => {
    const lines = 400_000
    const records = cut('a"b,"\n'.repeat(lines), ',')
    expect(records).toHaveLength(lines)
    expect(records.every(({ fault }) => fault?.detail === 'a quote is never closed')).toBe(true)
  }, 10_000)

  test('end where a scan of the whole text ends them, in any chunks', () => {
    const text = fc.array(fc.constantFrom('a', ',', '"', '"', '\n'), { maxLength: 40 })
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (characters, chunkSize) => {
        const whole = characters.join('').replace(/\n$/, '')
        expect(told(cut(whole, ',', chunkSize))).toEqual(toldByScan(whole))
      }),
      { numRuns: 3_000 },
    )
  })

  test('a source that is cut off loses its last line', () => {
    const cutter = new RecordCutter(',')
    expect(told(cutter.push(Buffer.from('a\nb')))).toEqual(['1 a'])
    expect(cutter.end(true)).toEqual([])
  })

  test('are those of the CSV library, in any chunks', () => {
    const cell = fc.stringMatching(/^[a-z",\n é]{0,6}$/)
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, chunkSize) => {
        const text = rows
          .map((cells) => cells.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
          .join('\n')
        const records = cut(text, ',', chunkSize)
        const read = records.flatMap(({ text: one }) => parseCsv(one ?? ''))
        expect(read).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  })
})
