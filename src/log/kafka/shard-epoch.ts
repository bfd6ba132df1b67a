/**
 * One epoch of a shard: the right to commit for it. Opening one fences whoever held the shard
 * before, and only then asks how far the shard is committed; so an epoch never builds on work that
 * may still be lost, and a holder that was replaced, however late it wakes, cannot commit a word.
 *
 *     InitProducerId (fences, ends what was open) → committed offsets → seek → judge → commit …
 *
 * Safety rests on the producer's epoch alone. Whatever fails inside an epoch ends it, a commit
 * whose answer was lost too: the next epoch asks the broker what became of it.
 */
import type { Admin, IHeaders, Kafka, Producer, Transaction } from 'kafkajs'
import type { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'
import { newKeyPartitioner } from './key-partitioner.ts'

/** A message for a topic, named with its prefix. */
export interface OutputMessage {
  readonly topic: string
  readonly key: string
  readonly value: Buffer
  readonly headers: IHeaders
}

/** A place in one input topic of the shard, named with its prefix. */
export interface TopicPlace {
  readonly topic: string
  readonly partition: number
  /** First offset that is not judged. */
  readonly offset: number
  /** Carried with the offset and given back: the record time judged up to, in milliseconds. */
  readonly recordedAt: number
}

export interface EpochOptions {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly transactionalId: string
  readonly groupId: string
  /** Input topics, with prefix, that have the partition. */
  readonly topics: readonly string[]
  readonly partition: number
}

export interface ShardEpoch {
  /** Per input topic, in the order of the options; offset −1 where nothing was committed. */
  readonly committed: readonly TopicPlace[]
  /** All or nothing. After a failure the epoch is over. */
  commit(messages: readonly OutputMessage[], places: readonly TopicPlace[]): Promise<void>
  close(): Promise<void>
}

/** A transaction open for longer is ended by the broker, which ends the epoch. */
const transactionTimeoutMs = 30_000
/** Retries of a single request; then the epoch ends, and the next one begins afresh. */
const retries = 5
/** Of one request: below what `topics create` lets a partition take at once. */
const requestBytesMax = 4 * 2 ** 20
const requestMessagesMax = 10_000

/** Who holds this name may commit for the shard. */
export const transactionalIdOf = (groupId: string, shard: number) =>
  `couponguard-${groupId}-${shard}`

/** Throws EdgeError. */
export async function openEpoch(options: EpochOptions): Promise<ShardEpoch> {
  const { kafka, transactionalId } = options
  const producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: transactionTimeoutMs,
    createPartitioner: newKeyPartitioner,
    retry: { retries, initialRetryTime: 20, maxRetryTime: 1_000 },
  })
  try {
    await producer.connect()
    // The first transaction asks for the producer's id: that is what fences. The broker hears of
    // the transaction itself only with its first message.
    const first = await producer.transaction()
    const committed = await committedPlaces(options)
    return new OpenEpoch({ producer, groupId: options.groupId, committed, first })
  } catch (error) {
    await closeQuietly(producer)
    throw kafkaError(error)
  }
}

async function committedPlaces({ admin, groupId, topics, partition }: EpochOptions) {
  const found = await admin.fetchOffsets({ groupId, topics: [...topics] })
  return topics.map((topic) => {
    const of = found
      .find((one) => one.topic === topic)
      ?.partitions.find((one) => one.partition === partition)
    const recordedAt = Number(of?.metadata ?? '')
    return {
      topic,
      partition,
      offset: Number(of?.offset ?? -1),
      recordedAt: Number.isSafeInteger(recordedAt) ? recordedAt : 0,
    }
  })
}

interface EpochParts {
  readonly producer: Producer
  readonly groupId: string
  readonly committed: readonly TopicPlace[]
  readonly first: Transaction
}

class OpenEpoch implements ShardEpoch {
  readonly committed: readonly TopicPlace[]
  readonly #producer: Producer
  readonly #groupId: string
  #next: Transaction | null
  #over: EdgeError | null = null
  /** The commit under way, whatever becomes of it. */
  #committing: Promise<void> = Promise.resolve()

  constructor({ producer, groupId, committed, first }: EpochParts) {
    this.#producer = producer
    this.#groupId = groupId
    this.committed = committed
    this.#next = first
  }

  commit(messages: readonly OutputMessage[], places: readonly TopicPlace[]): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over)
    // Offsets alone often fail on CONCURRENT_TRANSACTIONS, which only a send tries again.
    if (messages.length === 0) throw new Error('a transaction needs a message')
    const committing = this.#commit(messages, places)
    this.#committing = committing.catch(() => undefined)
    return committing
  }

  async close(): Promise<void> {
    // A request that finds its connection closed would open another, which nobody closes.
    await this.#committing
    await closeQuietly(this.#producer)
  }

  async #commit(messages: readonly OutputMessage[], places: readonly TopicPlace[]): Promise<void> {
    try {
      const transaction = this.#next ?? (await this.#producer.transaction())
      this.#next = null
      for (const topicMessages of requestsOf(messages))
        await transaction.sendBatch({ topicMessages })
      await transaction.sendOffsets({ consumerGroupId: this.#groupId, topics: offsetsOf(places) })
      await transaction.commit()
    } catch (error) {
      this.#over = kafkaError(error)
      throw this.#over
    }
  }
}

interface TopicMessages {
  readonly topic: string
  readonly messages: OutputMessage[]
}

/** Cuts into requests within the limits; the order within a topic is kept. */
export function requestsOf(messages: readonly OutputMessage[]): TopicMessages[][] {
  const requests: TopicMessages[][] = []
  let topics = new Map<string, TopicMessages>()
  let bytes = 0
  let count = 0
  for (const message of messages) {
    const size = message.value.length + message.key.length
    if (count > 0 && (bytes + size > requestBytesMax || count === requestMessagesMax)) {
      requests.push([...topics.values()])
      topics = new Map()
      bytes = 0
      count = 0
    }
    const of = topics.get(message.topic) ?? { topic: message.topic, messages: [] }
    of.messages.push(message)
    topics.set(message.topic, of)
    bytes += size
    count += 1
  }
  if (count > 0) requests.push([...topics.values()])
  return requests
}

function offsetsOf(places: readonly TopicPlace[]) {
  return places.map(({ topic, partition, offset, recordedAt }) => ({
    topic,
    partitions: [{ partition, offset: String(offset), metadata: String(recordedAt) }],
  }))
}

/** What a connection says at its end changes nothing any more. */
async function closeQuietly(producer: Producer): Promise<void> {
  await producer.disconnect().catch(() => undefined)
}
