/**
 * The load generator against Kafka: fills a topic before a run, or sends at a constant rate and
 * reads the results as a subscriber does (read_committed). Runs in a process of its own, so that
 * what it costs is not counted as the cost of what it loads.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, KafkaMessage } from 'kafkajs'
import { systemClock } from '../runtime/clock.ts'
import { cpuMicros, rounded } from './cpu-time.ts'
import type { LoadMessage, LoadShape } from './load-shape.ts'
import { newOpenLoop, type OpenLoopResult } from './open-loop.ts'

export interface LoadOptions {
  readonly kafka: Kafka
  readonly from: string
  readonly to: string
  readonly shape: LoadShape
  readonly rate: number
  readonly seconds: number
  readonly warmupSeconds: number
}

export interface LoadResult extends OpenLoopResult {
  readonly cpuSeconds: number
  readonly cpuSecondsPerMillion: number
}

const fillBatch = 2_000
/** Ten sendings in flight hold some megabytes and keep the broker busy. */
const fillsUnderWay = 10
/** As a platform's producers would be set; a request for each event would measure requests. */
const lingerMs = 5
const drainMsMax = 60_000

/** Appends events 0 up to, not including, `events`. */
export async function fillTopic(
  kafka: Kafka,
  topic: string,
  shape: LoadShape,
  events: number,
): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const now = systemClock.now()
  let next = 0
  const fill = async () => {
    while (next < events) {
      const from = next
      next = Math.min(next + fillBatch, events)
      await producer.sendBatch(batchOf(topic, messagesOf(shape, [from, next], now)))
    }
  }
  await Promise.all(Array.from({ length: shape.inOrder ? 1 : fillsUnderWay }, fill))
  await producer.disconnect()
}

export async function measureLoad(options: LoadOptions): Promise<LoadResult> {
  const { kafka, from, shape } = options
  shape.prepare(Math.round(options.rate * (options.seconds + options.warmupSeconds)))
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const loop = newOpenLoop({
    ...options,
    lingerMs,
    drainMsMax,
    nowMs: () => performance.now(),
    sleep,
    async send(first, end) {
      const messages = messagesOf(shape, [first, end], systemClock.now())
      await producer.sendBatch(batchOf(from, messages))
    },
  })
  const reader = await readResults(options, ({ headers }) => {
    const sequence = shape.sequenceOf(headers)
    if (sequence !== null) loop.seen(sequence)
  })
  const cpuAtStart = cpuMicros()
  const result = await loop.run()
  const cpuSeconds = (cpuMicros() - cpuAtStart) / 1e6
  await Promise.all([producer.disconnect(), reader.disconnect()])
  const all = options.rate * (options.seconds + options.warmupSeconds)
  return {
    ...result,
    cpuSeconds: rounded(cpuSeconds),
    cpuSecondsPerMillion: rounded((cpuSeconds / all) * 1e6),
  }
}

const messagesOf = (shape: LoadShape, [from, end]: readonly [number, number], atMs: number) =>
  Array.from({ length: end - from }, (_, index) => shape.messageOf(from + index, atMs))

function batchOf(from: string, messages: readonly LoadMessage[]) {
  const topics = new Map<string, LoadMessage[]>()
  for (const message of messages) {
    const name = from + message.topic
    const of = topics.get(name)
    if (of === undefined) topics.set(name, [message])
    else of.push(message)
  }
  return { topicMessages: [...topics].map(([topic, part]) => ({ topic, messages: part })) }
}

/** Reads the whole topic from its start on; resolves when it has joined. */
async function readResults({ kafka, to }: LoadOptions, see: (result: KafkaMessage) => void) {
  const consumer = kafka.consumer({ groupId: `${to}-observer`, maxWaitTimeInMs: 500 })
  await consumer.connect()
  await consumer.subscribe({ topics: [to], fromBeginning: true })
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve())
  })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, heartbeat }) => {
      for (const message of batch.messages) see(message)
      await heartbeat()
    },
  })
  await joined
  return consumer
}
