/**
 * The generator's promises: equal seeds, exact counts, order, shares of honesty and of faults,
 * people behind shared addresses, and the rates of redemption of D10. Rerun one with `npx vitest
 * run test/generate/campaign-day.test.ts`; the seeds stand in the table.
 *
 * proves: D10
 */
import { describe, expect, it } from 'vitest'
import { daysFor, generateRows } from '../../src/generate/campaign-day.ts'
import { campaignsFor } from '../../src/generate/campaigns.ts'
import type { GeneratedRow } from '../../src/generate/faults.ts'
import { defaultMix, usualKinds } from '../../src/generate/mix.ts'
import { dayMs, minuteMs } from '../../src/generate/rhythm.ts'

const startAt = Date.UTC(2026, 2, 1, 16)
const attack = { seed: 7, events: 40_000, scenario: 'attack', startAt } as const
const clean = { ...attack, seed: 8, scenario: 'clean' } as const

const share = (rows: readonly GeneratedRow[], of: (row: GeneratedRow) => boolean) =>
  rows.filter(of).length / rows.length
const isReal = (row: GeneratedRow) => row.labels.kind !== 'malformed'

function redemptionRates(rows: readonly GeneratedRow[]): Map<string, number> {
  const counts = new Map<string, { claims: number; redemptions: number }>()
  for (const { published, labels } of rows) {
    if (published === null || published.channel === null || labels.kind === 'malformed') continue
    const count = counts.get(published.channel) ?? { claims: 0, redemptions: 0 }
    counts.set(published.channel, count)
    if (published.kind === 'claim') count.claims += 1
    else if (published.attempt === 'succeeded') count.redemptions += 1
  }
  return new Map([...counts].map(([name, of]) => [name, of.redemptions / of.claims]))
}

describe(`generateRows, seeds ${attack.seed} and ${clean.seed}`, () => {
  const rows = [...generateRows(attack)]
  const honestRows = [...generateRows(clean)]

  it('gives the same rows for the same seed and others for another', () => {
    const some = { ...attack, events: 3_000 }
    const text = JSON.stringify([...generateRows(some)])
    expect(JSON.stringify([...generateRows(some)]) === text).toBe(true)
    expect(JSON.stringify([...generateRows({ ...some, seed: 9 })]) === text).toBe(false)
  })

  it.each([1, 7, 500, 40_000])('gives exactly %i rows', (events) => {
    let count = 0
    for (const _ of generateRows({ ...attack, events })) count += 1
    expect(count).toBe(events)
  })

  it('is in order of record time, and no event is recorded before it happened', () => {
    let last = 0
    for (const row of rows) {
      expect(row.recordedAt).toBeGreaterThanOrEqual(last)
      last = row.recordedAt
      if (row.published !== null && isReal(row)) {
        expect(row.recordedAt).toBeGreaterThan(row.published.occurredAt)
      }
    }
  })

  it('fills the day that it says', () => {
    const real = rows.filter(isReal).map((row) => row.published!.occurredAt)
    expect(Math.min(...real)).toBeGreaterThanOrEqual(startAt)
    const outside = real.filter((at) => at >= startAt + daysFor(attack.events) * dayMs)
    expect(outside.length / real.length).toBeLessThan(0.01)
  })

  it('has 2 to 4 % dishonest events, of every usual kind, and a few careful ones', () => {
    const dishonest = rows.filter((row) => row.labels.fraud)
    expect(dishonest.length / rows.length).toBeGreaterThan(0.02)
    expect(dishonest.length / rows.length).toBeLessThan(0.04)
    expect(new Set(dishonest.map((row) => row.labels.kind))).toEqual(new Set(usualKinds))
    const careful = share(dishonest, (row) => row.labels.actor!.includes('-careful-'))
    expect(careful).toBeGreaterThan(0.035)
    expect(careful).toBeLessThan(0.08)
  })

  it('has nobody dishonest on a clean day', () => {
    expect(honestRows.some((row) => row.labels.fraud)).toBe(false)
    expect(honestRows.some((row) => row.labels.actor !== null)).toBe(false)
  })

  it('passes 5 % of a day’s redemptions in an attack', () => {
    const redeemed = rows.filter(
      ({ published }) => published?.kind === 'redemption' && published.attempt === 'succeeded',
    )
    expect(share(redeemed, (row) => row.labels.fraud)).toBeGreaterThan(0.06)
  })

  it('keeps out the kinds whose share is 0', () => {
    const mix = { ...defaultMix, 'gift-ring': 0, 'code-walker': 0 }
    const kinds = new Set<string>()
    for (const { labels } of generateRows({ ...attack, events: 20_000, mix })) {
      if (labels.fraud) kinds.add(labels.kind)
    }
    const others = usualKinds.filter((kind) => mix[kind] > 0)
    expect(kinds).toEqual(new Set(others))
  })

  const bands = [
    ['group-share', 0.09, 0.15],
    ['offline-scan', 0.23, 0.4],
    ['gift-after-payment', 0.41, 0.67],
  ] as const
  it.each(bands)('redeems %s at %d to %d (D10)', (channel, low, high) => {
    for (const run of [rows, honestRows]) {
      const rate = redemptionRates(run).get(channel)!
      expect(rate).toBeGreaterThan(low)
      expect(rate).toBeLessThan(high)
    }
  })

  it('shows campaigns so often that claim rates lie between those of their channels (D10)', () => {
    const isClaim = (row: GeneratedRow) => isReal(row) && row.published?.kind === 'claim'
    const claims = honestRows.filter(isClaim).map(({ published }) => published!.campaign)
    const rates = campaignsFor(startAt, honestRows.length).map(({ id, exposures }) => {
      return claims.filter((campaign) => campaign === id).length / exposures!
    })
    expect(rates).toHaveLength(8)
    for (const rate of rates) {
      expect(rate).toBeGreaterThan(0.07)
      expect(rate).toBeLessThan(0.7)
    }
  })
})

