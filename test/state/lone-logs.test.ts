/**
 * A log that holds nothing but the event itself: its readings are kept and used again, so a store
 * that has met many such events must read the next one as a store that has met none.
 */
import { expect, it } from 'vitest'
import type { Event } from '../../src/core/schema.gen.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { inOrder, observationOf } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { type Chance, seeded } from '../support/seeded.ts'

const noon = Date.UTC(2026, 2, 1, 4)

/** An event whose entities nobody else names. */
function loneEvent(index: number, chance: Chance): Event {
  const maybe = <T>(value: T): T | null => (chance.in(0.5) ? value : null)
  return plainEvent({
    id: `e${index}`,
    user: `user-${index}`,
    kind: chance.pick(['claim', 'redemption']),
    occurredAt: noon + index,
    device: maybe(`device-${index}`),
    ip: maybe(`2408:1:${index + 1}:1:1:1:1:1`),
    codeHash: maybe(`code-${index}`),
    codeTail: maybe(7),
    codeBlock: maybe('block'),
    phone: maybe(`phone-${index}`),
    transferSender: maybe(`sender-${index}`),
    couponType: maybe('top-up'),
    orderAmount: maybe(chance.between(1, 10_000)),
    attempt: chance.pick(['succeeded', 'wrong_code']),
    registeredAt: maybe(noon - chance.between(1, 3) * 20 * 3_600_000),
  })
}

const seed = 20_261_126

it(`reads the same whatever was read before (seed ${seed})`, async () => {
  const chance = seeded(seed)
  const events = Array.from({ length: 250 }, (_, index) => loneEvent(index, chance))
  const observations = inOrder(events).map((placed) => observationOf(placed))
  const known = await newMemoryStore().observe(observations)
  for (const [index, observation] of observations.entries()) {
    const [alone] = await newMemoryStore().observe([observation])
    for (const log of ['user', 'device', 'ip', 'subnet', 'code', 'phone', 'sender'] as const)
      expect(known[index]!.readings![log], `${log} of event ${index}`).toEqual(
        alone!.readings![log],
      )
  }
})
