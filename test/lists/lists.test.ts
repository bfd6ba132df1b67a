/** What an event meets in the lists: kinds, nesting, expiry, order and the bound. proves: D3 */
import { describe, expect, test } from 'vitest'
import { decodeEvent } from '../../src/core/event/decode.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { CouponEvent, Event, ListEntry } from '../../src/core/schema.gen.ts'
import { isKeptValue, keptValue } from '../../src/lists/kept-value.ts'
import { entryId, indexLists, listKinds, matchesMax } from '../../src/lists/lists.ts'
import { plainEvent } from '../support/plain-event.ts'

const now = Date.UTC(2026, 1, 1)
const keys = deriveKeys(new TextEncoder().encode('a key for these tests'))

/** `list/kind/value`, with ` until N` milliseconds from now. */
function entry(text: string): ListEntry {
  const [id = '', until] = text.split(' until ')
  const [list, kind, ...value] = id.split('/') as [ListEntry['list'], ListEntry['kind'], string]
  const expiresAt = until === undefined ? null : now + Number(until)
  const about = { source: 'test', note: null, addedAt: now, expiresAt, keyId: null }
  return { list, kind, value: value.join('/'), ...about }
}

const met = (entries: readonly string[], event: Partial<Event>) =>
  indexLists(entries.map(entry))
    .match(plainEvent(event), now)
    .map((match) => match.entry)

describe('match', () => {
  test.each<[string, string[], Partial<Event>, string[]]>([
    ['no entries', [], { ip: '1.2.3.4' }, []],
    ['user', ['block/user/u1'], { user: 'u1' }, ['block/user/u1']],
    ['another user', ['block/user/u1'], { user: 'u2' }, []],
    ['a value of another kind', ['block/device/u1'], { user: 'u1' }, []],
    ['device', ['watch/device/d'], { device: 'd' }, ['watch/device/d']],
    ['phone', ['block/phone/p'], { phone: 'p' }, ['block/phone/p']],
    ['code', ['block/code/c'], { codeHash: 'c' }, ['block/code/c']],
    ['block of a code', ['block/code/c'], { codeBlock: 'c' }, []],
    ['address', ['block/ip/1.2.3.4'], { ip: '1.2.3.4' }, ['block/ip/1.2.3.4']],
    ['neighbour', ['block/ip/1.2.3.4'], { ip: '1.2.3.5' }, []],
    ['range', ['block/ip/1.2.0.0/16'], { ip: '1.2.255.255' }, ['block/ip/1.2.0.0/16']],
    ['IPv6 range', ['block/ip/2001:db8::/32'], { ip: '2001:db8:f::1' }, ['block/ip/2001:db8::/32']],
    [
      'narrowest range',
      ['block/ip/1.0.0.0/8', 'block/ip/1.2.0.0/16'],
      { ip: '1.2.3.4' },
      ['block/ip/1.2.0.0/16'],
    ],
    [
      'wide allow inside wider block',
      ['block/ip/1.0.0.0/8', 'allow/ip/1.2.0.0/16'],
      { ip: '1.2.3.4' },
      ['block/ip/1.0.0.0/8', 'allow/ip/1.2.0.0/16'],
    ],
    [
      'domain',
      ['block/referrer/evil.com'],
      { referrerDomain: 'evil.com' },
      ['block/referrer/evil.com'],
    ],
    [
      'subdomain',
      ['block/referrer/evil.com'],
      { referrerDomain: 'a.b.evil.com' },
      ['block/referrer/evil.com'],
    ],
    ['name that only ends alike', ['block/referrer/evil.com'], { referrerDomain: 'devil.com' }, []],
    ['domain above', ['block/referrer/a.evil.com'], { referrerDomain: 'evil.com' }, []],
    [
      'narrowest domain',
      ['block/referrer/evil.com', 'block/referrer/a.evil.com'],
      { referrerDomain: 'x.a.evil.com' },
      ['block/referrer/a.evil.com'],
    ],
    ['the last moment', ['block/user/u1 until 1'], {}, ['block/user/u1']],
    ['expired', ['block/user/u1 until 0'], {}, []],
    [
      'expired narrow, standing wide',
      ['block/ip/1.2.3.4 until 0', 'block/ip/1.2.0.0/16'],
      { ip: '1.2.3.4' },
      ['block/ip/1.2.0.0/16'],
    ],
    [
      'strongest first',
      ['watch/user/u1', 'allow/device/d', 'block/ip/1.2.3.4'],
      { device: 'd', ip: '1.2.3.4' },
      ['block/ip/1.2.3.4', 'allow/device/d', 'watch/user/u1'],
    ],
    ['absent fields', ['block/ip/0.0.0.0/0', 'block/device/d', 'block/phone/p'], {}, []],
    ['a later entry replaces an earlier', ['block/user/u1', 'block/user/u1 until 0'], {}, []],
  ])('%s', (_, entries, event, expected) => {
    expect(met(entries, event)).toEqual(expected)
  })

  test('everything at once stays within the bound, and only watch entries are cut', () => {
    const values = {
      user: 'u1',
      device: 'd',
      ip: '1.2.3.4',
      phone: 'p',
      code: 'c',
      referrer: 'evil.com',
    }
    const all = ['watch', 'block', 'allow'].flatMap((list) =>
      listKinds.map((kind) => `${list}/${kind}/${values[kind]}`),
    )
    const event = {
      device: 'd',
      ip: '1.2.3.4',
      phone: 'p',
      codeHash: 'c',
      referrerDomain: 'evil.com',
    }
    const found = met(all, event)
    expect(found).toHaveLength(matchesMax)
    expect(found.slice(0, 12).every((id) => !id.startsWith('watch'))).toBe(true)
  })
})

test('a value is kept as decoding keeps the field that it is compared with', () => {
  const published: CouponEvent = {
    ...plainEvent({}),
    user: '13800138000',
    deviceFingerprint: 'MADE-BY-HAND',
    deviceAttributes: null,
    ip: '::FFFF:1.2.3.4',
    code: 'abcd-0001',
    referrer: 'https://a.Evil.com/x',
    recipientPhone: '+86 139 0013 9000',
  }
  const event = decodeEvent(published, keys)
  if ('rejected' in event) throw new Error(event.detail)
  const written = {
    user: '13800138000',
    device: 'MADE-BY-HAND',
    ip: '1.2.3.0/24',
    phone: '13900139000',
    code: 'ABCD 0001',
    referrer: '*.evil.com',
  }
  const entries = listKinds.map((kind): ListEntry => {
    const value = keptValue(kind, written[kind], keys)!
    expect(isKeptValue(kind, value), kind).toBe(true)
    return { ...entry('block/user/x'), kind, value }
  })
  const found = indexLists(entries).match(event, now)
  expect(found.map(({ entry: id }) => id).sort()).toEqual(entries.map(entryId).sort())
  expect(JSON.stringify(found)).not.toMatch(/138001|139001|ABCD|HAND/i)
})

test.each([
  ['ip', 'not an address'],
  ['ip', ''],
  ['phone', 'call me'],
  ['phone', '1'],
  ['referrer', 'no domain!'],
  ['unknown', 'x'],
] as const)('%s: %o is no value', (kind, text) => {
  expect(keptValue(kind, text, keys)).toBeNull()
})
