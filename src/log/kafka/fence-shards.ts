/**
 * Ends the epochs of all shards of a group, whoever holds them, and says what is committed then.
 * Whoever fills lost windows from the committed messages needs that: a batch that was judged by the
 * old windows and is being committed meanwhile would be in the topics and in no window. Now it is
 * either committed before, and filled in, or refused, and judged by the new windows.
 */
import { type EpochOptions, openEpoch, type TopicPlace, transactionalIdOf } from './shard-epoch.ts'

export type FenceOptions = Pick<EpochOptions, 'kafka' | 'admin' | 'groupId'> & {
  /** Partition numbers of each input topic, by its name with prefix. */
  readonly partitions: ReadonlyMap<string, readonly number[]>
}

/** Producers that are open at one time. */
const openMax = 8

/** Offset −1 where nothing was committed. Throws EdgeError. */
export async function fenceShards(options: FenceOptions): Promise<readonly TopicPlace[]> {
  const { partitions, groupId } = options
  const shards = [...new Set([...partitions.values()].flat())].sort((a, b) => a - b)
  const fence = async (shard: number): Promise<readonly TopicPlace[]> => {
    const topics = [...partitions].filter(([, known]) => known.includes(shard))
    const epoch = await openEpoch({
      ...options,
      transactionalId: transactionalIdOf(groupId, shard),
      topics: topics.map(([topic]) => topic),
      partition: shard,
    })
    await epoch.close()
    return epoch.committed
  }
  const places: TopicPlace[] = []
  for (let at = 0; at < shards.length; at += openMax)
    places.push(...(await Promise.all(shards.slice(at, at + openMax).map(fence))).flat())
  return places
}
