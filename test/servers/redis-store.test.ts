/** The Redis store keeps the laws of every store: on one server, on a cluster, with a replica. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { type RedisServer, startRedis } from '../../scripts/stack/redis.ts'
import { newRedisStore } from '../../src/state/redis-store.ts'
import { signalStoreLaws } from '../state/laws.ts'

let server: RedisServer
let client: Redis
let opened = 0

beforeAll(async () => {
  server = await startRedis({ folder: mkdtempSync(join(tmpdir(), 'redis-')) })
  client = new Redis(server.url)
})
afterAll(async () => {
  client.disconnect()
  await server.stop()
})

signalStoreLaws(
  'the Redis store',
  async () => {
    opened += 1
    const store = newRedisStore({ client, prefix: `laws-${opened}` })
    await store.refill(() => Promise.resolve())
    return store
  },
  'counts a position once',
)
