/** The first worker on an empty Redis fills it: that ends all epochs of others, and none of his. */
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation } from '../support/installation.ts'
import { connected } from '../support/redis-servers.ts'

const endpoints = {
  brokers: inject('kafkaBrokers') ?? '',
  registryUrl: inject('registryUrl') ?? '',
  redisUrl: inject('redisUrl'),
}
const hasServers = Object.values(endpoints).every((one) => one !== null && one !== '')
const dayMs = 86_400_000

describe.skipIf(!hasServers)('the first worker on an empty Redis', () => {
  test('judges at once, without a pause', { timeout: 120_000 }, async () => {
    const here = await openInstallation(endpoints, 'first')
    await here.makeTopics(3)
    const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
    await here.publish({ seed: 12, events: 1_500, scenario: 'attack', startAt })
    const { child, ended } = here.startWorker('redis')
    await vi.waitFor(async () => expect(await here.lag()).toBe(0), { timeout: 60_000 })
    child.kill('SIGTERM')
    const { stderr } = await ended
    expect(stderr).toContain('"running"')
    expect(stderr).not.toContain('paused')
  })

  test('is ready after it had to wait, though there is nothing to judge', async () => {
    const here = await openInstallation(endpoints, 'waits')
    await here.makeTopics(2)
    const client = await connected(endpoints.redisUrl!)
    onTestFinished(() => client.disconnect())
    // As if another were filling the store.
    const filler = `cg${here.prefix.replaceAll('.', '-')}:{00}:filler`
    await client.set(filler, 'another')
    const { child, ended } = here.startWorker('redis')
    let said = ''
    child.stderr!.on('data', (part: Buffer) => (said += String(part)))
    await vi.waitFor(() => expect(said).toMatch(/paused: /), { timeout: 30_000 })
    await client.del(filler)
    await vi.waitFor(() => expect(said).toMatch(/paused: .*\n.*"running"/), { timeout: 30_000 })
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  }, 90_000)
})
