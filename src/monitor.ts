/**
 * The share monitor: folds the tallies of all workers, in the order of their topic, and publishes
 * each transition of an alert once. Its state is the fold of the topic from its beginning; it
 * commits only together with a transition, and what it folds again after a restart, up to the
 * committed place, was published before. A second monitor stands by in the group.
 */
import type { Admin, Kafka } from 'kafkajs'
import { type DayCourse, newDayCourse } from './core/alerting/day-course.ts'
import { newShareMonitor, type ShareMonitor } from './core/alerting/share-monitor.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert } from './core/schema.gen.ts'
import { ceTypes, cloudEventHeaders } from './log/kafka/headers.ts'
import type { FetchedMessage } from './log/kafka/partition-queue.ts'
import type { RecordFramer } from './log/kafka/record-framer.ts'
import type { RecordReader } from './log/kafka/record-reader.ts'
import type { OutputMessage, TopicPlace } from './log/kafka/shard-epoch.ts'
import { type RoleState, type ShardRole, startShardRole } from './log/kafka/shard-role.ts'
import type { ShardWork, WorkResult } from './log/kafka/shard-runner.ts'
import type { Clock } from './runtime/clock.ts'
import type { Metrics } from './runtime/metrics.ts'

export interface MonitorParts {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly groupId: string
  readonly topicPrefix: string
  readonly playbook: Playbook
  readonly reader: RecordReader
  readonly framer: RecordFramer
  readonly clock: Clock
  readonly metrics: Metrics
  onAlert(alert: Alert): void
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

const batchMessagesMax = 5_000

/** Joins the group; throws EdgeError where that fails. */
export function startMonitor(parts: MonitorParts): Promise<ShardRole> {
  return startShardRole({
    ...parts,
    topics: ['risk.tallies'],
    batchMessagesMax,
    needsEveryShard: false,
    exchangePlaces: null,
    prepare: () => Promise.resolve(),
    newWork: () => new TallyFolding(parts),
  })
}

class TallyFolding implements ShardWork {
  readonly #parts: MonitorParts
  readonly #monitor: ShareMonitor
  readonly #course: DayCourse

  constructor(parts: MonitorParts) {
    const { alerting, timeZone, version } = parts.playbook
    this.#parts = parts
    this.#monitor = newShareMonitor({ alerting, timeZone, version })
    this.#course = newDayCourse(timeZone)
  }

  async readFrom(): Promise<readonly number[]> {
    return [0]
  }

  async absorb(messages: readonly FetchedMessage[]): Promise<void> {
    await this.#fold(messages)
  }

  async judge(messages: readonly FetchedMessage[]): Promise<WorkResult> {
    const alerts = await this.#fold(messages)
    return {
      messages: alerts.map((alert) => this.#messageOf(alert)),
      recordedAt: messages.at(-1)!.recordedAt,
      onCommitted: () => {
        for (const alert of alerts) this.#parts.onAlert(alert)
      },
    }
  }

  async #fold(messages: readonly FetchedMessage[]): Promise<Alert[]> {
    const values = messages.map(({ value }) => value)
    const tallies = await this.#parts.reader.read('risk.tallies', values)
    const readable = tallies.flatMap((tally) => ('rejected' in tally ? [] : [tally]))
    this.#course.add(readable)
    const now = this.#course.now()
    if (now !== null)
      this.#parts.metrics.dayRedemptions(now.redemptions, now.forecast?.redemptions ?? null)
    return readable.flatMap((tally) => this.#monitor.fold([tally], tally.recordedAt))
  }

  #messageOf(alert: Alert): OutputMessage {
    const { framer, topicPrefix } = this.#parts
    return {
      topic: `${topicPrefix}risk.alerts`,
      key: alert.scope,
      value: framer.frame('risk.alerts', alert),
      headers: cloudEventHeaders({ type: ceTypes.alert, id: alert.id, time: alert.recordedAt }),
    }
  }
}
