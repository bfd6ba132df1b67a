/**
 * Batches that were done by half, twice or too late: the worker died between its calls, the
 * connection broke when the server had done the work, a frozen worker woke when its events had long
 * been judged by another. Whatever happened, each event counts once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Observation } from '../../src/core/signals/observation.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { newRedisStore } from '../../src/state/redis-store.ts'
import type { Observed } from '../../src/state/signal-store.ts'
import { type Fate, type HeldClient, holdCalls } from '../support/held-client.ts'
import { newHistory } from '../support/histories.ts'
import { inOrder, observationOf } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { connected, oneServer } from '../support/redis-servers.ts'
import { type Chance, seeded } from '../support/seeded.ts'

const noon = Date.UTC(2026, 2, 10, 4)
const about = {
  device: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  ip: '203.0.113.7',
  codeHash: 'x',
  transferSender: 'grandmother',
  merchant: 'm1',
  channel: 'group-share',
}

/** Events of three users at one address, in order. */
const events = inOrder(
  Array.from({ length: 120 }, (_, index) =>
    plainEvent({ ...about, id: `e${index}`, user: `u${index % 3}`, occurredAt: noon + index }),
  ),
).map((one) => observationOf(one))
const [batch, next] = [events.slice(0, 60), events.slice(60)]

const readings = (observed: readonly Observed[]) => observed.map((one) => one.readings)

async function once(...batches: readonly (readonly Observation[])[]) {
  const store = newMemoryStore()
  const observed: Observed[] = []
  for (const some of batches) observed.push(...(await store.observe(some)))
  return readings(observed)
}

/** Calls of a batch on one server, in order: the users' logs; the day's totals, the other logs. */
const calls = 3
const fatesWith = (fate: Fate, ...at: readonly number[]): Fate[] =>
  Array.from({ length: calls }, (_, index) => (at.includes(index) ? fate : 'sent'))

describe.skipIf(inject('redisUrl') === null)('a batch', () => {
  const redis = oneServer()
  let held: HeldClient
  let stores = 0
  beforeAll(async () => {
    held = holdCalls(await connected(redis().servers.url))
  })
  afterAll(() => held.client.disconnect())

  const open = async () => {
    stores += 1
    const prefix = `half-${stores}`
    const first = newRedisStore({ client: held.client, prefix })
    await first.refill(() => Promise.resolve())
    await first.check()
    return { first, second: newRedisStore({ client: redis().client, prefix }) }
  }

  test.each<[string, Fate[]]>([
    ['the users’ logs', fatesWith('lost', 0)],
    ['the totals', fatesWith('lost', 1)],
    ['the other logs', fatesWith('lost', 2)],
    ['both', fatesWith('lost', 1, 2)],
  ])('whose reply about %s was lost is given again', async (_, fates) => {
    const { first } = await open()
    held.plan(...fates)
    await expect(first.observe(batch)).rejects.toMatchObject({ code: 'redis-away' })
    const again = await first.observe(batch)
    expect(again.every(({ sighting }) => sighting === 'redelivered')).toBe(true)
    expect(logsOnly(readings(again))).toEqual(logsOnly(await once(batch)))
    expect(readings(await first.observe(next))).toEqual((await once(batch, next)).slice(60))
  })

  test.each<[string, Fate[]]>([
    ['all of it', ['dropped']],
    ['all but the users’ logs', fatesWith('dropped', 1, 2)],
    ['the totals', fatesWith('dropped', 1)],
    ['the other logs', fatesWith('dropped', 2)],
  ])('whose worker died before %s is taken over by another', async (_, fates) => {
    const { first, second } = await open()
    held.plan(...fates)
    await expect(first.observe(batch)).rejects.toMatchObject({ code: 'redis-away' })
    expect(logsOnly(readings(await second.observe(batch)))).toEqual(logsOnly(await once(batch)))
    expect(readings(await second.observe(next))).toEqual((await once(batch, next)).slice(60))
  })

  test.each([[[0]], [[1]], [[2]], [[0, 1, 2]]])('sent twice counts once (calls %j)', async (at) => {
    const { first } = await open()
    held.plan(...fatesWith('twice', ...at))
    const observed = await first.observe(batch)
    expect(logsOnly(readings(observed))).toEqual(logsOnly(await once(batch)))
    expect(readings(await first.observe(next))).toEqual((await once(batch, next)).slice(60))
  })

  test.each([[[0]], [[1]], [[2]], [[1, 2]]])(
    'held by a frozen worker changes nothing when he wakes (calls %j)',
    async (at) => {
      const { first, second } = await open()
      held.plan(...fatesWith('held', ...at))
      const late = first.observe(batch)
      const told = expect(late).resolves.toHaveLength(60)
      while (held.held() < at.length) await sleep(5)
      expect(logsOnly(readings(await second.observe(batch)))).toEqual(logsOnly(await once(batch)))
      await held.release()
      await told
      expect(readings(await second.observe(next))).toEqual((await once(batch, next)).slice(60))
    },
  )

  test('that waits behind one that failed fails too, so that order is kept', async () => {
    const { first } = await open()
    held.plan(...fatesWith('dropped', 1, 2))
    const [one, other] = await Promise.allSettled([first.observe(batch), first.observe(next)])
    expect([one.status, other.status]).toEqual(['rejected', 'rejected'])
    expect(logsOnly(readings(await first.observe(batch)))).toEqual(logsOnly(await once(batch)))
    expect(readings(await first.observe(next))).toEqual((await once(batch, next)).slice(60))
  })
})

