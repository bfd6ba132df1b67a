/**
 * What a dishonest sender may try against the windows: forged dates, crafted ids, spam that fills
 * a log to hide others, floods of entities and names. A window may answer `saturated`; it must
 * never be silently low.
 *
 * proves: D22
 */
import { describe, expect, it } from 'vitest'
import { zoneTable } from '../../src/config/zone-table.ts'
import { decodeEvent, timeRejection } from '../../src/core/event/decode.ts'
import { publishedFromJson } from '../../src/core/event/decode-json.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { Event } from '../../src/core/schema.gen.ts'
import { catalogue, signalIndex } from '../../src/core/signals/catalogue.ts'
import { deriveSignals } from '../../src/core/signals/derive.ts'
import { dayScopesMax, logSpecs } from '../../src/core/signals/readings.ts'
import { absent, atLeast, exact, newSignalRow, unknown } from '../../src/core/signals/row.ts'
import { DayCounters } from '../../src/state/day-counters.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import type { Observed, SignalStore } from '../../src/state/signal-store.ts'
import { horizonAt, inOrder, observationOf, type Placed, shanghai } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const noon = Date.UTC(2026, 2, 10, 4)
const device = 'c0ffee00c0ffee00c0ffee00c0ffee00'

function event(number: number | string, occurredAt: number, about: Partial<Event> = {}): Event {
  return plainEvent({ id: `e${number}`, occurredAt, ...about })
}

const observe = (store: SignalStore, placed: readonly Placed[]) =>
  store.observe(placed.map((one) => observationOf(one)))

/** All placed at one record time, as a burst is. */
function atOnce(events: readonly Event[], recordedAt: number, firstPosition: number): Placed[] {
  const horizon = horizonAt(recordedAt)
  return events.map((one, index) => ({
    event: one,
    recordedAt,
    horizon,
    position: firstPosition + index,
  }))
}

const times = (count: number, make: (index: number) => Event) =>
  Array.from({ length: count }, (_, i) => make(i))

/** How far rules may trust a signal of an event. */
function stateOf(signal: string, what: Event, { readings, late, repeatsSaturated }: Observed) {
  const row = newSignalRow(catalogue.length)
  const facts = { lists: [], address: null, campaign: null, alerts: [] }
  const inputs = { readings: readings!, ...facts, switch: 'none' as const, late, repeatsSaturated }
  deriveSignals(what, inputs, shanghai, row)
  const at = signalIndex.get(signal)!
  return { state: row.states[at], value: row.numbers[at] }
}

describe('forged dates', () => {
  it.each([
    ['five minutes ahead', 5 * minute, null],
    ['a millisecond further ahead', 5 * minute + 1, 'future-time'],
    ['a year ahead', 365 * day, 'future-time'],
    ['seven days behind', -7 * day, null],
    ['a millisecond further behind', -7 * day - 1, 'stale-time'],
    ['in 1970', -noon, 'stale-time'],
  ])('%s', (_, apart, reason) => {
    expect(timeRejection(noon + apart, noon)?.reason ?? null).toBe(reason)
  })

  it.each([
    ['6 days and 23 hours behind', -7 * day + hour, true],
    ['a millisecond below the horizon', horizonAt(noon) - noon - 1, true],
    ['at the horizon', horizonAt(noon) - noon, false],
    ['a millisecond above the horizon', horizonAt(noon) - noon + 1, false],
    ['4 min 59 s ahead', 5 * minute - second, false],
  ])('%s: late and doubtful, or counted', async (_, apart, late) => {
    const store = newMemoryStore()
    const forged = event('forged', noon + apart)
    const now = event('now', noon)
    const later = event('later', noon + 6 * minute)
    const [first, second] = await observe(store, atOnce([forged, now], noon, 0))
    const [third] = await observe(store, atOnce([later], noon + 6 * minute, 2))
    expect(first!.late).toBe(late)
    expect(stateOf('user_claims_1d', forged, first!).state).toBe(late ? unknown : exact)
    // Ahead of its time it is not yet in the window of now, and is there when its time has come.
    expect(second!.readings!.user!.claims_1d).toBe(late || apart > 0 ? 1 : 2)
    expect(third!.readings!.user!.claims_1d).toBe(late ? 2 : 3)
  })

  it('cannot push honest events out of a log unseen', async () => {
    const store = newMemoryStore()
    const honest = times(20, (index) => event(`honest ${index}`, noon + index, { device }))
    await observe(store, atOnce(honest, noon, 0))
    const forged = times(400, (index) =>
      event(`forged ${index}`, noon + 5 * minute - second, { user: `f${index}`, device }),
    )
    await observe(store, atOnce(forged, noon, 100))
    const asks = event('asks', noon + second, { device })
    const [asked] = await observe(store, atOnce([asks], noon + second, 1_000))
    expect(asked!.readings!.device!.claims_1h).toBeLessThan(21)
    expect(stateOf('device_claims_1h', asks, asked!).state).toBe(atLeast)
    expect(stateOf('device_claims_10s', asks, asked!).state).toBe(atLeast)
  })

  it('dated back, cannot push newer events out: those that go are its own', async () => {
    const store = newMemoryStore()
    await observe(
      store,
      atOnce(
        times(200, (i) => event(`honest ${i}`, noon + i, { device })),
        noon,
        0,
      ),
    )
    const back = times(5_000, (i) => event(`back ${i}`, noon - 2 * hour, { user: `f${i}`, device }))
    await observe(store, atOnce(back, noon, 1_000))
    const asks = event('asks', noon + second, { device })
    const [asked] = await observe(store, atOnce([asks], noon + second, 9_000))
    expect(stateOf('device_claims_1h', asks, asked!)).toEqual({ state: exact, value: 201 })
    expect(stateOf('device_claims_1d', asks, asked!).state).toBe(atLeast)
  })
})

