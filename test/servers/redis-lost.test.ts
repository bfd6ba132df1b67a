/**
 * A Redis that does not hold what it is taken for is never read: never filled, emptied, restarted,
 * failed over, filled by somebody else. Filled again it reads like one that was never lost.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { startRedis } from '../../scripts/stack/redis.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import type { RedisClient } from '../../src/state/redis-client.ts'
import { RedisKeys } from '../../src/state/redis-keys.ts'
import { newRedisStore, type RedisStore } from '../../src/state/redis-store.ts'
import type { Observed } from '../../src/state/signal-store.ts'
import { newHistory } from '../support/histories.ts'
import { observationOf } from '../support/placed.ts'
import { aPair, connected, oneServer, threeNodes } from '../support/redis-servers.ts'

const history = newHistory(2_026, 900).placed.map((one) => observationOf(one))
const before = history.slice(0, 600)
const after = history.slice(600)

/** What a store that was never lost reads after `before`. */
async function neverLost(): Promise<readonly Observed[]> {
  const store = newMemoryStore()
  await store.absorb(before)
  return withoutDays(await store.observe(after))
}

/** Totals of a day are more exact in Redis, where a position counts once. */
const withoutDays = (observed: readonly Observed[]): readonly Observed[] =>
  observed.map((one) => {
    if (one.readings === null) return one
    const none = { campaign: null, merchant: null, category: null, channel: null }
    return { ...one, readings: { ...one.readings, ...none } }
  })

const filled = async (client: RedisClient): Promise<RedisStore> => {
  const store = newRedisStore({ client })
  await store.refill((into) => into.absorb(before))
  return store
}

const lost = { code: 'store-lost', retriable: true }

