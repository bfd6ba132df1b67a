/**
 * A log that another worker wrote anew, and that then became just as long as this one knows it: it
 * is not taken for the same, whether the list of rewritten logs still tells or was cut meanwhile.
 */
import { beforeEach, describe, expect, inject, test, vi } from 'vitest'
import type { Event } from '../../src/core/schema.gen.ts'
import { hashSlots, type Observation } from '../../src/core/signals/observation.ts'
import type { LogName } from '../../src/core/signals/readings.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { kindOf, RedisKeys } from '../../src/state/redis-keys.ts'
import { newRedisStore } from '../../src/state/redis-store.ts'
import type { Observed } from '../../src/state/signal-store.ts'
import { holdCalls } from '../support/held-client.ts'
import { horizonAt, observationOf } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { connected, oneServer } from '../support/redis-servers.ts'

const noon = Date.UTC(2026, 2, 10, 4)
const device = 'c0ffee00c0ffee00c0ffee00c0ffee00'
const keys = new RedisKeys('cg')

/** Events a second apart: of one device, each by a user of its own, or of one user. */
const eventAt = (number: number, about: Partial<Event>) => {
  const occurredAt = noon + number * 1_000
  return observationOf({
    event: plainEvent({ id: `e${number}`, user: `u${number}`, occurredAt, ...about }),
    recordedAt: occurredAt,
    position: number,
    horizon: horizonAt(occurredAt),
  })
}
const batch = (from: number, count: number, about: Partial<Event>) =>
  Array.from({ length: count }, (_, index) => eventAt(from + index, about))

/** What fills a log, and after how many events it has come to its caps and was compacted. */
const logs: readonly { kind: LogName; slot: number; about: Partial<Event>; first: number }[] = [
  { kind: 'device', slot: hashSlots.device, about: { device }, first: 600 },
  { kind: 'user', slot: hashSlots.user, about: { user: 'busy' }, first: 1_600 },
]

