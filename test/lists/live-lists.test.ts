/** Lists that change while they are used know at every moment what one built anew would know. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event, ListEntry } from '../../src/core/schema.gen.ts'
import { entryId, indexLists, newLiveLists } from '../../src/lists/lists.ts'
import { plainEvent } from '../support/plain-event.ts'

const now = Date.UTC(2026, 1, 1)
const values: Readonly<Record<string, readonly string[]>> = {
  user: ['u1', 'u2'],
  device: ['d1'],
  phone: ['p1'],
  code: ['c1'],
  ip: ['1.2.3.4', '1.2.3.0/24', '1.2.0.0/16', '1.0.0.0/8', '2001:db8::1', '2001:db8::/32'],
  referrer: ['evil.com', 'pay.evil.com'],
}
const ids = Object.entries(values).flatMap(([kind, all]) => all.map((value) => ({ kind, value })))

const entry = fc
  .tuple(
    fc.constantFrom(...ids),
    fc.constantFrom('block', 'allow', 'watch'),
    fc.constantFrom(null, now - 1, now, now + 1),
    fc.constantFrom('a', 'b'),
  )
  .map(
    ([id, list, expiresAt, source]) =>
      ({ ...id, list, expiresAt, source, note: null, addedAt: 0, keyId: null }) as ListEntry,
  )
const step = fc.record({ deed: fc.constantFrom('put', 'put', 'remove', 'settle'), entry })

const events: readonly Event[] = [
  { user: 'u1', ip: '1.2.3.4' },
  { user: 'u2', device: 'd1', phone: 'p1', codeHash: 'c1' },
  { ip: '1.2.3.5', referrerDomain: 'shop.pay.evil.com' },
  { ip: '1.9.9.9', referrerDomain: 'evil.com' },
  { ip: '2001:db8::1' },
  { ip: '2001:db8::2' },
].map((about) => plainEvent(about))

test('after any steps, once settled', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const live = newLiveLists()
      const kept = new Map<string, ListEntry>()
      for (const { deed, entry: one } of steps) {
        const id = entryId(one)
        if (deed === 'settle') live.settle()
        else if (deed === 'remove') live.remove(id)
        else live.put(one)
        if (deed === 'remove') kept.delete(id)
        if (deed === 'put') kept.set(id, one)
      }
      live.settle()
      const anew = indexLists([...kept.values()])
      expect(live.size).toBe(anew.size)
      const sorted = (found: readonly { entry: string }[]) =>
        found.map(({ entry: id }) => id).sort()
      for (const event of events)
        expect(sorted(live.match(event, now))).toEqual(sorted(anew.match(event, now)))
    }),
    { numRuns: 2_000 },
  )
})

test('everything but ranges counts at once, ranges when they are settled', () => {
  const live = newLiveLists()
  const about = { source: 's', note: null, addedAt: 0, expiresAt: null, keyId: null }
  const met = (event: Partial<Event>) =>
    live.match(plainEvent(event), now).map(({ entry: id }) => id)
  live.put({ list: 'block', kind: 'ip', value: '1.2.3.4', ...about })
  live.put({ list: 'block', kind: 'ip', value: '1.2.0.0/16', ...about })
  expect(met({ ip: '1.2.3.4' })).toEqual(['block/ip/1.2.3.4'])
  expect(met({ ip: '1.2.3.5' })).toEqual([])
  expect([live.settle(), live.settle()]).toEqual([true, false])
  expect(met({ ip: '1.2.3.5' })).toEqual(['block/ip/1.2.0.0/16'])
  // Of nested entries of one list the narrowest speaks.
  expect(met({ ip: '1.2.3.4' })).toEqual(['block/ip/1.2.3.4'])
  live.remove('block/ip/1.2.3.4')
  expect(met({ ip: '1.2.3.4' })).toEqual(['block/ip/1.2.0.0/16'])
})
