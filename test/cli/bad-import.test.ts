/**
 * Bad files given to import, as a user meets them: each gets its clear line and its exit code, and
 * what was good is kept.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { problemLines, runCli, runWell } from '../support/run-cli.ts'
import { countRows, csv, folderWith, good, goodLines, importWords, mapping } from './shop-files.ts'

const gz = gzipSync(csv(...goodLines(5_000)))

/** The last line on stderr, without the name of the program. */
const lastLine = (ran: { stderr: string }) =>
  problemLines(ran).at(-1)?.replace('couponguard: ', '') ?? ''

describe('files of which nothing can be used', () => {
  const cases: { what: string; file: string; content: Buffer; code: number; line: RegExp }[] = [
    {
      what: 'an empty file',
      file: 'a.csv',
      content: Buffer.alloc(0),
      code: 1,
      line: /^a\.csv: empty/,
    },
    {
      what: 'an empty gzip',
      file: 'a.csv.gz',
      content: gzipSync(Buffer.alloc(0)),
      code: 1,
      line: /^a\.csv\.gz: empty/,
    },
    {
      what: 'gzip cut off in its first bytes',
      file: 'a.csv.gz',
      content: gz.subarray(0, 8),
      code: 1,
      line: /^a\.csv\.gz: .*(cut off|empty)/,
    },
    {
      what: 'another header',
      file: 'a.csv',
      content: Buffer.from('x,y\n1,2\n'),
      code: 2,
      line: /^m\.yaml:4:17: no column user_id: a\.csv has x, y/,
    },
    {
      what: 'UTF-16',
      file: 'a.csv',
      content: Buffer.from(csv(good(1)).toString('utf8'), 'utf16le'),
      code: 2,
      line: /^m\.yaml:4:17: no column user_id/,
    },
    {
      what: 'a header that steers a terminal',
      file: 'a.csv',
      content: Buffer.from('\u001b[31mred\u0007,y\n1,2\n'),
      code: 2,
      line: /^m\.yaml:4:17: no column user_id/,
    },
  ]
  test.each(cases)('$what', async ({ file, content, code, line }) => {
    const ran = await runCli(importWords(file), { cwd: folderWith({ [file]: content }) })
    expect([ran.code, ran.stdout === '' || ran.stdout.startsWith('{')]).toEqual([code, true])
    expect(lastLine(ran)).toMatch(line)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
    expect(ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })
})

describe('rows that cannot be read', () => {
  const utf8 = Buffer.concat([Buffer.from('\xff\xfe', 'latin1'), Buffer.from(good(3))])
  const cases: [what: string, row: string | Buffer, reason: string][] = [
    ['a line that is no UTF-8', utf8, 'invalid-utf8'],
    ['a date to come', 'u2,2999-01-01 00:00:00,c1,1', 'future-time'],
    ['a date in 1970', 'u2,1970-01-01 00:00:00,c1,1', 'stale-time'],
    ['a date before 1970', 'u2,1969-12-31 23:59:59,c1,1', 'bad-field'],
    ['no date', 'u2,yesterday,c1,1', 'bad-field'],
    ['a day that no month has', 'u2,2026-02-30 00:00:00,c1,1', 'bad-field'],
    ['negative money', 'u2,2026-03-01 10:00:00,c1,-0.01', 'negative-amount'],
    ['money that is none', 'u2,2026-03-01 10:00:00,c1,much', 'bad-field'],
    ['too few columns', 'u2', 'bad-field'],
    ['no user', ',2026-03-01 10:00:00,c1,1', 'missing-field'],
  ]

  test('are counted by reason, shown by line, and the others are kept; exit 3', async () => {
    const lines = cases.map(([, row]) => Buffer.concat([Buffer.from(row), Buffer.from('\n')]))
    const content = Buffer.concat([csv(good(1)), ...lines, Buffer.from(`${good(2)}\n`)])
    const folder = folderWith({ 'a.csv': content })
    const ran = await runCli(importWords('a.csv'), { cwd: folder })
    expect(ran.code).toBe(3)
    expect(lastLine(ran)).toBe(
      `${cases.length} rejected, 83.3 %, more than --max-rejects 0.1 %; the others are in out.avro`,
    )
    const wanted: Record<string, number> = {}
    for (const [, , reason] of cases) wanted[reason] = (wanted[reason] ?? 0) + 1
    const found = await countRows(join(folder, 'out.avro'))
    expect(found).toEqual({ rows: cases.length + 2, rejected: wanted })
    expect(JSON.parse(ran.stdout)).toMatchObject({ events: 2, rejected: cases.length })
    expect(ran.stderr).toMatch(/ {2}a\.csv:4: /)
  })

  test('are no failure where they are few enough', async () => {
    const folder = folderWith({ 'a.csv': csv(...goodLines(2_000), 'u,1970-01-01 00:00:00,c1,1') })
    const { stdout } = await runWell(importWords('a.csv'), { cwd: folder })
    expect(JSON.parse(stdout)).toMatchObject({ events: 2_000, rejected: 1 })
  })
})

test('gzip that is cut off: the rows before the cut are kept', async () => {
  const folder = folderWith({ 'a.csv.gz': gz.subarray(0, gz.length >> 1) })
  const ran = await runCli(importWords('a.csv.gz'), { cwd: folder })
  expect([ran.code, problemLines(ran)]).toEqual([1, [expect.stringContaining('cut off')]])
  const said = /a\.csv\.gz: the gzip data is cut off after line \d+; ([\d,]+) rows/
  const rows = Number(said.exec(lastLine(ran))?.[1]?.replaceAll(',', ''))
  expect(rows).toBeGreaterThan(1_000)
  expect(rows).toBeLessThan(5_000)
  expect(await countRows(join(folder, 'out.avro'))).toEqual({ rows, rejected: {} })
})

test('a mapping that names missing columns: all of them, with line and caret; exit 2', async () => {
  const folder = folderWith({ 'a.csv': csv(good(1)) })
  const wrong = mapping.replace('user_id', 'user_di').replace('time(at)', 'time(att)')
  writeFileSync(join(folder, 'm.yaml'), wrong)
  const ran = await runCli(importWords('a.csv'), { cwd: folder })
  expect([ran.code, ran.stdout]).toEqual([2, ''])
  expect(ran.stderr).toMatch(/m\.yaml:4:17: no column user_di: .*did you mean user_id\?/)
  expect(ran.stderr).toMatch(/m\.yaml:4:43: no column att/)
  expect(ran.stderr.match(/^ *\^$/gm)).toHaveLength(2)
  problemLines(ran)
})

describe('what is 100 MB wide takes less than 400 MB', () => {
  const wide = 'x'.repeat(100 * 1_048_576)
  const lines: [what: string, file: string, content: () => Buffer][] = [
    ['a line', 'a.csv', () => csv(good(1), wide, good(2))],
    ['a field in quotes', 'a.csv', () => csv(good(1), `"${wide}",x,y,z`, good(2))],
    ['a line in gzip', 'a.csv.gz', () => gzipSync(csv(good(1), wide, good(2)), { level: 1 })],
  ]
  test.each(lines)('%s: it is rejected, the others are kept', async (_, file, content) => {
    const folder = folderWith({ [file]: content() })
    const ran = await runCli(importWords(file), { cwd: folder })
    expect([ran.code, lastLine(ran)]).toEqual([3, expect.stringMatching(/^1 rejected, 33\.3 %/)])
    expect(ran.peakMiB).toBeLessThan(400)
    const found = await countRows(join(folder, 'out.avro'))
    expect(found).toEqual({ rows: 3, rejected: { 'too-large': 1 } })
  })

  const files: [what: string, words: readonly string[], line: RegExp][] = [
    ['a header', importWords('wide'), /^wide:1: the header line cannot be read/],
    ['a playbook', ['check', 'wide'], /^wide is 104857600 bytes/],
    ['a recording', ['replay', 'wide'], /^wide: not a recording/],
    [
      'a mapping',
      ['import', 'm.yaml', '--mapping', 'wide', '--out', 'out.avro'],
      /^wide: larger than 256 KiB/,
    ],
  ]
  test('a header, a playbook, a recording and a mapping: one line', async () => {
    const folder = folderWith({ wide })
    for (const [what, words, line] of files) {
      const ran = await runCli(words, { cwd: folder })
      expect([what, ran.code === 1 || ran.code === 2]).toEqual([what, true])
      expect(problemLines(ran)).toHaveLength(1)
      expect(lastLine(ran)).toMatch(line)
      expect(ran.peakMiB).toBeLessThan(400)
    }
  })
})
