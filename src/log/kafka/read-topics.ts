/**
 * Reads topics from a place to where they end now, for commands that look and leave. Only committed
 * records come, in order within a partition. Nothing is committed and nobody is in the way: each
 * reading is a group of its own, which is taken away at the end.
 */
import type { Admin, Consumer, EachBatchPayload, IHeaders, Kafka } from 'kafkajs'
import { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'

export interface ReadMessage {
  /** As it is called in the cluster, prefix included. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Record time in milliseconds. */
  readonly recordedAt: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: IHeaders
}

export interface ReadTopics {
  readonly kafka: Kafka
  /** Connected. */
  readonly admin: Admin
  /** Of its own for every reading. */
  readonly groupId: string
  readonly topics: readonly string[]
  /** Record time to begin at; null: the beginning. */
  readonly from: number | null
  /** Record time to end before; null: the end of now. */
  readonly to: number | null
  /** Only the first record of each partition, with little fetched beside it. */
  readonly firstOnly?: boolean
  /** A part of one partition in order. What it rejects with ends the reading. */
  take(messages: readonly ReadMessage[]): Promise<void>
}

interface Stretch {
  next: number
  readonly end: number
}
type Stretches = Map<string, Stretch>

/** A transaction that stays open holds back what is behind it, at most as long as it may take. */
const stallMs = 90_000
const partBytes = 4 * 1_048_576
/** So few that one fetch has room for the firsts of all; a larger batch still comes, alone. */
const firstBytes = 65_536

/** Rejects with an EdgeError where the cluster is away, a topic is missing or nothing comes. */
export async function readTopics(options: ReadTopics): Promise<void> {
  const { kafka, admin, groupId, topics } = options
  const left = await asked(stretchesOf(options))
  if (left.size === 0) return
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    maxWaitTimeInMs: 500,
    maxBytesPerPartition: options.firstOnly === true ? firstBytes : partBytes,
  })
  try {
    await asked(consumer.connect())
    await asked(consumer.subscribe({ topics: [...topics], fromBeginning: true }))
    await readAll(consumer, left, options)
  } finally {
    await consumer.disconnect().catch(() => undefined)
    // One without committed offsets is gone by itself on some brokers, and an error on others.
    await admin.deleteGroups([groupId]).catch(() => undefined)
  }
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw kafkaError(error)
  }
}

const keyOf = (topic: string, partition: number) => `${partition} ${topic}`

/** What is to be read of each partition that has something to read. */
async function stretchesOf({ admin, topics, from, to }: ReadTopics): Promise<Stretches> {
  const stretches: Stretches = new Map()
  for (const topic of topics) {
    const starts = from === null ? null : await admin.fetchTopicOffsetsByTimestamp(topic, from)
    const stops = to === null ? null : await admin.fetchTopicOffsetsByTimestamp(topic, to)
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const at = (places: typeof starts, otherwise: string) =>
        Number(places?.find((place) => place.partition === partition)?.offset ?? otherwise)
      const next = Math.max(at(starts, low), Number(low))
      const end = Math.min(at(stops, high), Number(high))
      if (next < end) stretches.set(keyOf(topic, partition), { next, end })
    }
  }
  return stretches
}

async function readAll(
  consumer: Consumer,
  left: Stretches,
  { take, firstOnly = false }: Pick<ReadTopics, 'take' | 'firstOnly'>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    const expectMore = () => {
      clearTimeout(timer)
      timer = setTimeout(() => reject(stalled(left)), stallMs)
    }
    const reached = (topic: string, partition: number, next: number) => {
      const key = keyOf(topic, partition)
      const stretch = left.get(key)
      if (stretch === undefined) return
      stretch.next = Math.max(stretch.next, next)
      if (stretch.next >= stretch.end) left.delete(key)
      expectMore()
      if (left.size === 0) resolve()
    }
    expectMore()
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    // Told of what holds only control records as well, for which no handler is called.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
      reached(payload.topic, payload.partition, Number(payload.lastOffset) + 1),
    )
    const eachBatch = async ({ batch, heartbeat, pause }: EachBatchPayload) => {
      const stretch = left.get(keyOf(batch.topic, batch.partition))
      const messages = stretch === undefined ? [] : messagesIn(batch, stretch)
      if (stretch === undefined || messages.length === 0) return heartbeat()
      // The client would try what fails here again: it is for the caller to end.
      await take(firstOnly ? messages.slice(0, 1) : messages).catch(reject)
      if (!firstOnly) return
      pause()
      reached(batch.topic, batch.partition, stretch.end)
    }
    consumer
      .run({ autoCommit: false, eachBatch })
      .then(() => seekAll(consumer, left))
      .catch(reject)
  })
    .catch((error: unknown) => {
      throw error instanceof Error && error.name.startsWith('KafkaJS') ? kafkaError(error) : error
    })
    .finally(() => clearTimeout(timer))
}

/** What was fetched before the place was sought lies outside and is passed over. */
function messagesIn(batch: EachBatchPayload['batch'], { next, end }: Stretch): ReadMessage[] {
  const { topic, partition } = batch
  const messages: ReadMessage[] = []
  for (const { offset: place, timestamp, key, value, headers } of batch.messages) {
    const offset = Number(place)
    if (offset < next || offset >= end) continue
    const recordedAt = Number(timestamp)
    messages.push({ topic, partition, offset, recordedAt, key, value, headers: headers ?? {} })
  }
  return messages
}

function seekAll(consumer: Consumer, left: Stretches): void {
  for (const [key, { next }] of left) {
    const [partition, topic] = splitKey(key)
    if (next > 0) consumer.seek({ topic, partition, offset: String(next) })
  }
}

function splitKey(key: string): readonly [partition: number, topic: string] {
  const space = key.indexOf(' ')
  return [Number(key.slice(0, space)), key.slice(space + 1)]
}

function stalled(left: Stretches): EdgeError {
  const [[key, { next }]] = [...left] as [[string, Stretch]]
  const [partition, topic] = splitKey(key)
  const place = `${topic}, partition ${partition}, offset ${next}`
  const why = 'an open transaction may hold it back'
  return new EdgeError('kafka-away', `nothing comes from ${place}; ${why}; try again later`, true)
}
