/**
 * Bad input, as a user meets it: each gets its clear line and its exit code, and what was good is
 * kept.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { latenessMs, shardLagMs } from '../../src/core/signals/observation.ts'
import { problemLines, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

const mapping = `name: shop
format: csv
zone: UTC
fields: { user: user_id, occurredAt: time(at), campaign: what, orderAmount: minor(sum) }
expand: [{ kind: claim }]
`
const head = 'user_id,at,what,sum'
const good = (index: number) =>
  `u${index},2026-03-01 10:${String(Math.floor(index / 60) % 60).padStart(2, '0')}:${String(index % 60).padStart(2, '0')},c1,1.50`
const goodLines = (count: number) => Array.from({ length: count }, (_, index) => good(index))
const csv = (...lines: string[]) => Buffer.from(`${[head, ...lines].join('\n')}\n`)

function folderWith(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'm.yaml'), mapping)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const importWords = (file: string, ...more: string[]) => [
  'import',
  file,
  '--mapping',
  'm.yaml',
  '--out',
  'out.avro',
  '--json',
  ...more,
]

async function rowsOf(
  folder: string,
  file = 'out.avro',
): Promise<{ events: number; dead: object }> {
  const { stdout } = await runWell(['replay', file, '--json'], { cwd: folder })
  const { events, deadLettersByReason } = JSON.parse(stdout)
  return { events, dead: deadLettersByReason }
}

interface Case {
  readonly what: string
  readonly file: string
  readonly content: Buffer
  readonly code: number
  /** The line on stderr that says what is wrong, after the name of the program. */
  readonly line: RegExp
  /** Rows of the recording, null where there must be none, and those rejected, by reason. */
  readonly events: number | null
  readonly dead?: Readonly<Record<string, number>>
}

const gz = gzipSync(csv(...goodLines(5_000)))
const utf16 = Buffer.from(csv(good(1)).toString('utf8'), 'utf16le')

const cases: Case[] = [
  {
    what: 'an empty file',
    file: 'a.csv',
    content: Buffer.alloc(0),
    code: 1,
    line: /^a\.csv: empty/,
    events: null,
  },
  {
    what: 'an empty gzip',
    file: 'a.csv.gz',
    content: gzipSync(Buffer.alloc(0)),
    code: 1,
    line: /^a\.csv\.gz: empty/,
    events: null,
  },
  {
    what: 'gzip cut off in its first bytes',
    file: 'a.csv.gz',
    content: gz.subarray(0, 8),
    code: 1,
    line: /^a\.csv\.gz: .*(cut off|empty)/,
    events: null,
  },
  {
    what: 'another header',
    file: 'a.csv',
    content: Buffer.from('x,y\n1,2\n'),
    code: 2,
    line: /^m\.yaml:4:17: no column user_id: a\.csv has x, y/,
    events: null,
  },
  {
    what: 'no text at all',
    file: 'a.csv',
    content: utf16,
    code: 2,
    line: /^m\.yaml:4:17: no column user_id/,
    events: null,
  },
  {
    what: 'a line that is no UTF-8',
    file: 'a.csv',
    content: Buffer.concat([
      csv(good(1)),
      Buffer.from('\xff\xfe', 'latin1'),
      Buffer.from(`${good(2)}\n${good(3)}\n`),
    ]),
    code: 3,
    line: /^1 rejected, 33\.3 %, more than --max-rejects 0\.1 %; the others are in out\.avro$/,
    events: 3,
    dead: { 'invalid-utf8': 1 },
  },
  {
    what: 'a date to come',
    file: 'a.csv',
    content: csv(good(1), 'u2,2999-01-01 00:00:00,c1,1'),
    code: 3,
    line: /1 rejected/,
    events: 2,
    dead: { 'future-time': 1 },
  },
  {
    what: 'a date in 1970',
    file: 'a.csv',
    content: csv(good(1), 'u2,1970-01-01 00:00:00,c1,1'),
    code: 3,
    line: /1 rejected/,
    events: 2,
    dead: { 'stale-time': 1 },
  },
  {
    what: 'a date before 1970',
    file: 'a.csv',
    content: csv(good(1), 'u2,1969-12-31 23:59:59,c1,1'),
    code: 3,
    line: /1 rejected/,
    events: 2,
    dead: { 'bad-field': 1 },
  },
  {
    what: 'no date',
    file: 'a.csv',
    content: csv(good(1), 'u2,yesterday,c1,1'),
    code: 3,
    line: /1 rejected/,
    events: 2,
    dead: { 'bad-field': 1 },
  },
  {
    what: 'negative money',
    file: 'a.csv',
    content: csv(good(1), 'u2,2026-03-01 10:00:00,c1,-0.01'),
    code: 3,
    line: /1 rejected/,
    events: 2,
    dead: { 'negative-amount': 1 },
  },
  {
    what: 'too few columns',
    file: 'a.csv',
    content: csv(good(1), 'u2'),
    code: 3,
    line: /1 rejected/,
    events: 2,
    dead: { 'bad-field': 1 },
  },
]

