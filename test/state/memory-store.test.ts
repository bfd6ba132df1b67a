/** The memory store: the laws of every store, and the bounds that only it promises. proves: D18 */
import { describe, expect, it } from 'vitest'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { holdAgainstOracle } from '../support/held-against.ts'
import { horizonAt, inOrder, observationOf } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { signalStoreLaws } from './laws.ts'

const day = 24 * 3_600_000
const noon = Date.UTC(2026, 2, 10, 4)

signalStoreLaws('the memory store', () => Promise.resolve(newMemoryStore()))

describe('the memory store', () => {
  it('agrees with the oracle, late and repeated events and full logs among them', async () => {
    const seed = 7
    const openStore = () => Promise.resolve(newMemoryStore())
    const { tally, found } = await holdAgainstOracle(openStore, { seed, readings: 250_000 })
    expect(found, `again: npm run oracle -- --readings 250000 --seed ${seed}`).toEqual([])
    expect(tally.late).toBeGreaterThan(1_000)
    expect(tally.tooLate).toBeGreaterThan(500)
    expect(tally.repeated).toBeGreaterThan(1_000)
    expect(tally.fullLogs).toBeGreaterThan(1_000)
  })

  it('counts each entity once', async () => {
    const store = newMemoryStore()
    const about = { device: 'd', ip: '203.0.113.7', codeHash: 'c', phone: 'p', transferSender: 's' }
    await store.observe(inOrder([plainEvent(about)]).map((one) => observationOf(one)))
    // user, device, ip, subnet, code, phone, sender, and the user as one who sends.
    expect(store.size().entities).toBe(8)
  })

  it('forgets entities that nobody can ask for any more', async () => {
    const store = newMemoryStore()
    const batchAt = (at: number, events: number) => {
      const place = { recordedAt: at, horizon: horizonAt(at) }
      return Array.from({ length: events }, (_, position) => {
        const event = plainEvent({ user: `user ${at} ${position}`, occurredAt: at })
        return observationOf({ ...place, position, event })
      })
    }
    await store.observe(batchAt(noon, 30_000))
    expect(store.size().entities).toBe(30_000)
    // It looks for them now and then only, when as many events have come as make it worth while.
    const later = batchAt(noon + 50 * day, 10_000)
    for (let round = 0; round < 24; round += 1) await store.observe(later)
    expect(store.size().entities).toBe(10_000)
  })
})
