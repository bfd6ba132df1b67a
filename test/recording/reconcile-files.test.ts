/**
 * What `reconcile` reads and writes: settlements in every form that is taken, bad ones with their
 * clear line and exit code while what is good is kept, users in the recording's form, and a file
 * of findings that no spreadsheet takes for formulas.
 *
 * proves: D15
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { cell } from '../../src/recording/findings-file.ts'
import { rowsOf } from '../cli/shop-files.ts'
import { scratchFolder } from '../support/run-cli.ts'
import { type Ran, run } from './sample-rows.ts'

const shopMapping = `name: shop
fields: { user: user, occurredAt: time(at), campaign: '"c1"', couponAmount: whole(sum), currency: '"CNY"' }
expand: [{ kind: redemption }]
`
const phone = '13800138000'
const users = ['u0', 'u1', phone, 'u3', 'u4']
const at = (minutes: number) => new Date(Date.UTC(2026, 2, 1, 10, minutes)).toISOString()
const shop = ['user,at,sum', ...users.map((user, index) => `${user},${at(index)},${100 + index}`)]

/** The command on files of this folder, whose name is left out of what it says. */
async function runIn(cwd: string, ...words: string[]): Promise<Ran> {
  const isFile = /\.(?:avro|csv|jsonl|yaml)$|^KEY$/
  const ran = await run(...words.map((word) => (isFile.test(word) ? join(cwd, word) : word)))
  return { ...ran, stderr: ran.stderr.replaceAll(`${cwd}/`, '') }
}

async function runWell(cwd: string, ...words: string[]): Promise<Ran> {
  const ran = await runIn(cwd, ...words)
  expect(ran, words.join(' ')).toMatchObject({ code: 0, stderr: '' })
  return ran
}

const lastLine = ({ stderr }: Ran) => stderr.trimEnd().split('\n').at(-1) ?? ''

/** A folder with a recording of five redemptions; and the ids of its events. */
async function shopFolder(...options: string[]): Promise<{ cwd: string; ids: string[] }> {
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'm.yaml'), shopMapping)
  writeFileSync(join(cwd, 'shop.csv'), `${shop.join('\n')}\n`)
  writeFileSync(join(cwd, 'KEY'), 'ab'.repeat(32))
  await runWell(cwd, 'import', 'shop.csv', '--mapping', 'm.yaml', '--out', 'r.avro', ...options)
  return { cwd, ids: (await rowsOf(join(cwd, 'r.avro'))).map(({ event }) => event!.id) }
}

const head = 'event_id,user,time,amount,currency,status'
const lineOf = (id: string, index: number, about: string) =>
  `${id},${users[index]},${at(index + 1)},${about}`
const line = (id: string, index: number) => lineOf(id, index, `${100 + index},CNY,settled`)
/** Something that was paid two hours later, so that everything is old enough. */
const late = `x,u9,${at(120)},1,CNY,failed`
const csv = (...lines: string[]) => `${[head, ...lines, late].join('\n')}\n`

const kindsIn = (stdout: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries<{ events: number }>(JSON.parse(stdout).kinds)
      .map(([kind, { events }]): [string, number] => [kind, events])
      .filter(([, events]) => events > 0),
  )

