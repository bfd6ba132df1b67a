/** A shard is the same partition of every input topic, so all must have as many. */
import type { Admin } from 'kafkajs'
import { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'

/**
 * How many shards there are. Topics with prefix. Throws EdgeError where they differ, or one is
 * missing.
 */
export async function requireTwins(admin: Admin, topics: readonly string[]): Promise<number> {
  const metadata = await admin
    .fetchTopicMetadata({ topics: [...topics] })
    .catch(async (error: unknown) => {
      throw await named(admin, topics, kafkaError(error))
    })
  const counts = metadata.topics.map(({ name, partitions }) => ({ name, count: partitions.length }))
  const [first] = counts
  if (first === undefined) throw new Error('no topic was asked for')
  if (counts.every(({ count }) => count === first.count)) return first.count
  const told = counts.map(({ name, count }) => `${name} has ${count} partitions`).join(', ')
  const remedy = 'make them equal with: couponguard topics check --fix'
  throw new EdgeError('kafka-topic', `${told}; ${remedy}`, false)
}

/** The client does not say which topic is missing. */
async function named(admin: Admin, topics: readonly string[], failure: EdgeError) {
  if (failure.code !== 'kafka-topic') return failure
  const there = new Set(await admin.listTopics().catch(() => topics))
  const missing = topics.filter((topic) => !there.has(topic))
  if (missing.length === 0) return failure
  const remedy = 'make it with: couponguard topics create'
  return new EdgeError('kafka-topic', `Kafka has not got ${missing.join(', ')}; ${remedy}`, false)
}
