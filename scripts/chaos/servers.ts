/**
 * The servers under attack: Kafka, the registry and, where the store is there, a Redis primary with
 * its replica. Kafka has two ways in: its own, for the publisher and the auditor, and one whose
 * address it names to workers and monitors, which is the proxy's. Redis is reached through a relay,
 * which points to whichever of the two is the primary.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KafkaServer, startKafka } from '../stack/kafka.ts'
import { type RedisServer, startRedis, startRedisPair, withClient } from '../stack/redis.ts'
import { type RegistryServer, startRegistry } from '../stack/registry.ts'
import { freePort, until } from '../stack/running.ts'
import { type Relay, startRelay } from './relay.ts'

/** What can be done to a server; each resolves when it is there again. */
export interface Assailable {
  /** SIGTERM, and a start after `downMs`. */
  restart(downMs: number): Promise<void>
  /** SIGKILL, and a start after `downMs`. */
  crash(downMs: number): Promise<void>
  /** SIGSTOP for so long. */
  freeze(ms: number): Promise<void>
}

export interface AssailableRedis extends Assailable {
  /** The primary dies, its replica takes over, and a new replica follows that. */
  failOver(): Promise<void>
}

export interface Servers {
  /** The publisher's and the auditor's way in. */
  readonly brokers: string
  /** Where the proxy finds the broker, and where the broker says that it is. */
  readonly brokerPort: number
  readonly proxyPort: number
  readonly registryUrl: string
  readonly redisUrl: string | null
  readonly kafka: Assailable
  readonly registry: Assailable
  readonly redis: AssailableRedis | null
  stop(): Promise<void>
}

const host = '127.0.0.1'

export async function startServers(folder: string, withRedis: boolean): Promise<Servers> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const one of stops.reverse()) await one()
  }
  try {
    const brokerPort = await freePort()
    const proxyPort = await freePort()
    const [kafka, registry] = await Promise.all([
      startBroker(join(folder, 'kafka'), brokerPort, proxyPort).then((server) => {
        const held = newHeld(server, ({ settings }) => startKafka(settings))
        stops.push(held.stop)
        return { ...held, brokers: server.brokers }
      }),
      startRegistry({ folder: join(folder, 'registry') }).then((server: RegistryServer) => {
        const held = newHeld(server, ({ settings }) => startRegistry(settings))
        stops.push(held.stop)
        return { ...held, url: server.url }
      }),
    ])
    const redis = withRedis ? await startAssailableRedis(join(folder, 'redis')) : null
    if (redis !== null) stops.push(redis.stop)
    return {
      brokers: kafka.brokers,
      brokerPort,
      proxyPort,
      registryUrl: registry.url,
      redisUrl: redis?.url ?? null,
      kafka,
      registry,
      redis,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startBroker(
  folder: string,
  brokerPort: number,
  proxyPort: number,
): Promise<KafkaServer> {
  const ports = {
    plain: await freePort(),
    controller: await freePort(),
    secure: await freePort(),
  }
  const plain = `PLAIN://${host}:${ports.plain}`
  return startKafka({
    folder,
    ports,
    config: {
      listeners: `${plain},ROLES://${host}:${brokerPort},CONTROLLER://${host}:${ports.controller}`,
      'advertised.listeners': `${plain},ROLES://${host}:${proxyPort}`,
      'listener.security.protocol.map': 'PLAIN:PLAINTEXT,ROLES:PLAINTEXT,CONTROLLER:PLAINTEXT',
      // Record times are those of the generated day.
      'log.retention.ms': '-1',
    },
  })
}

/** As much of a running server as is needed to bring it down. */
interface Running {
  signal(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

interface Held extends Assailable {
  stop(): Promise<void>
}

/** Keeps hold of a server over its lives. */
function newHeld<T extends Running>(first: T, startAgain: (last: T) => Promise<T>): Held {
  let server = first
  let ended = false
  const bringBack = async (downMs: number) => {
    await sleep(downMs)
    if (ended) return
    server = await startAgain(server)
    if (ended) await server.stop()
  }
  return {
    async restart(downMs) {
      await server.stop()
      await bringBack(downMs)
    },
    async crash(downMs) {
      server.signal('SIGKILL')
      await server.stop()
      await bringBack(downMs)
    },
    async freeze(ms) {
      server.signal('SIGSTOP')
      await sleep(ms)
      server.signal('SIGCONT')
    },
    async stop() {
      ended = true
      await server.stop()
    },
  }
}

async function startAssailableRedis(
  folder: string,
): Promise<AssailableRedis & { readonly url: string; stop(): Promise<void> }> {
  const pair = await startRedisPair({ folder })
  let primary: RedisServer = pair.primary
  let replica: RedisServer = pair.replica
  let relay: Relay
  try {
    relay = await startRelay(await freePort(), primary.port)
  } catch (error) {
    await pair.stop()
    throw error
  }
  const bringBack = async (downMs: number) => {
    await sleep(downMs)
    primary = await startRedis(primary.settings)
  }
  return {
    url: `redis://${host}:${relay.port}`,
    async restart(downMs) {
      await primary.stop()
      await bringBack(downMs)
    },
    async crash(downMs) {
      primary.signal('SIGKILL')
      await primary.stop()
      await bringBack(downMs)
    },
    async freeze(ms) {
      primary.signal('SIGSTOP')
      await sleep(ms)
      primary.signal('SIGCONT')
    },
    async failOver() {
      const lost = primary
      lost.signal('SIGKILL')
      await lost.stop()
      await withClient(replica.url, undefined, (client) => client.call('REPLICAOF', 'NO', 'ONE'))
      primary = { ...replica, settings: withoutReplicaOf(replica) }
      relay.pointTo(primary.port)
      replica = await startRedis({ ...withoutReplicaOf(lost), replicaOf: primary.port })
      await until('the new replica follows', () => follows(replica), 30_000)
    },
    async stop() {
      await relay.close()
      await Promise.all([primary.stop(), replica.stop()])
    },
  }
}

/** A replica that took over is started again as a primary. */
function withoutReplicaOf({ settings }: RedisServer): RedisServer['settings'] {
  const { replicaOf: _, ...own } = settings
  return own
}

const follows = (server: RedisServer) =>
  withClient(server.url, undefined, async (client) =>
    (await client.info('replication')).includes('master_link_status:up'),
  )