describe('crafted ids', () => {
  const keys = deriveKeys(new Uint8Array(32).fill(7))
  const published = (user: string, id: string) =>
    publishedFromJson({ user, id, kind: 'claim', occurredAt: noon, campaign: 'c' })

  it.each([
    ['the same id of two users', ['a', '1'], ['b', '1']],
    ['user and id glued together', ['ab', 'c'], ['a', 'bc']],
    ['with the separator of lengths', ['1:a', '1'], ['1', ':a1']],
    ['with an empty look', ['a ', ' b'], ['a', '  b']],
    ['equal but for Unicode form', ['é', '1'], ['e\u0301', '1']],
    ['equal but for a pair of surrogates', ['a', '😀'], ['a', '😁']],
    ['with NUL, had it got past decoding', ['a\u0000', 'b'], ['a', '\u0000b']],
    ['with lone surrogates, had they got past decoding', ['a', '\ud83d'], ['a', '\ud83e']],
  ])('%s: never taken for a repeat', async (_, one, other) => {
    const ip = '203.0.113.7'
    const events = [one, other].map(([user, id]) =>
      plainEvent({ user: user!, id: id!, ip, occurredAt: noon }),
    )
    const observed = await observe(newMemoryStore(), inOrder(events))
    expect(observed.map(({ sighting }) => sighting)).toEqual(['first', 'first'])
    expect(observed[1]!.readings!.ip!.events_1d).toBe(2)
  })

  it.each([
    ['NUL in the id', 'a', '\u0000b'],
    ['NUL in the user', 'a\u0000', 'b'],
    ['a lone surrogate', 'a', '\ud83d'],
    ['an empty id', 'a', ''],
  ])('%s does not get past decoding', (_, user, id) => {
    const text = published(user, id)
    const kept = 'rejected' in text ? text : decodeEvent(text, keys)
    expect('rejected' in kept && kept.rejected).toBe(true)
  })
})

