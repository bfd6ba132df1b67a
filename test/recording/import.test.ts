/** `import` on bad input: one clear line, the right exit code, and what was good is kept. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { RecordingRow } from '../../src/core/schema.gen.ts'
import { openRecording } from '../../src/recording/read.ts'
import { type Ran, run } from './sample-rows.ts'

const repoRoot = join(import.meta.dirname, '..', '..')
const root = mkdtempSync(join(tmpdir(), 'import-'))
afterAll(() => rmSync(root, { recursive: true }))
let folder = root
let out = root
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'))
  out = join(folder, 'out.avro')
})

const mappingText = `
name: clicks
fields: { user: who, campaign: what, occurredAt: time(at), recipientPhone: phone }
expand:
  - kind: claim
  - kind: redemption
    when: money != ""
    fields: { couponAmount: minor(money) }
`
const header = 'who,what,at,money,phone'
const good = 'u1,spring,2026-01-02 10:00:00,,'

function file(name: string, bytes: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const mapping = (text = mappingText) => file('mapping.yaml', text)
const csv = (...lines: string[]) => file('in.csv', `${[header, ...lines].join('\n')}\n`)
const importOf = (path: string, ...options: string[]) =>
  run('import', path, '--mapping', mapping(), '--out', out, ...options)

async function rowsOf(path = out): Promise<RecordingRow[]> {
  const recording = await openRecording(path)
  const rows: RecordingRow[] = []
  for await (const batch of recording.rows()) rows.push(...batch)
  expect(recording.problem()).toBeNull()
  return rows
}

/** Events and rejected rows of the recording, in its order. */
const namesOf = (rows: readonly RecordingRow[]) =>
  rows.map(({ event, rejected }) => event?.user ?? rejected?.reason)

describe('import', () => {
  test('makes reversals too, and says so', async () => {
    const refunds = `${mappingText}  - kind: reversal\n    when: phone == "refunded"\n`
    const path = csv('u1,spring,2026-01-01 10:00:00,12.50,', `${good}refunded`)
    const { stdout } = await run('import', path, '--mapping', mapping(refunds), '--out', out)
    expect(stdout).toMatch(/^2 rows: 4 events \(2 claims, 1 redemptions, 1 reversals\)/)
    expect((await rowsOf()).map(({ event }) => event?.kind)).toContain('reversal')
  })

  test('sorts by record time, numbers the rows and keeps nothing personal', async () => {
    const path = csv(
      'u3,spring,2026-01-03 10:00:00,,13800138000',
      'u1,spring,2026-01-01 10:00:00,12.50,',
      'u2,spring,2026-01-02 10:00:00,,',
    )
    const { code, stdout } = await importOf(path)
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^3 rows: 4 events \(3 claims, 1 redemptions\)/),
    ])
    const rows = await rowsOf()
    expect(namesOf(rows)).toEqual(['u1', 'u1', 'u2', 'u3'])
    expect(rows.map(({ offset }) => offset)).toEqual([0, 1, 2, 3])
    expect(rows[1]?.event).toMatchObject({ kind: 'redemption', couponAmount: 1250 })
    expect(new Set(rows.map(({ event }) => event?.id)).size).toBe(4)
    expect(readFileSync(out).includes('13800138000')).toBe(false)
  })

  test('twice gives equal bytes; identical rows are separate events', async () => {
    const path = csv(good, good)
    await importOf(path)
    const first = readFileSync(out)
    await importOf(path)
    expect(readFileSync(out).equals(first)).toBe(true)
    const ids = (await rowsOf()).map(({ event }) => event?.id)
    expect(new Set(ids).size).toBe(2)
  })

  test('reads JSON lines, several files, gzip, a byte order mark, Windows line ends', async () => {
    const jsonl = mappingText.replace(
      'name: clicks',
      'format: jsonl\ncolumns: [who, what, at, money, phone]',
    )
    const lines = [
      '{"who":"u1","what":7,"at":"2026-01-02","money":1.5}',
      '',
      '{"who":"u2","what":"x","at":"2026-01-01"}',
    ]
    const one = file('one.jsonl.gz', gzipSync(lines.join('\r\n')))
    const two = file('two.jsonl', `\ufeff${lines[0]}\n[]\n{bad\n`)
    const args = ['--mapping', mapping(jsonl), '--out', out, '--max-rejects', '50%', '--json']
    const { code, stdout } = await run('import', one, two, ...args)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 5,
      events: 5,
      claims: 3,
      redemptions: 2,
      skipped: 0,
      rejected: 2,
      reasons: {
        'not-json': {
          count: 2,
          examples: [`${two}:2: the line is not a JSON object`, `${two}:3: the line is not JSON`],
        },
      },
    })
    expect((await rowsOf())[1]?.event).toMatchObject({ user: 'u1', campaign: '7', kind: 'claim' })
  })

  test('a line of JSON that nests without end is rejected, and the next is read', async () => {
    const jsonl = mappingText.replace(
      'name: clicks',
      'format: jsonl\ncolumns: [who, what, at, money, phone]',
    )
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const lines = [deep, '7'].map((what) => `{"who":"u1","what":${what},"at":"2026-01-02"}`)
    const path = file('deep.jsonl', `${lines.join('\n')}\n`)
    const args = ['--mapping', mapping(jsonl), '--out', out, '--max-rejects', '50%', '--json']
    const { code, stdout } = await run('import', path, ...args)
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        rows: 2,
        rejected: 1,
        reasons: { 'bad-field': { examples: [`${path}:1: nested deeper than 64 levels`] } },
      },
    ])
  })

  test('--max-rejects decides between 0 and 3; the good rows are kept in both', async () => {
    const path = csv(good, 'u2,spring,never,,', good, good)
    const strict = await importOf(path)
    expect(strict.code).toBe(3)
    expect(strict.stderr).toContain(`${path}:3: occurredAt: not a time`)
    expect(strict.stderr).toContain('1 rejected, 25 %, more than --max-rejects 0.1 %')
    expect(namesOf(await rowsOf())).toEqual(['u1', 'bad-field', 'u1', 'u1'])
    expect((await importOf(path, '--max-rejects', '0.25')).code).toBe(0)
    expect((await importOf(path, '--max-rejects', 'some')).code).toBe(2)
  })
})

