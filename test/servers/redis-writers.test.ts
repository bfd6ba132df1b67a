/**
 * Several writers share one store, at the same time: each log reads as the memory store's code
 * reads the same events in the order in which Redis took them, and totals of a day count each event
 * once. Users, devices and addresses are shared, and what one delivered another delivers again.
 *
 * proves: D11
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Event, Readings } from '../../src/core/schema.gen.ts'
import { hasEntry } from '../../src/core/signals/entry.ts'
import {
  dedupeHorizonMs,
  flagBits,
  hashSlots,
  type Observation,
} from '../../src/core/signals/observation.ts'
import * as make from '../../src/core/signals/readings.gen.ts'
import { dayNames, type LogName, logSpecs } from '../../src/core/signals/readings.ts'
import type { RedisClient } from '../../src/state/redis-client.ts'
import { kindOf, RedisKeys } from '../../src/state/redis-keys.ts'
import { newRedisStore, type RedisStore } from '../../src/state/redis-store.ts'
import { newRepeatsTable, Repeats } from '../../src/state/repeats.ts'
import type { Observed } from '../../src/state/signal-store.ts'
import {
  isFirst,
  isRepeat,
  type Maker,
  newWindows,
  readLog,
  type Sighted,
  sight,
} from '../../src/state/windows.ts'
import { horizonAt, observationOf } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { type OrderWatch, type SeenCall, watchOrder } from '../support/redis-order.ts'
import { connected, connectedCluster, oneServer, threeNodes } from '../support/redis-servers.ts'
import { type Delivered, deliver } from '../support/shared-history.ts'

const writerNames = ['ann', 'bob', 'cyd']
const makers: Readonly<Record<LogName, Maker<unknown>>> = {
  user: make.makeUserReadings,
  device: make.makeDeviceReadings,
  ip: make.makeIpReadings,
  subnet: make.makeSubnetReadings,
  code: make.makeCodeReadings,
  phone: make.makePhoneReadings,
  sender: make.makeSenderReadings,
  returned: make.makeReturnedReadings,
}

/** An event in its batch, and what became of it. */
interface Told {
  readonly observation: Observation
  readonly observed: Observed
}

/** Every event of the batches, log by log, in the order in which each log took them. */
class Order {
  readonly #told = new Map<string, readonly Told[]>()

  constructor(
    keys: RedisKeys,
    { delivered, calls }: { delivered: readonly Delivered[]; calls: readonly SeenCall[] },
  ) {
    // A writer's batches that touch a log come in the order in which its calls name that log.
    const waiting = new Map<string, Told[][]>()
    for (const { writer, observations, observed } of delivered) {
      const touched = new Map<string, Told[]>()
      for (const [at, observation] of observations.entries()) {
        const told = { observation, observed: observed[at]! }
        for (const key of logsOf(keys, told)) touched.set(key, [...(touched.get(key) ?? []), told])
      }
      for (const [key, some] of touched) {
        const queue = `${writer} ${key}`
        waiting.set(queue, [...(waiting.get(queue) ?? []), some])
      }
    }
    for (const { client, script, keys: named } of calls) {
      if (script !== 'append') continue
      for (const key of named) {
        const next = waiting.get(`${client} ${key}`)?.shift()
        if (next === undefined) throw new Error(`${client} touched ${key} without a batch`)
        this.#told.set(key, [...(this.#told.get(key) ?? []), ...next])
      }
    }
    const left = [...waiting].filter(([, batches]) => batches.length > 0)
    if (left.length > 0) throw new Error(`never touched: ${left.map(([queue]) => queue).join()}`)
  }

