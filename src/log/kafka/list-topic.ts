/**
 * Writing risk.lists: entries under `list/kind/value`, a null value to take one away, and under the
 * key `switch` the kill switch, as an entry of no list whose value is its state. What was written
 * is acknowledged by all copies in step before this returns.
 */
import type { Kafka, Message } from 'kafkajs'
import type { ListEntry, SwitchState } from '../../core/schema.gen.ts'
import { kafkaError } from './client.ts'
import { ceTypes, cloudEventHeaders } from './headers.ts'
import { newRecordFramer } from './record-framer.ts'
import type { SchemaRegistry } from './schema-registry.ts'

export const switchKey = 'switch'
export const switchStates = ['none', 'review', 'shadow'] as const satisfies readonly SwitchState[]

export interface ListWriter {
  readonly kafka: Kafka
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
}

/** A record for a key; null takes the key away. */
export interface ListChange {
  readonly key: string
  readonly entry: ListEntry | null
  /** When it was changed, in milliseconds. */
  readonly at: number
}

const partChangesMax = 500
const listsTopic = 'risk.lists'

/** Rejects with an EdgeError; what was written before it stays. */
export async function writeChanges(
  { kafka, registry, topicPrefix }: ListWriter,
  changes: readonly ListChange[],
): Promise<void> {
  const framer = newRecordFramer(await registry.registeredIds([listsTopic]))
  const messageOf = ({ key, entry, at }: ListChange): Message => ({
    key,
    value: entry === null ? null : framer.frame(listsTopic, entry),
    headers: cloudEventHeaders({ type: ceTypes.listEntry, id: `${key}@${at}`, time: at }),
  })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  })
  try {
    await producer.connect()
    for (let at = 0; at < changes.length; at += partChangesMax) {
      const messages = changes.slice(at, at + partChangesMax).map(messageOf)
      await producer.send({ topic: topicPrefix + listsTopic, messages, acks: -1 })
    }
  } catch (error) {
    throw kafkaError(error)
  } finally {
    await producer.disconnect().catch(() => undefined)
  }
}

/** The switch as a record; it names who turned it and why. */
export function switchEntry(
  state: SwitchState,
  { source, note, at }: { source: string; note: string | null; at: number },
): ListEntry {
  return {
    list: 'unknown',
    kind: 'unknown',
    value: state,
    source,
    note,
    addedAt: at,
    expiresAt: null,
    keyId: null,
  }
}
