/** Configuration → the roles against Kafka: plain calls, one place. */

import type { Admin, Kafka } from 'kafkajs'
import { type Connections, loadConnections } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { publishedTestKey, readKeyFile } from './config/key-file.ts'
import { newFollowedAlerts } from './core/alerting/followed-alerts.ts'
import { deriveKeys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert } from './core/schema.gen.ts'
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
import { newMemoryStore } from './state/memory-store.ts'
import { startWorker } from './worker.ts'

export interface RoleOptions extends JudgingOptions {
  readonly group: string
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

export interface WorkerOptions extends RoleOptions {
  readonly key: string
  /** How far a shard may be ahead of another, in milliseconds of record time. */
  readonly driftMs?: number | undefined
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
    const { playbook, facts } = loadJudging(options, keys)
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
    await following.caughtUp
    return startWorker({
      ...options,
      kafka,
      admin,
      groupId: topicPrefix + options.group,
      topicPrefix,
      store: newMemoryStore(),
      storeIsLocal: true,
      playbook,
      facts,
      keys,
      alerts,
      reader: newEventReader(registry, keys),
      framer,
      clock: systemClock,
    })
  })
}

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
    return { stop: () => role.stop().finally(closeAll) }
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
    groupId: `${topicPrefix}couponguard-follow-${process.pid}-${systemClock.now()}`,
    topics: ['risk.alerts'],
    topicPrefix,
    take: async (_, values) => {
      for (const alert of await reader.read('risk.alerts', values))
        if (!('rejected' in alert)) onAlert(alert)
    },
  })
}
