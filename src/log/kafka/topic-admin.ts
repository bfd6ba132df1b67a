/**
 * Reads what topics and subjects are, makes what is missing and mends what differs. Every step may
 * be done again: what is there already is left as it is. Kafka's old call to change settings
 * replaces all of a topic's own, so those that are not ours are handed back to it.
 */

import type { Schema } from 'avsc'
import type { Admin, ConfigResourceTypes } from 'kafkajs'
import { boundedType } from '../../core/event/bounded-type.ts'
import { schemas } from '../../core/schema.gen.ts'
import { kafkaError } from './client.ts'
import { makeTopics } from './make-topics.ts'
import { compatibilityLevel, type SchemaRegistry } from './schema-registry.ts'
import {
  configOf,
  type Difference,
  type Expectation,
  partitionsOf,
  type SubjectState,
  type TopicState,
} from './topic-check.ts'
import { subjectOf } from './topics.ts'

export interface TopicAdmin {
  /** Those of the topics that are there. */
  topicStates(names: readonly string[]): Promise<ReadonlyMap<string, TopicState>>
  subjectState(topic: string, expected: Expectation): Promise<SubjectState>
  brokerCount(): Promise<number>
  createTopics(
    made: readonly { readonly topic: string; readonly expected: Expectation }[],
    replication: number,
  ): Promise<void>
  /** Mends a difference; MUST be one that is not unmendable, of a topic that is there. */
  mend(topic: string, expected: Expectation, difference: Difference): Promise<void>
}

const clashCharsMax = 200
/** As the client exports it only to CommonJS. */
const topicResource: ConfigResourceTypes.TOPIC = 2

/** `admin` is connected; all reject with an EdgeError. Call one after the other. */
export function newTopicAdmin(admin: Admin, registry: SchemaRegistry): TopicAdmin {
  return {
    async topicStates(names) {
      const all = new Set(await asked(admin.listTopics()))
      return readStates(
        admin,
        names.filter((name) => all.has(name)),
      )
    },
    async subjectState(topic, { spec }) {
      const subject = subjectOf(topic)
      const schema = schemas[spec.schema]
      const registered = (await registry.idOf(subject, schema)) !== null
      const compatibility = await registry.compatibility(subject)
      const incompatibilities = registered
        ? []
        : compatibility === compatibilityLevel
          ? await registry.incompatibilities(subject, schema)
          : await clashes(registry, subject, schema)
      return { registered, compatibility, incompatibilities }
    },
    brokerCount: async () => (await asked(admin.describeCluster())).brokers.length,
    async createTopics(made, replication) {
      const topics = made.map(({ topic, expected }) => ({
        topic,
        numPartitions: partitionsOf(expected),
        replicationFactor: replication,
        configEntries: asEntries(configOf(expected.spec, replication)),
      }))
      await asked(makeTopics(admin, topics))
    },
    async mend(topic, expected, { kind, what }) {
      switch (kind) {
        case 'missing':
          throw new Error(`${topic}: ${what}: is for createTopics`)
        case 'partitions': {
          const raised = { topic, count: partitionsOf(expected) }
          await asked(admin.createPartitions({ topicPartitions: [raised] }))
          return
        }
        case 'config':
          return alterConfig(admin, topic, expected)
        case 'schema':
          return register(registry, subjectOf(topic), expected.spec.schema)
        case 'compatibility':
          return registry.setCompatibility(subjectOf(topic))
      }
    },
  }
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw kafkaError(error)
  }
}

async function readStates(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicState>> {
  if (names.length === 0) return new Map()
  const { topics } = await asked(admin.fetchTopicMetadata({ topics: [...names] }))
  const configs = await readConfigs(admin, names)
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      {
        partitions: partitions.length,
        replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        config: new Map(
          configs.get(name)?.map(({ configName, configValue }) => [configName, configValue]),
        ),
      },
    ]),
  )
}

type ConfigEntries = Awaited<
  ReturnType<Admin['describeConfigs']>
>['resources'][number]['configEntries']

async function readConfigs(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, ConfigEntries>> {
  const queries = names.map((name) => ({ type: topicResource, name }))
  const { resources } = await asked(
    admin.describeConfigs({ resources: queries, includeSynonyms: false }),
  )
  return new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]))
}

const asEntries = (config: ReadonlyMap<string, string>) =>
  [...config].map(([name, value]) => ({ name, value }))

/** How Kafka tells a setting that was made on the topic from what it falls back to. */
const setOnTopic = 1

async function alterConfig(admin: Admin, topic: string, expected: Expectation): Promise<void> {
  const replication = (await readStates(admin, [topic])).get(topic)?.replication ?? 1
  const own = ((await readConfigs(admin, [topic])).get(topic) ?? [])
    .filter(({ configSource }) => Number(configSource) === setOnTopic)
    .map(({ configName, configValue }): [string, string] => [configName, configValue])
  const all = new Map([...own, ...configOf(expected.spec, replication)])
  const resource = { type: topicResource, name: topic, configEntries: asEntries(all) }
  await asked(admin.alterConfigs({ validateOnly: false, resources: [resource] }))
}

/** What a registry would say, were the level set that is ours: asked below it, it finds nothing. */
async function clashes(
  registry: SchemaRegistry,
  subject: string,
  schema: Schema,
): Promise<readonly string[]> {
  const ours = boundedType(schema)
  return (await registry.versions(subject)).flatMap(({ type, schema: theirs }) => {
    if (type !== 'AVRO') return [`a schema of ${type}`]
    try {
      const read: Schema = JSON.parse(theirs)
      const other = boundedType(read)
      ours.createResolver(other)
      other.createResolver(ours)
      return []
    } catch (error) {
      return [error instanceof Error ? error.message.slice(0, clashCharsMax) : 'unreadable']
    }
  })
}

/**
 * The level comes first where it can, or the registry would take what does not fit; a subject that
 * is not there yet takes a level only after its first schema.
 */
async function register(
  registry: SchemaRegistry,
  subject: string,
  name: Expectation['spec']['schema'],
): Promise<void> {
  const isThere = (await registry.compatibility(subject)) !== null
  if (isThere) await registry.setCompatibility(subject)
  await registry.register(subject, schemas[name])
  if (!isThere) await registry.setCompatibility(subject)
}
