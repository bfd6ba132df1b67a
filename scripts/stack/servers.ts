/**
 * The four servers under one roof: what each is called, the environment variable that names its
 * endpoint, and how it is started in a folder. `npm run stack` and the tests' set-up go by this
 * table.
 */
import { type KafkaPorts, startKafka } from './kafka.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { startRegistry } from './registry.ts'
import type { RunningServer } from './running.ts'

export const serverKinds = ['kafka', 'registry', 'redis', 'postgres'] as const
export type ServerKind = (typeof serverKinds)[number]

/** Holds the endpoint of a server that is there already. */
export const endpointVariables: Readonly<Record<ServerKind, string>> = {
  kafka: 'COUPONGUARD_KAFKA_BROKERS',
  registry: 'COUPONGUARD_REGISTRY_URL',
  redis: 'COUPONGUARD_REDIS_URL',
  postgres: 'COUPONGUARD_POSTGRES_URL',
}

export interface ServerPlace {
  readonly folder: string
  /** Those it had before, to start it again on its data; empty: free ones. */
  readonly ports: readonly number[]
  /** To outlive the starting process, and to be worked hard; without it, to start quickly. */
  readonly detached: boolean
}

export interface PlacedServer extends RunningServer {
  /** What its environment variable would hold. */
  readonly endpoint: string
  readonly ports: readonly number[]
}

/** Throws Unavailable where the server cannot be had on this machine. */
export async function startKind(kind: ServerKind, place: ServerPlace): Promise<PlacedServer> {
  const { folder, detached } = place
  const [port] = place.ports
  const settings = { folder, detached, ...(port === undefined ? {} : { port }) }
  switch (kind) {
    case 'kafka': {
      const ports = kafkaPorts(place.ports)
      const given = ports === null ? {} : { ports }
      const kafka = await startKafka({ folder, detached, shortLived: !detached, ...given })
      const { plain, controller, secure } = kafka.settings.ports
      return { ...kafka, endpoint: kafka.brokers, ports: [plain, controller, secure] }
    }
    case 'registry': {
      const registry = await startRegistry(settings)
      return { ...registry, endpoint: registry.url, ports: [registry.settings.port] }
    }
    case 'redis': {
      const redis = await startRedis(settings)
      return { ...redis, endpoint: redis.url, ports: [redis.port] }
    }
    case 'postgres': {
      const postgres = await startPostgres(settings)
      return { ...postgres, endpoint: postgres.url, ports: [postgres.settings.port] }
    }
  }
}

function kafkaPorts([plain, controller, secure]: readonly number[]): KafkaPorts | null {
  if (plain === undefined || controller === undefined || secure === undefined) return null
  return { plain, controller, secure }
}
