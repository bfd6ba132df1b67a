/** Configuration → the roles against Kafka: plain calls, one place. */

import type { Admin, Kafka } from 'kafkajs'
import { CommandError } from './cli/exit.ts'
import { type Connections, loadConnections } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { publishedTestKey, readKeyFile } from './config/key-file.ts'
import { newFollowedAlerts } from './core/alerting/followed-alerts.ts'
import { deriveKeys, type Keys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert } from './core/schema.gen.ts'
import type { Facts } from './facts.ts'
import { type FactsFollower, newFactsFollower } from './facts-follower.ts'
import { kafkaError, newKafkaClient } from './log/kafka/client.ts'
import { newEventReader } from './log/kafka/event-reader.ts'
import { followTopics } from './log/kafka/follow-topics.ts'
import { newRecordFramer } from './log/kafka/record-framer.ts'
import { newRecordReader } from './log/kafka/record-reader.ts'
import { requireTwins } from './log/kafka/require-twins.ts'
import { newSchemaRegistry, type SchemaRegistry } from './log/kafka/schema-registry.ts'
import type { TopicPlace } from './log/kafka/shard-epoch.ts'
import type { RoleState, ShardRole } from './log/kafka/shard-role.ts'
import { inputTopics, type TopicName } from './log/kafka/topics.ts'
import { startMonitor } from './monitor.ts'
import { systemClock } from './runtime/clock.ts'
import { type Metrics, timedCall } from './runtime/metrics.ts'
import { newSharedWindows, type SharedWindows, type SharedWindowsParts } from './shared-windows.ts'
import { newMemoryStore } from './state/memory-store.ts'
import { newRedisClient } from './state/redis-client.ts'
import { redisFailure } from './state/redis-failure.ts'
import { newRedisStore } from './state/redis-store.ts'
import type { SignalStore } from './state/signal-store.ts'
import { timedStore } from './state/timed-store.ts'
import { startWorker } from './worker.ts'