  logs(): readonly (readonly [key: string, told: readonly Told[]])[] {
    return [...this.#told]
  }
}

/** Logs that an event touches: its user's always, others where it was not a repeat or too late. */
function logsOf(keys: RedisKeys, { observation, observed }: Told): ReadonlySet<string> {
  const skips = observed.readings === null || observed.late
  return new Set(
    logSpecs
      .filter(({ name }) => name === 'user' || (!skips && hasEntry(name, observation)))
      .map(({ name }) => keyOf(keys, name, observation)),
  )
}

const entityOf: Readonly<Record<LogName, number>> = {
  user: hashSlots.user,
  device: hashSlots.device,
  ip: hashSlots.ip,
  subnet: hashSlots.subnet,
  code: hashSlots.code,
  phone: hashSlots.phone,
  sender: hashSlots.sender,
  returned: hashSlots.user,
}

function keyOf(keys: RedisKeys, name: LogName, { hashes }: Observation): string {
  const slot = entityOf[name]
  return keys.log({ kind: kindOf(name), low: hashes[slot]!, high: hashes[slot + 1]! })
}

/** What the memory store's code makes of each log's events in their order; gives differences. */
function compare(keys: RedisKeys, order: Order) {
  // Writers whose partitions run more than a day apart make each other forget ids of events that
  // still stand in the windows: as the store does, the reference looks there before it appends.
  const windows = newWindows({ bytesMax: 2 ** 30, shared: true, notes: 0 })
  const repeats = new Repeats(newRepeatsTable(2 ** 30))
  const sightings = new Map<Observed, Sighted>()
  const found: string[] = []
  let readings = 0
  const same = (what: string, store: unknown, reference: unknown) => {
    readings += 1
    if (JSON.stringify(store) !== JSON.stringify(reference))
      found.push(`${what}: ${JSON.stringify(store)} is not ${JSON.stringify(reference)}`)
  }
  const isUsers = ([key]: readonly [string, unknown]) => key.includes('}:u')
  for (const [key, told] of order.logs().filter(isUsers))
    for (const { observation, observed } of told) {
      const sighted = sight(windows.user, repeats, observation)
      sightings.set(observed, sighted)
      const { seen, mayBeHeld, late } = sighted
      const skips = isRepeat(sighted) || late
      const user = skips ? null : readLog(windows.user, observation, !mayBeHeld, makers.user)
      same(`${key} sighting`, observed.sighting, seen.sighting)
      same(`${key} firstPosition`, observed.firstPosition, seen.firstPosition)
      same(`${key} saturated`, observed.repeatsSaturated, seen.saturated)
      same(`${key} late`, observed.late, late)
      same(`${key} user`, observed.readings?.user ?? null, user)
    }
  for (const [key, told] of order.logs().filter((log) => !isUsers(log)))
    for (const { observation, observed } of told)
      for (const { name } of logSpecs) {
        if (!hasEntry(name, observation) || keyOf(keys, name, observation) !== key) continue
        const isNew = !sightings.get(observed)!.mayBeHeld
        const reference = readLog(windows[name], observation, isNew, makers[name])
        same(`${key} ${name}`, recordOf(observed.readings!)[name], reference)
      }
  return { found, readings, sightings }
}

const recordOf = (readings: Readings): Readonly<Record<string, unknown>> => ({ ...readings })

/**
 * Totals that were read by events that counted. One counts at its first delivery; what is behind
 * the last of its partition that could count was delivered before, whatever it was then.
 */
function totalsRead(delivered: readonly Delivered[], sightings: ReadonlyMap<Observed, Sighted>) {
  const totals = new Map<string, number[]>()
  const reached = new Map<string, number>()
  for (const { observations, observed } of delivered)
    for (const [at, observation] of observations.entries()) {
      const { readings, sighting } = observed[at]!
      const mayCount = isFirst(sightings.get(observed[at]!)!) || sighting === 'redelivered'
      const source = `${observation.day} ${Math.floor(observation.position / 2 ** 40)}`
      if (!mayCount || observation.position <= (reached.get(source) ?? -1)) continue
      reached.set(source, observation.position)
      const countsNot = flagBits.failed | flagBits.reversal
      if (readings === null || (observation.flags & countsNot) !== 0) continue
      const isClaim = (observation.flags & flagBits.redemption) === 0
      for (const kind of dayNames) {
        const total = readings[kind]
        if (total === null) continue
        const scope = `${observation.day} ${kind} ${observation.scopes[kind]} ${isClaim}`
        const read = isClaim ? total.claims_day : total.redemptions_day
        totals.set(scope, [...(totals.get(scope) ?? []), read])
      }
    }
  return totals
}

function writersAgree(
  urls: () => readonly string[],
  connect: (name: string) => Promise<RedisClient>,
): void {
  const clients = new Map<string, RedisClient>()
  let watch: OrderWatch | null = null
  beforeAll(async () => {
    for (const name of writerNames) clients.set(name, await connect(name))
    watch = await watchOrder(urls())
  })
  afterAll(() => {
    watch?.stop()
    for (const client of clients.values()) client.disconnect()
  })

  // Small copies, so that writers forget logs and are given them whole again.
  test.each([
    [101, 4_000, undefined],
    [102, 4_000, 1],
    [103, 1_500, undefined],
    [104, 4_000, 2 ** 24],
    [105, 1_500, 1],
    [106, 4_000, undefined],
  ])('seed %i: %i events, copies of %s bytes', async (seed, events, copyBytesMax) => {
    const prefix = `seed-${seed}`
    const options = { prefix, ...(copyBytesMax === undefined ? {} : { copyBytesMax }) }
    const stores = new Map<string, RedisStore>()
    for (const [name, client] of clients) stores.set(name, newRedisStore({ client, ...options }))
    await stores.get('ann')!.refill(() => Promise.resolve())
    const delivered = await deliver(seed, events, stores)
    const keys = new RedisKeys(prefix)
    const calls = (await watch!.calls()).filter(({ keys: named }) =>
      named.some((key) => key.startsWith(`${prefix}:`)),
    )
    const { found, readings, sightings } = compare(keys, new Order(keys, { delivered, calls }))
    expect(found.slice(0, 5)).toEqual([])
    expect(readings).toBeGreaterThan(events * 5)
    for (const [scope, read] of totalsRead(delivered, sightings)) {
      const upwards = read.sort((one, other) => one - other)
      expect(upwards, scope).toEqual(upwards.map((_, index) => index + 1))
    }
  })
}

describe.skipIf(inject('redisUrl') === null)('writers of one server', () => {
  const redis = oneServer()
  writersAgree(
    () => [redis().servers.url],
    (name) => connected(redis().servers.url, name),
  )
})

describe.skipIf(inject('redisUrl') === null)('a writer who is a day ahead', () => {
  const redis = oneServer()

  test('lets an id be forgotten: its event comes again as the first, and counts once', async () => {
    const clients = await Promise.all(
      ['ann', 'bob'].map((name) => connected(redis().servers.url, name)),
    )
    const [ann, bob] = clients.map((client) => newRedisStore({ client, prefix: 'ahead' }))
    const hour = 3_600_000
    const noon = Date.UTC(2026, 2, 10, 4)
    const claim = plainEvent({ id: 'twice', occurredAt: noon })
    const place = (event: Event, recordedAt: number, position: number) =>
      observationOf({ event, recordedAt, position, horizon: horizonAt(recordedAt) })
    const ahead = noon + dedupeHorizonMs + hour / 4
    await ann!.refill(() => Promise.resolve())
    await ann!.observe([place(claim, noon, 1)])
    await bob!.observe([place(plainEvent({ id: 'other', occurredAt: ahead }), ahead, 2 ** 41)])
    const [again] = await ann!.observe([place(claim, noon + hour / 2, 2)])
    for (const client of clients) client.disconnect()
    expect(again!.sighting).toBe('first')
    expect(again!.readings!.user!.claims_1h).toBe(1)
  })
})

describe.skipIf(inject('redisUrl') === null)('writers of a cluster', () => {
  const redis = threeNodes()
  writersAgree(
    () => redis().servers.map(({ url }) => url),
    (name) => connectedCluster(redis().servers, name),
  )
})