describe('import', () => {
  test.each(cases)('$what', async ({ file, content, code, line, events, dead = {} }) => {
    const folder = folderWith({ [file]: content })
    const ran = await runCli(importWords(file), { cwd: folder })
    expect(ran.code, ran.stderr).toBe(code)
    const lines = problemLines(ran).map((one) => one.replace('couponguard: ', ''))
    expect(lines.at(-1)).toMatch(line)
    if (events !== null) expect(await rowsOf(folder)).toEqual({ events, dead })
  })

  test('gzip that is cut off: the rows before the cut are kept', async () => {
    const folder = folderWith({ 'a.csv.gz': gz.subarray(0, gz.length >> 1) })
    const ran = await runCli(importWords('a.csv.gz'), { cwd: folder })
    expect(ran.code).toBe(1)
    const [line, ...others] = problemLines(ran)
    const [, read] =
      /a\.csv\.gz: the gzip data is cut off after line \d+; ([\d,]+) rows/.exec(line!) ?? []
    expect(others).toEqual([])
    const rows = Number(read?.replaceAll(',', ''))
    expect(rows).toBeGreaterThan(1_000)
    expect(rows).toBeLessThan(5_000)
    expect(await rowsOf(folder)).toEqual({ events: rows, dead: {} })
  })

  test('a mapping that names missing columns: all of them, with line and caret, before anything is read', async () => {
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

  test('few enough rejects are no failure', async () => {
    const folder = folderWith({ 'a.csv': csv(...goodLines(2_000), 'u,1970-01-01 00:00:00,c1,1') })
    const { stdout } = await runWell(importWords('a.csv'), { cwd: folder })
    expect(JSON.parse(stdout)).toMatchObject({ events: 2_000, rejected: 1 })
  })

  const wide = 'x'.repeat(100 * 1_048_576)
  const heavy: [
    what: string,
    content: () => Buffer,
    code: number,
    line: RegExp,
    events: number | null,
  ][] = [
    ['a line of 100 MB', () => csv(good(1), wide, good(2)), 3, /1 rejected, 33\.3 %/, 3],
    [
      'a field of 100 MB in quotes',
      () => csv(good(1), `"${wide}",x,y,z`, good(2)),
      3,
      /1 rejected, 33\.3 %/,
      3,
    ],
    [
      'a header of 100 MB',
      () => Buffer.from(`${wide}\n${good(1)}\n`),
      1,
      /^a\.csv:1: the header line cannot be read/,
      null,
    ],
  ]
  test.each(heavy)('%s takes less than 400 MB', async (_, content, code, line, events) => {
    const folder = folderWith({ 'a.csv': content() })
    const ran = await runCli(importWords('a.csv'), { cwd: folder })
    expect(ran.code).toBe(code)
    expect(problemLines(ran).at(-1)?.replace('couponguard: ', '')).toMatch(line)
    expect(ran.peakMiB).toBeLessThan(400)
    if (events !== null) expect(await rowsOf(folder)).toEqual({ events, dead: { 'too-large': 1 } })
  })

  test('gzip that unfolds to a line of 100 MB takes less than 400 MB', async () => {
    const folder = folderWith({ 'a.csv.gz': gzipSync(csv(good(1), wide, good(2))) })
    const ran = await runCli(importWords('a.csv.gz'), { cwd: folder })
    expect(ran.code).toBe(3)
    expect(ran.peakMiB).toBeLessThan(400)
    expect(await rowsOf(folder)).toEqual({ events: 3, dead: { 'too-large': 1 } })
  })

  const others: [words: string[], line: RegExp][] = [
    [['check', 'a.yaml'], /a\.yaml is 104857600 bytes/],
    [['replay', 'a.yaml'], /a\.yaml: not a recording/],
    [
      ['import', 'm.yaml', '--mapping', 'a.yaml', '--out', 'out.avro'],
      /a\.yaml: larger than 256 KiB/,
    ],
  ]
  test('nor does any other command that reads a file of 100 MB', async () => {
    const folder = folderWith({ 'a.yaml': wide })
    for (const [words, line] of others) {
      const ran = await runCli(words, { cwd: folder })
      expect([ran.code === 1 || ran.code === 2, problemLines(ran)]).toEqual([
        true,
        [expect.stringMatching(line)],
      ])
      expect(ran.peakMiB).toBeLessThan(400)
    }
  })
})

describe('dates against the record time', () => {
  /**
   * Rows of one user whose record time is mapped; the last is recorded first of all by its date.
   */
  async function replayed(occurred: number) {
    const recorded = Date.UTC(2026, 2, 10, 12)
    const iso = (at: number) => new Date(at).toISOString()
    const row = (user: string, at: number) => `${user},${iso(at)},c1,1,${iso(recorded)}`
    const folder = folderWith({
      'a.csv': `${head},seen\n${row('u1', recorded)}\n${row('u2', occurred + recorded)}\n`,
    })
    writeFileSync(join(folder, 'm.yaml'), `${mapping}recordedAt: time(seen)\n`)
    await runWell(importWords('a.csv', '--max-rejects', '60%'), { cwd: folder })
    const { stdout } = await runWell(['replay', 'out.avro', '--json'], { cwd: folder })
    const { decisions, late, deadLettersByReason } = JSON.parse(stdout)
    return { allow: decisions.allow, review: decisions.review, late, dead: deadLettersByReason }
  }
  const horizon = -latenessMs - shardLagMs
  const week = 7 * 86_400_000
  const rows: [what: string, away: number, came: object][] = [
    ['on the horizon', horizon, { allow: 2, review: 0, late: 0, dead: {} }],
    ['just below the horizon', horizon - 1, { allow: 1, review: 1, late: 1, dead: {} }],
    ['seven days behind', -week, { allow: 1, review: 1, late: 1, dead: {} }],
    [
      'more than seven days behind',
      -week - 1,
      { allow: 1, review: 0, late: 0, dead: { 'stale-time': 1 } },
    ],
    ['five minutes ahead', 300_000, { allow: 2, review: 0, late: 0, dead: {} }],
    [
      'more than five minutes ahead',
      300_001,
      { allow: 1, review: 0, late: 0, dead: { 'future-time': 1 } },
    ],
  ]
  test.each(rows)('%s', async (_, away, came) => {
    expect(await replayed(away)).toEqual(came)
  })
})

describe('a recording', () => {
  async function made(): Promise<{ folder: string; bytes: Buffer }> {
    const folder = folderWith({ 'a.csv': csv(...goodLines(3_000)) })
    await runWell(importWords('a.csv'), { cwd: folder })
    return { folder, bytes: readFileSync(join(folder, 'out.avro')) }
  }

  test('cut in half: what is before the cut is judged, and the cut is named', async () => {
    const { folder, bytes } = await made()
    writeFileSync(join(folder, 'half.avro'), bytes.subarray(0, bytes.length >> 1))
    const ran = await runCli(['replay', 'half.avro', '--json', '--out', 'd.avro'], { cwd: folder })
    expect(ran.code).toBe(1)
    const { events } = JSON.parse(ran.stdout)
    expect(events).toBeGreaterThanOrEqual(1_000)
    expect(problemLines(ran)).toEqual([
      expect.stringMatching(/half\.avro: cut off after row [\d,]+ of 3,000 at byte \d+/),
    ])
    expect(await rowsOf(folder, 'd.avro')).toMatchObject({ events })
  })

  const broken: [what: string, change: (bytes: Buffer) => Buffer, line: RegExp][] = [
    ['empty', () => Buffer.alloc(0), /empty/],
    ['cut in its header', (bytes) => bytes.subarray(0, 500), /cut off inside its header/],
    ['of another kind', () => gz, /not a recording/],
    ['with a row changed', (bytes) => changed(bytes, bytes.indexOf('u1', 30_000)), /tampered with/],
    [
      'with its header changed',
      (bytes) => changed(bytes, bytes.indexOf('couponguard.key') + 18),
      /header was changed/,
    ],
  ]
  test('that is no recording any more is one line and exit 1', async () => {
    const { folder, bytes } = await made()
    for (const [what, change, line] of broken) {
      writeFileSync(join(folder, 'b.avro'), change(Buffer.from(bytes)))
      const ran = await runCli(['replay', 'b.avro'], { cwd: folder })
      expect([what, ran.code, problemLines(ran)]).toEqual([what, 1, [expect.stringMatching(line)]])
    }
  })

  test('without decisions cannot be judged again', async () => {
    const { folder } = await made()
    const ran = await runCli(['replay', 'out.avro', '--rejudge'], { cwd: folder })
    expect([ran.code, problemLines(ran)]).toEqual([
      1,
      [expect.stringContaining('holds no decisions')],
    ])
  })
})

function changed(bytes: Buffer, at: number): Buffer {
  bytes[at]! ^= 1
  return bytes
}

describe('a full disk, as a limit on the size of files', () => {
  const limit = 'ulimit -f 100'
  const writers: [what: string, words: string[]][] = [
    ['import', importWords('a.csv')],
    ['replay', ['replay', 'whole.avro', '--out', 'out.avro']],
    ['generate', ['generate', '--seed', '1', '--events', '2000', '--out', 'out.avro']],
  ]
  test('import, replay and generate keep what was there before, and say so in one line', async () => {
    const folder = folderWith({ 'a.csv': csv(...goodLines(3_000)) })
    const words = importWords('a.csv').map((word) => (word === 'out.avro' ? 'whole.avro' : word))
    await runWell(words, { cwd: folder })
    writeFileSync(join(folder, 'out.avro'), 'what was there before')
    for (const [what, words] of writers) {
      const ran = await runCli(words, { cwd: folder, limit })
      expect([what, ran.code]).toEqual([what, 1])
      expect(problemLines(ran)).toEqual([
        expect.stringContaining('out.avro: larger than the file size limit'),
      ])
      expect(readFileSync(join(folder, 'out.avro'), 'utf8')).toBe('what was there before')
    }
  })

  test('start ends in one line; with room again it goes on from there', async () => {
    const data = join(scratchFolder(), 'data')
    const words = ['start', '--demo', '--once', '--json', '--data', data]
    const full = await runCli(words, { limit: 'ulimit -f 2000' })
    expect(full.code).toBe(1)
    expect(problemLines(full)).toEqual([
      expect.stringMatching(/data: the disk is full: .* start again/),
    ])
    const { stdout } = await runWell(words)
    const undisturbed = await runWell([...words.slice(0, -1), join(scratchFolder(), 'data')])
    const counts = (text: string) => {
      const { events, duplicates, deadLetters } = JSON.parse(text)
      return { events, duplicates, deadLetters }
    }
    expect(counts(stdout)).toEqual(counts(undisturbed.stdout))
  })
})