describe('spam that hides others', () => {
  it.each([
    ['device', { device }, 'device_claims_1d'],
    ['ip', { ip: '203.0.113.7' }, 'ip_events_1d'],
    ['subnet', { ip: '203.0.113.7' }, 'subnet_events_1d'],
    ['phone', { phone: 'p', kind: 'redemption' }, 'phone_top_ups_1d'],
    ['code', { codeHash: 'x', kind: 'redemption' }, 'code_uses_45d'],
    ['sender', { transferSender: 's' }, 'sender_recipients_1d'],
  ] as const)('on one %s: the victim reads saturated, not low', async (log, about, signal) => {
    const store = newMemoryStore()
    const { cap } = logSpecs.find(({ name }) => name === log)!
    const spam = times(cap + 500, (i) => event(`spam ${i}`, noon + i, { user: `s${i}`, ...about }))
    await observe(store, inOrder(spam))
    const victim = event('victim', noon + 10 * minute, { ...about })
    const [asked] = await observe(store, atOnce([victim], noon + 10 * minute, 9_000))
    const { state, value } = stateOf(signal, victim, asked!)
    expect(state).toBe(atLeast)
    expect(value).toBe(cap + 1)
  })

  it('of the claim behind a redemption: doubt, not absence', async () => {
    const coupon = { codeHash: 'x', couponType: 'voucher' }
    const claim = event('claim', noon, { ...coupon, device })
    const spam = times(300, (i) =>
      event(`spam ${i}`, noon + 1 + i, { attempt: 'wrong_code', codeHash: 'x' }),
    )
    const redeems = event('redeems', noon + minute, { ...coupon, kind: 'redemption' })
    const store = newMemoryStore()
    await observe(store, inOrder([claim, ...spam]))
    const [asked] = await observe(store, atOnce([redeems], noon + minute, 9_000))
    for (const signal of ['user_claim_age_45d', 'code_claim_age_45d', 'code_claim_same_user_45d']) {
      expect(stateOf(signal, redeems, asked!).state, signal).toBe(unknown)
    }
    const [plain] = await observe(newMemoryStore(), inOrder([redeems]))
    expect(stateOf('user_claim_age_45d', redeems, plain!).state).toBe(absent)
  })

  it('of a clockwork script: its last gaps are exact though its log is full', async () => {
    const ticks = times(700, (i) =>
      event(`tick ${i}`, noon + i * minute, { user: `u${i}`, device }),
    )
    const last = (await observe(newMemoryStore(), inOrder(ticks))).at(-1)!
    expect(last.readings!.device!.cutAt).not.toBeNull()
    expect(stateOf('device_gap_cv_1d', ticks.at(-1)!, last)).toEqual({ state: exact, value: 0 })
    expect(stateOf('device_gap_mean_1d', ticks.at(-1)!, last)).toEqual({ state: exact, value: 60 })
  })

  it('by transfers that a user takes: the circle is saturated, not hidden', async () => {
    const store = newMemoryStore()
    const sent = event('sent', noon, { user: 'partner', transferSender: 'u1' })
    const taken = times(400, (i) => event(`taken ${i}`, noon + 1 + i, { transferSender: `s${i}` }))
    await observe(store, inOrder([sent, ...taken]))
    const back = event('back', noon + minute, { transferSender: 'partner' })
    const [asked] = await observe(store, atOnce([back], noon + minute, 9_000))
    expect(stateOf('returned_gifts_7d', back, asked!)).toEqual({ state: atLeast, value: 0 })
  })

  it('on a day of 25 hours: what was cut in its first hour still counts as cut', async () => {
    const newYork = zoneTable('America/New_York')
    const dayStart = Date.UTC(2026, 10, 1, 4)
    const store = newMemoryStore()
    const gifts = times(300, (i) =>
      event(`g${i}`, dayStart + i, { user: `u${i}`, transferSender: 's' }),
    )
    const asks = event('asks', dayStart + 24.5 * hour, { transferSender: 's' })
    const placed = inOrder([...gifts, asks]).map((one) => observationOf(one, newYork))
    const last = (await store.observe(placed)).at(-1)!
    expect(last.readings!.sender!.gifts_day).toBe(257)
    expect(stateOf('sender_gifts_day', asks, last).state).toBe(atLeast)
  })
})

describe('a flood of entities against the memory bound', () => {
  it('is bounded, and who was forgotten comes back saturated', async () => {
    const bytesMax = 16 * 2 ** 20
    const [bounded, whole] = [newMemoryStore({ bytesMax }), newMemoryStore()]
    const victims = times(40, (i) =>
      event(`v${i}`, noon + i, { user: `victim ${i % 4}`, device, ip: '203.0.113.7' }),
    )
    for (const store of [bounded, whole]) await observe(store, inOrder(victims))
    for (let round = 0; round < 30; round += 1) {
      const at = noon + minute + round * second
      const flood = times(2_000, (i) =>
        event(`f${i}`, at, {
          user: `flood ${round} ${i}`,
          device: `${round} ${i}`,
          ip: `10.${round}.${i >> 8}.${i & 255}`,
        }),
      )
      const batch = atOnce(flood, at, 1_000 + round * 2_000).map((one) => observationOf(one))
      await bounded.observe(batch)
      await whole.absorb(batch)
      expect(bounded.size().bytes).toBeLessThanOrEqual(bytesMax)
    }
    const back = times(4, (i) =>
      event(`back ${i}`, noon + 5 * minute, { user: `victim ${i}`, device, ip: '203.0.113.7' }),
    )
    const placed = atOnce(back, noon + 5 * minute, 900_000)
    const [low, truth] = [await observe(bounded, placed), await observe(whole, placed)]
    let saturated = 0
    for (const [index, one] of low.entries()) {
      for (const { name, readings } of logSpecs) {
        for (const reading of readings) {
          const signal = `${name}_${reading.name}`
          const known = stateOf(signal, back[index]!, one)
          if (known.state === atLeast || known.state === unknown) saturated += 1
          else
            expect({ signal, ...known }).toEqual({
              signal,
              ...stateOf(signal, back[index]!, truth[index]!),
            })
        }
      }
    }
    expect(saturated).toBeGreaterThan(0)
    // Nor could a repeat of a forgotten id be told: that is said too.
    expect(low.every(({ repeatsSaturated }) => repeatsSaturated)).toBe(true)
  }, 30_000)
})

