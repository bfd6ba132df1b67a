/** Where shards stand, told among workers: on one Redis, on a cluster, and by workers at work. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { newExchangePlaces } from '../../src/state/redis-places.ts'
import { openInstallation } from '../support/installation.ts'
import { connected, oneServer, threeNodes } from '../support/redis-servers.ts'

const endpoints = {
  brokers: inject('kafkaBrokers') ?? '',
  registryUrl: inject('registryUrl') ?? '',
  redisUrl: inject('redisUrl'),
}
const hasServers = Object.values(endpoints).every((one) => one !== null && one !== '')
const atEnd = Number.POSITIVE_INFINITY
const notYet = Number.NEGATIVE_INFINITY
const minuteMs = 60_000

/** What two workers tell in turn, and what each hears of the other; four shards, two each. */
const steps = [
  { who: 'a', tells: [300, 200], hears: atEnd, what: 'nobody else has told yet' },
  { who: 'b', tells: [700, 500], hears: 200, what: 'the slower of the two' },
  { who: 'a', tells: [600, atEnd], hears: 500, what: 'one at its end is not told' },
  { who: 'b', tells: [atEnd, atEnd], hears: 600, what: 'nor does it hold back' },
  { who: 'a', tells: [600, notYet], hears: atEnd, what: 'all others at their ends' },
  { who: 'b', tells: [700, 700], hears: notYet, what: 'one that has not read yet' },
] as const

describe.skipIf(endpoints.redisUrl === null).each([
  ['one server', oneServer],
  ['a cluster', threeNodes],
])('on %s', (_, serve) => {
  const redis = serve()

  test('each worker hears where the slowest shard of the others stands', async () => {
    const { client } = redis()
    const workers = {
      a: { exchange: newExchangePlaces(client, 'places', 4), shards: [0, 1] },
      b: { exchange: newExchangePlaces(client, 'places', 4), shards: [2, 3] },
    }
    for (const { who, tells, hears, what } of steps) {
      const { exchange, shards } = workers[who]
      const ours = new Map(shards.map((shard, index) => [shard, tells[index]!]))
      expect(await exchange(ours), what).toBe(hears)
    }
  })

  test('what is told ends by itself', async () => {
    const { client } = redis()
    await newExchangePlaces(client, 'ending', 1)(new Map([[0, 500]]))
    expect(await client.pttl('ending:{00}:place:0')).toBeGreaterThan(10_000)
  })
})

describe.skipIf(!hasServers)('of two workers that catch up', () => {
  test('one that stands still is waited for', { timeout: 300_000 }, async () => {
    const here = await openInstallation(endpoints, 'together')
    await here.makeTopics(4)
    const startAt = systemClock.now() - 3 * 24 * 60 * minuteMs
    await here.publish({ seed: 5, events: 6_000, scenario: 'clean', startAt })
    const workers = [here.startWorker('redis'), here.startWorker('redis')]
    const patience = { timeout: 120_000, interval: 20 }
    const client = await connected(endpoints.redisUrl!)
    onTestFinished(() => client.disconnect())
    const redisPrefix = `cg${here.prefix.replaceAll('.', '-')}`
    /** Where each shard stands, as its worker told last. */
    const places = async () => {
      const keys = [0, 1, 2, 3].map((shard) => `${redisPrefix}:{00}:place:${shard}`)
      return (await client.mget(keys)).map((at) => (at === null ? atEnd : Number(at)))
    }
    const progress = async () => reached(await here.records('risk.progress'))
    await vi.waitFor(async () => expect((await progress()).size).toBe(4), patience)
    workers[0]!.child.kill('SIGSTOP')
    await sleep(3_000)
    const furthest = Math.max(...(await progress()).values())
    const [slowest, ends] = [
      Math.min(...(await places())),
      systemClock.now() - 2 * 24 * 60 * minuteMs,
    ]
    expect(slowest, 'nobody is done yet').toBeLessThan(ends)
    expect(furthest - slowest).toBeLessThanOrEqual(minuteMs)
    workers[0]!.child.kill('SIGCONT')
    await vi.waitFor(async () => expect(await here.lag()).toBe(0), patience)
    for (const { child } of workers) child.kill('SIGTERM')
    for (const { ended } of workers) expect((await ended).code).toBe(0)
  })
})

/** Per shard, the record time up to which it is judged. */
function reached(progress: readonly { readonly shard: number; readonly recordedAt: number }[]) {
  const at = new Map<number, number>()
  for (const { shard, recordedAt } of progress)
    at.set(shard, Math.max(recordedAt, at.get(shard) ?? 0))
  return at
}
