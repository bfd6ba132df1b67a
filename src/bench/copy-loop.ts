/**
 * The least that any exactly-once program does with this client: read batches from one topic, write
 * the same records to another, one transaction a batch with the offsets in it. What a worker does
 * beside it is the difference to this.
 */
import type { Batch, Consumer, EachBatchPayload, Kafka, Producer } from 'kafkajs'
import { cpuMicros, rounded } from './cpu-time.ts'

export interface CopyLoopOptions {
  readonly kafka: Kafka
  readonly from: string
  readonly to: string
  readonly group: string
  readonly partitions: number
  /** Ends by itself after this many events; else when `stop` is called. */
  readonly events: number
}

export interface CopyLoopCost {
  readonly events: number
  readonly transactions: number
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly cpuSeconds: number
  readonly cpuSecondsPerMillion: number
}

export interface CopyLoop {
  /** From the first batch to the last commit. Rejects where anything fails. */
  readonly done: Promise<CopyLoopCost>
  stop(): void
}

/** Resolves when it has joined its group and owns all partitions. */
export async function startCopyLoop(options: CopyLoopOptions): Promise<CopyLoop> {
  const { kafka, group, from, partitions } = options
  // One transaction at a time each: a producer for every partition, as a worker has for its shards.
  const producers = Array.from({ length: partitions }, (_, partition) =>
    kafka.producer({
      transactionalId: `${group}-${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: () => () => partition,
    }),
  )
  const consumer = kafka.consumer({
    groupId: group,
    maxBytesPerPartition: 1_048_576,
    sessionTimeout: 30_000,
  })
  const count = newCount(options.events)
  await Promise.all([consumer.connect(), ...producers.map((producer) => producer.connect())])
  await consumer.subscribe({ topics: [from], fromBeginning: true })
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve())
  })
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error)
    })
  })
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async (payload) => {
      if (!payload.isRunning() || payload.isStale()) return
      count.begin()
      await copyBatch(options, producers[payload.batch.partition]!, payload)
      count.commit(payload.batch.messages.length)
    },
  })
  await Promise.race([joined, crashed])
  const untilDone = async () => {
    try {
      await Promise.race([count.finished, crashed])
      return count.cost()
    } finally {
      await close(consumer, producers)
    }
  }
  return { done: untilDone(), stop: count.finish }
}

async function copyBatch(
  { to, group }: CopyLoopOptions,
  producer: Producer,
  { batch, heartbeat }: EachBatchPayload,
): Promise<void> {
  const transaction = await producer.transaction()
  await transaction.send({ topic: to, messages: copiesOf(batch) })
  const { topic, partition } = batch
  const offset = String(BigInt(batch.lastOffset()) + 1n)
  const topics = [{ topic, partitions: [{ partition, offset }] }]
  await transaction.sendOffsets({ consumerGroupId: group, topics })
  await transaction.commit()
  await heartbeat()
}

const copiesOf = ({ messages }: Batch) =>
  messages.map(({ key, value, headers }) => ({ key, value, headers: headers ?? {} }))

async function close(consumer: Consumer, producers: readonly Producer[]): Promise<void> {
  await consumer.disconnect()
  await Promise.all(producers.map((producer) => producer.disconnect()))
}

/** Time and processor time from the first batch on. */
function newCount(eventsMax: number) {
  let [events, transactions] = [0, 0]
  let first: { readonly ms: number; readonly cpu: number } | null = null
  let [lastMs, lastCpu] = [0, 0]
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  return {
    finished,
    finish: () => finish(),
    begin() {
      first ??= { ms: performance.now(), cpu: cpuMicros() }
    },
    commit(length: number) {
      events += length
      transactions += 1
      lastMs = performance.now()
      lastCpu = cpuMicros()
      if (events >= eventsMax) finish()
    },
    cost(): CopyLoopCost {
      const seconds = first === null ? 0 : (lastMs - first.ms) / 1_000
      const cpuSeconds = first === null ? 0 : (lastCpu - first.cpu) / 1e6
      return {
        events,
        transactions,
        seconds: rounded(seconds),
        eventsPerSecond: Math.round(events / seconds),
        cpuSeconds: rounded(cpuSeconds),
        cpuSecondsPerMillion: rounded((cpuSeconds / events) * 1e6),
      }
    },
  }
}
