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

/** A client of one server that is ready; `name` is what the server calls the connection. */
export async function connected(url: string, name = 'test'): Promise<Redis> {
  const options = { enableOfflineQueue: false, retryStrategy: () => 50, connectionName: name }
  return ready(new Redis(url, { ...once, ...options }))
}

/** The same for a cluster. */
export async function connectedCluster(
  nodes: readonly RedisServer[],
  name = 'test',
): Promise<Cluster> {
  const places = nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
  const redisOptions = { ...once, connectionName: name }
  return ready(new Cluster(places, { enableOfflineQueue: false, redisOptions }))
}

async function ready<T extends RedisClient>(client: T): Promise<T> {
  client.on('error', () => undefined)
  if (client.status !== 'ready')
    await new Promise<void>((resolve) => client.once('ready', () => resolve()))
  return client
}

export interface Served<T> {
  readonly servers: T
  readonly client: RedisClient
}

interface Serving<T> {
  start(folder: string): Promise<T>
  connect(servers: T): Promise<RedisClient>
  all(servers: T): readonly RedisServer[]
}

/** What `start` starts, in a folder of its own, with a client that is ready. */
function served<T>({ start, connect, all }: Serving<T>): () => Served<T> {
  let folder = ''
  let now: Served<T> | null = null
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redis-test-'))
    const servers = await start(folder)
    now = { servers, client: await connect(servers) }
  })
  afterAll(async () => {
    if (now !== null) {
      now.client.disconnect()
      await Promise.all(all(now.servers).map((server) => server.stop()))
    }
    rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    if (now === null) throw new Error('no server yet')
    return now
  }
}

export const oneServer = (config: Config = {}): (() => Served<RedisServer>) =>
  served({
    start: (folder) => startRedis({ ...config, folder }),
    connect: ({ url }) => connected(url),
    all: (server) => [server],
  })

export const threeNodes = (): (() => Served<readonly RedisServer[]>) =>
  served({
    start: async (folder) => (await startRedisCluster({ folder })).nodes,
    connect: (nodes) => connectedCluster(nodes),
    all: (nodes) => nodes,
  })

export const aPair = (): (() => Served<RedisPair>) =>
  served({
    start: (folder) => startRedisPair({ folder }),
    connect: ({ primary }) => connected(primary.url),
    all: ({ primary, replica }) => [primary, replica],
  })

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
