/**
 * Topics as any outsider can read them: `read_committed` from the beginning to where they end now,
 * Avro by the schema that the registry names. Uses the client libraries and nothing of ours.
 */
import avro from 'avsc'
import { type IHeaders, Kafka, logLevel } from 'kafkajs'
import type { Place } from './evidence.ts'

export interface Source {
  readonly brokers: string
  readonly registryUrl: string
  /** Stands before the name of every topic. */
  readonly topicPrefix: string
}

export interface RawRecord extends Place {
  readonly timestamp: number
  readonly value: Buffer | null
  readonly headers: IHeaders
}

export interface Reading {
  readonly source: Source
  readonly topics: readonly string[]
  /** Names a group that nobody else has. */
  readonly unique: string
  /** Called for all that is committed, within a partition in the order of offsets. */
  take(record: RawRecord): Promise<void>
}

/** A transaction that is still open would keep the end of its partitions from being read. */
const readMaxMs = 180_000

/** Gives the ends up to which it read. Throws where one of them is not reached. */
export async function readTopics(reading: Reading): Promise<readonly Place[]> {
  const ends = await endsOf(reading.source, reading.topics)
  await readToEnds(newAuditorClient(reading.source.brokers), reading, ends)
  return ends
}

/** First offset beyond what each partition holds now. */
export async function endsOf(
  { brokers, topicPrefix }: Source,
  topics: readonly string[],
): Promise<Place[]> {
  const admin = newAuditorClient(brokers).admin()
  await admin.connect()
  const ends: Place[] = []
  try {
    for (const topic of topics)
      for (const { partition, high } of await admin.fetchTopicOffsets(topicPrefix + topic))
        ends.push({ topic, partition, offset: Number(high) })
  } finally {
    await admin.disconnect()
  }
  return ends
}

export const newAuditorClient = (brokers: string): Kafka =>
  new Kafka({ clientId: 'chaos-auditor', brokers: [brokers], logLevel: logLevel.NOTHING })

async function readToEnds(
  kafka: Kafka,
  { source: { topicPrefix }, topics, unique, take }: Reading,
  ends: readonly Place[],
): Promise<void> {
  const left = new Map<string, number>()
  for (const { topic, partition, offset } of ends)
    if (offset > 0) left.set(`${topicPrefix}${topic}/${partition}`, offset)
  if (left.size === 0) return
  const consumer = kafka.consumer({
    groupId: `${topicPrefix}${unique}`,
    allowAutoTopicCreation: false,
    maxBytesPerPartition: 4 * 2 ** 20,
    maxWaitTimeInMs: 250,
  })
  const reached = new Promise<void>((resolve, reject) => {
    // Told of batches that held nothing but ends of transactions, too.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const place = `${payload.topic}/${payload.partition}`
      if (Number(payload.lastOffset) + 1 >= (left.get(place) ?? Number.POSITIVE_INFINITY))
        left.delete(place)
      if (left.size === 0) resolve()
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  })
  await consumer.connect()
  try {
    await consumer.subscribe({
      topics: topics.map((topic) => topicPrefix + topic),
      fromBeginning: true,
    })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic: name, partition, messages }, heartbeat }) => {
        const topic = name.slice(topicPrefix.length)
        for (const { offset, timestamp, value, headers } of messages)
          await take({
            topic,
            partition,
            offset: Number(offset),
            timestamp: Number(timestamp),
            value,
            headers: headers ?? {},
          })
        await heartbeat()
      },
    })
    await orAfter(reached, readMaxMs, () => {
      throw new Error(`cannot be read to its end: ${[...left.keys()].join(', ')}`)
    })
  } finally {
    await consumer.disconnect()
  }
}

async function orAfter(done: Promise<void>, ms: number, otherwise: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  const first = await Promise.race([done, late])
  clearTimeout(timer)
  if (first === 'late') otherwise()
}

/** Decodes framed Avro: magic byte 0, four bytes of schema id, body. */
export interface Decoder {
  /** Throws where it is not framed Avro of a schema that the registry knows. */
  decode(value: Buffer | null): Promise<unknown>
}

const frameBytes = 5

export function newDecoder(registryUrl: string): Decoder {
  const types = new Map<number, avro.Type>()
  const typeOf = async (id: number): Promise<avro.Type> => {
    const known = types.get(id)
    if (known !== undefined) return known
    const answer = await fetch(`${registryUrl}/schemas/ids/${id}`)
    const body: unknown = await answer.json()
    const schema =
      typeof body === 'object' && body !== null && 'schema' in body ? body.schema : undefined
    if (typeof schema !== 'string') throw new Error(`the registry has no schema ${id}`)
    const type = avro.Type.forSchema(JSON.parse(schema))
    types.set(id, type)
    return type
  }
  return {
    async decode(value) {
      if (value === null || value.length < frameBytes || value[0] !== 0) throw new Error('no frame')
      const type = await typeOf(value.readInt32BE(1))
      return type.fromBuffer(value.subarray(frameBytes))
    },
  }
}