export interface RoleOptions extends JudgingOptions {
  readonly group: string
  readonly metrics: Metrics
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

export interface WorkerOptions extends RoleOptions {
  readonly key: string
  /** How far a shard may be ahead of another, in milliseconds of record time. */
  readonly driftMs?: number | undefined
  /** Where the windows are: in this process, which must then own every shard, or in Redis. */
  readonly store: 'memory' | 'redis'
  onFilled(events: number): void
  /** A record of risk.lists or risk.campaigns that does not count, and why. */
  onRefused(line: string): void
}

export interface MonitorOptions extends RoleOptions {
  onAlert(alert: Alert, playbook: Playbook): void
}

/** What a worker writes beside alerts, and what the monitor writes. */
const workerTopics = [
  'risk.audit',
  'risk.decisions',
  'risk.tallies',
  'risk.progress',
  'risk.reports',
  'risk.dead-letters',
] as const satisfies readonly TopicName[]
const monitorTopics = ['risk.alerts'] as const satisfies readonly TopicName[]

/** Throws EdgeError or CommandError, with nothing left open. */
export function assembleWorker(options: WorkerOptions): Promise<ShardRole> {
  return opening(async (closers) => {
    const connections = loadConnections(options)
    const { topicPrefix } = connections
    const keys = deriveKeys(readKeyFile(options.key))
    const { playbook, facts: base } = loadJudging(options, keys)
    const reached = await reach(connections, 'worker', closers)
    const { kafka, admin, registry } = reached
    await requireTwins(
      admin,
      inputTopics.map((topic) => topicPrefix + topic),
    )
    const framer = newRecordFramer(await registry.registeredIds(workerTopics))
    const alerts = newFollowedAlerts()
    const following = await followAlerts(topicPrefix, reached, (alert) => alerts.follow(alert))
    closers.push(() => following.close())
    const followed = await followFacts(options, { keys, base, topicPrefix }, reached)
    closers.push(() => followed.close())
    await Promise.all([following.caughtUp, followed.caughtUp])
    const { facts } = followed
    const groupId = topicPrefix + options.group
    const schemaById = (id: number) =>
      timedCall(options.metrics, 'registry', () => registry.schemaById(id))
    const reader = newEventReader({ schemaById }, keys)
    const inputs = { kafka, admin, clock: systemClock, topics: inputTopics, topicPrefix }
    const windows = await openWindows(options, closers, {
      connections,
      judging: { playbook, facts, keys, followed: alerts },
      inputs: { ...inputs, committedGroupId: groupId },
      fillGroupId: () => ownGroup(topicPrefix, 'fill'),
      reader,
      onFilled: options.onFilled,
    })
    return startWorker({
      ...options,
      store: timedStore(windows.store, options.metrics),
      shared: windows.shared,
      kafka,
      admin,
      groupId,
      topicPrefix,
      playbook,
      facts,
      keys,
      alerts,
      reader,
      framer,
      clock: systemClock,
    })
  })
}

interface Windows {
  readonly store: SignalStore
  readonly shared: SharedWindows | null
}

async function openWindows(
  { store: where }: WorkerOptions,
  closers: Close[],
  parts: Omit<SharedWindowsParts, 'store'> & { readonly connections: Connections },
): Promise<Windows> {
  if (where === 'memory') return { store: newMemoryStore(), shared: null }
  const { redis, topicPrefix } = parts.connections
  if (redis === null)
    throw new CommandError(
      'redis: is not configured; set COUPONGUARD_REDIS_URL, or run one worker with --store memory',
    )
  // What the client says of an outage, the calls that fail say as well.
  const client = newRedisClient(redis, () => undefined)
  closers.push(async () => client.disconnect())
  await client.connect().catch((error: unknown) => {
    throw redisFailure(error)
  })
  const store = newRedisStore({ client, prefix: redisPrefix(topicPrefix) })
  closers.push(() => store.close())
  return { store, shared: newSharedWindows({ ...parts, store }) }
}

/** Keys of several installations in one Redis keep apart as their topics do. */
const redisPrefix = (topicPrefix: string) =>
  `cg${topicPrefix.toLowerCase().replace(/[^a-z0-9]/g, '-')}`

/** Throws EdgeError or CommandError, with nothing left open. */
export function assembleMonitor(options: MonitorOptions): Promise<ShardRole> {
  return opening(async (closers) => {
    const connections = loadConnections(options)
    const { topicPrefix } = connections
    // The monitor hashes nothing.
    const { playbook } = loadJudging(options, deriveKeys(publishedTestKey))
    const { kafka, admin, registry } = await reach(connections, 'monitor', closers)
    return startMonitor({
      ...options,
      kafka,
      admin,
      groupId: topicPrefix + options.group,
      topicPrefix,
      playbook,
      reader: newRecordReader(registry),
      framer: newRecordFramer(await registry.registeredIds(monitorTopics)),
      clock: systemClock,
      onAlert: (alert) => options.onAlert(alert, playbook),
    })
  })
}

type Close = () => Promise<void>

/** What was opened is closed again, last first: at the end, or where opening fails half-way. */
async function opening(open: (closers: Close[]) => Promise<ShardRole>): Promise<ShardRole> {
  const closers: Close[] = []
  const closeAll = async () => {
    for (const close of closers.reverse()) await close().catch(() => undefined)
  }
  try {
    const role = await open(closers)
    return {
      async stop() {
        try {
          await role.stop()
        } finally {
          await closeAll()
        }
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

interface Reached {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly registry: SchemaRegistry
}

async function reach(
  { kafka: connection, registry: registryConnection, topicPrefix }: Connections,
  role: string,
  closers: Close[],
): Promise<Reached> {
  const kafka = newKafkaClient(connection, `couponguard-${role}-${process.pid}`)
  const admin = kafka.admin()
  closers.push(() => admin.disconnect())
  await admin.connect().catch((error: unknown) => {
    throw kafkaError(error)
  })
  const registry = newSchemaRegistry(registryConnection, systemClock, topicPrefix)
  return { kafka, admin, registry }
}

function followAlerts(
  topicPrefix: string,
  { kafka, admin, registry }: Reached,
  onAlert: (alert: Alert) => void,
) {
  const reader = newRecordReader(registry)
  return followTopics({
    kafka,
    admin,
    groupId: ownGroup(topicPrefix, 'follow'),
    topics: ['risk.alerts'],
    topicPrefix,
    take: async (_, values) => {
      for (const alert of await reader.read('risk.alerts', values))
        if (!('rejected' in alert)) onAlert(alert)
    },
  })
}

interface Knowing {
  readonly keys: Keys
  readonly base: Facts
  readonly topicPrefix: string
}

/** What files say is the base; what the topics say counts before it. */
function followFacts(
  { onRefused, onFatal }: WorkerOptions,
  knowing: Knowing,
  { kafka, admin, registry }: Reached,
): Promise<FactsFollower> {
  return newFactsFollower({
    kafka,
    admin,
    ...knowing,
    reader: newRecordReader(registry),
    groupId: ownGroup(knowing.topicPrefix, 'facts'),
    clock: systemClock,
    onRefused,
    // A worker that no longer hears of lists would go on judging by old ones.
    onLost: onFatal,
  })
}

/** A group that no other process has: it shares nothing and commits nothing. */
const ownGroup = (topicPrefix: string, purpose: string) =>
  `${topicPrefix}couponguard-${purpose}-${process.pid}-${systemClock.now()}`
