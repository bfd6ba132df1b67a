/**
 * What a server may refuse, and what the store may take: one clear line for each refusal, retriable
 * where waiting helps; memory that is bounded per entity, and keys that all end by themselves.
 */
import { Cluster, Redis } from 'ioredis'
import { beforeEach, describe, expect, inject, test } from 'vitest'
import { withClient } from '../../scripts/stack/redis.ts'
import { logSpecs, longestSpanMs } from '../../src/core/signals/readings.ts'
import type { EdgeError } from '../../src/runtime/edge-error.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import type { RedisClient } from '../../src/state/redis-client.ts'
import { kindOf, RedisKeys } from '../../src/state/redis-keys.ts'
import { daySecondsToLive, secondsToLive } from '../../src/state/redis-logs.ts'
import { newRedisStore } from '../../src/state/redis-store.ts'
import { horizonAt, inOrder, observationOf } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { connected, oneServer, threeNodes } from '../support/redis-servers.ts'

const noon = Date.UTC(2026, 2, 10, 4)
const day = 24 * 3_600_000
const device = 'c0ffee00c0ffee00c0ffee00c0ffee00'
/** What a user of the store has to be allowed: docs/redis-store.md. */
const rights =
  '+evalsha +script|load +info +get +mget +set +append +getrange +strlen +expire +hmget +hset +exists +incr +pexpire +del +scan +unlink'
const ruleOf = (may: string) => ['on', '>pass', '~cg:*', ...may.split(' ')]

const logKey = /:[a-z][0-9a-f]{16}$/
const everywhere = { device, ip: '203.0.113.7', codeHash: 'x', phone: 'p', transferSender: 'g' }

/** Events of one user after another, from a number on. */
const events = (from: number, count: number, about: object = {}) =>
  inOrder(
    Array.from({ length: count }, (_, index) => {
      const number = from + index
      const occurredAt = noon + number
      return plainEvent({ id: `e${number}`, user: `u${number}`, occurredAt, ...about })
    }),
    from,
  ).map((one) => observationOf(one))

const filledAt = async (client: RedisClient) => {
  const store = newRedisStore({ client })
  await store.refill(() => Promise.resolve())
  return store
}

describe.skipIf(inject('redisUrl') === null)('a server', () => {
  const redis = oneServer()
  let client: Redis
  beforeEach(async () => {
    client = new Redis(redis().servers.url)
    await client.config('SET', 'maxmemory', '0')
    await client.config('SET', 'min-replicas-to-write', '0')
    await client.flushall()
    return () => client.disconnect()
  })

  test('out of memory refuses batches until it has more, and nothing is lost', async () => {
    const [store, memory] = [await filledAt(client), newMemoryStore()]
    const used = Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))![1])
    await client.config('SET', 'maxmemory', String(used + 2 ** 20))
    let from = 0
    let refused: unknown = null
    while (refused === null && from < 100_000) {
      const batch = events(from, 500, { device })
      refused = await store.observe(batch).then(
        () => null,
        (error: unknown) => error,
      )
      if (refused !== null) break
      await memory.observe(batch)
      from += 500
    }
    expect(refused).toMatchObject({
      code: 'redis-full',
      retriable: true,
      message: expect.stringMatching(/out of memory: raise maxmemory/),
    })
    await client.config('SET', 'maxmemory', '0')
    const [told, reference] = [events(from, 500, { device }), events(from, 500, { device })]
    const again = await store.observe(told)
    const first = await memory.observe(reference)
    expect(again.map(({ readings }) => readings)).toEqual(first.map(({ readings }) => readings))
  })

  test('that has lost its replicas refuses batches', async () => {
    const store = await filledAt(client)
    await client.config('SET', 'min-replicas-to-write', '1')
    await expect(store.observe(events(0, 1))).rejects.toMatchObject({
      code: 'redis-away',
      retriable: true,
      message: expect.stringMatching(/too few replicas/),
    })
  })

  test('that became a replica is read-only, which may pass', async () => {
    const store = await filledAt(client)
    await client.replicaof('127.0.0.1', 1)
    try {
      await expect(store.observe(events(0, 1))).rejects.toMatchObject({
        code: 'redis-away',
        retriable: true,
      })
      await expect(store.check()).rejects.toMatchObject({
        code: 'redis-away',
        message: expect.stringMatching(/read-only/),
      })
    } finally {
      await client.replicaof('NO', 'ONE')
    }
  })

  test('that drops keys when it is full is refused for good', async () => {
    await client.config('SET', 'maxmemory', '100mb')
    await client.config('SET', 'maxmemory-policy', 'volatile-lru')
    try {
      await expect(newRedisStore({ client }).check()).rejects.toMatchObject({
        code: 'redis-failed',
        retriable: false,
        message: expect.stringMatching(/set it to noeviction/),
      })
    } finally {
      await client.config('SET', 'maxmemory-policy', 'noeviction')
    }
  })

  test('whose keys are of another kind is told as a defect, not as an outage', async () => {
    const store = await filledAt(client)
    const [first] = events(0, 1)
    await store.observe([first!])
    const [low, high] = [first!.hashes[4]!, first!.hashes[5]!]
    const key = new RedisKeys('cg').log({ kind: kindOf('user'), low, high })
    await client.del(key)
    await client.lpush(key, 'x')
    await expect(store.observe([first!])).rejects.toThrow(/WRONGTYPE/)
  })
})

