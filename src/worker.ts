/**
 * The scoring worker: joins the group, and for every shard that is its own reads events, judges
 * them and commits decisions with the offsets in one transaction (log/kafka/shard-runner.ts). What
 * it cannot read goes to the dead letters; what it cannot reach (broker, registry, store) pauses
 * the shard, which goes on by itself.
 */
import type { Admin, Kafka } from 'kafkajs'
import type { FollowedAlerts } from './core/alerting/followed-alerts.ts'
import type { Keys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Progress } from './core/schema.gen.ts'
import type { Facts } from './facts.ts'
import { type LetterKey, sealLetter } from './letter-seal.ts'
import type { EventReader } from './log/kafka/event-reader.ts'
import { traceparentOf } from './log/kafka/headers.ts'
import { outputMessages } from './log/kafka/output-messages.ts'
import type { FetchedMessage } from './log/kafka/partition-queue.ts'
import type { RecordFramer } from './log/kafka/record-framer.ts'
import type { TopicPlace } from './log/kafka/shard-epoch.ts'
import { type RoleState, type ShardRole, startShardRole } from './log/kafka/shard-role.ts'
import type { InputPlace, ShardWork, WorkResult } from './log/kafka/shard-runner.ts'
import { inputTopics } from './log/kafka/topics.ts'
import type { Outputs } from './log/stream.ts'
import { type Judged, newPipeline, type Pipeline } from './pipeline.ts'
import { readMessages } from './read-messages.ts'
import type { Clock } from './runtime/clock.ts'
import type { Metrics } from './runtime/metrics.ts'
import type { SharedWindows } from './shared-windows.ts'
import type { ExchangePlaces } from './state/redis-places.ts'
import type { SignalStore } from './state/signal-store.ts'

export interface WorkerParts {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly groupId: string
  readonly topicPrefix: string
  readonly store: SignalStore
  /**
   * Null where the windows live in this process, which must then own every shard, and fills them
   * from what it reads.
   */
  readonly shared: SharedWindows | null
  /** How far a shard may be ahead of another, in milliseconds of record time. */
  readonly driftMs?: number | undefined
  /** Tells other workers where our shards stand; null where there can be none. */
  readonly exchangePlaces: ExchangePlaces | null
  readonly playbook: Playbook
  readonly facts: Facts
  readonly keys: Keys
  readonly alerts: FollowedAlerts
  readonly reader: EventReader
  readonly framer: RecordFramer
  /** What the bytes of dead letters are encrypted with, if they are. */
  readonly letterKey: LetterKey | null
  readonly clock: Clock
  readonly metrics: Metrics
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

/** Messages of one batch and so of one transaction. */
const batchMessagesMax = 1_024

/** Joins the group; throws EdgeError where that fails. */
export function startWorker(parts: WorkerParts): Promise<ShardRole> {
  const held: HeldPlaces = new Map()
  return startShardRole({
    ...parts,
    topics: inputTopics,
    batchMessagesMax,
    needsEveryShard: parts.shared === null,
    // Whoever fills the windows fences every shard, his own too: before he opens an epoch.
    prepare: () => parts.shared?.ensure() ?? Promise.resolve(),
    newWork: (shard, committed) => new ShardJudging(parts, held, { shard, committed }),
  })
}

/** Per input partition, the offset below which the local windows hold everything. */
type HeldPlaces = Map<string, number>

interface Begun {
  readonly shard: number
  readonly committed: readonly TopicPlace[]
}

class ShardJudging implements ShardWork {
  readonly #parts: WorkerParts
  readonly #held: HeldPlaces
  readonly #shard: number
  readonly #absorbing: Pipeline
  readonly #judging: Pipeline

  constructor(parts: WorkerParts, held: HeldPlaces, { shard, committed }: Begun) {
    const { store, playbook, facts, keys, alerts: followed } = parts
    this.#parts = parts
    this.#held = held
    this.#shard = shard
    const judgedTo = Math.max(...committed.map(({ recordedAt }) => recordedAt))
    // What is absorbed is placed by its own record time, not by how far the shard has come since.
    this.#absorbing = newPipeline({ store, playbook, facts, keys, followed })
    this.#judging = newPipeline({ store, playbook, facts, keys, followed, judgedTo })
  }

