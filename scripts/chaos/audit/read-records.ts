/**
 * Topics as an outsider can read them: all that is committed, from the beginning to where they end
 * now, and Avro by the schema that the registry names. Uses libraries and nothing of ours.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import avro from 'avsc'
import { Kafka, logLevel } from 'kafkajs'
import { type Broker, connectBroker } from './broker.ts'
import { CommittedRecords, type LogRecord, readBatches } from './committed.ts'
import type { Place } from './evidence.ts'

export interface Source {
  readonly brokers: string
  readonly registryUrl: string
  /** Stands before the name of every topic. */
  readonly topicPrefix: string
}

export interface RawRecord extends Place, LogRecord {}

export interface Reading {
  readonly source: Source
  readonly topics: readonly string[]
  /** Called for all that is committed, within a partition in the order of offsets. */
  take(record: RawRecord): Promise<void>
}

export interface ReadTopics {
  /** Up to where it read. */
  readonly ends: readonly Place[]
  /** Where a transaction has not ended, and nobody who reads what is committed gets further. */
  readonly open: readonly Place[]
}

/** Ends are answered before they are in all partitions, and a lost transaction ends after 30 s. */
const openMaxMs = 45_000
const lookAgainMs = 500

export async function readTopics({ source, topics, take }: Reading): Promise<ReadTopics> {
  const ends = await endsOf(source, topics)
  const until = performance.now() + openMaxMs
  const open: Place[] = []
  const broker = await connectBroker(source.brokers)
  try {
    for (const end of ends) {
      const committed = await readPartition(broker, source.topicPrefix, { end, until })
      if (committed.hasOpen()) open.push(end)
      const { topic, partition } = end
      for (const record of committed.records()) await take({ topic, partition, ...record })
    }
  } finally {
    broker.close()
  }
  return { ends, open }
}

interface Bounds {
  readonly end: Place
  /** How long to wait for transactions to end. */
  readonly until: number
}

async function readPartition(
  broker: Broker,
  topicPrefix: string,
  { end, until }: Bounds,
): Promise<CommittedRecords> {
  const committed = new CommittedRecords()
  let next = 0
  while (next < end.offset || (committed.hasOpen() && performance.now() < until)) {
    const { bytes } = await broker.fetch(topicPrefix + end.topic, end.partition, next)
    for (const batch of readBatches(bytes)) {
      // A fetch begins with the batch that holds the offset asked for.
      if (batch.lastOffset < next) continue
      committed.add(batch)
      next = batch.lastOffset + 1
    }
    if (next >= end.offset) await sleep(committed.hasOpen() ? lookAgainMs : 0)
  }
  return committed
}

/** First offset beyond what each partition holds now. */
export async function endsOf(
  { brokers, topicPrefix }: Pick<Source, 'brokers' | 'topicPrefix'>,
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
