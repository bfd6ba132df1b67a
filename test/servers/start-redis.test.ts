/**
 * `start` with its windows in a real Redis: the same decisions as with windows in memory, though
 * Redis is emptied, goes away and comes back with nothing, and though the process is killed or ran
 * with its windows in memory in between.
 */
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, inject, test, vi } from 'vitest'
import { type RedisServer, startRedis } from '../../scripts/stack/redis.ts'
import { freePort } from '../../scripts/stack/running.ts'
import {
  problemLines,
  runCli,
  type Server,
  scratchFolder,
  startServer,
} from '../support/run-cli.ts'

const patience = { timeout: 30_000, interval: 200 }
const device = 'c0ffee00c0ffee00c0ffee00c0ffee00'
const now = Date.now()

/** The nth claim of one device, each by another user: rules on devices see every one before. */
const claim = (nth: number) => ({
  id: `e${nth}`,
  kind: 'claim',
  occurredAt: now - 60_000 + nth,
  user: `u${nth}`,
  campaign: 'c1',
  deviceFingerprint: device,
  registeredAt: now - 3_600_000,
})

interface Decided {
  readonly outcome: string
  readonly results: readonly unknown[]
}

async function post({ url }: Server, nth: number): Promise<Decided | null> {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claim(nth)),
  })
  const { outcome, results }: Decided = JSON.parse(await response.text())
  return response.status === 200 ? { outcome, results } : null
}

const posted = async (server: Server, from: number, to: number) => {
  const all: (Decided | null)[] = []
  for (let nth = from; nth < to; nth += 1) all.push(await post(server, nth))
  return all
}

describe.skipIf(inject('redisUrl') === null)('start --store redis', () => {
  test('decides as with windows in memory, whatever becomes of Redis', async () => {
    const folder = scratchFolder()
    const port = await freePort()
    const begin = (name: string) => startRedis({ folder: join(folder, name), port })
    let redis: RedisServer = await begin('one')
    const [data, reference] = [join(folder, 'data'), join(folder, 'reference')]
    const env = { COUPONGUARD_REDIS_URL: redis.url }
    const open = (at: string, store: string) => startServer(at, ['--store', store], { env })
    const memory = await startServer(reference)
    let server = await open(data, 'redis')
    const same = async (from: number, to: number) => {
      const [here, there] = [await posted(server, from, to), await posted(memory, from, to)]
      expect(here).not.toContain(null)
      expect(here).toEqual(there)
      return here
    }
    try {
      await same(0, 6)
      const client = new Redis(redis.url)
      expect(await client.dbsize()).toBeGreaterThan(0)
      await client.flushall()
      client.disconnect()
      await same(6, 9)

      await redis.stop()
      expect(await post(server, 9)).toBeNull()
      redis = await begin('two')
      await vi.waitFor(async () => expect(await post(server, 9)).not.toBeNull(), patience)
      await post(memory, 9)
      await same(10, 12)

      await server.kill()
      server = await open(data, 'memory')
      await same(12, 14)
      expect((await server.stop()).code).toBe(0)
      server = await open(data, 'redis')
      const last = await same(14, 16)
      expect(last.at(-1)!.outcome).toBe('block')
      expect(JSON.stringify(last.at(-1))).toContain('"value":16')
      expect((await server.stop()).code).toBe(0)
    } finally {
      await server.kill()
      await memory.kill()
      await redis.stop()
    }
  }, 120_000)

  test.each([
    [{}, /^couponguard: redis: is not configured; set COUPONGUARD_REDIS_URL, or take --store mem/],
    [{ COUPONGUARD_REDIS_URL: 'redis://127.0.0.1:1' }, /^couponguard: Redis cannot be reached/],
  ])('with %j says what to do', async (env, line) => {
    const words = ['start', '--data', join(scratchFolder(), 'data'), '--port', '0']
    const ran = await runCli([...words, '--store', 'redis'], { env: { ...none, ...env } })
    expect(ran.code).toBe(1)
    expect(problemLines(ran)).toEqual([expect.stringMatching(line)])
  })
})

/** Whatever the test run itself was given. */
const none = { COUPONGUARD_REDIS_URL: '' }
