/**
 * Topics of an installation of its own on a real broker, and a generated day published into its
 * inputs: keyed by user, so that the twins of a user meet in one shard, with the record times of
 * the simulation (the inputs are made with CreateTime for that).
 */
import { type Admin, CompressionTypes, type Kafka, type Message } from 'kafkajs'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import { schemas } from '../../src/core/schema.gen.ts'
import { type GenerateOptions, generateRows } from '../../src/generate/campaign-day.ts'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import type { SchemaRegistry } from '../../src/log/kafka/schema-registry.ts'
import { subjectOf, type TopicName, topicNames, topics } from '../../src/log/kafka/topics.ts'
import { writeFrame } from '../../src/log/kafka/wire-format.ts'

export interface Installation {
  readonly admin: Admin
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
}

export async function makeOurTopics(
  { admin, registry, topicPrefix }: Installation,
  partitions: number,
): Promise<void> {
  await makeTopics(
    admin,
    topicNames.map((name) => ({
      topic: topicPrefix + name,
      numPartitions: name === 'risk.tallies' || topics[name].partitions === 'one' ? 1 : partitions,
      replicationFactor: 1,
      configEntries: [
        { name: 'message.timestamp.type', value: 'CreateTime' },
        { name: 'max.message.bytes', value: String(topics[name].batchBytesMax) },
      ],
    })),
  )
  for (const name of topicNames)
    await registry.register(subjectOf(topicPrefix + name), schemas[topics[name].schema])
}

export interface PublishedDay {
  readonly messages: number
  /** Messages that no worker can read. */
  readonly unreadable: number
}

const sendMessagesMax = 2_000

export interface DayOptions extends GenerateOptions {
  /** All kinds on coupon.claims: then one partition has one order. */
  readonly oneTopic?: boolean
}

/** Throws where the broker does. */
export async function publishDay(
  kafka: Kafka,
  { registry, topicPrefix }: Installation,
  options: DayOptions,
): Promise<PublishedDay> {
  const subject = subjectOf(`${topicPrefix}coupon.claims`)
  const schemaId = (await registry.idOf(subject, schemas.CouponEvent)) ?? 0
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  let waiting: Record<'coupon.claims' | 'coupon.redemptions', Message[]> = emptyParts()
  let messages = 0
  let unreadable = 0
  const send = async () => {
    const topicMessages = Object.entries(waiting)
      .filter(([, part]) => part.length > 0)
      .map(([topic, part]) => ({ topic: topicPrefix + topic, messages: part }))
    waiting = emptyParts()
    if (topicMessages.length > 0)
      await producer.sendBatch({ topicMessages, compression: CompressionTypes.None })
  }
  for (const { published, bytes, recordedAt } of generateRows(options)) {
    const topic: TopicName =
      published === null || published.kind === 'claim' || options.oneTopic === true
        ? 'coupon.claims'
        : 'coupon.redemptions'
    const value =
      published === null
        ? Buffer.from(bytes ?? [])
        : writeFrame(schemaId, couponEventType.toBuffer(published))
    if (published === null) unreadable += 1
    waiting[topic].push({ key: published?.user ?? null, value, timestamp: String(recordedAt) })
    messages += 1
    if (messages % sendMessagesMax === 0) await send()
  }
  await send()
  await producer.disconnect()
  return { messages, unreadable }
}

const emptyParts = () => ({
  'coupon.claims': [] as Message[],
  'coupon.redemptions': [] as Message[],
})
