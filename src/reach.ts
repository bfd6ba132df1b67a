/**
 * The servers of the configuration, reached: what roles and commands begin with. Whoever opens
 * something notes how it is closed; all is closed last first.
 */
import type { Admin, Kafka } from 'kafkajs'
import type { Connections } from './config/connections.ts'
import { kafkaError, newKafkaClient } from './log/kafka/client.ts'
import { newSchemaRegistry, type SchemaRegistry } from './log/kafka/schema-registry.ts'
import { systemClock } from './runtime/clock.ts'
import { unlessDry } from './runtime/run-dry.ts'

export type Close = () => Promise<void>

/** What fails at its end, or never comes to one, changes nothing any more. */
export async function closeAll(closers: readonly Close[]): Promise<void> {
  for (const close of [...closers].reverse()) await unlessDry(close().catch(() => undefined))
}

export interface Reached {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly registry: SchemaRegistry
}

export async function reach(
  { kafka: connection, registry: registryConnection, topicPrefix }: Connections,
  role: string,
  closers: Close[],
): Promise<Reached> {
  const kafka = newKafkaClient(connection, `couponguard-${role}-${process.pid}`)
  const admin = kafka.admin()
  closers.push(() => admin.disconnect())
  await admin.connect().catch((error: unknown) => {
    throw kafkaError(error)
  })
  const registry = newSchemaRegistry(registryConnection, systemClock, topicPrefix)
  return { kafka, admin, registry }
}

/** A group that no other process has: it shares nothing and commits nothing. */
export const ownGroup = (topicPrefix: string, purpose: string) =>
  `${topicPrefix}couponguard-${purpose}-${process.pid}-${systemClock.now()}`
