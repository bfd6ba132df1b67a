/**
 * Topics that a run of the benchmark has to itself, and that go with it: a pair for the copy loop,
 * an installation for the worker. The inputs of that take the record times of the generated day
 * (CreateTime, of any date); all else is as `topics create` makes it.
 */
import type { Admin, ITopicConfig } from 'kafkajs'
import type { RedisConnection, RegistryConnection } from '../config/connections.ts'
import { schemas } from '../core/schema.gen.ts'
import { makeTopics } from '../log/kafka/make-topics.ts'
import { askRegistry } from '../log/kafka/registry-request.ts'
import { newSchemaRegistry } from '../log/kafka/schema-registry.ts'
import { configOf } from '../log/kafka/topic-check.ts'
import { inputTopics, subjectOf, topicNames, topics } from '../log/kafka/topics.ts'
import { systemClock } from '../runtime/clock.ts'
import { newRedisClient } from '../state/redis-client.ts'

export interface BenchTopics {
  /** For the parts: where the load goes, where results come, and what else they must know. */
  readonly flags: readonly string[]
  remove(): Promise<void>
}

export interface TopicsOptions {
  readonly admin: Admin
  readonly partitions: number
  /** A name that no other run has. */
  readonly name: string
}

export async function openPair({ admin, partitions, name }: TopicsOptions): Promise<BenchTopics> {
  const names = [`${name}-in`, `${name}-out`] as const
  await makeTopics(
    admin,
    names.map((topic) => ({ topic, numPartitions: partitions })),
  )
  const [from, to] = names
  return {
    flags: ['--from', from, '--to', to, '--group', name],
    async remove() {
      await admin.deleteTopics({ topics: [...names] })
      await removeGroups(admin, name)
    },
  }
}

export interface InstallationServers {
  readonly registry: RegistryConnection
  /** Null where no worker keeps its windows there. */
  readonly redis: RedisConnection | null
}

export async function openInstallation(
  { admin, partitions, name }: TopicsOptions,
  { registry: registryAt, redis }: InstallationServers,
): Promise<BenchTopics> {
  const prefix = `${name}.`
  const all = topicNames.map((topic) => prefix + topic)
  await makeTopics(
    admin,
    topicNames.map((topic) => topicOf(prefix, topic, partitions)),
  )
  const registry = newSchemaRegistry(registryAt, systemClock, prefix)
  for (const topic of topicNames)
    await registry.register(subjectOf(prefix + topic), schemas[topics[topic].schema])
  const ids = await registry.registeredIds(inputTopics)
  const schemaId = String(ids.get('coupon.claims'))
  const places = ['--from', prefix, '--to', `${prefix}risk.audit`, '--group', 'couponguard']
  return {
    flags: [...places, '--schema', schemaId],
    async remove() {
      await admin.deleteTopics({ topics: all })
      await removeGroups(admin, name)
      for (const topic of all) await forget(registryAt, subjectOf(topic))
      if (redis !== null) await emptyRedis(redis, name)
    },
  }
}

function topicOf(
  prefix: string,
  name: (typeof topicNames)[number],
  partitions: number,
): ITopicConfig {
  const spec = topics[name]
  const config = new Map(configOf(spec, 1))
  if (inputTopics.some((one) => one === name)) {
    config.set('retention.ms', '-1')
    config.set('message.timestamp.type', 'CreateTime')
    config.set('message.timestamp.after.max.ms', String(Number.MAX_SAFE_INTEGER))
  }
  return {
    topic: prefix + name,
    numPartitions: spec.partitions === 'one' ? 1 : partitions,
    configEntries: [...config].map(([of, value]) => ({ name: of, value })),
  }
}

/** All that the run's topics were read by; their members have left. */
async function removeGroups(admin: Admin, name: string): Promise<void> {
  const { groups } = await admin.listGroups()
  const ours = groups.map(({ groupId }) => groupId).filter((one) => one.startsWith(name))
  if (ours.length > 0) await admin.deleteGroups(ours)
}

/** A registry keeps a subject that was deleted until it is deleted for good. */
async function forget(registry: RegistryConnection, subject: string): Promise<void> {
  const path = `/subjects/${encodeURIComponent(subject)}`
  await askRegistry(registry, { method: 'DELETE', path })
  await askRegistry(registry, { method: 'DELETE', path: `${path}?permanent=true` })
}

/** Keys of this run only: all begin with its name. */
async function emptyRedis(connection: RedisConnection, name: string): Promise<void> {
  const client = newRedisClient(connection, () => undefined)
  await client.connect()
  try {
    const nodes = 'nodes' in client ? client.nodes('master') : [client]
    for (const node of nodes) {
      let cursor = '0'
      do {
        const [next, keys] = await node.scan(cursor, 'MATCH', `cg${name}-:*`, 'COUNT', 1_000)
        cursor = next
        // One at a time: on a cluster the keys of a call must share a slot.
        await Promise.all(keys.map((key) => client.unlink(key)))
      } while (cursor !== '0')
    }
  } finally {
    client.disconnect()
  }
}
