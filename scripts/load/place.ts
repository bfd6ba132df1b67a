/** Servers and roles of one run of load: started here, and nothing of it left when it ends. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SchemaIds } from '../chaos/event-bytes.ts'
import { type Fleet, newFleet, type Place } from '../chaos/fleet.ts'
import { type Servers, startServers } from '../chaos/servers.ts'
import { fleetOptions, prepareTopics, writePlaybook } from '../chaos/stage.ts'
import type { Role } from '../chaos/strikes.ts'
import { until } from '../stack/running.ts'

export interface LoadOptions {
  readonly seed: number
  readonly store: 'memory' | 'redis'
  /** With the memory store there is one. */
  readonly workers: number
  /** Takes data and logs. */
  readonly folder: string
  say(line: string): void
}

/** One installation: topics under a prefix, and its roles. */
export interface Installation {
  readonly topicPrefix: string
  readonly ids: SchemaIds
  readonly playbookPath: string
  readonly servers: Servers
  readonly fleet: Fleet
  /** Starts that many and waits until all run. */
  start(role: Role, count: number): Promise<readonly Place[]>
}

const startMaxMs = 120_000

export async function withServers<T>(
  { folder, store }: LoadOptions,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  mkdirSync(join(folder, 'roles'), { recursive: true })
  const servers = await startServers(folder, store === 'redis')
  try {
    return await work(servers)
  } finally {
    await servers.stop()
  }
}

export async function withInstallation<T>(
  { folder, store }: LoadOptions,
  { servers, topicPrefix }: { readonly servers: Servers; readonly topicPrefix: string },
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const playbookPath = writePlaybook(folder)
  const ids = await prepareTopics(servers, topicPrefix)
  const { brokers: rolesBrokers } = servers
  const started = { ...servers, rolesBrokers, topicPrefix, playbookPath, store, folder }
  const fleet = newFleet(fleetOptions({ ...started, workerWords: [] }))
  const isRunning = (role: Role, count: number) =>
    fleet.members(role).filter((member) => member.state() === 'running').length >= count
  try {
    return await work({
      topicPrefix,
      ids,
      playbookPath,
      servers,
      fleet,
      async start(role, count) {
        const places = Array.from({ length: count }, () => fleet.add(role))
        const running = () => Promise.resolve(isRunning(role, count))
        await until(`${count} of ${role} run`, running, startMaxMs)
        return places
      },
    })
  } finally {
    fleet.killAll()
  }
}