describe.skipIf(inject('redisUrl') === null)('one server', () => {
  const redis = oneServer()
  beforeEach(async () => {
    await redis().client.flushall()
  })

  test('that was never filled is told empty and refused', async () => {
    const store = newRedisStore(redis())
    expect(await store.check()).toBe('empty')
    await expect(store.observe(before)).rejects.toMatchObject({
      ...lost,
      message: expect.stringMatching(/holds no store: fill it from the topics/),
    })
    expect(await redis().client.dbsize()).toBe(0)
  })

  test('filled reads like a store that was never lost', async () => {
    const store = await filled(redis().client)
    expect(await store.check()).toBe('ready')
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('filled by several at once reads the same', async () => {
    const store = newRedisStore(redis())
    const parts = Array.from({ length: 12 }, (_, index) =>
      before.slice(index * 50, index * 50 + 50),
    )
    await store.refill(async (into) => {
      await Promise.all(parts.map((some) => into.absorb(some)))
    })
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('emptied between two batches is refused, and nothing is written to it', async () => {
    const store = await filled(redis().client)
    await store.observe(after.slice(0, 50))
    await redis().client.flushall()
    await expect(store.observe(after.slice(50, 60))).rejects.toMatchObject(lost)
    expect(await redis().client.dbsize()).toBe(0)
    expect(await store.check()).toBe('empty')
    await store.refill((into) => into.absorb(before))
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('filled anew by another is refused until looked at, then read as it is now', async () => {
    const store = await filled(redis().client)
    await store.observe(after)
    const other = newRedisStore(redis())
    await other.refill((into) => into.absorb(before))
    await expect(store.observe(after)).rejects.toMatchObject(lost)
    expect(await store.check()).toBe('ready')
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('filled by a version that lays logs out otherwise is changed', async () => {
    const store = await filled(redis().client)
    const key = new RedisKeys('cg').store(0)
    const name = (await redis().client.get(key))!
    expect(name).toMatch(/^ready 2-/)
    await redis().client.set(key, name.replace(' 2-', ' 1-'))
    await expect(store.observe(after)).rejects.toMatchObject(lost)
    expect(await store.check()).toBe('changed')
  })

  test('being filled by another is refused, by whoever asks', async () => {
    const [one, other] = [await filled(redis().client), newRedisStore(redis())]
    await other.refill(async (into) => {
      await into.absorb(before.slice(0, 300))
      expect(await one.check()).toBe('filling')
      await expect(one.observe(after)).rejects.toMatchObject(lost)
      await expect(one.refill(() => Promise.resolve())).rejects.toMatchObject({ code: 'busy' })
      await into.absorb(before.slice(300))
    })
    expect(await one.check()).toBe('ready')
    expect(withoutDays(await one.observe(after))).toEqual(await neverLost())
  })

  test('left half filled is empty, and the next who fills it begins from nothing', async () => {
    const store = newRedisStore(redis())
    const gone = store.refill(async (into) => {
      await into.absorb(after.slice(0, 100))
      throw new Error('gone')
    })
    await expect(gone).rejects.toThrow('gone')
    expect(await store.check()).toBe('empty')
    await store.refill((into) => into.absorb(before))
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('taken over while being filled locks out who filled it', async () => {
    const [slow, quick] = [newRedisStore(redis()), newRedisStore(redis())]
    const late = slow.refill(async (into) => {
      await into.absorb(before.slice(0, 300))
      await redis().client.del('cg:{00}:filler')
      await quick.refill((other) => other.absorb(before))
      await into.absorb(before.slice(300))
    })
    await expect(late).rejects.toMatchObject(lost)
    expect(withoutDays(await quick.observe(after))).toEqual(await neverLost())
  })

  test('that forgot the scripts is told them again', async () => {
    const store = await filled(redis().client)
    await redis().client.script('FLUSH')
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('keys of others in the same server stay', async () => {
    await redis().client.mset('cg', 'x', 'xcg:{00}:u0', 'x', 'cg2:{00}:store', 'x')
    await filled(redis().client)
    expect(await redis().client.mget('cg', 'xcg:{00}:u0', 'cg2:{00}:store')).toEqual(
      Array.from({ length: 3 }, () => 'x'),
    )
  })
})

describe.skipIf(inject('redisUrl') === null)('a server that keeps its data', () => {
  const redis = oneServer({ config: { appendonly: 'yes', appendfsync: 'always' } })

  test('is told changed when it was restarted, and refused', async () => {
    const store = await filled(redis().client)
    const { servers } = redis()
    await servers.stop()
    await expect(store.observe(after)).rejects.toMatchObject({
      code: 'redis-away',
      retriable: true,
    })
    const again = await startRedis(servers.settings)
    const client = await connected(again.url)
    try {
      expect(await client.dbsize()).toBeGreaterThan(100)
      const next = newRedisStore({ client })
      expect(await next.check()).toBe('changed')
      await expect(next.observe(after)).rejects.toMatchObject(lost)
      await expectReady(redis().client)
      await expect(store.observe(after)).rejects.toMatchObject(lost)
      await next.refill((into) => into.absorb(before))
      expect(withoutDays(await next.observe(after))).toEqual(await neverLost())
    } finally {
      client.disconnect()
      await again.stop()
    }
  })
})

describe.skipIf(inject('redisUrl') === null)('a primary that fails', () => {
  const redis = aPair()
  let spare: Redis
  beforeAll(async () => {
    spare = await connected(redis().servers.replica.url)
  })
  afterAll(() => spare.disconnect())

  test('over to its replica is detected, and repaired by filling it again', async () => {
    const { servers, client } = redis()
    const store = await filled(client)
    const onReplica = newRedisStore({ client: spare })
    await expect(onReplica.check()).rejects.toMatchObject({
      code: 'redis-away',
      retriable: true,
      message: expect.stringMatching(/read-only/),
    })
    // The replica has all of that, but not what comes now: it is lost with the primary.
    expect(await client.wait(1, 10_000)).toBe(1)
    servers.replica.signal('SIGSTOP')
    await store.observe(after.slice(0, 200))
    servers.primary.signal('SIGKILL')
    servers.replica.signal('SIGCONT')
    await spare.replicaof('NO', 'ONE')
    expect(await onReplica.check()).toBe('changed')
    await expect(onReplica.observe(after)).rejects.toMatchObject(lost)
    await onReplica.refill((into) => into.absorb(before))
    expect(withoutDays(await onReplica.observe(after))).toEqual(await neverLost())
  })
})

describe.skipIf(inject('redisUrl') === null)('a cluster', () => {
  const redis = threeNodes()

  test('one of whose nodes was emptied is told changed, and refused', async () => {
    const { servers, client } = redis()
    const store = await filled(client)
    expect(withoutDays(await store.observe(after.slice(0, 100)))).toEqual(
      (await neverLost()).slice(0, 100),
    )
    const node = await connected(servers[1]!.url)
    await node.flushall()
    node.disconnect()
    await expect(store.observe(after.slice(100))).rejects.toMatchObject(lost)
    expect(await store.check()).toBe('changed')
    await store.refill((into) => into.absorb(before))
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })

  test('whose scripts were forgotten by one node is told them again', async () => {
    const { servers, client } = redis()
    const store = await filled(client)
    const node = await connected(servers[2]!.url)
    await node.script('FLUSH')
    node.disconnect()
    expect(withoutDays(await store.observe(after))).toEqual(await neverLost())
  })
})

async function expectReady(client: RedisClient): Promise<void> {
  for (let waited = 0; client.status !== 'ready'; waited += 1) {
    if (waited > 500) throw new Error(`the client is ${client.status}`)
    await sleep(10)
  }
}
