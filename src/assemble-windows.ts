/** Configuration → the windows that workers judge by: in this process, or shared in Redis. */

import { CommandError } from './cli/exit.ts'
import { type Connections, loadConnections } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { readKeyFile } from './config/key-file.ts'
import { deriveKeys } from './core/event/keyed-hash.ts'
import { newEventReader } from './log/kafka/event-reader.ts'
import { inputTopics } from './log/kafka/topics.ts'
import { type Close, closeAll, ownGroup, reach } from './reach.ts'
import { systemClock } from './runtime/clock.ts'
import { newSharedWindows, type SharedWindows, type SharedWindowsParts } from './shared-windows.ts'
import { newMemoryStore } from './state/memory-store.ts'
import { newRedisClient } from './state/redis-client.ts'
import { redisFailure } from './state/redis-failure.ts'
import { type ExchangePlaces, newExchangePlaces } from './state/redis-places.ts'
import type { StoreState } from './state/redis-standing.ts'
import { newRedisStore } from './state/redis-store.ts'
import type { SignalStore } from './state/signal-store.ts'

export interface Windows {
  readonly store: SignalStore
  readonly shared: SharedWindows | null
  /** Null where no other worker may have shards. */
  readonly exchangePlaces: ExchangePlaces | null
}

/** Throws EdgeError or CommandError; `closers` then hold what is open. */
export async function openWindows(
  where: 'memory' | 'redis',
  closers: Close[],
  parts: Omit<SharedWindowsParts, 'store'> & {
    readonly connections: Connections
    readonly shardCount: number
  },
): Promise<Windows> {
  if (where === 'memory') return { store: newMemoryStore(), shared: null, exchangePlaces: null }
  const { store, client, prefix } = await openRedisStore(parts.connections, closers)
  const exchangePlaces = newExchangePlaces(client, prefix, parts.shardCount)
  return { store, shared: newSharedWindows({ ...parts, store }), exchangePlaces }
}

/** Throws EdgeError, or CommandError where no Redis is configured. */
export async function openRedisStore(
  { redis, topicPrefix }: Pick<Connections, 'redis' | 'topicPrefix'>,
  closers: Close[],
) {
  if (redis === null)
    throw new CommandError(
      'redis: is not configured; set COUPONGUARD_REDIS_URL, or take --store memory',
    )
  // What the client says of an outage, the calls that fail say as well.
  const client = newRedisClient(redis, () => undefined)
  closers.push(async () => client.disconnect())
  await client.connect().catch((error: unknown) => {
    throw redisFailure(error)
  })
  const prefix = redisPrefix(topicPrefix)
  const { copiesMib } = redis
  const bound = copiesMib === null ? {} : { copyBytesMax: copiesMib * 2 ** 20 }
  const store = newRedisStore({ client, prefix, ...bound })
  closers.push(() => store.close())
  return { store, client, prefix }
}

/** Keys of several installations in one Redis keep apart as their topics do. */
const redisPrefix = (topicPrefix: string) =>
  `cg${topicPrefix.toLowerCase().replace(/[^a-z0-9]/g, '-')}`

export interface SharedStoreOptions extends JudgingOptions {
  readonly group: string
  readonly key: string
  onFilled(events: number): void
}

export interface SharedStore {
  check(): Promise<StoreState>
  /** Empties it and fills it from the inputs, up to what the group has committed. */
  rebuild(): Promise<void>
  close(): Promise<void>
}

/** The store in Redis by itself, for whoever looks after it. Throws EdgeError or CommandError. */
export async function openSharedStore(options: SharedStoreOptions): Promise<SharedStore> {
  const closers: Close[] = []
  try {
    const connections = loadConnections(options)
    const { topicPrefix } = connections
    const keys = deriveKeys(readKeyFile(options.key))
    const { playbook, facts } = loadJudging(options, keys)
    const { kafka, admin, registry } = await reach(connections, 'store', closers)
    const { store } = await openRedisStore(connections, closers)
    const inputs = { kafka, admin, clock: systemClock, topics: inputTopics, topicPrefix }
    const windows = newSharedWindows({
      store,
      judging: { playbook, facts, keys },
      inputs: { ...inputs, committedGroupId: topicPrefix + options.group, ending: null },
      fillGroupId: () => ownGroup(topicPrefix, 'fill'),
      reader: newEventReader(registry, keys),
      onFilled: options.onFilled,
    })
    return {
      check: () => store.check(),
      rebuild: () => windows.fill(),
      close: () => closeAll(closers),
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}
