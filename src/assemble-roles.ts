/** Configuration → the roles against Kafka: plain calls, one place. */

import type { Admin, Kafka } from 'kafkajs'
import { type Connections, loadConnections } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { readKeyFile } from './config/key-file.ts'
import { newFollowedAlerts } from './core/alerting/followed-alerts.ts'
import { deriveKeys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert } from './core/schema.gen.ts'
import { kafkaError, newKafkaClient } from './log/kafka/client.ts'
import { newEventReader } from './log/kafka/event-reader.ts'
import { followTopics } from './log/kafka/follow-topics.ts'
import { newRecordFramer } from './log/kafka/record-framer.ts'
import { newRecordReader } from './log/kafka/record-reader.ts'
import { newSchemaRegistry, type SchemaRegistry } from './log/kafka/schema-registry.ts'
import type { RoleState, ShardRole } from './log/kafka/shard-role.ts'
import type { TopicName } from './log/kafka/topics.ts'
import { startMonitor } from './monitor.ts'
import { systemClock } from './runtime/clock.ts'
import { newMemoryStore } from './state/memory-store.ts'
import { startWorker } from './worker.ts'

export interface RoleOptions extends JudgingOptions {
  readonly group: string
  onState(state: RoleState): void
  onFatal(error: unknown): void
}

export interface WorkerOptions extends RoleOptions {
  readonly key: string
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

export async function assembleWorker(options: WorkerOptions): Promise<ShardRole> {
  const connections = loadConnections(options)
  const keys = deriveKeys(readKeyFile(options.key))
  const { playbook, facts } = loadJudging(options, keys)
  const reached = await reach(connections, `couponguard-worker-${process.pid}`)
  const { kafka, admin, registry } = reached
  const framer = newRecordFramer(await registry.registeredIds(workerTopics))
  const alerts = newFollowedAlerts()
  const following = await followAlerts(connections, reached, (alert) => alerts.follow(alert))
  await following.caughtUp
  const role = await startWorker({
    ...options,
    kafka,
    admin,
    groupId: connections.topicPrefix + options.group,
    topicPrefix: connections.topicPrefix,
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
  return closing(role, [() => following.close(), () => admin.disconnect()])
}

export async function assembleMonitor(options: MonitorOptions): Promise<ShardRole> {
  const connections = loadConnections(options)
  const { playbook } = loadJudging(options, deriveKeys(new Uint8Array(32)))
  const { kafka, admin, registry } = await reach(connections, `couponguard-monitor-${process.pid}`)
  const role = await startMonitor({
    ...options,
    kafka,
    admin,
    groupId: connections.topicPrefix + options.group,
    topicPrefix: connections.topicPrefix,
    playbook,
    reader: newRecordReader(registry),
    framer: newRecordFramer(await registry.registeredIds(monitorTopics)),
    clock: systemClock,
    onAlert: (alert) => options.onAlert(alert, playbook),
  })
  return closing(role, [() => admin.disconnect()])
}

interface Reached {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly registry: SchemaRegistry
}

async function reach(connections: Connections, clientId: string): Promise<Reached> {
  const kafka = newKafkaClient(connections.kafka, clientId)
  const admin = kafka.admin()
  await admin.connect().catch((error: unknown) => {
    throw kafkaError(error)
  })
  const registry = newSchemaRegistry(connections.registry, systemClock, connections.topicPrefix)
  return { kafka, admin, registry }
}

function followAlerts(
  { topicPrefix }: Connections,
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

function closing(role: ShardRole, closers: readonly (() => Promise<void>)[]): ShardRole {
  return {
    async stop() {
      await role.stop()
      for (const close of closers) await close()
    },
  }
}