  async readFrom(committed: readonly TopicPlace[]): Promise<readonly number[]> {
    const { shared } = this.#parts
    if (shared !== null) {
      await shared.ensure()
      return committed.map(({ offset }) => offset)
    }
    return committed.map((place) => Math.min(place.offset, this.#held.get(keyOf(place)) ?? 0))
  }

  async absorb(messages: readonly FetchedMessage[], next: readonly InputPlace[]): Promise<void> {
    const { events } = await readMessages(this.#parts.reader, messages)
    if (events.length > 0) await this.#absorbing.rebuild(events)
    this.#hold(next)
  }

  async judge(
    messages: readonly FetchedMessage[],
    next: readonly InputPlace[],
  ): Promise<WorkResult> {
    const { framer, topicPrefix, metrics, letterKey } = this.#parts
    const started = performance.now()
    const { events, letters } = await readMessages(this.#parts.reader, messages)
    const read = performance.now()
    const { judged, outputs, watermark } = await this.#judging.process(events)
    const decided = performance.now()
    this.#hold(next)
    const newest = Math.max(...messages.map(({ recordedAt }) => recordedAt))
    const progress = this.#progressTo(next, Math.max(watermark, newest))
    const sealed = letters.map((letter) => sealLetter(letter, letterKey))
    const all = { ...outputs, deadLetters: [...sealed, ...outputs.deadLetters] }
    const frames = { framer, topicPrefix, traceAt: tracesOf(messages) }
    const outgoing = outputMessages(all, progress, frames)
    metrics.stage('decode', read - started)
    metrics.stage('judge', decided - read)
    metrics.stage('encode', performance.now() - decided)
    metrics.events(this.#shard, messages.length)
    return {
      messages: outgoing,
      recordedAt: progress.recordedAt,
      onCommitted: () => this.#count(all, judged),
    }
  }

  #progressTo(next: readonly InputPlace[], recordedAt: number): Progress {
    const { topicPrefix, playbook } = this.#parts
    const offsets = next.map(({ topic, partition, offset }) => ({
      topic: topic.slice(topicPrefix.length),
      partition,
      nextOffset: offset,
    }))
    return { shard: this.#shard, offsets, recordedAt, playbookVersion: playbook.version }
  }

  #count({ audits, deadLetters }: Outputs, judged: readonly Judged[]): void {
    const { metrics, clock } = this.#parts
    const now = clock.now()
    for (const { decision, event, recordedAt } of audits) {
      metrics.outcomes(decision.outcome, 1)
      for (const { model, outcome } of decision.models) metrics.asked(model, outcome)
      metrics.lateness(recordedAt - event.occurredAt)
      metrics.endToEnd(now - recordedAt)
    }
    for (const { reason } of deadLetters) metrics.rejections(reason, 1)
    metrics.duplicates(judged.filter(({ kind }) => kind === 'duplicate').length)
  }

  #hold(next: readonly InputPlace[]): void {
    if (this.#parts.shared !== null) return
    for (const place of next)
      this.#held.set(keyOf(place), Math.max(place.offset, this.#held.get(keyOf(place)) ?? 0))
  }
}

const keyOf = ({ topic, partition }: { topic: string; partition: number }) =>
  `${partition} ${topic}`

/** Most events carry no trace. */
function tracesOf(messages: readonly FetchedMessage[]) {
  const traces = new Map<string, string>()
  for (const { source, offset, headers } of messages) {
    const trace = headers.traceparent === undefined ? null : traceparentOf(headers)
    if (trace !== null) traces.set(`${offset} ${source}`, trace)
  }
  return (source: string, offset: number) =>
    traces.size === 0 ? null : (traces.get(`${offset} ${source}`) ?? null)
}