describe('settlements in the forms that are taken', () => {
  type Files = (ids: string[]) => Record<string, string | Buffer>
  const forms: [what: string, words: string[], files: Files][] = [
    ['CSV', ['s.csv'], (ids) => ({ 's.csv': csv(...ids.map(line)) })],
    ['gzip', ['s.csv'], (ids) => ({ 's.csv': gzipSync(csv(...ids.map(line))) })],
    ['a byte order mark', ['s.csv'], (ids) => ({ 's.csv': `\ufeff${csv(...ids.map(line))}` })],
    [
      'several files',
      ['a.csv', 'b.csv'],
      (ids) => ({
        'a.csv': csv(...ids.map(line).slice(0, 2)),
        'b.csv': csv(...ids.map(line).slice(2)),
      }),
    ],
    [
      'CSV without currency, columns in another order, times in milliseconds',
      ['s.csv'],
      (ids) => ({
        's.csv': [
          'status,amount,time,user,event_id',
          ...ids.map(
            (id, index) => `SETTLED,${100 + index},${Date.parse(at(index))},${users[index]},${id}`,
          ),
        ].join('\n'),
      }),
    ],
    [
      'JSON lines',
      ['s.jsonl'],
      (ids) => ({
        's.jsonl': ids
          .map((id, index) =>
            JSON.stringify({
              ...{ event_id: id, user: users[index], time: at(index), amount: 100 + index },
              ...{ currency: 'cny', status: 'settled', more: [1] },
            }),
          )
          .join('\n'),
      }),
    ],
    [
      'columns of their own, by a mapping',
      ['s.csv', '--mapping', 'psp.yaml'],
      (ids) => ({
        'psp.yaml': `delimiter: ";"
zone: Asia/Shanghai
let: { paid: state == "OK" }
fields:
  event: ref
  user: who
  time: time(when)
  amount: minor(sum)
  status: 'paid ? "settled" : "failed"'
`,
        's.csv': [
          'ref;who;when;sum;state',
          ...ids.map((id, index) => `${id};${users[index]};2026-03-01 18:05:00;1.0${index};OK`),
        ].join('\n'),
      }),
    ],
  ]
  test.each(forms)('%s', async (_, words, files) => {
    const { cwd, ids } = await shopFolder()
    for (const [name, content] of Object.entries(files(ids)))
      writeFileSync(join(cwd, name), content)
    const { stdout } = await runWell(cwd, 'reconcile', 'r.avro', ...words, '--json')
    expect(kindsIn(stdout)).toEqual({ settled: 5 })
  })

  test('in words, with what is usual beside it', async () => {
    const { cwd, ids } = await shopFolder()
    writeFileSync(join(cwd, 's.csv'), csv(...ids.map(line).slice(0, 4)))
    const { stdout } = await runWell(cwd, 'reconcile', 'r.avro', 's.csv')
    expect(stdout).toContain('users with an anomaly: 1 of 6, 16.67 %; about 6.3 % is usual\n')
    expect(stdout).toMatch(/^used-but-not-spent +1 {2}1 user, 104 CNY$/m)
  })

  test('sums what names no currency that can be as unknown', async () => {
    const { cwd } = await shopFolder()
    const called = ['cny', '__proto__', 'C\u001b[31mNY', 'coins', '']
    writeFileSync(
      join(cwd, 's.csv'),
      csv(...called.map((name, n) => lineOf(`x-${n}`, n, `${10 ** n},${name},settled`))),
    )
    const words = ['reconcile', 'r.avro', 's.csv', '--until', at(120)]
    const { stdout } = await runWell(cwd, ...words)
    expect(stdout).toMatch(/^uncovered .* 101 CNY, 11,110 unknown$/m)
  })

  test('--until says that a silent payment side was there, and --after how long it may take', async () => {
    const { cwd, ids } = await shopFolder()
    const paid = ids.slice(0, 1).map(line)
    writeFileSync(
      join(cwd, 's.csv'),
      `${[head, ...paid, late.replace('10:', '09:').replace('12:', '09:')].join('\n')}\n`,
    )
    const kinds = async (...words: string[]) =>
      kindsIn((await runWell(cwd, 'reconcile', 'r.avro', 's.csv', '--json', ...words)).stdout)
    expect(await kinds()).toEqual({ settled: 1, 'too-young': 4 })
    expect(await kinds('--until', at(32))).toEqual({
      ...{ settled: 1, 'used-but-not-spent': 2, 'too-young': 2 },
    })
    expect(await kinds('--until', at(32), '--after', '28m')).toEqual({
      ...{ settled: 1, 'used-but-not-spent': 4 },
    })
    const { stdout } = await runWell(cwd, 'reconcile', 'r.avro', 's.csv')
    expect(stdout).toContain(`look again at ${at(34)}\n`)
    const early = await runIn(cwd, 'reconcile', 'r.avro', 's.csv', '--until', '2020-01-01T00:00Z')
    expect(lastLine(early)).toMatch(/^--until: is before the first settlement, of 2026-03-01T/)
    expect(early.code).toBe(1)
  })
})

