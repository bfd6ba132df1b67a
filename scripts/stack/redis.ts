/**
 * Redis for tests and for `npm run stack`: one server, a cluster of three, or a primary with its
 * replica; real redis-server processes from PATH on loopback ports, about 10 MB each, up in a tenth
 * of a second. Nothing is saved to disk unless `config` says so. `startRedis(server.settings)` has
 * a stopped one back on its port and folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { requireCommand } from './available.ts'
import type { CertificateFiles } from './certificates.ts'
import { freePort, onFreePorts, type RunningServer, startServer, until } from './running.ts'

export interface RedisSettings {
  /** Takes data, configuration (mode 0600) and log; made where it is missing. */
  readonly folder: string
  /** As it is called in messages; default `redis`. */
  readonly name?: string
  /** Default: a free one. */
  readonly port?: number
  /** Directives of redis.conf, such as `{ maxmemory: '8mb' }`. */
  readonly config?: Readonly<Record<string, string>>
  /** The one user who may come in, by ACL; without it everybody may. */
  readonly user?: RedisUser
  /** Then the port speaks TLS only; clients need no certificate of their own. */
  readonly tls?: CertificateFiles
  /** A replica of the server at this port, for one user the same. */
  readonly replicaOf?: number
  readonly detached?: boolean
}

export interface RedisUser {
  readonly name: string
  readonly password: string
}

export interface RedisServer extends RunningServer {
  readonly port: number
  /** `redis://[user:password@]127.0.0.1:port`; rediss where it speaks TLS. */
  readonly url: string
  /** Start it again with these: same port, same folder. */
  readonly settings: RedisSettings & { readonly port: number }
}

export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  stop(): Promise<void>
}

export interface RedisPair {
  readonly primary: RedisServer
  readonly replica: RedisServer
  stop(): Promise<void>
}

const host = '127.0.0.1'
const slotCount = 16_384
const nodeCount = 3
const settleMaxMs = 30_000

/** Throws Unavailable where there is no redis-server. */
export async function startRedis(settings: RedisSettings): Promise<RedisServer> {
  if (settings.port !== undefined) return startOn({ ...settings, port: settings.port })
  return onFreePorts(1, ([port]) => startOn({ ...settings, port: port! }))
}

async function startOn(settings: RedisSettings & { readonly port: number }): Promise<RedisServer> {
  const command = requireCommand('redis-server', 'redis-server')
  mkdirSync(settings.folder, { recursive: true })
  const configFile = join(settings.folder, 'redis.conf')
  writeFileSync(configFile, configOf(settings), { mode: 0o600 })
  const url = urlOf(settings)
  const running = await startServer({
    name: settings.name ?? 'redis',
    command,
    args: [configFile],
    cwd: settings.folder,
    logFile: join(settings.folder, 'redis.log'),
    ready: () =>
      withClient(url, settings.tls, async (client) => (await client.call('PING')) === 'PONG'),
    readyMaxMs: settleMaxMs,
    detached: settings.detached ?? false,
  })
  return { ...running, port: settings.port, url, settings }
}

/** Three primaries that share all slots; a failed start stops those already started. */
export async function startRedisCluster(settings: Omit<RedisSettings, 'port' | 'replicaOf'>) {
  const names = Array.from({ length: nodeCount }, (_, index) => `node-${index + 1}`)
  const nodes = await startAll(names, async (name) =>
    startRedis({
      ...settings,
      folder: join(settings.folder, name),
      name: `redis ${name}`,
      config: {
        'cluster-enabled': 'yes',
        'cluster-port': String(await freePort()),
        'cluster-config-file': 'nodes.conf',
        'cluster-node-timeout': '2000',
        'cluster-announce-ip': host,
        ...settings.config,
      },
    }),
  )
  const cluster: RedisCluster = { nodes, stop: () => stopAll(nodes) }
  try {
    await joinNodes(nodes)
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}

/** A primary and a replica that has caught up with it. */
export async function startRedisPair(
  settings: Omit<RedisSettings, 'port' | 'replicaOf'>,
): Promise<RedisPair> {
  const started = (name: string, replicaOf?: number) =>
    startRedis({
      ...settings,
      folder: join(settings.folder, name),
      name: `redis ${name}`,
      config: { 'repl-diskless-sync-delay': '0', ...settings.config },
      ...(replicaOf === undefined ? {} : { replicaOf }),
    })
  const primary = await started('primary')
  const [replica] = await startAll([primary.port], (port) => started('replica', port)).catch(
    async (error: unknown) => {
      await primary.stop()
      throw error
    },
  )
  const pair: RedisPair = {
    primary,
    replica: replica!,
    stop: () => stopAll([primary, replica!]),
  }
  try {
    await until('the replica follows its primary', () => follows(replica!), settleMaxMs)
  } catch (error) {
    await pair.stop()
    throw error
  }
  return pair
}

/**
 * A connection for one deed: no retry, no queue, closed at the end. Also for tests that want to
 * say something to a server beside the code they test.
 */
export async function withClient<T>(
  url: string,
  tls: CertificateFiles | undefined,
  deed: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    ...(tls === undefined ? {} : { tls: { ca: tls.ca } }),
  })
  // Told by the promise of connect() as well.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await deed(client)
  } finally {
    client.disconnect()
  }
}

