/**
 * Redis loses everything in the middle of a day: it is filled again from the topics, and what is
 * decided afterwards is what a store that was never lost would have decided.
 */
import { Redis } from 'ioredis'
import { describe, expect, inject, test, vi } from 'vitest'
import type { Audit } from '../../src/core/schema.gen.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation } from '../support/installation.ts'

const endpoints = {
  brokers: inject('kafkaBrokers') ?? '',
  registryUrl: inject('registryUrl') ?? '',
  redisUrl: inject('redisUrl'),
}
const hasServers = Object.values(endpoints).every((one) => one !== null && one !== '')
const dayMs = 86_400_000
const patience = { timeout: 100_000, interval: 300 }
const events = 8_000

describe.skipIf(!hasServers)('a signal store that was emptied', () => {
  // Taken once: the two days must be one, also where midnight lies between them.
  const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs

  async function judge(name: string, inTheMiddle: () => Promise<unknown>): Promise<Audit[]> {
    const here = await openInstallation(endpoints, `recovery-${name}`)
    await here.makeTopics(1)
    // One topic of one partition has one order, so that the two days can be held side by side.
    const day = { seed: 12, events, scenario: 'attack', startAt, oneTopic: true } as const
    await here.publish(day)
    const worker = here.startWorker('redis')
    const audits = async () => (await here.records('risk.audit')).length
    await vi.waitFor(async () => expect(await audits()).toBeGreaterThan(500), {
      ...patience,
      interval: 50,
    })
    await inTheMiddle()
    await vi.waitFor(async () => expect(await here.lag()).toBe(0), patience)
    worker.child.kill('SIGTERM')
    const { code, stderr } = await worker.ended
    expect(code, stderr).toBe(0)
    return [...(await here.records('risk.audit'))]
  }

  test('is filled from the topics, and decides as if nothing had been lost', async () => {
    const redis = new Redis(endpoints.redisUrl ?? '')
    try {
      const whole = await judge('whole', () => Promise.resolve())
      const emptied = await judge('emptied', () => redis.flushdb())
      expect(emptied.length).toBe(whole.length)
      expect(emptied.map(({ decision }) => decision)).toEqual(whole.map(({ decision }) => decision))
    } finally {
      redis.disconnect()
    }
  }, 300_000)
})
