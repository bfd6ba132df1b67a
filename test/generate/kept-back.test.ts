/**
 * The kinds kept back: nobody meets them unless a mix names them, and what each then does is what
 * its file says. Rerun with `npx vitest run test/generate/kept-back.test.ts`.
 */
import { describe, expect, it } from 'vitest'
import type { CouponEvent } from '../../src/core/schema.gen.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { defaultMix, keptBackKinds, usualKinds } from '../../src/generate/mix.ts'

const startAt = Date.UTC(2026, 2, 1, 16)
const options = { seed: 12, events: 60_000, scenario: 'attack', startAt } as const
const asked = 20

function share<T>(of: readonly T[], is: (one: T) => boolean): number {
  return of.filter(is).length / of.length
}

describe('a default run', () => {
  it('has none of the kinds kept back', () => {
    const kinds = new Set<string>()
    for (const { labels } of generateRows(options)) if (labels.fraud) kinds.add(labels.kind)
    expect(kinds).toEqual(new Set(usualKinds))
  })
})

describe(`a run that names them, seed ${options.seed}`, () => {
  const named = Object.fromEntries(keptBackKinds.map((kind) => [kind, asked]))
  const mix = { ...defaultMix, ...named }
  const rows = [...generateRows({ ...options, mix })]
  const dishonest = rows.filter((row) => row.labels.fraud)
  const eventsOf = (kind: string, style: string) =>
    dishonest
      .filter(({ labels }) => labels.actor!.startsWith(`${kind}-${style}`))
      .map((row) => row.published!)
  const honestUsers = new Set(
    rows.filter((row) => !row.labels.fraud).map((row) => row.published?.user),
  )

  it.each(keptBackKinds)('has about as much of %s as was asked for', (kind) => {
    const part = share(dishonest, (row) => row.labels.kind === kind)
    const wanted = asked / (100 + keptBackKinds.length * asked)
    expect(part).toBeGreaterThan(0.85 * wanted)
    expect(part).toBeLessThan(1.15 * wanted)
  })

  it('has no more dishonest events than any other run, and all the usual kinds', () => {
    expect(dishonest.length / rows.length).toBeGreaterThan(0.02)
    expect(dishonest.length / rows.length).toBeLessThan(0.04)
    const kinds = new Set(dishonest.map((row) => row.labels.kind))
    expect(kinds).toEqual(new Set([...usualKinds, ...keptBackKinds]))
  })

  it.each(keptBackKinds)('has careful ones of %s', (kind) => {
    expect(eventsOf(kind, 'careful').length).toBeGreaterThan(10)
  })

  describe('account-takeover', () => {
    const events = eventsOf('account-takeover', '')
    const users = [...new Set(events.map((event) => event.user))]

    it('uses old accounts, some long unused, some of people who are about', () => {
      for (const { registeredAt } of events) expect(registeredAt).toBeLessThan(startAt)
      const known = share(users, (user) => honestUsers.has(user))
      expect(known).toBeGreaterThan(0.25)
      expect(known).toBeLessThan(0.75)
    })

    it('never shows a device that an honest person shows', () => {
      const honest = rows.filter((row) => !row.labels.fraud && row.labels.kind !== 'malformed')
      const devices = new Set(honest.map((row) => row.published?.deviceFingerprint))
      for (const { deviceFingerprint } of events) expect(devices).not.toContain(deviceFingerprint)
    })

    it('spends nearly all that it claims', () => {
      const claims = events.filter((event) => event.kind === 'claim').length
      expect(events.length - claims).toBeGreaterThan(0.75 * claims)
    })
  })

  describe('top-up-mule', () => {
    const perPhone = (events: readonly CouponEvent[]) => {
      const redeemed = events.filter((event) => event.kind === 'redemption')
      return redeemed.length / new Set(redeemed.map((event) => event.recipientPhone)).size
    }

    it('tops up, from verified accounts, the numbers of many strangers', () => {
      const events = eventsOf('top-up-mule', '')
      for (const event of events) {
        expect(event.campaign).toBe('phone-top-up')
        expect(event.identityVerified).toBe(true)
      }
      const phones = new Set(events.map((event) => event.recipientPhone))
      expect(phones.size).toBeGreaterThan(2 * new Set(events.map((event) => event.user)).size)
    })

    it('splits sales, unless it is careful', () => {
      expect(perPhone(eventsOf('top-up-mule', 'careful'))).toBe(1)
      expect(perPhone(eventsOf('top-up-mule', 'brash'))).toBeGreaterThan(2)
    })
  })
})
