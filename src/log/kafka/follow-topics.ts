/**
 * Reads topics whole and goes on reading: what every process must know, such as raised alerts,
 * lists and campaigns. Nothing is committed and no partition is shared: each follower is a group of
 * its own, which the broker forgets when it ends. After trouble another client reads again from the
 * start; what was taken is passed over then, or an entry that is gone would be back for a while.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'
import type { TopicName } from './topics.ts'

export interface FollowOptions {
  readonly kafka: Kafka
  readonly admin: Admin
  /** Of its own for every process. */
  readonly groupId: string
  readonly topics: readonly TopicName[]
  readonly topicPrefix: string
  /**
   * Values of one partition in order, and their keys; rejects where they cannot be taken now: they
   * come again.
   */
  take(
    topic: TopicName,
    values: readonly (Buffer | null)[],
    keys: readonly (Buffer | null)[],
  ): Promise<void>
  /** Told where nothing will come any more, because the client gave up. */
  onLost?(error: EdgeError): void
}

export interface Following {
  /** Resolves once all that stood in the topics was taken; rejects where the client gave up. */
  readonly caughtUp: Promise<void>
  close(): Promise<void>
}

/** An idle fetch returns after this long; what is written comes at once. */
const fetchWaitMs = 1_000
const retry = { retries: 5, initialRetryTime: 30, maxRetryTime: 1_000 }
const againAfterMs = 1_000

/** Throws EdgeError where the broker is away or a topic is missing. */
export async function followTopics(options: FollowOptions): Promise<Following> {
  const { admin, topics, topicPrefix } = options
  const follower = new Follower(options, await endsOf(admin, topics, topicPrefix))
  try {
    await follower.start()
  } catch (error) {
    await follower.close()
    throw kafkaError(error)
  }
  return follower
}

/**
 * One client after the other: kafkajs would start a client that gave up again by itself, sometimes
 * twice at once, and then one of the two can never be ended.
 */
class Follower implements Following {
  readonly caughtUp: Promise<void>
  readonly #options: FollowOptions
  /** Ends that are not reached yet. */
  readonly #missing: Map<string, number>
  /** Next offset of each partition. */
  readonly #taken = new Map<string, number>()
  #caughtUp: () => void = () => undefined
  #failed: (error: EdgeError) => void = () => undefined
  #consumer: Consumer | null = null
  #clients = 0
  /** A start under way; whoever disconnects in the middle of one leaves half a client behind. */
  #starting: Promise<void> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(options: FollowOptions, ends: Map<string, number>) {
    this.#options = options
    this.#missing = ends
    this.caughtUp = new Promise<void>((done, failed) => {
      this.#caughtUp = done
      this.#failed = failed
    })
    // Whoever does not wait for it is told by onLost.
    this.caughtUp.catch(() => undefined)
    this.#look()
  }

  start(): Promise<void> {
    const started = this.#startClient()
    this.#starting = started.catch(() => undefined)
    return started
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#starting
    await this.#consumer?.disconnect().catch(() => undefined)
  }

  async #startClient(): Promise<void> {
    const { kafka, groupId, topics, topicPrefix } = this.#options
    this.#clients += 1
    let isWorthAgain = false
    const consumer = kafka.consumer({
      // The group of the client before still has a member, for whose session one would wait.
      groupId: `${groupId}-${this.#clients}`,
      maxWaitTimeInMs: fetchWaitMs,
      allowAutoTopicCreation: false,
      readUncommitted: false,
      retry: {
        ...retry,
        // Asked where trying again can help; the answer is ours to give.
        restartOnFailure: () => {
          isWorthAgain = true
          return Promise.resolve(false)
        },
      },
    })
    this.#consumer = consumer
    const { CRASH, END_BATCH_PROCESS } = consumer.events
    consumer.on(CRASH, ({ payload: { error } }) => {
      if (this.#closing.signal.aborted || this.#consumer !== consumer) return
      this.#consumer = null
      if (isWorthAgain) this.#startAgain()
      else this.#lost(edgeErrorOf(error))
    })
    // Told of a batch that held only control records too, for which no handler is called.
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      const key = `${partition} ${topic}`
      if (Number(lastOffset) + 1 >= (this.#missing.get(key) ?? Number.POSITIVE_INFINITY))
        this.#missing.delete(key)
      this.#look()
    })
    await consumer.connect()
    const names = topics.map((topic) => topicPrefix + topic)
    await consumer.subscribe({ topics: names, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => this.#take(batch) })
  }

  #startAgain(): void {
    const { signal } = this.#closing
    const again = async () => {
      for (;;) {
        await sleep(againAfterMs, undefined, { signal }).catch(() => undefined)
        if (signal.aborted) return
        try {
          return await this.#startClient()
        } catch (error) {
          await this.#consumer?.disconnect().catch(() => undefined)
          this.#consumer = null
          const failure = edgeErrorOf(error)
          if (!failure.retriable) return this.#lost(failure)
        }
      }
    }
    this.#starting = again()
  }

  async #take(batch: EachBatchPayload['batch']): Promise<void> {
    const { topics, topicPrefix, take } = this.#options
    const topic = topics.find((one) => topicPrefix + one === batch.topic)
    const messages = newIn(batch, this.#taken)
    if (topic === undefined || messages.length === 0) return
    await take(
      topic,
      messages.map(({ value }) => value),
      messages.map(({ key }) => key),
    )
    const next = Number(messages.at(-1)!.offset) + 1
    this.#taken.set(`${batch.partition} ${batch.topic}`, next)
  }

  #look(): void {
    if (this.#missing.size === 0) this.#caughtUp()
  }

  #lost(error: EdgeError): void {
    this.#failed(error)
    this.#options.onLost?.(error)
  }
}

/** Whatever made a client give up, also what nobody foresaw. */
function edgeErrorOf(error: unknown): EdgeError {
  try {
    return kafkaError(error)
  } catch (defect) {
    return new EdgeError('kafka-failed', `the client gave up: ${String(defect)}`, false, defect)
  }
}

/** Those that were not taken yet. `taken` holds the next offset of each partition. */
function newIn(batch: EachBatchPayload['batch'], taken: Map<string, number>) {
  const key = `${batch.partition} ${batch.topic}`
  // A partition that ends before what was taken of it was made anew.
  if (Number(batch.highWatermark) < (taken.get(key) ?? 0)) taken.delete(key)
  const next = taken.get(key) ?? 0
  return batch.messages.filter(({ offset }) => Number(offset) >= next)
}

/** Where each partition that holds something ends now. */
async function endsOf(admin: Admin, topics: readonly TopicName[], prefix: string) {
  const ends = new Map<string, number>()
  for (const topic of topics) {
    const partitions = await admin.fetchTopicOffsets(prefix + topic).catch((error: unknown) => {
      throw kafkaError(error)
    })
    for (const { partition, low, high } of partitions)
      if (Number(high) > Number(low)) ends.set(`${partition} ${prefix}${topic}`, Number(high))
  }
  return ends
}
