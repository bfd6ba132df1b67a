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
    .catch((error: unknown) => {
      throw kafkaError(error)
    })
  const counts = metadata.topics.map(({ name, partitions }) => ({ name, count: partitions.length }))
  const [first] = counts
  if (first === undefined) throw new Error('no topic was asked for')
  if (counts.every(({ count }) => count === first.count)) return first.count
  const told = counts.map(({ name, count }) => `${name} has ${count} partitions`).join(', ')
  const remedy = 'make them equal with: couponguard topics check --fix'
  throw new EdgeError('kafka-topic', `${told}; ${remedy}`, false)
}