describe('settlements that cannot be read', () => {
  const bad: [row: string, said: string][] = [
    ['e,u,yesterday,1,CNY,settled', 'bad-field, such as\n  s.csv:3: time: not a time'],
    ['e,u,2999-01-01,1,CNY,settled', 'future-time, such as\n  s.csv:3: time is still to come'],
    ['e,u,1970-01-01,1,CNY,settled', 'stale-time, such as\n  s.csv:3: time is before'],
    ['e,u,2026-03-01,1.50,CNY,settled', 'bad-field, such as\n  s.csv:3: amount: not a whole'],
    ['e,u,2026-03-01,-1,CNY,settled', 'negative-amount, such as\n  s.csv:3: amount is below'],
    ['e,u,2026-03-01,,CNY,settled', 'missing-field, such as\n  s.csv:3: amount is empty'],
    ['e,,2026-03-01,1,CNY,settled', 'missing-field, such as\n  s.csv:3: user is empty'],
    [',u,2026-03-01,1,CNY,settled', 'missing-field, such as\n  s.csv:3: event is empty'],
    ['e,u,2026-03-01,1,CNY,lost', 'bad-field, such as\n  s.csv:3: status is none of settled,'],
    ['e,u,2026-03-01,1,CNY', 'bad-field, such as\n  s.csv:3: 5 columns where the header has 6'],
    [`${'e'.repeat(129)},u,2026-03-01,1,CNY,settled`, 's.csv:3: event is longer than 128'],
  ]
  test.each(bad)('%.40s', async (row, said) => {
    const { cwd, ids } = await shopFolder()
    const [first, ...rest] = ids.map(line)
    writeFileSync(join(cwd, 's.csv'), csv(first!, row, ...rest))
    const ran = await runIn(cwd, 'reconcile', 'r.avro', 's.csv', '--json')
    expect([ran.code, kindsIn(ran.stdout)]).toEqual([3, { settled: 5 }])
    expect(ran.stderr).toContain('couponguard: 1 rejected as ')
    expect(ran.stderr).toContain(said)
    expect(lastLine(ran)).toMatch(/1 rejected, 14.3 %, .*; the others were reconciled$/)
  })

  type Content = (rows: string[]) => string | Buffer
  const files: [what: string, content: Content, code: number, said: RegExp][] = [
    [
      'another header',
      () => 'event_id,who,\u001b[31mtime\n',
      1,
      /^s\.csv:1: the header has no column user, time, amount, status; it has event_id, who, \?\[31mtime: rename/,
    ],
    ['a header alone', () => `${head}\n`, 1, /^s\.csv: empty; there is no settlement in it$/],
    ['nothing', () => '', 1, /^s\.csv: empty/],
    [
      'gzip that is cut off',
      (rows) => gzipSync(csv(...rows)).subarray(0, -9),
      1,
      /^s\.csv: the gzip data is cut off after \d rows, and what is missing counts as not settled/,
    ],
  ]
  test.each(files)('%s', async (_, content, code, said) => {
    const { cwd, ids } = await shopFolder()
    writeFileSync(join(cwd, 's.csv'), content(ids.map(line)))
    const ran = await runIn(cwd, 'reconcile', 'r.avro', 's.csv', '--out', 'look.csv')
    expect(ran.code).toBe(code)
    expect(lastLine(ran)).toMatch(said)
    expect(readdirSync(cwd).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  const mistakes: [mapping: string, said: string][] = [
    ['fields: { event: event_id }', 'fields lacks user; a settlement has event, user, time'],
    [
      'fields: { event: event_id, user: user, time: time(time), amount: amount, status: state }',
      'amount takes a number, this is a string; use whole()',
    ],
    ['fields: { evnt: event_id }', 'a settlement has no field evnt; did you mean event?'],
  ]
  test.each(mistakes)('a mapping with a mistake: %s', async (mapping, said) => {
    const { cwd } = await shopFolder()
    writeFileSync(join(cwd, 's.csv'), csv())
    writeFileSync(join(cwd, 'psp.yaml'), `${mapping}\n`)
    const ran = await runIn(cwd, 'reconcile', 'r.avro', 's.csv', '--mapping', 'psp.yaml')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(said)
  })
})

describe('users', () => {
  test('that look personal are met in the form of the recording, and never written', async () => {
    const { cwd, ids } = await shopFolder('--key', 'KEY')
    writeFileSync(join(cwd, 's.csv'), csv(...ids.map((id, at) => lineOf(id, at, '7,CNY,settled'))))
    const words = ['reconcile', 'r.avro', 's.csv', '--key', 'KEY', '--out', 'look.csv', '--json']
    const { stdout } = await runWell(cwd, ...words)
    expect(kindsIn(stdout)).toEqual({ 'amount-differs': 5 })
    const written = readFileSync(join(cwd, 'look.csv'), 'utf8')
    expect(written).toMatch(/,p:[0-9a-f]{32},/)
    expect(written + stdout).not.toContain(phone)
  })

  test('that come in the form of the recording are met as they are', async () => {
    const { cwd } = await shopFolder()
    const lines = (await rowsOf(join(cwd, 'r.avro'))).map(({ event }, index) =>
      [event!.id, event!.user, at(index), 100 + index, 'CNY', 'settled'].join(','),
    )
    writeFileSync(join(cwd, 's.csv'), csv(...lines))
    const { stdout } = await runWell(cwd, 'reconcile', 'r.avro', 's.csv', '--json')
    expect(kindsIn(stdout)).toEqual({ settled: 5 })
  })

  test('hashed with another key are refused', async () => {
    const { cwd, ids } = await shopFolder('--key', 'KEY')
    writeFileSync(join(cwd, 's.csv'), csv(...ids.map(line)))
    const ran = await runIn(cwd, 'reconcile', 'r.avro', 's.csv')
    expect([ran.code, ran.stdout]).toEqual([1, ''])
    expect(lastLine(ran)).toMatch(/name the recording's key with --key$/)
  })
})

describe('the file of findings', () => {
  test('says what was found and where, in order of time, the same every time', async () => {
    const { cwd, ids } = await shopFolder()
    const paid = ids.map(line)
    writeFileSync(join(cwd, 's.csv'), csv(paid[0]!, paid[1]!, lineOf(ids[3]!, 3, '9,HKD,settled')))
    const run = (out: string) => runWell(cwd, 'reconcile', 'r.avro', 's.csv', '--out', out)
    await run('a.csv')
    await run('b.csv')
    const written = readFileSync(join(cwd, 'a.csv'), 'utf8').replaceAll(`${cwd}/`, '')
    expect(readFileSync(join(cwd, 'b.csv'), 'utf8').replaceAll(`${cwd}/`, '')).toBe(written)
    const user = (await rowsOf(join(cwd, 'r.avro')))[2]!.event!.user
    expect(written.split('\n')).toEqual([
      'kind,event,user,redeemed_at,redeemed_amount,settled_at,settled_amount,currency,look_again_at,notes,settlement',
      `used-but-not-spent,${ids[2]},${user},${at(2)},102,,,CNY,,,`,
      `amount-differs,${ids[3]},u3,${at(3)},103,${at(4)},9,CNY HKD,,amount currency,s.csv:4`,
      `used-but-not-spent,${ids[4]},u4,${at(4)},104,,,CNY,,,`,
      '',
    ])
  })

  const cells: [text: string, written: string][] = [
    ['e1', 'e1'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    [' =1', "' =1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ['a"b', '"a""b"'],
    ['a\n=1', '"a\n=1"'],
  ]
  test.each(cells)('%j is written as %s', (text, written) => {
    expect(cell(text)).toBe(written)
  })
})