describe.skipIf(inject('redisUrl') === null)('a log written anew by another', () => {
  const redis = oneServer()
  beforeEach(async () => {
    await redis().client.flushall()
  })

  const listOf = async () => (await redis().client.getBuffer(keys.rewritten(0)))!
  const fates: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['is in the list', () => Promise.resolve()],
    ['was in a list that is gone', () => redis().client.del(keys.rewritten(0))],
    [
      'was in the half of the list that was cut',
      async () => redis().client.set(keys.rewritten(0), (await listOf()).subarray(-25)),
    ],
    [
      'was in a list that was cut and has grown to what it was',
      async () => {
        const list = await listOf()
        await redis().client.set(keys.rewritten(0), Buffer.alloc(list.length, 7))
      },
    ],
  ]
  const cases = logs.flatMap((log) =>
    fates.map(([fate, afterwards]) => ({ log, fate, afterwards })),
  )

  test.each(cases)('that is a $log.kind’s and $fate', async ({ log, afterwards }) => {
    const { client } = redis()
    const { kind, slot, about, first } = log
    const [one, other] = [newRedisStore({ client }), newRedisStore({ client })]
    const memory = newMemoryStore()
    await one.refill(() => Promise.resolve())
    const { hashes } = eventAt(0, about)
    const key = keys.log({ kind: kindOf(kind), low: hashes[slot]!, high: hashes[slot + 1]! })
    let next = 0
    const step = async (store: typeof one, count: number) => {
      const observed = await store.observe(batch(next, count, about))
      expect(observed).toEqual(await memory.observe(batch(next, count, about)))
      next += count
    }
    // The log was compacted; what `one` knows is what stands there.
    while (next < first) await step(one, 50)
    await step(one, 3)
    const known = await client.strlen(key)
    const stamp = await client.getrange(key, 0, 7)
    // The other goes on until it was compacted again and is as long as before.
    while ((await client.getrange(key, 0, 7)) === stamp) await step(other, 1)
    while ((await client.strlen(key)) < known) await step(other, 1)
    expect(await client.strlen(key)).toBe(known)
    await afterwards()
    await step(one, 1)
    await step(other, 5)
    await step(one, 5)
  })

  test('between two calls of one batch, of which the later tells of it', async () => {
    const { client } = redis()
    const held = holdCalls(await connected(redis().servers.url))
    const [one, other] = [newRedisStore(held), newRedisStore({ client })]
    const memory = newMemoryStore()
    await one.refill(() => Promise.resolve())
    const { hashes } = eventAt(0, { device })
    const [low, high] = [hashes[hashSlots.device]!, hashes[hashSlots.device + 1]!]
    const key = keys.log({ kind: kindOf('device'), low, high })
    const step = async (store: typeof one, observations: readonly Observation[]) =>
      expect(await store.observe(observations)).toEqual(await memory.observe(observations))
    for (let from = 0; from < 600; from += 50) await step(one, batch(from, 50, { device }))
    // More than a day later the log is looked at closely, by the first of two calls.
    const later = 25 * 3_600
    const many = [
      ...batch(later, 1, { device }),
      ...Array.from({ length: 600 }, (_, index) =>
        eventAt(later + 1 + index, { device: `${index}`.padStart(32, '0') }),
      ),
    ]
    held.plan('sent', 'sent', 'sent', 'sent', 'held')
    const observing = one.observe(many)
    await vi.waitFor(() => expect(held.held()).toBe(1), { timeout: 20_000, interval: 5 })
    const expected = await memory.observe(many)
    const length = await client.strlen(key)
    const stamp = await client.getrange(key, 0, 7)
    let next = later + 700
    const isAsLong = async () =>
      (await client.getrange(key, 0, 7)) !== stamp && (await client.strlen(key)) >= length
    while (!(await isAsLong())) await step(other, batch(next++, 1, { device }))
    await held.release()
    expect(await observing).toEqual(expected)
    await step(one, batch(next, 1, { device }))
    held.client.disconnect()
  })

  test.each(['dropped', 'lost'] as const)(
    'by this one, but the call was %s: the batch is sent again',
    async (fate) => {
      const held = holdCalls(await connected(redis().servers.url))
      const store = newRedisStore(held)
      const memory = newMemoryStore()
      await store.refill(() => Promise.resolve())
      let rewritten = 0
      for (let from = 0; from < 1_500; from += 50) {
        const observations = batch(from, 50, { device })
        const before = held.sent()
        held.plan(fate, fate)
        await expect(store.observe(observations)).rejects.toThrow('Connection is closed')
        if (held.sent() - before > 1) rewritten += 1
        else await expect(store.observe(observations)).rejects.toThrow('Connection is closed')
        const observed = await store.observe(observations)
        const readings = (some: readonly Observed[]) => some.map((one) => one.readings)
        expect(readings(observed)).toEqual(readings(await memory.observe(observations)))
      }
      expect(rewritten).toBeGreaterThan(2)
      held.client.disconnect()
    },
  )

  test('and given again to who never met it: what time forgot is no loss', async () => {
    const { client } = redis()
    const [one, other] = [newRedisStore({ client }), newRedisStore({ client })]
    await one.refill(() => Promise.resolve())
    const about = { user: 'busy' }
    // The second event of the turn outlives ids that were not forgotten yet at its first.
    const turn = [26 * 3_600, 26 * 3_600 + 1_200].map((seconds) => eventAt(seconds, about))
    await one.observe(batch(0, 700, about))
    await one.observe(turn)
    const { hashes } = turn[0]!
    const [low, high] = [hashes[hashSlots.user]!, hashes[hashSlots.user + 1]!]
    const key = keys.log({ kind: kindOf('user'), low, high })
    // It was written anew without them.
    expect(await client.strlen(key)).toBeLessThan(700 * 32)
    const again = await other.observe(turn)
    expect(again.map(({ repeatsSaturated }) => repeatsSaturated)).toEqual([false, false])
  })

  test('is listed in a list that stays bounded', async () => {
    const { client } = redis()
    const store = newRedisStore({ client })
    await store.refill(() => Promise.resolve())
    await client.set(keys.rewritten(0), Buffer.alloc(2 ** 20 + 25 - (2 ** 20 % 25), 7))
    for (let from = 0; from < 1_500; from += 100) await store.observe(batch(from, 100, { device }))
    const length = await client.strlen(keys.rewritten(0))
    expect(length).toBeLessThan(2 ** 20)
    expect(length).toBeGreaterThan(2 ** 18)
    expect(length % 25).toBe(0)
  })
})
