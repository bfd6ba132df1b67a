/**
 * A batch that the store rejected is judged as if it had not been, across a span of record time.
 */
import { describe, expect, it } from 'vitest'
import type { LoggedEvent } from '../../src/log/stream.ts'
import { newPipeline } from '../../src/pipeline.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import type { SignalStore } from '../../src/state/signal-store.ts'
import { plainEvent } from '../support/plain-event.ts'
import { facts, keys, playbook } from './process.ts'

const hourMs = 3_600_000
const noon = Date.UTC(2026, 2, 1, 4)

function logged(offset: number, occurredAt: number, recordedAt: number): LoggedEvent {
  const event = plainEvent({ id: `e${offset}`, kind: 'redemption', occurredAt })
  return { event, recordedAt, source: 'events', partition: 0, offset }
}

/**
 * The first is two hours old when it arrives: in time by its own arrival, late by the last one's.
 */
const batch = [logged(0, noon - 2 * hourMs, noon), logged(1, noon + hourMs, noon + hourMs)]

function rejecting(when: 'before' | 'after'): SignalStore {
  const store = newMemoryStore()
  let rejected = false
  return {
    ...store,
    async observe(observations) {
      if (rejected) return store.observe(observations)
      rejected = true
      if (when === 'after') await store.observe(observations)
      throw new Error('away')
    },
  }
}

const pipelineOn = (store: SignalStore) => newPipeline({ store, playbook, facts, keys })

describe('a batch given again', () => {
  it.each(['before', 'after'] as const)('rejected %s it took effect', async (when) => {
    const { outputs } = await pipelineOn(newMemoryStore()).process(batch)
    const pipeline = pipelineOn(rejecting(when))
    await expect(pipeline.process(batch)).rejects.toThrow('away')
    const again = (await pipeline.process(batch)).outputs
    expect(again.audits.map(({ inputs }) => inputs.late)).toEqual([false, false])
    expect(again.audits.map(({ inputs }) => inputs.readings.user)).toEqual(
      outputs.audits.map(({ inputs }) => inputs.readings.user),
    )
    expect(again.tallies).toEqual(outputs.tallies)
  })
})
