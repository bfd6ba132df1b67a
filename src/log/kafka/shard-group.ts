/**
 * Membership in a consumer group, and what it brings: which shards are ours, and their messages in
 * bounded queues. The client's fetch loop never waits for judging: a batch goes into its queue at
 * once, so heartbeats go on whatever the worker does; a full queue pauses its partition.
 *
 * On every join all partitions are paused and all queues closed. Whoever opens an epoch of a shard
 * opens its queues at the place that the epoch found (seek); fetches from before are dropped.
 */
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'
import { type Fetch, type FetchedMessage, PartitionQueue } from './partition-queue.ts'
import { shardAssigner } from './shard-assigner.ts'

export interface ShardGroupOptions {
  readonly kafka: Kafka
  readonly groupId: string
  /** Input topics by name without prefix, in the order in which twins of one time are read. */
  readonly topics: readonly string[]
  readonly topicPrefix: string
  /** Shards that are ours now, after each rebalance; all work on others must end. */
  onAssigned(shards: readonly AssignedShard[]): void
  /** A fetch brought something for the shard. */
  onFetched(shard: number): void
  /** The client gave up: the group is left. */
  onFailed(error: EdgeError): void
}

/** A partition of an input topic that is ours. */
export interface AssignedPartition {
  /** Name with prefix, as the broker knows it. */
  readonly topic: string
  readonly partition: number
  readonly queue: PartitionQueue
}

export interface AssignedShard {
  readonly shard: number
  readonly partitions: readonly AssignedPartition[]
}

const sessionTimeoutMs = 10_000
const rebalanceTimeoutMs = 30_000
const heartbeatEveryMs = 1_500
/** An idle fetch returns after this long; each return is one wake. */
const fetchWaitMs = 1_000
const fetchBytesMax = 8 * 2 ** 20
const partitionBytesMax = 2 ** 20
/** A queue pauses its partition above this and lets it go on below half of it. */
const queueBytesMax = 8 * 2 ** 20

export class ShardGroup {
  readonly #options: ShardGroupOptions
  readonly #consumer: Consumer
  #queues = new Map<string, AssignedPartition>()
  #paused = new Set<string>()
  #joining: Promise<void> = Promise.resolve()
  #left = false

  constructor(options: ShardGroupOptions) {
    this.#options = options
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      partitionAssigners: [shardAssigner],
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatEveryMs,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytes: fetchBytesMax,
      maxBytesPerPartition: partitionBytesMax,
      allowAutoTopicCreation: false,
      readUncommitted: false,
      // A crash of the client is ours to answer: it would come back with its own idea of offsets.
      retry: { retries: 8, initialRetryTime: 30, restartOnFailure: () => Promise.resolve(false) },
    })
  }

  /** Joins; throws EdgeError where the broker cannot be reached or refuses. */
  join(): Promise<void> {
    const joined = this.#join()
    this.#joining = joined.catch(() => undefined)
    return joined
  }

  async #join(): Promise<void> {
    const { topics, topicPrefix, onFailed } = this.#options
    const { GROUP_JOIN, CRASH } = this.#consumer.events
    this.#consumer.on(GROUP_JOIN, ({ payload }) => {
      if (!this.#left) this.#assigned(payload.memberAssignment)
    })
    this.#consumer.on(CRASH, ({ payload }) => {
      if (!this.#left) onFailed(kafkaError(payload.error))
    })
    try {
      await this.#consumer.connect()
      const names = topics.map((topic) => topicPrefix + topic)
      await this.#consumer.subscribe({ topics: names, fromBeginning: true })
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        eachBatch: (payload) => this.#take(payload),
      })
    } catch (error) {
      throw kafkaError(error)
    }
  }

  /**
   * Leaves the group, so that others need not wait for the session to end. A join under way is
   * awaited first: who disconnects in the middle of one leaves half a client behind, a member that
   * reads nothing.
   */
  async leave(): Promise<void> {
    this.#left = true
    for (const { queue } of this.#queues.values()) queue.close()
    await this.#joining
    await this.#consumer.disconnect().catch(() => undefined)
  }

  /** Reads on from `offset`; `endOffset` is the partition's end as far as it is known. */
  seek({ topic, partition, queue }: AssignedPartition, offset: number, endOffset: number): void {
    queue.open(offset, endOffset)
    this.#ask(() => this.#consumer.seek({ topic, partition, offset: String(offset) }))
    this.#resume(topic, partition)
  }

  /** To be called after taking from a shard: lets partitions go on whose queues have room. */
  makeRoom({ partitions }: AssignedShard): void {
    for (const { topic, partition, queue } of partitions)
      if (queue.bytes() < queueBytesMax / 2) this.#resume(topic, partition)
  }

  #assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const { queue } of this.#queues.values()) queue.close()
    this.#queues = new Map()
    const shards = new Map<number, AssignedPartition[]>()
    for (const name of this.#options.topics) {
      const topic = this.#options.topicPrefix + name
      for (const partition of assignment[topic] ?? []) {
        const one = { topic, partition, queue: new PartitionQueue() }
        this.#pause(topic, partition)
        this.#queues.set(keyOf(topic, partition), one)
        shards.set(partition, [...(shards.get(partition) ?? []), one])
      }
    }
    const ours = [...shards].map(([shard, partitions]) => ({ shard, partitions }))
    this.#options.onAssigned(ours.sort((a, b) => a.shard - b.shard))
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch
    const found = this.#queues.get(keyOf(topic, partition))
    if (found === undefined || payload.isStale()) return
    const { queue } = found
    if (!queue.offer(this.#fetchOf(payload))) {
      const expected = queue.expected()
      // The client reads elsewhere than the epoch asked for: it is sent there again.
      if (expected !== null) this.#consumer.seek({ topic, partition, offset: String(expected) })
      return
    }
    if (queue.bytes() > queueBytesMax) this.#pause(topic, partition)
    this.#options.onFetched(partition)
  }

  #fetchOf({ batch }: EachBatchPayload): Fetch {
    const source = batch.topic.slice(this.#options.topicPrefix.length)
    const { partition } = batch
    const messages = batch.messages.map(
      ({ offset, timestamp, key, value, headers }): FetchedMessage => ({
        source,
        partition,
        offset: Number(offset),
        recordedAt: Number(timestamp),
        key,
        value,
        headers: headers ?? {},
      }),
    )
    return {
      fetchedOffset: fetchedOffsetOf(batch),
      nextOffset: Number(batch.lastOffset()) + 1,
      endOffset: Number(batch.highWatermark),
      messages,
    }
  }

  #pause(topic: string, partition: number): void {
    this.#paused.add(keyOf(topic, partition))
    this.#consumer.pause([{ topic, partitions: [partition] }])
  }

  #resume(topic: string, partition: number): void {
    if (!this.#paused.delete(keyOf(topic, partition))) return
    this.#ask(() => this.#consumer.resume([{ topic, partitions: [partition] }]))
  }

  /** A client that gave up a moment ago takes no orders: whoever gave one hears of it as such. */
  #ask(order: () => void): void {
    try {
      order()
    } catch (error) {
      throw kafkaError(error)
    }
  }
}

const keyOf = (topic: string, partition: number) => `${partition} ${topic}`

/** The place that was asked for: kafkajs keeps it, its types do not say so. */
function fetchedOffsetOf(batch: object): number {
  const offset = 'fetchedOffset' in batch ? Number(batch.fetchedOffset) : Number.NaN
  if (!Number.isSafeInteger(offset)) throw new Error('kafkajs no longer says where it fetched')
  return offset
}