function configOf(settings: RedisSettings & { readonly port: number }): string {
  const { port, folder, user, tls, replicaOf, config } = settings
  const lines = [
    `bind ${host}`,
    tls === undefined ? `port ${port}` : 'port 0',
    `dir ${quoted(folder)}`,
    'daemonize no',
    'shutdown-timeout 1',
    'save ""',
    'appendonly no',
    ...(tls === undefined ? [] : tlsLines(port, tls)),
    ...(user === undefined
      ? []
      : ['user default off', `user ${user.name} on >${user.password} ~* &* +@all`]),
    ...(replicaOf === undefined ? [] : [`replicaof ${host} ${replicaOf}`]),
    ...(replicaOf === undefined || user === undefined
      ? []
      : [`masteruser ${user.name}`, `masterauth ${quoted(user.password)}`]),
    ...Object.entries(config ?? {}).map(([name, value]) => `${name} ${value}`),
  ]
  return `${lines.join('\n')}\n`
}

const tlsLines = (port: number, { keyFile, certificateFile, caFile }: CertificateFiles) => [
  `tls-port ${port}`,
  `tls-key-file ${quoted(keyFile)}`,
  `tls-cert-file ${quoted(certificateFile)}`,
  `tls-ca-cert-file ${quoted(caFile)}`,
  'tls-auth-clients no',
  'tls-replication yes',
  'tls-cluster yes',
]

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

function urlOf({ port, user, tls }: RedisSettings & { readonly port: number }): string {
  const scheme = tls === undefined ? 'redis' : 'rediss'
  const who =
    user === undefined
      ? ''
      : `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`
  return `${scheme}://${who}${host}:${port}`
}

async function joinNodes(nodes: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = nodes
  for (const [index, { url, settings }] of nodes.entries())
    await withClient(url, settings.tls, async (client) => {
      const from = Math.ceil((slotCount * index) / nodes.length)
      const to = Math.ceil((slotCount * (index + 1)) / nodes.length) - 1
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    })
  for (const { port, settings } of others)
    await withClient(first!.url, first!.settings.tls, (client) =>
      client.call('CLUSTER', 'MEET', host, port, settings.config!['cluster-port']!),
    )
  for (const { name, url, settings } of nodes)
    await until(`${name} knows the whole cluster`, () => knowsAll(url, settings), settleMaxMs)
}

const knowsAll = (url: string, { tls }: RedisSettings): Promise<boolean> =>
  withClient(url, tls, async (client) => {
    const info = String(await client.call('CLUSTER', 'INFO'))
    return info.includes('cluster_state:ok') && info.includes(`known_nodes:${nodeCount}`)
  })

const follows = ({ url, settings }: RedisServer): Promise<boolean> =>
  withClient(url, settings.tls, async (client) =>
    (await client.info('replication')).includes('master_link_status:up'),
  )

async function startAll<T>(
  of: readonly T[],
  start: (one: T) => Promise<RedisServer>,
): Promise<readonly RedisServer[]> {
  const started = await Promise.allSettled(of.map(start))
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = started.find((one) => one.status === 'rejected')
  if (failed === undefined) return servers
  await stopAll(servers)
  throw failed.reason
}

async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()))
}
