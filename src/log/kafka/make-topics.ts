/**
 * Makes topics and waits until the brokers know them. The controller answers before a broker has
 * heard, which on a busy one takes a while; the client's own waiting takes that for a topic that is
 * not there, and fails. Topics that are there already are left as they are.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'

const askAgainMs = 100
const triesMax = 300

/** Rejects with the client's error. */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  const names = topics.map(({ topic }) => topic)
  for (let tries = 1; ; tries += 1) {
    try {
      await admin.fetchTopicMetadata({ topics: names })
      return
    } catch (error) {
      if (tries === triesMax || !isUnsettled(error)) throw error
      await sleep(askAgainMs)
    }
  }
}

/** Of a topic just made or deleted, one part of a cluster knows before another. */
const isUnsettled = (error: unknown): boolean =>
  error instanceof Error &&
  'type' in error &&
  (error.type === 'UNKNOWN_TOPIC_OR_PARTITION' || error.type === 'LEADER_NOT_AVAILABLE')
