/**
 * Reads topics as a group that shares their partitions and notes its places with the broker, for
 * whoever keeps what it read elsewhere and takes a record twice without harm. Only committed
 * records come, in order within a partition. After trouble another client goes on; what was taken
 * and not noted comes again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { kafkaError } from './client.ts'
import type { TopicName } from './topics.ts'

export interface GroupMessage {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export interface GroupReaderOptions {
  readonly kafka: Kafka
  readonly groupId: string
  readonly topics: readonly TopicName[]
  readonly topicPrefix: string
  /** A part of one partition, in order; what it rejects with is tried again. */
  take(topic: TopicName, partition: number, messages: readonly GroupMessage[]): Promise<void>
  /** Records of the partitions read here that are not taken yet. */
  onLag(records: number): void
  /** What ended a client; another one begins. */
  onTrouble(error: unknown): void
}

export interface GroupReader {
  close(): Promise<void>
}

const partMessagesMax = 1_000
const againAfterMs = 1_000
const retry = { retries: 3, initialRetryTime: 50, maxRetryTime: 1_000 }

/** Begins to read, and goes on by itself whatever happens; `close` ends it. */
export function readAsGroup(options: GroupReaderOptions): GroupReader {
  const closing = new AbortController()
  const reading = readUntil(options, closing.signal)
  return {
    async close() {
      closing.abort()
      await reading
    },
  }
}

async function readUntil(options: GroupReaderOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await readOnce(options, signal)
    } catch (error) {
      if (signal.aborted) return
      options.onTrouble(error)
      await sleep(againAfterMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** One client, until it gives up or the signal comes. */
async function readOnce(options: GroupReaderOptions, signal: AbortSignal): Promise<void> {
  const { kafka, groupId, topics, topicPrefix } = options
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    maxWaitTimeInMs: 250,
    retry: { ...retry, restartOnFailure: () => Promise.resolve(false) },
  })
  try {
    await consumer.connect()
    await consumer.subscribe({
      topics: topics.map((topic) => topicPrefix + topic),
      fromBeginning: true,
    })
    await runUntil(consumer, options, signal)
  } catch (error) {
    throw kafkaError(error)
  } finally {
    await consumer.disconnect().catch(() => undefined)
  }
}

async function runUntil(
  consumer: Consumer,
  options: GroupReaderOptions,
  signal: AbortSignal,
): Promise<void> {
  const lags = new Map<string, number>()
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    consumer.on(consumer.events.STOP, () => resolve())
    consumer.run({ eachBatch: (payload) => takeBatch(payload, options, lags) }).catch(reject)
  })
}

async function takeBatch(
  {
    batch,
    heartbeat,
    resolveOffset,
    commitOffsetsIfNecessary,
    isRunning,
    isStale,
  }: EachBatchPayload,
  { topics, topicPrefix, take, onLag }: GroupReaderOptions,
  lags: Map<string, number>,
): Promise<void> {
  const topic = topics.find((one) => topicPrefix + one === batch.topic)
  if (topic === undefined) return
  for (let from = 0; from < batch.messages.length; from += partMessagesMax) {
    if (!isRunning() || isStale()) return
    const part = batch.messages.slice(from, from + partMessagesMax)
    const messages = part.map(({ offset, key, value }) => ({ offset: Number(offset), key, value }))
    await take(topic, batch.partition, messages)
    resolveOffset(part.at(-1)!.offset)
    const left = Number(batch.highWatermark) - Number(part.at(-1)!.offset) - 1
    lags.set(`${batch.partition} ${topic}`, Math.max(0, left))
    onLag([...lags.values()].reduce((sum, lag) => sum + lag, 0))
    await heartbeat()
  }
  await commitOffsetsIfNecessary()
}
