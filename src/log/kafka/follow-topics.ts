/**
 * Reads topics whole and goes on reading: what every process must know, such as raised alerts,
 * lists and campaigns. Nothing is committed and no partition is shared: each follower is a group of
 * its own, which the broker forgets when it ends. After trouble the client may bring messages
 * again from the beginning, so whoever takes them must not mind repeats.
 */
import type { Admin, Kafka } from 'kafkajs'
import { kafkaError } from './client.ts'
import type { TopicName } from './topics.ts'

export interface FollowOptions {
  readonly kafka: Kafka
  readonly admin: Admin
  /** Of its own for every process. */
  readonly groupId: string
  readonly topics: readonly TopicName[]
  readonly topicPrefix: string
  /** Values of one partition in order; rejects where they cannot be taken now: they come again. */
  take(topic: TopicName, values: readonly (Buffer | null)[]): Promise<void>
}

export interface Following {
  /** Resolves once all that stood in the topics at the start was taken. */
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
  const caughtUp = new Promise<void>((done) => {
    resolve = done
  })
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
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic: name, messages } }) => {
        const topic = topics.find((one) => topicPrefix + one === name)
        if (topic === undefined || messages.length === 0) return
        await take(
          topic,
          messages.map(({ value }) => value),
        )
      },
    })
  } catch (error) {
    await consumer.disconnect().catch(() => undefined)
    throw kafkaError(error)
  }
  return { caughtUp, close: () => consumer.disconnect().catch(() => undefined) }
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