describe('the wire, seed 11', () => {
  const rows = [...generateRows({ ...attack, seed: 11, events: 60_000 })]

  it('brings some events late, fewer very late, and most within two seconds', () => {
    const delays = rows
      .filter((row) => row.published !== null && isReal(row))
      .map((row) => row.recordedAt - row.published!.occurredAt)
    const between = (low: number, high: number) =>
      delays.filter((delay) => delay >= low * minuteMs && delay <= high * minuteMs).length /
      delays.length
    expect(delays.filter((delay) => delay < 2_000).length / delays.length).toBeGreaterThan(0.96)
    expect(between(15, 30)).toBeGreaterThan(0.01)
    expect(between(15, 30)).toBeLessThan(0.03)
    expect(between(30, 101)).toBeGreaterThan(0)
    expect(between(30, 101)).toBeLessThan(0.002)
    expect(between(101, 1e9)).toBe(0)
  })

  it('repeats some events and changes a few of the repeats', () => {
    const seen = new Map<string, string>()
    let [repeated, conflicting] = [0, 0]
    for (const { published } of rows) {
      if (published === null) continue
      const key = `${published.user} ${published.id}`
      const content = JSON.stringify(published)
      const before = seen.get(key)
      if (before === content) repeated += 1
      else if (before !== undefined) conflicting += 1
      seen.set(key, before ?? content)
    }
    expect(repeated / rows.length).toBeGreaterThan(0.003)
    expect(repeated / rows.length).toBeLessThan(0.007)
    expect(conflicting / rows.length).toBeGreaterThan(0.0002)
    expect(conflicting / rows.length).toBeLessThan(0.001)
  })

  it('breaks a few messages and misdates a few events', () => {
    const broken = share(rows, (row) => row.bytes !== null)
    expect(broken).toBeGreaterThan(0.0002)
    expect(broken).toBeLessThan(0.001)
    const misdated = rows.filter(({ published, recordedAt }) => {
      if (published === null) return false
      const ahead = published.occurredAt - recordedAt
      return ahead > 5 * minuteMs || ahead < -7 * dayMs
    })
    expect(misdated.length).toBeGreaterThan(0)
    expect(misdated.length / rows.length).toBeLessThan(0.0005)
    for (const row of misdated) expect(row.labels.kind).toBe('malformed')
    for (const row of rows) expect(row.bytes === null).toBe(row.published !== null)
  })
})

describe(`the people, seed ${clean.seed}`, () => {
  it('share addresses by the thousand, on a campus and behind a carrier', {
    timeout: 60_000,
  }, () => {
    const usersOf = new Map<string, Set<string>>()
    const patterns = new Map<string, number>()
    const users = new Set<string>()
    let v6 = 0
    for (const { published, labels } of generateRows({ ...clean, events: 300_000 })) {
      if (published === null || published.ip === null) continue
      users.add(published.user)
      patterns.set(labels.kind, (patterns.get(labels.kind) ?? 0) + 1)
      if (published.ip.includes(':')) v6 += 1
      const of = usersOf.get(published.ip) ?? new Set()
      usersOf.set(published.ip, of.add(published.user))
    }
    const busiest = [...usersOf.values()].map((of) => of.size).sort((a, b) => b - a)
    expect(busiest[0]).toBeGreaterThan(1_500)
    expect(busiest.filter((size) => size > 1_000).length).toBeGreaterThan(20)
    expect(users.size).toBeGreaterThan(60_000)
    expect(v6 / 300_000).toBeGreaterThan(0.15)
    for (const kind of ['student', 'employee', 'newcomer', 'collector', 'vpn-user', 'web-user']) {
      expect(patterns.get(kind)).toBeGreaterThan(0)
    }
  })

  it('send at most five gifts to each other in a day', () => {
    const gifts = new Map<string, number>()
    for (const { published } of generateRows(clean)) {
      if (published === null || published.kind !== 'claim') continue
      if (published.transferSender === null) continue
      const day = Math.floor((published.occurredAt - startAt) / dayMs)
      const key = `${published.transferSender} ${day} ${published.transferId}`
      gifts.set(key, 1)
    }
    const perSender = new Map<string, number>()
    for (const key of gifts.keys()) {
      const sender = key.split(' ').slice(0, 2).join(' ')
      perSender.set(sender, (perSender.get(sender) ?? 0) + 1)
    }
    expect(gifts.size).toBeGreaterThan(100)
    expect(Math.max(...perSender.values())).toBeLessThanOrEqual(5)
    expect(Math.max(...perSender.values())).toBeGreaterThanOrEqual(3)
  })
})
