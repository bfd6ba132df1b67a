/**
 * `lists import` and `lists look-up` on real directories: what is written, said and refused.
 *
 * proves: D3
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { CommandError } from '../../src/cli/exit.ts'
import { registerLists } from '../../src/cli/lists.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import { loadLists } from '../../src/lists/lists-directory.ts'
import { plainEvent } from '../support/plain-event.ts'

const now = Date.UTC(2026, 1, 1)
const dayMs = 86_400_000
const keyOf = (name = 'test key') => deriveKeys(new TextEncoder().encode(name.padEnd(16)))
const root = mkdtempSync(join(tmpdir(), 'lists-'))
afterAll(() => rmSync(root, { recursive: true }))

let directory = root
let out = root
beforeEach(() => {
  directory = mkdtempSync(join(root, 'case-'))
  out = join(directory, 'out')
})

function file(name: string, ...lines: string[]): string {
  const path = join(directory, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** As main.ts runs it, with the clock standing still. */
async function run(...words: string[]): Promise<Ran> {
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text)
      return true
    }),
  )
  const program = new Command('couponguard').exitOverride()
  registerLists(program, { now: () => now, loadKeys: keyOf })
  try {
    await program.parseAsync(['lists', ...words], { from: 'user' })
    return { ...said, code: 0 }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { stdout: said.stdout, stderr: `${said.stderr}${error.message}`, code: error.code }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('feeds', () => {
  test('a feed replaces what the same source said before, and no other', async () => {
    await run('import', file('vpn_a.txt', '1.0.0.0/8'), file('tor.txt', '2.2.2.2'), '--out', out)
    await run('import', file('vpn_a.txt', '3.0.0.0/8'), '--out', out)
    const { feeds } = loadLists(out, keyOf())
    expect(feeds.facts('1.1.1.1')).toMatchObject({ vpn: false, tor: false })
    expect(feeds.facts('3.1.1.1')).toMatchObject({ vpn: true, tor: false })
    expect(feeds.facts('2.2.2.2')).toMatchObject({ vpn: false, tor: true })
    expect(readdirSync(join(out, 'feeds'))).toEqual(['tor.tor.txt', 'vpn.vpn_a.txt'])
  })

  test('--as tells the kind, --min-count passes over what few lists name', async () => {
    await run(
      'import',
      file('x.txt', '1.1.1.1\t4', '2.2.2.2\t5'),
      '--as',
      'bad',
      '--min-count',
      '5',
      '--out',
      out,
    )
    const { feeds } = loadLists(out, keyOf())
    expect(feeds.facts('1.1.1.1')!.listedBy).toBe(0)
    expect(feeds.facts('2.2.2.2')!.listedBy).toBe(5)
  })

  test('a damaged feed is refused when it is loaded', async () => {
    await run('import', file('tor.txt', '1.1.1.1', '2.2.2.2'), '--out', out)
    const path = join(out, 'feeds', 'tor.tor.txt')
    writeFileSync(path, readFileSync(path, 'utf8').replace('2.2.2.2\n', ''))
    expect(() => loadLists(out, keyOf())).toThrow(/holds 1 ranges where its header says 2/)
  })
})

describe('entries', () => {
  test('hold from import to expiry, and a later import renews them', async () => {
    const path = file('bad.txt', '# known', '1.2.3.4', '5.6.0.0/16\t9')
    await run(
      'import',
      path,
      '--list',
      'block',
      '--kind',
      'ip',
      '--expires-in',
      '30d',
      '--out',
      out,
    )
    const match = (ip: string, at: number) =>
      loadLists(out, keyOf()).lists.match(plainEvent({ ip }), at)
    expect(match('5.6.7.8', now + 30 * dayMs - 1)).toEqual([
      { entry: 'block/ip/5.6.0.0/16', list: 'block', kind: 'ip', source: 'bad' },
    ])
    expect(match('5.6.7.8', now + 30 * dayMs)).toEqual([])
    await run('import', path, '--list', 'block', '--kind', 'ip', '--out', out)
    expect(match('5.6.7.8', now + 30 * dayMs)).toHaveLength(1)
    expect(loadLists(out, keyOf()).lists.size).toBe(2)
  })

  test('phones and codes are written only as hashes, and found again by what was typed', async () => {
    await run(
      'import',
      file('phones.txt', '13800138000'),
      '--list',
      'block',
      '--kind',
      'phone',
      '--out',
      out,
    )
    await run(
      'import',
      file('codes.txt', 'GIFT-0001'),
      '--list',
      'watch',
      '--kind',
      'code',
      '--out',
      out,
    )
    expect(readFileSync(join(out, 'lists.jsonl'), 'utf8')).not.toMatch(/13800138000|GIFT/)
    const { stdout } = await run(
      'look-up',
      out,
      '+86 138 0013 8000',
      'gift0001',
      'nobody',
      '--json',
    )
    const { values } = JSON.parse(stdout) as {
      values: { entries: { list: string; kind: string }[] }[]
    }
    expect(values.map(({ entries }) => entries.map(({ list, kind }) => `${list}/${kind}`))).toEqual(
      [['block/phone'], ['watch/code'], []],
    )
  })

  test('hashes of another key are refused, a list without hashes serves every key', async () => {
    await run('import', file('ips.txt', '1.2.3.4'), '--list', 'block', '--kind', 'ip', '--out', out)
    expect(loadLists(out, keyOf('another key')).lists.size).toBe(1)
    await run(
      'import',
      file('phones.txt', '13800138000'),
      '--list',
      'block',
      '--kind',
      'phone',
      '--out',
      out,
    )
    const { code, stderr } = await run('look-up', out, '1.2.3.4', '--key', 'another key')
    const [ours, theirs] = [keyOf('another key').id, keyOf().id]
    const fault = `its values are hashed with key ${theirs}, this run uses ${ours}`
    const remedy = 'import them again from their source, or name their key with --key'
    expect(stderr).toBe(`${join(out, 'lists.jsonl')}: ${fault}; ${remedy}`)
    expect(code).toBe(1)
  })

  test('what import writes can be imported elsewhere', async () => {
    await run(
      'import',
      file('phones.txt', '13800138000'),
      '--list',
      'block',
      '--kind',
      'phone',
      '--out',
      out,
    )
    const copy = join(directory, 'copy')
    await run('import', join(out, 'lists.jsonl'), '--list', 'block', '--out', copy)
    expect(readFileSync(join(copy, 'lists.jsonl'))).toEqual(readFileSync(join(out, 'lists.jsonl')))
    expect(loadLists(copy, keyOf()).hash).toBe(loadLists(out, keyOf()).hash)
  })
})

describe('manners', () => {
  test('look-up says what an address is and who says so', async () => {
    await run(
      'import',
      file('vpn.txt', '1.2.0.0/16'),
      file('ipsum.txt', '1.2.3.4\t7'),
      '--out',
      out,
    )
    const block = [
      '--list',
      'block',
      '--kind',
      'ip',
      '--source',
      'desk',
      '--expires-in',
      '2w',
    ] as const
    await run('import', file('ips.txt', '1.2.3.4'), ...block, '--out', out)
    expect((await run('look-up', out, '1.2.3.4', '9.9.9.9')).stdout).toBe(
      [
        '1.2.3.4: vpn, on 7 public lists',
        '  block/ip/1.2.3.4, from desk, until 2026-02-15T00:00Z',
        '9.9.9.9: nothing known',
        '',
      ].join('\n'),
    )
  })

  test('too many bad lines: the rest is kept, and the exit code says so', async () => {
    const path = file('tor.txt', '1.1.1.1', 'nonsense')
    const { code, stderr } = await run('import', path, '--out', out)
    expect(code).toBe(3)
    expect(stderr).toContain(`${path}:2: is no address or CIDR range`)
    expect(stderr).toContain('1 of 2 lines could not be read, 50 %')
    expect(loadLists(out, keyOf()).feeds.facts('1.1.1.1')!.tor).toBe(true)
    expect((await run('import', path, '--max-rejects', '50%', '--out', out)).code).toBe(0)
  })

  test.each<[string, (path: string) => string[], number, RegExp]>([
    [
      'an unknown kind of file',
      (path) => [path],
      2,
      /does not tell what it is; say --as or --list/,
    ],
    [
      'an unknown feed',
      (path) => [path, '--as', 'proxy'],
      2,
      /--as proxy: is none of hosting, vpn/,
    ],
    ['an unknown list', (path) => [path, '--list', 'grey'], 2, /--list grey: is none of block/],
    ['an unknown kind', (path) => [path, '--list', 'block', '--kind', 'mail'], 2, /--kind mail/],
    ['both', (path) => [path, '--list', 'block', '--as', 'vpn'], 2, /give one of them/],
    ['no kind', (path) => [path, '--list', 'block'], 1, /say --kind for plain values/],
    ['no span', (path) => [path, '--list', 'block', '--expires-in', '0d'], 2, /--expires-in 0d/],
    ['no share', (path) => [path, '--as', 'vpn', '--max-rejects', '2'], 2, /--max-rejects 2/],
    ['no address in it', (path) => [path, '--as', 'vpn'], 1, /nothing was changed/],
    ['no file', () => ['none.txt', '--as', 'vpn'], 1, /none\.txt: there is no such file/],
  ])('%s is refused in one line', async (_, words, code, message) => {
    const ran = await run('import', ...words(file('stores.txt', 'plain')), '--out', out)
    expect(ran.stderr).toMatch(message)
    expect(ran.stderr).toMatch(/^[^\n]+$/)
    expect(ran.code).toBe(code)
    expect(() => loadLists(out, keyOf())).toThrow(/there is no such directory/)
  })
})
