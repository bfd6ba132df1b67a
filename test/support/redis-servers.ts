/** Redis servers for one test file: started before its tests, stopped after them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import {
  type RedisPair,
  type RedisServer,
  type RedisSettings,
  startRedis,
  startRedisCluster,
  startRedisPair,
} from '../../scripts/stack/redis.ts'
import type { RedisClient } from '../../src/state/redis-client.ts'
import { newRedisStore, type RedisStore } from '../../src/state/redis-store.ts'

type Config = Omit<RedisSettings, 'folder' | 'port' | 'replicaOf'>

/** As src/state/redis-client.ts has it: nothing waits, nothing is sent twice. */
const once = { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false }
export const quick = { ...once, enableOfflineQueue: false, retryStrategy: () => 50 }

export interface Served<T> {
  readonly servers: T
  readonly client: RedisClient
}

/** What `start` starts, in a folder of its own, with a client that is ready. */
function served<T>(
  start: (folder: string) => Promise<T>,
  connect: (servers: T) => RedisClient,
  stop: (servers: T) => Promise<void>,
): () => Served<T> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-test-'))
  let now: Served<T> | null = null
  beforeAll(async () => {
    const servers = await start(folder)
    now = { servers, client: connect(servers) }
    now.client.on('error', () => undefined)
    await new Promise<void>((resolve) => now!.client.once('ready', () => resolve()))
  })
  afterAll(async () => {
    now?.client.disconnect()
    if (now !== null) await stop(now.servers)
    rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    if (now === null) throw new Error('no server yet')
    return now
  }
}

export const oneServer = (config: Config = {}): (() => Served<RedisServer>) =>
  served(
    (folder) => startRedis({ ...config, folder }),
    ({ url }) => new Redis(url, quick),
    (server) => server.stop(),
  )

export const threeNodes = (): (() => Served<readonly RedisServer[]>) =>
  served(
    async (folder) => (await startRedisCluster({ folder })).nodes,
    (nodes) =>
      new Cluster(
        nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
        { enableOfflineQueue: false, redisOptions: once },
      ),
    async (nodes) => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  )

export const aPair = (): (() => Served<RedisPair>) =>
  served(
    (folder) => startRedisPair({ folder }),
    ({ primary }) => new Redis(primary.url, quick),
    (pair) => pair.stop(),
  )

/** Opens an empty store of its own each time, ready to be used. */
export function newStores(client: () => RedisClient): () => Promise<RedisStore> {
  let opened = 0
  return async () => {
    opened += 1
    const store = newRedisStore({ client: client(), prefix: `t${opened}` })
    await store.refill(() => Promise.resolve())
    return store
  }
}
