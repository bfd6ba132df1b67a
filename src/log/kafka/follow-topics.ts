/**
 * Reads topics whole and goes on reading: what every process must know, such as raised alerts,
 * lists and campaigns. Nothing is committed and no partition is shared: each follower is a group of
 * its own, which the broker forgets when it ends. After trouble the client reads again from the
 * start; what was taken is passed over then, or an entry that is gone would be back for a while.
 */
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs'
import type { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'
import type { TopicName } from './topics.ts'

export interface FollowOptions {
  readonly kafka: Kafka
  readonly admin: Admin
  /** Of its own for every process. */
  readonly groupId: string
  readonly topics: readonly TopicName[]
  readonly topicPrefix: string
  /**
   * Values of one partition in order, and their keys; rejects where they cannot be taken now: they
   * come again.
   */
  take(
    topic: TopicName,
    values: readonly (Buffer | null)[],
    keys: readonly (Buffer | null)[],
  ): Promise<void>
  /** Told where nothing will come any more, because the client gave up. */
  onLost?(error: EdgeError): void
}

export interface Following {
  /** Resolves once all that stood in the topics was taken; rejects where the client gave up. */
  readonly caughtUp: Promise<void>
  close(): Promise<void>
}

const fetchWaitMs = 500

/** Throws EdgeError where the broker is away or a topic is missing. */
export async function followTopics(options: FollowOptions): Promise<Following> {
  const { kafka, admin, groupId, topics, topicPrefix, take } = options
  const missing = await endsOf(admin, topics, topicPrefix)
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    readUncommitted: false,
  })
  let resolve: () => void = () => undefined
  let fail: (error: EdgeError) => void = () => undefined
  const caughtUp = new Promise<void>((done, failed) => {
    resolve = done
    fail = failed
  })
  // Whoever does not wait for it is told by onLost.
  caughtUp.catch(() => undefined)
  if (missing.size === 0) resolve()
  try {
    await consumer.connect()
    const names = topics.map((topic) => topicPrefix + topic)
    await consumer.subscribe({ topics: names, fromBeginning: true })
    // Told of a batch that held only control records too, for which no handler is called.
    consumer.on(
      consumer.events.END_BATCH_PROCESS,
      ({ payload: { topic, partition, lastOffset } }) => {
        const key = `${partition} ${topic}`
        if (Number(lastOffset) + 1 >= (missing.get(key) ?? Number.POSITIVE_INFINITY))
          missing.delete(key)
        if (missing.size === 0) resolve()
      },
    )
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (restart) return
      const lost = kafkaError(error)
      fail(lost)
      options.onLost?.(lost)
    })
    const taken = new Map<string, number>()
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const topic = topics.find((one) => topicPrefix + one === batch.topic)
        const messages = newIn(batch, taken)
        if (topic === undefined || messages.length === 0) return
        await take(
          topic,
          messages.map(({ value }) => value),
          messages.map(({ key }) => key),
        )
        const next = Number(messages.at(-1)!.offset) + 1
        taken.set(`${batch.partition} ${batch.topic}`, next)
      },
    })
  } catch (error) {
    await consumer.disconnect().catch(() => undefined)
    throw kafkaError(error)
  }
  return { caughtUp, close: () => consumer.disconnect().catch(() => undefined) }
}

/** Those that were not taken yet. `taken` holds the next offset of each partition. */
function newIn(batch: EachBatchPayload['batch'], taken: Map<string, number>) {
  const key = `${batch.partition} ${batch.topic}`
  // A partition that ends before what was taken of it was made anew.
  if (Number(batch.highWatermark) < (taken.get(key) ?? 0)) taken.delete(key)
  const next = taken.get(key) ?? 0
  return batch.messages.filter(({ offset }) => Number(offset) >= next)
}

/** Where each partition that holds something ends now. */
async function endsOf(admin: Admin, topics: readonly TopicName[], prefix: string) {
  const ends = new Map<string, number>()
  for (const topic of topics) {
    const partitions = await admin.fetchTopicOffsets(prefix + topic).catch((error: unknown) => {
      throw kafkaError(error)
    })
    for (const { partition, low, high } of partitions)
      if (Number(high) > Number(low)) ends.set(`${partition} ${prefix}${topic}`, Number(high))
  }
  return ends
}
