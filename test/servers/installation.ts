/**
 * An installation of its own on the shared servers: a topic prefix that nobody else has, the
 * environment that the command finds it by, and clients to look with.
 */
import type { Admin, Kafka } from 'kafkajs'
import { expect, onTestFinished } from 'vitest'
import type { Connections } from '../../src/config/connections.ts'
import { loadConnections } from '../../src/config/connections.ts'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { newSchemaRegistry, type SchemaRegistry } from '../../src/log/kafka/schema-registry.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type Ran, type RunOptions, runCli } from '../support/run-cli.ts'

export interface Installation {
  readonly prefix: string
  readonly environment: Readonly<Record<string, string>>
  readonly connections: Connections
  readonly kafka: Kafka
  readonly registry: SchemaRegistry
  /** The command, in this installation. */
  run(words: readonly string[], options?: RunOptions): Promise<Ran>
  /** Fails the test unless the command succeeds; gives what it printed. */
  done(words: readonly string[], options?: RunOptions): Promise<string>
  /** Connected until the test ends. */
  admin(): Promise<Admin>
}

export function newInstallation(name: string, brokers: string, registryUrl: string): Installation {
  const prefix = `${name}-${process.pid}-${systemClock.now().toString(36)}.`
  const environment = {
    COUPONGUARD_KAFKA_BROKERS: brokers,
    COUPONGUARD_REGISTRY_URL: registryUrl,
    COUPONGUARD_TOPIC_PREFIX: prefix,
  }
  const connections = loadConnections({}, environment)
  const kafka = newKafkaClient(connections.kafka, name)
  const run = (words: readonly string[], options: RunOptions = {}) =>
    runCli(words, { ...options, env: { ...environment, ...options.env } })
  return {
    prefix,
    environment,
    connections,
    kafka,
    registry: newSchemaRegistry(connections.registry, systemClock, prefix),
    run,
    async done(words, options) {
      const { code, stdout, stderr } = await run(words, options)
      expect(stderr).toBe('')
      expect(code).toBe(0)
      return stdout
    },
    async admin() {
      const admin = kafka.admin()
      onTestFinished(() => admin.disconnect())
      await admin.connect()
      return admin
    },
  }
}
