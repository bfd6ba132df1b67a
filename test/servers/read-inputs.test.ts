/** Reading the inputs up to what is committed: all of it, or as far as it came when told to end. */
import { describe, expect, inject, test } from 'vitest'
import { type ReadInputsOptions, readInputs } from '../../src/log/kafka/read-inputs.ts'
import { inputTopics } from '../../src/log/kafka/topics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation } from '../support/installation.ts'

const endpoints = {
  brokers: inject('kafkaBrokers') ?? '',
  registryUrl: inject('registryUrl') ?? '',
  redisUrl: null,
}
const hasServers = endpoints.brokers !== '' && endpoints.registryUrl !== ''
const dayMs = 86_400_000

describe.skipIf(!hasServers)('the inputs are read', () => {
  test('whole, or until the signal comes', { timeout: 120_000 }, async () => {
    const here = await openInstallation(endpoints, 'read-inputs')
    await here.makeTopics(1)
    const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
    const day = { seed: 3, events: 9_000, scenario: 'clean', startAt, oneTopic: true } as const
    const { messages } = await here.publish(day)
    const admin = await here.admin()
    const committedGroupId = `${here.prefix}judging`
    const partitions = [{ partition: 0, offset: String(messages) }]
    await admin.setOffsets({
      groupId: committedGroupId,
      topic: `${here.prefix}coupon.claims`,
      partitions,
    })
    const options = (groupId: string, ending: AbortSignal | null): ReadInputsOptions => ({
      kafka: here.kafka,
      admin,
      clock: systemClock,
      groupId: here.prefix + groupId,
      topics: inputTopics,
      topicPrefix: here.prefix,
      committedGroupId,
      ending,
    })
    let read = 0
    const take = (some: readonly unknown[]) => {
      read += some.length
      return Promise.resolve()
    }
    await readInputs(options('whole', null), take)
    expect(read).toBe(messages)

    read = 0
    const ending = new AbortController()
    const untilTold = readInputs(options('ended', ending.signal), (some) => {
      ending.abort()
      return take(some)
    })
    await expect(untilTold).rejects.toMatchObject({ code: 'ended', retriable: true })
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThan(messages)
  })
})