describe('bad rows', () => {
  const cases: [string, string | Buffer, string][] = [
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('u2,'), Buffer.of(0xff, 0xfe), Buffer.from(',2026-01-01,,')]),
      'invalid-utf8',
    ],
    ['too few columns', 'u2,spring', 'bad-field'],
    ['a stray quote', 'u2,spring,"2026"-01-01,,', 'bad-field'],
    ['a day that is none', 'u2,spring,2026-02-30,,', 'bad-field'],
    ['no time', 'u2,spring,,,', 'missing-field'],
    ['no user', ',spring,2026-01-01,,', 'missing-field'],
    ['a date in 1970', 'u2,spring,1970-01-01,,', 'stale-time'],
    ['a date to come', 'u2,spring,2999-01-01,,', 'future-time'],
    ['a control character', 'u\u0000,spring,2026-01-01,,', 'bad-field'],
    ['a name of 200 characters', `${'u'.repeat(200)},spring,2026-01-01,,`, 'bad-field'],
    ['a line of 2 MB', `u2,${'x'.repeat(2_000_000)},2026-01-01,,`, 'too-large'],
  ]
  test.each(cases)(
    '%s: rejected with line and reason, the others kept',
    async (_, line, reason) => {
      const bytes = Buffer.concat([
        Buffer.from(`${header}\n${good}\n`),
        Buffer.from(line),
        Buffer.from(`\n${good}\n`),
      ])
      const path = file('in.csv', bytes)
      const { code, stderr } = await importOf(path)
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining(`1 rejected as ${reason}, such as\n  ${path}:3: `),
      ])
      expect(namesOf(await rowsOf())).toEqual(['u1', reason, 'u1'])
    },
  )

  test('negative money', async () => {
    const path = csv(good, 'u2,spring,2026-01-02 10:00:00,-5,')
    const { code, stderr } = await importOf(path)
    expect([code, stderr]).toEqual([3, expect.stringContaining('1 rejected as negative-amount')])
    expect(namesOf(await rowsOf())).toEqual(['u1', 'u2', 'negative-amount'])
  })
})

