/**
 * Address feeds: the real ones at their real size, and every way in which a file can be bad.
 *
 * proves: D3
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { feedKindOf, loadFeeds, readFeed } from '../../src/lists/feeds.ts'

const shared = join(import.meta.dirname, '../../../shared/data/ip_lists')
const directory = mkdtempSync(join(tmpdir(), 'feeds-'))
afterAll(() => rmSync(directory, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

describe('real feeds', () => {
  if (!existsSync(shared))
    throw new Error(`${shared} is missing: these tests read real feeds there`)
  const names = [
    'datacenter_ipv4.txt.gz',
    'datacenter_ipv6.txt.gz',
    'vpn_ipv4.txt.gz',
    'vpn_ipv6.txt.gz',
    'torexit_ipv4.txt.gz',
    'ipsum.txt.gz',
  ]
  const paths = names.map((name) => ({ path: join(shared, name), kind: feedKindOf(name)! }))
  const feeds = loadFeeds(paths)

  test('their kinds are told by their names', () => {
    expect(paths.map(({ kind }) => kind)).toEqual([
      'hosting',
      'hosting',
      'vpn',
      'vpn',
      'tor',
      'bad',
    ])
  })

  test('every line is read', () => {
    for (const path of paths) {
      const { ranges, rejects } = readFeed(path)
      const lines = gunzipSync(readFileSync(path.path)).toString().split('\n')
      const meant = lines.filter((line) => line !== '' && !line.startsWith('#'))
      expect({ count: rejects.count, ranges: ranges.length }).toEqual({
        count: 0,
        ranges: meant.length,
      })
    }
  })

  test.each([
    ['1.12.0.0', { hosting: true, vpn: false, tor: false, listedBy: 0 }],
    ['1.15.255.255', { hosting: true, vpn: false, tor: false, listedBy: 0 }],
    ['77.90.185.20', { hosting: false, vpn: false, tor: false, listedBy: 10 }],
    ['2.56.10.36', { hosting: false, vpn: false, tor: true, listedBy: 1 }],
    ['2001:ac8::1', { hosting: true, vpn: true, tor: false, listedBy: 0 }],
    ['9.9.9.9', { hosting: false, vpn: false, tor: false, listedBy: 0 }],
  ])('%s: %o', (ip, expected) => {
    expect(feeds.facts(ip)).toEqual({ feed: feeds.hash, ...expected })
  })

  test('the address of every line has the fact of its feed', () => {
    for (const path of paths) {
      for (const { family, words, count } of readFeed(path).ranges) {
        if (family === 6) continue
        const [word] = words as [number]
        const ip = [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.')
        const facts = feeds.facts(ip)!
        const said = path.kind === 'bad' ? facts.listedBy >= count : facts[path.kind]
        if (!said) expect.fail(`${ip} of ${path.path} reads ${JSON.stringify(facts)}`)
      }
    }
  })

  test('the hash names what they say, not how they were given', () => {
    expect(feeds.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(loadFeeds([...paths].reverse()).hash).toBe(feeds.hash)
    expect(loadFeeds(paths.slice(1)).hash).not.toBe(feeds.hash)
  })
})

test('without a feed nothing is known, which is not the same as harmless', () => {
  expect(loadFeeds([]).facts('1.2.3.4')).toBeNull()
  const path = file('tor.txt', '1.2.3.4\n')
  expect(loadFeeds([{ path, kind: 'tor' }]).facts(null)).toBeNull()
})

test.each([
  ['datacenter_ipv4.txt.gz', 'hosting'],
  ['hosting.csv', 'hosting'],
  ['vpn_ipv6.txt', 'vpn'],
  ['torexit_ipv4.txt.gz', 'tor'],
  ['tor.txt', 'tor'],
  ['ipsum.txt', 'bad'],
  ['my-bad-ips.txt', 'bad'],
  ['stores.txt', null],
  ['vector.txt', null],
  ['badge.txt', null],
])('%s is a feed of kind %s', (name, kind) => {
  expect(feedKindOf(join('/some/vpn/folder', name))).toBe(kind)
})

describe('bad feeds', () => {
  test('bad lines are counted and the first few named, without their content', () => {
    const lines = ['1.2.3.4', 'secret', '', '# note', '5.6.7.8/33', '::1', 'x'.repeat(10_000)]
    const { ranges, rejects } = readFeed({ path: file('a.txt', lines.join('\r\n')), kind: 'vpn' })
    expect(ranges).toHaveLength(2)
    expect(rejects).toMatchObject({ lines: 5, count: 3 })
    expect(rejects.examples.map((text) => text.replace(/^.*\//, ''))).toEqual([
      'a.txt:2: is no address or CIDR range',
      'a.txt:5: is no address or CIDR range',
      'a.txt:7: is no address or CIDR range',
    ])
  })

  test('the count of lists stays within its bounds', () => {
    const path = file('ipsum.txt', '1.1.1.1\t0\n2.2.2.2\t99999999\n3.3.3.3\tmany\n')
    const feeds = loadFeeds([{ path, kind: 'bad' }])
    const counts = ['1.1.1.1', '2.2.2.2', '3.3.3.3'].map((ip) => feeds.facts(ip)!.listedBy)
    expect(counts).toEqual([1, 65_535, 1])
  })

  const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1)
  test.each([
    [
      'a gzip cut short',
      file('cut.gz', half(gzipSync('1.2.3.4\n'.repeat(500)))),
      /cut short or damaged/,
    ],
    [
      'a gzip bomb',
      file('bomb.gz', gzipSync(Buffer.alloc(257 * 1024 * 1024))),
      /more than 256 MiB/,
    ],
    ['no file', join(directory, 'none.txt'), /there is no such file/],
    ['a directory', directory, /is a directory/],
  ])('%s is refused in one line', (_, path, message) => {
    const read = () => readFeed({ path, kind: 'vpn' })
    expect(read).toThrow(message)
    expect(read).toThrow(/^[^\n]+$/)
  })

  test('a line of 100 MB costs no more than its bytes', () => {
    const path = file(
      'long.txt',
      Buffer.concat([Buffer.alloc(100 * 1024 * 1024, 120), Buffer.from('\n1.2.3.4\n')]),
    )
    const { ranges, rejects } = readFeed({ path, kind: 'vpn' })
    expect({ ranges: ranges.length, rejected: rejects.count }).toEqual({ ranges: 1, rejected: 1 })
    expect(process.memoryUsage().heapUsed).toBeLessThan(400 * 1024 * 1024)
  })
})
