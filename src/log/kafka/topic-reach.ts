/**
 * How far back a topic reaches, and whether it can reach as far as it must: what the contract keeps
 * 180 days or longer may not be dropped sooner by age, by size or by compaction. Pure but for
 * `readPlaces`, which takes the first committed record of every partition from the cluster. What
 * an open transaction holds back is not there yet.
 *
 * Kafka does not tell how old a topic is. But as long as every partition begins at offset 0 nothing
 * was ever dropped; one that begins later has lost what stood before, for whatever reason.
 * serves: D6
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { dayMs } from '../../core/signals/readings.ts'
import { EdgeError } from '../../runtime/edge-error.ts'
import { kafkaError } from './client.ts'
import { readTopics } from './read-topics.ts'
import type { TopicState } from './topic-check.ts'
import type { TopicSpec } from './topics.ts'

/** How long the log of issuance and operation is kept at least. */
export const keptAtLeastMs = 180 * dayMs

export interface PartitionPlace {
  readonly partition: number
  readonly firstOffset: number
  /** Record time of the first committed record, in milliseconds; null where there is none. */
  readonly oldestAt: number | null
}

export interface Shortcoming {
  readonly what: string
  readonly is: string
  readonly should: string
}

export interface TopicReach {
  /** Null where no record was read. */
  readonly oldestAt: number | null
  readonly reachMs: number | null
  /** What its settings promise, in milliseconds; null: no age is dropped. */
  readonly keptMs: number | null
  readonly keepsLastOfKey: boolean
  /** What the contract wants at least; null where it wants less than 180 days. */
  readonly wantedMs: number | null
  /** Settings by which it cannot keep what is wanted. */
  readonly shortcomings: readonly Shortcoming[]
  /**
   * reaches: as far as is wanted. whole: nothing was dropped yet. cut: what stood before is gone,
   * sooner than is wanted. Null where nothing is wanted, or nothing is known.
   */
  readonly standing: 'reaches' | 'whole' | 'cut' | null
}

/** MUST be of a topic that is there; `now` in milliseconds. */
export function reachOf(
  spec: TopicSpec,
  { config }: Pick<TopicState, 'config'>,
  places: readonly PartitionPlace[],
  now: number,
): TopicReach {
  const times = places.flatMap(({ oldestAt: at }) => (at === null ? [] : [at]))
  const oldestAt = times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))
  const isWanted = spec.retentionMs !== null && spec.retentionMs >= keptAtLeastMs
  const cleanup = policies(config)
  const reachMs = oldestAt === null ? null : now - oldestAt
  return {
    oldestAt,
    reachMs,
    keptMs: cleanup.includes('delete') ? unlessNone(config, 'retention.ms') : null,
    keepsLastOfKey: cleanup.includes('compact'),
    wantedMs: isWanted ? keptAtLeastMs : null,
    shortcomings: isWanted ? shortcomingsOf(spec, config) : [],
    standing: isWanted ? standingOf(reachMs, places) : null,
  }
}

type Config = TopicState['config']

const policies = (config: Config) => (config.get('cleanup.policy') ?? 'delete').split(/\s*,\s*/)

/** Null where the setting is -1, and so limits nothing. */
function unlessNone(config: Config, name: string): number | null {
  const value = Number(config.get(name) ?? -1)
  return value < 0 ? null : value
}

function shortcomingsOf(spec: TopicSpec, config: Config): readonly Shortcoming[] {
  const cleanup = policies(config)
  const found: Shortcoming[] = []
  const age = unlessNone(config, 'retention.ms')
  const size = unlessNone(config, 'retention.bytes')
  const drops = cleanup.includes('delete')
  if (cleanup.includes('compact') && !spec.cleanup.includes('compact'))
    found.push({ what: 'cleanup.policy', is: cleanup.join(), should: spec.cleanup })
  if (drops && age !== null && age < keptAtLeastMs)
    found.push({ what: 'retention.ms', is: `${age}`, should: `at least ${keptAtLeastMs}` })
  if (drops && size !== null) found.push({ what: 'retention.bytes', is: `${size}`, should: '-1' })
  return found
}

function standingOf(
  reachMs: number | null,
  places: readonly PartitionPlace[],
): TopicReach['standing'] {
  if (reachMs !== null && reachMs >= keptAtLeastMs) return 'reaches'
  if (places.some(({ firstOffset }) => firstOffset > 0)) return 'cut'
  return places.length === 0 ? null : 'whole'
}

export interface ReadPlaces {
  readonly kafka: Kafka
  /** Connected. */
  readonly admin: Admin
  /** Of its own for every reading. */
  readonly groupId: string
  /** As they are called in the cluster; MUST be there. */
  readonly topics: readonly string[]
}

/** The partitions of each topic in order. Rejects with an EdgeError where the cluster is away. */
export async function readPlaces(
  reading: ReadPlaces,
): Promise<ReadonlyMap<string, readonly PartitionPlace[]>> {
  const firsts = new Map<string, number>()
  const nameOf = (topic: string, partition: number) => `${partition} ${topic}`
  const readFirsts = () =>
    readTopics({
      ...{ ...reading, from: null, to: null, firstOnly: true },
      async take(messages) {
        for (const { topic, partition, recordedAt } of messages)
          firsts.set(nameOf(topic, partition), recordedAt)
      },
    })
  await whenReady(readFirsts)
  const found = new Map<string, readonly PartitionPlace[]>()
  for (const topic of reading.topics) {
    const offsets = await reading.admin.fetchTopicOffsets(topic).catch((error: unknown) => {
      throw kafkaError(error)
    })
    const places = offsets.map(({ partition, low }) => ({
      partition,
      firstOffset: Number(low),
      oldestAt: firsts.get(nameOf(topic, partition)) ?? null,
    }))
    found.set(
      topic,
      places.sort((a, b) => a.partition - b.partition),
    )
  }
  return found
}

const triesMax = 10
const againAfterMs = 1_000

/** A cluster that is new makes room for the first group that it ever has, which takes seconds. */
async function whenReady(read: () => Promise<void>): Promise<void> {
  for (let left = triesMax - 1; ; left -= 1) {
    try {
      return await read()
    } catch (error) {
      const isLoading = error instanceof EdgeError && error.code === 'kafka-failed'
      if (!isLoading || !error.retriable || left === 0) throw error
    }
    await sleep(againAfterMs)
  }
}