describe.skipIf(inject('redisUrl') === null)('two workers whose calls fail now and then', () => {
  const redis = oneServer()
  const stepMs = 600_000

  /**
   * Busy enough for logs to be written anew, and not so busy that they come to their caps. What is
   * given again is read as it was as long as a batch spans less than lateness allows for.
   */
  function history(chance: Chance) {
    let occurredAt = noon
    const made = Array.from({ length: 4_000 }, (_, index) => {
      occurredAt += chance.below(stepMs)
      const device = `${chance.below(16)}`.padStart(32, 'c0ffee')
      const ip = `203.0.${chance.below(8)}.${chance.below(2)}`
      return plainEvent({ id: `e${index}`, user: `u${chance.below(20)}`, occurredAt, device, ip })
    })
    return inOrder(made).map((one) => observationOf(one))
  }

  test.each([301, 302, 303, 304])('read what was there all the same (seed %i)', async (seed) => {
    const chance = seeded(seed)
    const urls = ['ann', 'bob'].map((name) => connected(redis().servers.url, name))
    const workers = (await Promise.all(urls)).map((client) => {
      const held = holdCalls(client)
      return { held, store: newRedisStore({ client: held.client, prefix: `seed-${seed}` }) }
    })
    await workers[0]!.store.refill(() => Promise.resolve())
    const fate = (): Fate => (chance.in(0.1) ? chance.pick(['dropped', 'lost', 'twice']) : 'sent')
    const memory = newMemoryStore()
    const left = history(chance)
    let failures = 0
    while (left.length > 0) {
      const some = left.splice(0, chance.between(1, 12))
      let observed: readonly Observed[] | null = null
      while (observed === null) {
        const { held, store } = chance.pick(workers)
        held.plan(...Array.from({ length: 3 }, fate))
        observed = await store.observe(some).catch(() => null)
        if (observed === null) failures += 1
      }
      const expected = await memory.observe(some)
      expect(logsOnly(readings(observed))).toEqual(logsOnly(readings(expected)))
    }
    for (const { held } of workers) held.client.disconnect()
    expect(failures).toBeGreaterThan(20)
  })
})

describe.skipIf(inject('redisUrl') === null)('batches of several callers at once', () => {
  const redis = oneServer()
  const { placed } = newHistory(77, 3_000)
  const all = placed.map((one) => observationOf(one))
  const parts = Array.from({ length: 100 }, (_, index) => all.slice(index * 30, index * 30 + 30))

  test('read as one after another, in the order of asking', async () => {
    const store = newRedisStore({ client: redis().client, prefix: 'callers' })
    await store.refill(() => Promise.resolve())
    const observed = (await Promise.all(parts.map((some) => store.observe(some)))).flat()
    expect(logsOnly(readings(observed))).toEqual(logsOnly(await once(all)))
  })

  test('take few calls, and leave nothing behind', async () => {
    const held = holdCalls(await connected(redis().servers.url))
    const store = newRedisStore({ client: held.client, prefix: 'callers-2' })
    await store.refill(() => Promise.resolve())
    const before = held.sent()
    await Promise.all(parts.map((some) => store.observe(some)))
    // 3,000 events in batches of up to 1,024; few of them touch more than 512 logs.
    expect(held.sent() - before).toBeLessThan(30)
    held.client.disconnect()
  })

  test('of which one fails: those that were sent with it or wait behind it fail too', async () => {
    const held = holdCalls(await connected(redis().servers.url))
    const store = newRedisStore({ client: held.client, prefix: 'callers-3' })
    await store.refill(() => Promise.resolve())
    held.plan('dropped')
    const told = await Promise.allSettled(parts.slice(0, 50).map((some) => store.observe(some)))
    expect(told.every(({ status }) => status === 'rejected')).toBe(true)
    const observed = (await Promise.all(parts.map((some) => store.observe(some)))).flat()
    expect(logsOnly(readings(observed))).toEqual(logsOnly(await once(all)))
    held.client.disconnect()
  })
})

/** Totals of a day may have gone on when an event comes again. */
const logsOnly = (all: readonly Observed['readings'][]) =>
  all.map((one) =>
    one === null ? null : { ...one, merchant: 0, channel: 0, campaign: 0, category: 0 },
  )
