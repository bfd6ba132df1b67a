/** Configuration → the roles against Kafka: plain calls, one place. */

import { openWindows } from './assemble-windows.ts'
import { loadConnections } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { publishedTestKey, readKeyFile } from './config/key-file.ts'
import { newFollowedAlerts } from './core/alerting/followed-alerts.ts'
import { deriveKeys, type Keys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert } from './core/schema.gen.ts'
import { newDriftWatch } from './drift-watch.ts'
import type { Facts } from './facts.ts'
import { type FactsFollower, newFactsFollower } from './facts-follower.ts'
import { newEventReader } from './log/kafka/event-reader.ts'
import { followTopics } from './log/kafka/follow-topics.ts'
import { newRecordFramer } from './log/kafka/record-framer.ts'
import { newRecordReader } from './log/kafka/record-reader.ts'
import { requireTwins } from './log/kafka/require-twins.ts'
import type { TopicPlace } from './log/kafka/shard-epoch.ts'
import type { RoleState, ShardRole } from './log/kafka/shard-role.ts'
import { inputTopics, type TopicName } from './log/kafka/topics.ts'
import { startMonitor } from './monitor.ts'
import { type Close, closeAll, ownGroup, type Reached, reach } from './reach.ts'
import { systemClock } from './runtime/clock.ts'
import { type Metrics, timedCall } from './runtime/metrics.ts'
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
  const ending = new AbortController()
  return opening(async (closers) => {
    const connections = loadConnections(options)
    const { topicPrefix, letterKey } = connections
    const keys = deriveKeys(readKeyFile(options.key))
    const watch = newDriftWatch(options.metrics)
    const { playbook, facts: base } = loadJudging(options, keys, { watch })
    const reached = await reach(connections, 'worker', closers)
    const { kafka, admin, registry } = reached
    const shardCount = await requireTwins(
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
    const windows = await openWindows(options.store, closers, {
      connections,
      shardCount,
      judging: { playbook, facts, keys, followed: alerts },
      inputs: { ...inputs, committedGroupId: groupId, ending: ending.signal },
      fillGroupId: () => ownGroup(topicPrefix, 'fill'),
      reader,
      onFilled: options.onFilled,
    })
    return startWorker({
      ...options,
      store: timedStore(windows.store, options.metrics),
      shared: windows.shared,
      exchangePlaces: windows.exchangePlaces,
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
      letterKey,
      clock: systemClock,
    })
  }, ending)
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

/**
 * What was opened is closed again, last first: at the end, or where opening fails half-way. What
 * takes long and need not be done hears of the end by `ending`.
 */
async function opening(
  open: (closers: Close[]) => Promise<ShardRole>,
  ending = new AbortController(),
): Promise<ShardRole> {
  const closers: Close[] = []
  try {
    const role = await open(closers)
    return {
      async stop() {
        ending.abort()
        try {
          await role.stop()
        } finally {
          await closeAll(closers)
        }
      },
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
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
