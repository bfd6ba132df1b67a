/**
 * `npx tsx scripts/redis-cost.ts [--events 300000] [--batch 500] [--seed 1] [--servers 1|3]
 * [--copies 64,256]`: what the Redis store costs on a generated campaign day. CPU seconds of this
 * process and of the servers that it starts, beside the memory store on the same observations, for
 * each bound of the copies in MiB (the store's own without it); then the memory of each kind of
 * key. docs/redis-store.md has the figures.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Cluster, Redis } from 'ioredis'
import { cpuMicros, rounded } from '../src/bench/cpu-time.ts'
import { zoneTable } from '../src/config/zone-table.ts'
import { deriveKeys } from '../src/core/event/keyed-hash.ts'
import { newCalendar } from '../src/core/event/time-zone.ts'
import {
  latenessMs,
  type Observation,
  shardLagMs,
  sourcePosition,
} from '../src/core/signals/observation.ts'
import { newHashPool, toObservation } from '../src/core/signals/observe.ts'
import { WindowHash } from '../src/core/signals/window-hash.ts'
import { generateRows } from '../src/generate/campaign-day.ts'
import { toRecordingRow } from '../src/generate/recorded.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { newMemoryStore } from '../src/state/memory-store.ts'
import type { RedisClient } from '../src/state/redis-client.ts'
import { newRedisStore } from '../src/state/redis-store.ts'
import type { SignalStore } from '../src/state/signal-store.ts'
import { type RedisServer, startRedis, startRedisCluster } from './stack/redis.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    batch: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    servers: { type: 'string', default: '1' },
    copies: { type: 'string' },
  },
})
const [events, batch, seed] = [Number(values.events), Number(values.batch), Number(values.seed)]
const copies = values.copies?.split(',').map((mebibytes) => Number(mebibytes) * 2 ** 20) ?? [null]

function observationsOf(): Observation[] {
  const keys = deriveKeys(new Uint8Array(32).fill(7))
  const calendar = newCalendar(zoneTable('Asia/Shanghai'))
  const context = { hash: new WindowHash(keys.window), calendar, room: newHashPool() }
  const startAt = Date.UTC(2026, 2, 9, 16)
  const observations: Observation[] = []
  let watermark = 0
  let offset = 0
  for (const row of generateRows({ seed, events, scenario: 'attack', startAt })) {
    offset += 1
    const { event, recordedAt } = toRecordingRow(row, offset, keys)
    if (event === null) continue
    watermark = Math.max(watermark, recordedAt)
    const horizon = watermark - latenessMs - shardLagMs
    const position = sourcePosition('coupon.claims', 0, offset)
    observations.push(toObservation(event, { recordedAt, horizon, position }, context))
  }
  return observations
}

interface Spent {
  readonly client: number
  readonly servers: number
  readonly wall: number
}

async function spend(
  store: SignalStore,
  observations: readonly Observation[],
  serverMicros: () => Promise<number>,
): Promise<Spent> {
  const [client, servers, wall] = [cpuMicros(), await serverMicros(), systemClock.now()]
  for (let at = 0; at < observations.length; at += batch)
    await store.observe(observations.slice(at, at + batch))
  return {
    client: cpuMicros() - client,
    servers: (await serverMicros()) - servers,
    wall: (systemClock.now() - wall) * 1000,
  }
}

/** The first fifth warms up and is not counted. */
async function measure(
  name: string,
  store: SignalStore,
  serverMicros: () => Promise<number> = () => Promise.resolve(0),
): Promise<void> {
  const warm = Math.floor(observations.length / 5)
  await spend(store, observations.slice(0, warm), serverMicros)
  const { client, servers, wall } = await spend(store, observations.slice(warm), serverMicros)
  const count = observations.length - warm
  const each = (micros: number) => rounded(micros / count)
  console.log(
    `${name.padEnd(12)} client ${each(client)} µs, servers ${each(servers)} µs an event:` +
      ` ${Math.round((count / (client + servers)) * 1e6).toLocaleString('en-US')} events/s of CPU,` +
      ` ${Math.round((count / wall) * 1e6).toLocaleString('en-US')} events/s by the clock`,
  )
}

/** The sum of a field over all servers. */
async function sumOf(clients: readonly Redis[], section: string, name: string): Promise<number> {
  const all = await Promise.all(clients.map((one) => one.info(section)))
  const field = new RegExp(`^${name}:([\\d.]+)`, 'm')
  return all.reduce((sum, info) => sum + Number(field.exec(info)?.[1] ?? 0), 0)
}

async function serverMicros(clients: readonly Redis[]): Promise<number> {
  const [user, system] = [
    await sumOf(clients, 'cpu', 'used_cpu_user'),
    await sumOf(clients, 'cpu', 'used_cpu_sys'),
  ]
  return (user + system) * 1e6
}

async function measureCopies(copyBytesMax: number | null): Promise<void> {
  await client.flushall()
  const store = newRedisStore({ client, ...(copyBytesMax === null ? {} : { copyBytesMax }) })
  await store.refill(() => Promise.resolve())
  const sent = () => sumOf(direct, 'stats', 'total_net_output_bytes')
  const before = await sent()
  await measure('redis', store, () => serverMicros(direct))
  const bytes = Math.round(((await sent()) - before) / observations.length)
  const held = Math.round(store.copyBytes() / 2 ** 20)
  console.log(`copies of logs: ${held} MiB; servers sent ${bytes} bytes an event`)
  await store.close()
}

/** Bytes of each kind of key, over all keys of one server. */
async function sayMemory(client: Redis): Promise<void> {
  const kinds = new Map<string, number[]>()
  let cursor = '0'
  do {
    const [next, keys] = await client.scan(cursor, 'COUNT', 1000)
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)))
    for (const [index, key] of keys.entries()) {
      const kind = /:([a-z])[0-9a-f]{16}$/.exec(key)?.[1] ?? 'others'
      const of = kinds.get(kind)
      if (of === undefined) kinds.set(kind, [sizes[index] ?? 0])
      else of.push(sizes[index] ?? 0)
    }
    cursor = next
  } while (cursor !== '0')
  for (const [kind, sizes] of [...kinds].sort()) {
    sizes.sort((a, b) => a - b)
    const at = (share: number) => sizes[Math.floor((sizes.length - 1) * share)]!
    const sum = sizes.reduce((all, size) => all + size, 0)
    console.log(
      `${kind.padEnd(7)} ${sizes.length} keys, ${Math.round(sum / sizes.length)} bytes each` +
        ` (median ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}), ${Math.round(sum / 2 ** 20)} MiB`,
    )
  }
  const used = /^used_memory_human:(.*)$/m.exec(await client.info('memory'))?.[1]
  console.log(`the server uses ${used?.trim()}`)
}

const observations = observationsOf()
console.log(`${observations.length} observations, batches of ${batch}`)
await measure('memory', newMemoryStore())
const folder = mkdtempSync(join(tmpdir(), 'redis-cost-'))
const servers: readonly RedisServer[] =
  values.servers === '1'
    ? [await startRedis({ folder })]
    : (await startRedisCluster({ folder })).nodes
const direct = servers.map(({ url }) => new Redis(url))
const client: RedisClient =
  servers.length === 1
    ? direct[0]!
    : new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })))
try {
  for (const bytesMax of copies) await measureCopies(bytesMax)
  for (const one of direct) await sayMemory(one)
} finally {
  client.disconnect()
  for (const one of direct) one.disconnect()
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(folder, { recursive: true, force: true })
}