describe('bad files', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => good.replace('u1', `u${index * 7919}`))
  const zipped = gzipSync(`${[header, ...lines].join('\n')}\n`)
  const refused: [string, () => string, number, RegExp][] = [
    ['empty', () => file('in.csv', ''), 1, /in\.csv: empty; there is nothing to import$/m],
    [
      'empty inside gzip',
      () => file('in.csv', gzipSync('')),
      1,
      /in\.csv: empty; there is not even a header line$/m,
    ],
    ['missing', () => join(folder, 'no.csv'), 1, /no\.csv: no such file or folder$/m],
    ['a folder', () => folder, 1, /: is a folder; name the files in it$/m],
    [
      'a wrong header',
      () => file('in.csv', 'who,what,when,money,phone\n'),
      2,
      /mapping\.yaml:3:55: no column at: in\.csv has who, what, when, money, phone/,
    ],
    [
      'a header named twice',
      () => file('in.csv', 'who,who\n'),
      1,
      /in\.csv:1: the header names who twice/,
    ],
  ]
  test.each(refused)('%s: refused in one line', async (_, path, exit, words) => {
    const { code, stderr } = await importOf(path())
    expect([code, stderr]).toEqual([exit, expect.stringMatching(words)])
  })

  test.each([
    [
      'cut off',
      zipped.subarray(0, zipped.length / 2),
      /in\.gz: the gzip data is cut off after line \d+; [\d,]+ rows were read: fetch/,
    ],
    [
      'without its last byte',
      zipped.subarray(0, -1),
      /in\.gz: the gzip data is cut off after line 5001; 5,000 rows/,
    ],
  ])('gzip %s: the rows before are kept', async (_, bytes, words) => {
    const { code, stderr } = await importOf(file('in.gz', bytes))
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)])
    const rows = await rowsOf()
    expect(rows.length).toBeGreaterThan(1_000)
    expect(rows.every(({ event }) => event !== null)).toBe(true)
  })

  test('damaged gzip ends with exit 1 and keeps the rows before', async () => {
    const bytes = Buffer.from(zipped)
    const middle = bytes.length >> 1
    bytes.fill(0xff, middle, middle + 50)
    const { code, stderr } = await importOf(file('in.gz', bytes), '--max-rejects', '1')
    expect([code, stderr]).toEqual([1, expect.stringContaining('in.gz: the gzip data is damaged')])
    expect((await rowsOf()).length).toBeGreaterThan(1_000)
  })

  test('a bad second file keeps the first', async () => {
    const { code } = await run(
      'import',
      csv(good),
      file('b.csv', gzipSync('')),
      '--mapping',
      mapping(),
      '--out',
      out,
    )
    expect([code, namesOf(await rowsOf())]).toEqual([1, ['u1']])
  })

  test('an output that cannot be written is refused, and nothing is left', async () => {
    mkdirSync(join(folder, 'sub'))
    for (const place of [join(folder, 'sub'), join(folder, 'no', 'out.avro')]) {
      const { code, stderr } = await run(
        'import',
        csv(good),
        '--mapping',
        mapping(),
        '--out',
        place,
      )
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^\/\S+: [^\n]+\n$/)])
    }
    expect(readdirSync(folder).sort()).toEqual(['in.csv', 'mapping.yaml', 'sub'])
  })

  test('a key file that is none is refused', async () => {
    const { code, stderr } = await importOf(csv(good), '--key', file('key', 'secret'))
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('not a key of 64 hexadecimal digits'),
    ])
  })
})

describe('as a process of its own', () => {
  const script = join(repoRoot, 'test', 'recording', 'import-main.ts')
  function spawn(before: string, path: string): Ran {
    const command = `${before} exec "$0" --import tsx "$@"`
    const args = [script, 'import', path, '--mapping', mapping(), '--out', out]
    const ran = spawnSync('bash', ['-c', command, process.execPath, ...args], {
      cwd: repoRoot,
      encoding: 'utf8',
    })
    return { stdout: ran.stdout, stderr: ran.stderr, code: ran.status ?? -1 }
  }

  test.each(['plain', 'gzip'])(
    'a line of 100 MB (%s) stays under 400 MB',
    async (form) => {
      const long = Buffer.concat([
        Buffer.from(`${header}\n${good}\n`),
        Buffer.alloc(100_000_000, 'x'),
        Buffer.from(`\n${good}\n`),
      ])
      const path = file('in.csv', form === 'gzip' ? gzipSync(long, { level: 1 }) : long)
      const { code, stderr } = spawn('', path)
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining(`${path}:3: the line is longer than`),
      ])
      expect(Number(/peak (\d+) MB/.exec(stderr)?.[1])).toBeLessThan(400)
      expect(namesOf(await rowsOf())).toEqual(['u1', 'too-large', 'u1'])
    },
    60_000,
  )

  test('a full disk (file size limit) is one line, and nothing is left', () => {
    const path = csv(...Array.from({ length: 20_000 }, () => good))
    const { code, stderr } = spawn('ulimit -f 1000;', path)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^couponguard: \S+out\.avro: larger than the file size limit; nothing was kept/,
      ),
    ])
    expect(readdirSync(folder).sort()).toEqual(['in.csv', 'mapping.yaml'])
  }, 60_000)
})
