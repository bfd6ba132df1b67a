/**
 * Writing a compacted topic that workers follow: a record under its key, or null to take the key
 * away. What was written is acknowledged by all copies in step before this returns.
 */
import type { Kafka, Message } from 'kafkajs'
import { kafkaError, newOrderedProducer } from './client.ts'
import { type CeType, cloudEventHeaders } from './headers.ts'
import { newRecordFramer } from './record-framer.ts'
import type { SchemaRegistry } from './schema-registry.ts'
import type { TopicRecords } from './topics.ts'

export interface KeyedWriter {
  readonly kafka: Kafka
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
}

/** A record for a key; null takes the key away. */
export interface KeyedChange<T> {
  readonly key: string
  readonly record: T | null
  /** When it was changed, in milliseconds. */
  readonly at: number
}

type KeyedTopic = 'risk.lists' | 'risk.campaigns'

const partChangesMax = 500

/** Rejects with an EdgeError; what was written before it stays. */
export async function writeKeyed<T extends KeyedTopic>(
  { kafka, registry, topicPrefix }: KeyedWriter,
  { topic, type }: { readonly topic: T; readonly type: CeType },
  changes: readonly KeyedChange<TopicRecords[T]>[],
): Promise<void> {
  const framer = newRecordFramer(await registry.registeredIds([topic]))
  const messageOf = ({ key, record, at }: KeyedChange<TopicRecords[T]>): Message => ({
    key,
    value: record === null ? null : framer.frame(topic, record),
    headers: cloudEventHeaders({ type, id: `${key}@${at}`, time: at }),
  })
  const producer = newOrderedProducer(kafka)
  try {
    await producer.connect()
    for (let at = 0; at < changes.length; at += partChangesMax) {
      const messages = changes.slice(at, at + partChangesMax).map(messageOf)
      await producer.send({ topic: topicPrefix + topic, messages, acks: -1 })
    }
  } catch (error) {
    throw kafkaError(error)
  } finally {
    await producer.disconnect().catch(() => undefined)
  }
}
