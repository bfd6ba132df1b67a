/**
 * Workers and monitors as processes of their own against real servers: a day is judged once
 * whatever is killed, and each alert is published once.
 *
 * proves: D4
 */
import { describe, expect, inject, test, vi } from 'vitest'
import type { Alert, Audit, DeadLetter, Progress } from '../../src/core/schema.gen.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation } from '../support/installation.ts'

const endpoints = {
  brokers: inject('kafkaBrokers') ?? '',
  registryUrl: inject('registryUrl') ?? '',
  redisUrl: inject('redisUrl'),
}
const hasServers = Object.values(endpoints).every((one) => one !== null && one !== '')
const dayMs = 86_400_000
const partitions = 2
/** A member that was killed is waited for as long as its session lasts. */
const patience = { timeout: 100_000, interval: 500 }

const cases = [
  { name: 'one worker with its windows in memory', store: 'memory', workers: 1 },
  { name: 'two workers with their windows in Redis', store: 'redis', workers: 2 },
] as const

describe.skipIf(!hasServers)('a day on Kafka is judged once', () => {
  test.each(cases)(
    'by $name, though a worker and the monitor are killed in the middle',
    async ({ store, workers }) => {
      const here = await openInstallation(endpoints, `once-${store}`)
      await here.makeTopics(partitions)
      const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
      const day = await here.publish({ seed: 11, events: 12_000, scenario: 'attack', startAt })

      const monitor = here.start('monitor')
      const running = Array.from({ length: workers }, () => here.startWorker(store))
      const commits = async () => (await here.records('risk.progress')).length
      await vi.waitFor(async () => expect(await commits()).toBeGreaterThan(1), {
        ...patience,
        interval: 50,
      })
      for (const { child, ended } of [running[0]!, monitor]) {
        child.kill('SIGKILL')
        await ended
      }
      const rest = [...running.slice(1), here.startWorker(store), here.start('monitor')]
      await vi.waitFor(async () => expect(await here.lag()).toBe(0), patience)

      const audits = await here.records('risk.audit')
      const letters = await here.records('risk.dead-letters')
      checkOnce(audits, letters, day.messages)
      checkProgress(await here.records('risk.progress'))
      await vi.waitFor(async () => checkAlerts(await here.records('risk.alerts')), patience)
      for (const { child } of rest) child.kill('SIGTERM')
      for (const { code, stderr } of await Promise.all(rest.map(({ ended }) => ended)))
        expect(code, stderr).toBe(0)
    },
    300_000,
  )
})

/** Every place of the inputs at most once, and no event decided twice. */
function checkOnce(
  audits: readonly Audit[],
  letters: readonly DeadLetter[],
  messages: number,
): void {
  const placeOf = (one: Audit | DeadLetter) => `${one.source}/${one.partition}/${one.offset}`
  const places = [...audits, ...letters].map(placeOf)
  expect(new Set(places).size).toBe(places.length)
  expect(new Set(audits.map(({ decision }) => decision.eventKey)).size).toBe(audits.length)
  expect(letters.map(({ reason }) => reason)).toContain('conflicting-id')
  // The rest are events that were sent twice.
  expect(messages - places.length).toBeGreaterThan(0)
  expect(messages - places.length).toBeLessThan(messages * 0.02)
}

/** Per shard, each commit goes on where the one before ended. */
function checkProgress(progress: readonly Progress[]): void {
  const reached = new Map<string, number>()
  for (const { offsets } of progress)
    for (const { topic, partition, nextOffset } of offsets) {
      const key = `${topic}/${partition}`
      expect(nextOffset).toBeGreaterThanOrEqual(reached.get(key) ?? 0)
      reached.set(key, nextOffset)
    }
  expect(reached.size).toBe(2 * partitions)
}

function checkAlerts(alerts: readonly Alert[]): void {
  const ids = alerts.map(({ id }) => id)
  expect(ids.length).toBeGreaterThan(0)
  expect(new Set(ids).size).toBe(ids.length)
}