describe.skipIf(inject('redisUrl') === null)('a server with a password', () => {
  const redis = oneServer({ user: { name: 'guard', password: 'secret' } })
  const refusal = async (username: string, password: string): Promise<EdgeError> => {
    const { port } = redis().servers
    const client = new Redis({ port, username, password, lazyConnect: true })
    client.on('error', () => undefined)
    try {
      return await newRedisStore({ client })
        .check()
        .then(
          () => Promise.reject(new Error('was let in')),
          (error: EdgeError) => error,
        )
    } finally {
      client.disconnect()
    }
  }

  test.each([
    ['guard', 'wrong'],
    ['nobody', 'secret'],
  ])('refuses %s with %s, which does not pass by itself', async (name, password) => {
    const refused = await refusal(name, password)
    expect(refused).toMatchObject({ code: 'redis-refused', retriable: false })
    expect(refused.message).not.toContain(password)
  })

  test('lets in a user who may do what the documentation lists, and no other', async () => {
    const admin = await connected(redis().servers.url)
    await admin.acl('SETUSER', 'store', ...ruleOf(rights))
    await admin.acl('SETUSER', 'poor', ...ruleOf(rights.replace(' +append', '')))
    admin.disconnect()
    const at = (username: string) =>
      new Redis({ port: redis().servers.port, username, password: 'pass' })
    const [able, poor] = [at('store'), at('poor')]
    try {
      const store = await filledAt(able)
      expect(await store.observe(events(0, 5, everywhere))).toHaveLength(5)
      expect(await store.observe(events(5, 5, everywhere))).toHaveLength(5)
      const other = newRedisStore({ client: poor })
      await expect(other.observe(events(10, 5, everywhere))).rejects.toMatchObject({
        code: 'redis-refused',
        retriable: false,
      })
    } finally {
      able.disconnect()
      poor.disconnect()
    }
  })
})

describe.skipIf(inject('redisUrl') === null)('a cluster', () => {
  const redis = threeNodes()

  test('lets in a user who may do what the documentation lists for one', async () => {
    for (const { url } of redis().servers)
      await withClient(url, undefined, (admin) =>
        admin.acl('SETUSER', 'store', ...ruleOf(`${rights} +cluster|slots +cluster|info`)),
      )
    const places = redis().servers.map(({ port }) => ({ host: '127.0.0.1', port }))
    const client = new Cluster(places, { redisOptions: { username: 'store', password: 'pass' } })
    try {
      const store = await filledAt(client)
      expect(await store.observe(events(0, 50, everywhere))).toHaveLength(50)
    } finally {
      client.disconnect()
    }
  })
})

