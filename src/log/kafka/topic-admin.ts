/**
 * Reads what topics and subjects are, makes what is missing and mends what differs. Every step may
 * be done again: what is there already is left as it is. Kafka's old call to change settings
 * replaces all of a topic's own, so those that are not ours are handed back to it.
 */
import type { Admin, ConfigResourceTypes } from 'kafkajs'
import { schemas } from '../../core/schema.gen.ts'
import { kafkaError } from './client.ts'
import type { SchemaRegistry } from './schema-registry.ts'
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
  /** Null for a topic that is not there. */
  topicState(topic: string): Promise<TopicState | null>
  subjectState(topic: string, expected: Expectation): Promise<SubjectState>
  brokerCount(): Promise<number>
  createTopic(topic: string, expected: Expectation, replication: number): Promise<void>
  /** Registers our schema of the topic under FULL_TRANSITIVE. */
  registerSchema(topic: string, expected: Expectation): Promise<void>
  /** Mends a difference; MUST be one that is not unmendable. */
  mend(
    topic: string,
    expected: Expectation,
    difference: Difference,
    replication: number,
  ): Promise<void>
}

/** As the client exports it only to CommonJS. */
const topicResource: ConfigResourceTypes.TOPIC = 2

/** `admin` is connected; all reject with an EdgeError. */
export function newTopicAdmin(admin: Admin, registry: SchemaRegistry): TopicAdmin {
  const topicAdmin: TopicAdmin = {
    async topicState(topic) {
      const all = await asked(admin.listTopics())
      return all.includes(topic) ? readState(admin, topic) : null
    },
    async subjectState(topic, { spec }) {
      const subject = subjectOf(topic)
      const schema = schemas[spec.schema]
      const registered = (await registry.idOf(subject, schema)) !== null
      return {
        registered,
        compatibility: await registry.compatibility(subject),
        incompatibilities: registered ? [] : await registry.incompatibilities(subject, schema),
      }
    },
    brokerCount: async () => (await asked(admin.describeCluster())).brokers.length,
    async createTopic(topic, expected, replication) {
      const configEntries = [...configOf(expected.spec, replication)].map(([name, value]) => ({
        name,
        value,
      }))
      const numPartitions = partitionsOf(expected)
      const one = { topic, numPartitions, replicationFactor: replication, configEntries }
      await asked(admin.createTopics({ topics: [one], waitForLeaders: true }))
    },
    registerSchema: (topic, { spec }) => register(registry, subjectOf(topic), spec.schema),
    async mend(topic, expected, { kind }, replication) {
      switch (kind) {
        case 'missing':
          return topicAdmin.createTopic(topic, expected, replication)
        case 'partitions': {
          const raised = { topic, count: partitionsOf(expected) }
          await asked(admin.createPartitions({ topicPartitions: [raised] }))
          return
        }
        case 'config':
          return alterConfig(admin, topic, expected)
        case 'schema':
          return topicAdmin.registerSchema(topic, expected)
        case 'compatibility':
          return registry.setCompatibility(subjectOf(topic))
      }
    },
  }
  return topicAdmin
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw kafkaError(error)
  }
}

async function readState(admin: Admin, topic: string): Promise<TopicState> {
  const { topics } = await asked(admin.fetchTopicMetadata({ topics: [topic] }))
  const partitions = topics[0]?.partitions ?? []
  const entries = await readConfig(admin, topic)
  return {
    partitions: partitions.length,
    replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    config: new Map(entries.map(({ configName, configValue }) => [configName, configValue])),
  }
}

async function readConfig(admin: Admin, topic: string) {
  const query = { type: topicResource, name: topic }
  const { resources } = await asked(
    admin.describeConfigs({ resources: [query], includeSynonyms: false }),
  )
  return resources[0]?.configEntries ?? []
}

/** How Kafka tells a setting that was made on the topic from what it falls back to. */
const setOnTopic = 1

async function alterConfig(admin: Admin, topic: string, expected: Expectation): Promise<void> {
  const { replication } = await readState(admin, topic)
  const own = (await readConfig(admin, topic))
    .filter(({ configSource }) => Number(configSource) === setOnTopic)
    .map(({ configName, configValue }): [string, string] => [configName, configValue])
  const all = new Map([...own, ...configOf(expected.spec, replication)])
  const configEntries = [...all].map(([name, value]) => ({ name, value }))
  const resource = { type: topicResource, name: topic, configEntries }
  await asked(admin.alterConfigs({ validateOnly: false, resources: [resource] }))
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
