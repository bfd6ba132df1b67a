/**
 * The servers that a command works with: connected before it starts, left when it ends, however it
 * ends. What fails at them ends the command with one line.
 */
import type { Command } from 'commander'
import type { Admin, Kafka } from 'kafkajs'
import { type Connections, loadConnections } from '../config/connections.ts'
import { kafkaError, newKafkaClient } from '../log/kafka/client.ts'
import { newSchemaRegistry, type SchemaRegistry } from '../log/kafka/schema-registry.ts'
import { systemClock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { CommandError } from './exit.ts'

export interface ServersOptions {
  readonly config?: string
}

export interface Servers {
  readonly connections: Connections
  readonly kafka: Kafka
  /** Connected. */
  readonly admin: Admin
  readonly registry: SchemaRegistry
  /** The name of a topic in this installation. */
  topicName(name: string): string
}

export function addServersOptions(command: Command): Command {
  return command.option(
    '--config <FILE>',
    'YAML with kafka, registry and topicPrefix; COUPONGUARD_KAFKA_BROKERS and the like win over it',
  )
}

export async function withServers<T>(
  options: ServersOptions,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const connections = loadConnections(options)
  const { kafka: where, registry: registryAt, topicPrefix } = connections
  const kafka = newKafkaClient(where, 'couponguard-cli')
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await work({
      connections,
      kafka,
      admin,
      registry: newSchemaRegistry(registryAt, systemClock, topicPrefix),
      topicName: (name) => topicPrefix + name,
    })
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw commandError(error)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** A failure at an edge as the line that a command ends with; a defect is thrown as it is. */
export function commandError(error: unknown): CommandError {
  const { message } = error instanceof EdgeError ? error : kafkaError(error)
  return new CommandError(message, undefined, error)
}