describe.skipIf(inject('redisUrl') === null)('what is kept', () => {
  const redis = oneServer()
  let client: Redis
  beforeEach(async () => {
    client = new Redis(redis().servers.url)
    await client.flushall()
    return () => client.disconnect()
  })

  test('of one entity is bounded, however many events it has', async () => {
    const store = await filledAt(client)
    const sizes = new Map<string, number>()
    for (let from = 0; from < 6_000; from += 250) {
      await store.observe(events(from, 250, { user: 'busy', ...everywhere }))
      for (const key of (await client.keys('*')).filter((one) => logKey.test(one))) {
        const size = await client.strlen(key)
        const kind = key.slice(8, 9)
        sizes.set(kind, Math.max(sizes.get(kind) ?? 0, size))
      }
    }
    const bytes = (kind: string) => sizes.get(kind)!
    // Entries at the cap, half as much again as records, and the batches on the way.
    const onTheWay = (recordBytes: number) => 2 * 250 * recordBytes + 1_100
    expect(bytes('u')).toBeLessThan((256 * 64 + 1_024 * 32) * 1.5 + onTheWay(104))
    expect(bytes('d')).toBeLessThan(256 * 40 * 1.5 + onTheWay(48))
    expect(bytes('i')).toBeLessThan(512 * 40 * 1.5 + onTheWay(48))
    expect(bytes('s')).toBeLessThan(512 * 40 * 1.5 + onTheWay(48))
    expect(bytes('c')).toBeLessThan(256 * 40 * 1.5 + onTheWay(48))
    expect(bytes('g')).toBeLessThan(256 * 40 * 1.5 + onTheWay(2 * 48))
  })

  test('ends by itself, after the longest span and the allowances, by the clock of Redis', async () => {
    const store = await filledAt(client)
    const years = 20 * 365 * day
    const long = events(0, 3, everywhere).map((one) => ({
      ...one,
      at: one.at - years,
      recordedAt: one.recordedAt - years,
      horizon: one.horizon - years,
    }))
    await store.observe(long)
    const lives = new Map<string, number>()
    for (const key of await client.keys('*')) {
      const left = await client.ttl(key)
      if (/:(?:store|clients)$/.test(key)) expect(left, key).toBe(-1)
      else lives.set(/:(days?)/.exec(key)?.[1] ?? key.slice(8, 9), left)
    }
    const around = (seconds: number) => expect.closeTo(seconds, -2)
    expect(Object.fromEntries(lives)).toEqual({
      u: around(secondsToLive('user')),
      d: around(secondsToLive('device')),
      i: around(secondsToLive('ip')),
      s: around(secondsToLive('subnet')),
      c: around(secondsToLive('code')),
      p: around(secondsToLive('phone')),
      g: around(secondsToLive('sender')),
      day: around(daySecondsToLive),
      days: around(daySecondsToLive),
    })
    for (const spec of logSpecs)
      if (spec.name !== 'returned')
        expect(secondsToLive(spec.name) * 1000).toBeLessThan(longestSpanMs(spec) + 6 * day)
  })

  test('lives on as long as it is touched', async () => {
    const store = await filledAt(client)
    const at = (number: number, ms: number) =>
      observationOf({
        event: plainEvent({ id: `e${number}`, device, occurredAt: noon + ms }),
        recordedAt: noon + ms,
        position: number,
        horizon: horizonAt(noon + ms),
      })
    await store.observe([at(0, 0)])
    const key = (await client.keys('*')).find((one) => /:d[0-9a-f]{16}$/.test(one))
    await client.expire(key!, 100)
    await store.observe([at(1, day - 1)])
    expect(await client.ttl(key!)).toBeLessThanOrEqual(100)
    await store.observe([at(2, day)])
    expect(await client.ttl(key!)).toBeGreaterThan(secondsToLive('device') - 100)
  })

  test('in this process is bounded too', async () => {
    const store = newRedisStore({ client, copyBytesMax: 2 ** 24 })
    await store.refill(() => Promise.resolve())
    for (let from = 0; from < 60_000; from += 1_000) {
      const some = events(from, 1_000).map((one, index) => {
        const hashes = one.hashes.slice()
        hashes.set([from + index, 7, from + index, 8, from + index, 9], 6)
        return { ...one, hashes }
      })
      await store.observe(some)
      expect(store.copyBytes()).toBeLessThan(2 ** 24 + 2 ** 23)
    }
  })
})
