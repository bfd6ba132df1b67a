/**
 * Where shards stand, told among workers through Redis, so that none runs far ahead of a shard of
 * another worker while they catch up. One key a shard, written by whoever owns it. A worker that
 * says nothing any more holds the others back for `toldMs`, which is longer than its membership
 * lasts: by then another owns its shards, and says where they stand.
 *
 * One round trip an exchange: a write for each shard that is behind, and one read of all others.
 */
import type { RedisClient } from './redis-client.ts'
import { RedisKeys } from './redis-keys.ts'

const toldMs = 15_000

/**
 * Tells where our shards stand, in milliseconds of record time, Infinity for one that is at its
 * end; gives where the slowest of all others stands. Rejects where Redis does.
 */
export type ExchangePlaces = (ours: ReadonlyMap<number, number>) => Promise<number>

export function newExchangePlaces(
  client: RedisClient,
  prefix: string,
  shardCount: number,
): ExchangePlaces {
  const keys = new RedisKeys(prefix)
  const shards = Array.from({ length: shardCount }, (_, shard) => shard)
  /** Shards of which it was said that they are at their ends: not again until they are not. */
  const resting = new Set<number>()
  return async (ours) => {
    const calls: Promise<unknown>[] = []
    for (const shard of resting) if (!ours.has(shard)) resting.delete(shard)
    for (const [shard, at] of ours) {
      const key = keys.place(shard)
      if (at !== Number.POSITIVE_INFINITY) {
        resting.delete(shard)
        calls.push(client.set(key, String(at), 'PX', toldMs))
      } else if (!resting.has(shard)) {
        resting.add(shard)
        calls.push(client.del(key))
      }
    }
    const others = shards.filter((shard) => !ours.has(shard)).map((shard) => keys.place(shard))
    const [places] = await Promise.all([others.length === 0 ? [] : client.mget(others), ...calls])
    return Math.min(...places.map((at) => (at === null ? Number.POSITIVE_INFINITY : Number(at))))
  }
}
