/**
 * Reads all partitions of the inputs once, from their beginnings up to given places, in the order
 * of record time across all of them: what a signal store that lost its windows is filled from. It
 * is a group of its own with one member, commits nothing and holds a few MiB a partition.
 */
import type { Admin, Kafka } from 'kafkajs'
import type { Clock } from '../../runtime/clock.ts'
import { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'
import { fenceShards } from './fence-shards.ts'
import type { FetchedMessage } from './partition-queue.ts'
import { type AssignedPartition, type AssignedShard, ShardGroup } from './shard-group.ts'
import { TwinQueue } from './twin-queue.ts'

export interface ReadInputsOptions {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly clock: Clock
  /** Of its own for every reading. */
  readonly groupId: string
  /** Topics without prefix. */
  readonly topics: readonly string[]
  readonly topicPrefix: string
  /** Whose committed places are read up to; the epochs of its shards end. */
  readonly committedGroupId: string
  /** Ends the reading between two batches: whoever is told to end need not read a day first. */
  readonly ending: AbortSignal | null
}

const batchMessagesMax = 4_096

/**
 * Gives messages in batches to `take`; the next is read when it has resolved. Throws EdgeError,
 * `ended` where the signal came first.
 */
export async function readInputs(
  options: ReadInputsOptions,
  take: (messages: readonly FetchedMessage[]) => Promise<void>,
): Promise<void> {
  const places = await placesOf(options)
  if (places.every(({ low, until }) => low >= until)) return
  const member = new Member(options)
  try {
    const shards = await member.assigned()
    const partitions = shards.flatMap((shard) => shard.partitions)
    const below = partitions.map((one) => member.open(one, places))
    const twins = new TwinQueue(partitions.map(({ queue }) => queue))
    while (!twins.nextOffsets().every((offset, index) => offset >= below[index]!)) {
      if (options.ending?.aborted === true)
        throw new EdgeError('ended', 'told to end before all inputs were read', true)
      const limits = { below, until: Number.POSITIVE_INFINITY }
      const messages = twins.take(batchMessagesMax, options.clock.now(), limits)
      if (messages.length > 0) {
        await take(messages)
        for (const shard of shards) member.makeRoom(shard)
      } else await member.somethingNew()
    }
  } finally {
    await member.leave()
  }
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly low: number
  readonly high: number
  readonly until: number
}

async function placesOf(options: ReadInputsOptions): Promise<readonly Place[]> {
  const { kafka, admin, topics, topicPrefix, committedGroupId: groupId } = options
  const names = topics.map((topic) => topicPrefix + topic)
  const ends = new Map<string, Awaited<ReturnType<Admin['fetchTopicOffsets']>>>()
  try {
    for (const topic of names) ends.set(topic, await admin.fetchTopicOffsets(topic))
  } catch (error) {
    throw kafkaError(error)
  }
  const partitions = new Map(
    [...ends].map(([topic, known]) => [topic, known.map(({ partition }) => partition)]),
  )
  const committed = await fenceShards({ kafka, admin, groupId, partitions })
  return committed.map(({ topic, partition, offset: until }) => {
    const end = ends.get(topic)!.find((one) => one.partition === partition)!
    // What was committed meanwhile lies beyond the end of before.
    const high = Math.max(Number(end.high), until)
    return { topic, partition, low: Number(end.low), high, until }
  })
}

/** How often queues are looked at while one of them is waited for. */
const lookEveryMs = 20

class Member {
  readonly #group: ShardGroup
  readonly #shards: Promise<readonly AssignedShard[]>
  #failure: EdgeError | null = null
  #wake: () => void = () => undefined

  constructor({ kafka, groupId, topics, topicPrefix }: ReadInputsOptions) {
    let assigned: (shards: readonly AssignedShard[]) => void = () => undefined
    this.#shards = new Promise((resolve) => {
      assigned = resolve
    })
    this.#group = new ShardGroup({
      kafka,
      groupId,
      topics,
      topicPrefix,
      onAssigned: (shards) => assigned(shards),
      onFetched: () => this.#wake(),
      onFailed: (error) => {
        this.#failure = error
        assigned([])
        this.#wake()
      },
    })
  }

  async assigned(): Promise<readonly AssignedShard[]> {
    await this.#group.join()
    const shards = await this.#shards
    if (this.#failure !== null) throw this.#failure
    return shards
  }

  /** Reads a partition from its beginning; gives the place that it is read up to. */
  open(one: AssignedPartition, places: readonly Place[]): number {
    const { topic, partition } = one
    const place = places.find((of) => of.topic === topic && of.partition === partition)
    // A partition that came in just now has nothing committed.
    if (place === undefined || place.until <= place.low) return 0
    this.#group.seek(one, place.low, place.high)
    return place.until
  }

  makeRoom(shard: AssignedShard): void {
    this.#group.makeRoom(shard)
  }

  async somethingNew(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookEveryMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    if (this.#failure !== null) throw this.#failure
  }

  leave(): Promise<void> {
    return this.#group.leave()
  }
}