describe('spam that pushes the redemptions of the day out of a user’s log', () => {
  const paid = (number: number, at: number) =>
    event(`paid${number}`, at, { kind: 'redemption', orderAmount: 100_000 })
  const spam = (from: number) => times(300, (index) => event(from + index, noon + index * second))
  const history = inOrder([
    ...times(40, (index) => paid(index, noon - hour + index)),
    ...spam(0),
    paid(40, noon + hour),
    ...spam(1_000),
    paid(41, noon + 2 * hour),
  ])

  it('hides nothing of the day’s money, whose limit is crossed exactly once', async () => {
    const observed = await observe(newMemoryStore(), history)
    const money = observed.map(({ readings }) => readings!.user!.amount_day)
    expect(money.at(-1)).toBe(42 * 100_000)
    expect(money.filter((amount, index) => amount < (money[index - 1] ?? 0))).toEqual([])
    const limit = 4_100_000
    const crossings = history.filter(
      ({ event: one }, index) =>
        money[index]! >= limit && money[index]! - (one.orderAmount ?? 0) < limit,
    )
    expect(crossings.map(({ event: one }) => one.id)).toEqual(['epaid40'])
  })

  it('reads the same when it comes again', async () => {
    const store = newMemoryStore()
    const [first] = [await observe(store, history)]
    const again = await observe(store, history.slice(-1))
    expect(again[0]!.readings!.user!.amount_day).toBe(first.at(-1)!.readings!.user!.amount_day)
  })
})

describe('more events of a user than ids are remembered', () => {
  const many = inOrder(times(1_100, (index) => event(index, noon + index * minute)))

  it('says so from the event on that was one too many', async () => {
    const observed = await observe(newMemoryStore(), many)
    expect(observed.findIndex(({ repeatsSaturated }) => repeatsSaturated)).toBe(1_024)
    expect(observed.at(-1)!.repeatsSaturated).toBe(true)
  })

  it('a repeat whose id is forgotten is never a plain first one', async () => {
    const store = newMemoryStore()
    await observe(store, many)
    const { recordedAt, horizon } = many.at(-1)!
    const repeats = many
      .slice(0, 60)
      .map((one, i) => ({ ...one, recordedAt, horizon, position: 9_000 + i }))
    const again = await observe(store, repeats)
    expect(
      again.every(({ sighting, repeatsSaturated }) => sighting === 'duplicate' || repeatsSaturated),
    ).toBe(true)
    expect(again.some(({ sighting }) => sighting === 'first')).toBe(true)
  })

  it('one record time for all of them does not keep day totals low', async () => {
    const burst = times(3_000, (index) => event(index, noon + index, { channel: 'group-share' }))
    const observed = await observe(newMemoryStore(), atOnce(burst, noon, 0))
    expect(observed.at(-1)!.readings!.channel!.claims_day).toBe(3_000)
  })
})

describe('a million campaign names in a day', () => {
  it('share a bounded number of counters', () => {
    const days = new DayCounters()
    const template = observationOf(inOrder([event(0, noon)])[0]!)
    const claim = (campaign: string) =>
      days.read(
        { ...template, scopes: { campaign, merchant: null, category: null, channel: null } },
        true,
      )
    expect(claim('honest').campaign!.claims_day).toBe(1)
    for (let name = 1; name < 1_000_000; name += 1) claim(`made up ${name}`)
    expect(claim('honest').campaign!.claims_day).toBe(2)
    // All names past the bound read what they have in common: never less than their own.
    expect(claim('made up 999999').campaign!.claims_day).toBe(1_000_000 - dayScopesMax + 1)
  })

  it('a day that is no longer kept has no total rather than a low one', () => {
    const days = new DayCounters()
    const on = (at: number) => days.read(observationOf(inOrder([event(0, at)])[0]!), true).campaign
    expect(on(noon)).toEqual({ claims_day: 1, redemptions_day: 0 })
    expect(on(noon + 8 * day)).not.toBeNull()
    expect(on(noon)).toEqual({ claims_day: 2, redemptions_day: 0 })
    expect(on(noon + 9 * day)).not.toBeNull()
    expect(on(noon)).toBeNull()
  })
})
