/**
 * The Redis client: one node or a cluster, with TLS and a login. It connects when told to and
 * reconnects for ever, but keeps no command waiting meanwhile and sends none a second time on its
 * own: a command that fails is for the signal store to try again, whose laws make that safe. Then
 * an outage shows at once, and is not mistaken for slowness.
 */
import { Cluster, type ClusterOptions, Redis } from 'ioredis'
import type { RedisConnection } from '../config/connections.ts'
import { keepTextsFast } from '../runtime/fast-texts.ts'

keepTextsFast()

export type RedisClient = Redis | Cluster

const connectTimeoutMs = 3_000
/** A server that takes longer than this for one command counts as away. */
const commandTimeoutMs = 10_000
const reconnectMsMax = 1_000

/** Until the first `connect()`, and while it reconnects, every command rejects. */
export function newRedisClient(
  connection: RedisConnection,
  onError: (error: Error) => void,
): RedisClient {
  const { nodes, cluster, database, username, password, tls } = connection
  const options = {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls === null
      ? {}
      : {
          tls: {
            ...(tls.ca === null ? {} : { ca: tls.ca }),
            ...(tls.cert === null ? {} : { cert: tls.cert }),
            ...(tls.key === null ? {} : { key: tls.key }),
          },
        }),
  }
  const reconnectAfterMs = (times: number) => Math.min(25 * 2 ** times, reconnectMsMax)
  const client = cluster
    ? new Cluster([...nodes], {
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnectAfterMs,
        redisOptions: options,
      } satisfies ClusterOptions)
    : new Redis({
        ...options,
        ...nodes[0],
        db: database,
        enableOfflineQueue: false,
        retryStrategy: reconnectAfterMs,
      })
  client.on('error', onError)
  return client
}
