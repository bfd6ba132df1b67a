/**
 * The laws of src/state/signal-store.ts, as one suite for every store. A store that keeps them all
 * can stand in for any other; `openStore` gives an empty one each time.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { Event, Readings } from '../../src/core/schema.gen.ts'
import { dayNames, type LogName, logSpecs } from '../../src/core/signals/readings.ts'
import type { Observed, SignalStore } from '../../src/state/signal-store.ts'
import { holdAgainstOracle } from '../support/held-against.ts'
import { newHistory } from '../support/histories.ts'
import type { Recount } from '../support/oracle.ts'
import { horizonAt, inOrder, observationOf, type Placed } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'
import { repeatLaws } from './laws-of-repeats.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const noon = Date.UTC(2026, 2, 10, 4)

const device = 'c0ffee00c0ffee00c0ffee00c0ffee00'
const redemption = { kind: 'redemption' } as const
const gift = { transferSender: 'grandmother' }

/** One window of each log and span: what an event must name, and the reading that counts it. */
const windows: readonly {
  readonly log: LogName
  readonly reading: string
  readonly spanMs: number
  readonly about: Partial<Event>
}[] = [
  { log: 'user', reading: 'claims_1h', spanMs: hour, about: {} },
  { log: 'user', reading: 'claims_1d', spanMs: day, about: {} },
  { log: 'user', reading: 'claims_7d', spanMs: 7 * day, about: {} },
  { log: 'user', reading: 'redemptions_7d', spanMs: 7 * day, about: redemption },
  { log: 'user', reading: 'gifts_1d', spanMs: day, about: gift },
  { log: 'user', reading: 'failed_1h', spanMs: hour, about: { attempt: 'wrong_code' } },
  { log: 'device', reading: 'claims_10s', spanMs: 10 * second, about: { device } },
  { log: 'device', reading: 'claims_7d', spanMs: 7 * day, about: { device } },
  { log: 'ip', reading: 'events_1m', spanMs: minute, about: { ip: '203.0.113.7' } },
  { log: 'ip', reading: 'events_1d', spanMs: day, about: { ip: '2001:db8::7' } },
  { log: 'subnet', reading: 'events_1h', spanMs: hour, about: { ip: '203.0.113.7' } },
  { log: 'code', reading: 'uses_45d', spanMs: 45 * day, about: { ...redemption, codeHash: 'x' } },
  { log: 'phone', reading: 'top_ups_7d', spanMs: 7 * day, about: { ...redemption, phone: 'p' } },
  { log: 'sender', reading: 'gifts_1h', spanMs: hour, about: gift },
]

/** Entities that an attacker or an accident could make look alike. */
const strangers: readonly (readonly [log: LogName, one: Partial<Event>, other: Partial<Event>])[] =
  [
    ['user', { user: 'a' }, { user: 'b' }],
    ['user', { user: 'ab' }, { user: 'a' }],
    ['user', { user: 'a' }, { user: 'A' }],
    ['user', { user: '用户' }, { user: '用戶' }],
    ['user', { user: '1' }, { user: '01' }],
    ['device', { device }, { device: device.replace('c', 'd') }],
    ['ip', { ip: '203.0.113.7' }, { ip: '203.0.113.70' }],
    ['ip', { ip: '2001:db8::7' }, { ip: '2001:db8::8' }],
    ['subnet', { ip: '203.0.113.7' }, { ip: '203.0.114.7' }],
    ['subnet', { ip: '2001:db8:0:1::7' }, { ip: '2001:db8:0:2::7' }],
    ['code', { codeHash: 'x' }, { codeHash: 'y' }],
    ['phone', { phone: 'p' }, { phone: 'q' }],
    ['sender', { transferSender: 'p' }, { transferSender: 'q' }],
  ]

export function signalStoreLaws(
  name: string,
  openStore: () => Promise<SignalStore>,
  recount: Recount = 'recounts the forgotten',
): void {
  const opened: SignalStore[] = []
  const open = async () => {
    const store = await openStore()
    opened.push(store)
    return store
  }
  const play = async (placed: readonly Placed[], batch = 97, store?: SignalStore) => {
    const into = store ?? (await open())
    const observed: Observed[] = []
    for (let at = 0; at < placed.length; at += batch) {
      const part = placed.slice(at, at + batch).map((one) => observationOf(one))
      observed.push(...(await into.observe(part)))
    }
    return observed
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  describe(`${name} keeps the laws of a signal store`, () => {
    it.each(windows)('1. $log $reading includes the event that asked', async (window) => {
      const [first] = await play(inOrder([event(0, noon, window.about)]))
      expect(readingOf(first!, window)).toBe(1)
    })

    repeatLaws(open, play)

    it.each([11, 12, 13])(
      '2. observing again reads the same or saturated (seed %i)',
      async (seed) => {
        const { placed } = newHistory(seed, 900)
        const store = await open()
        const first = await play(placed, 97, store)
        const { horizon } = placed.at(-1)!
        const again = await play(
          placed.map((one) => ({ ...one, horizon })),
          50,
          store,
        )
        const fresh = placed
          .map((_, index) => index)
          .filter((index) => first[index]!.sighting === 'first')
        for (const index of fresh) expectNoLower(first[index]!, again[index]!, placed[index]!)
      },
    )

    it('2. observing again changes nothing', async () => {
      const { placed } = newHistory(14, 200)
      const { horizon, recordedAt } = placed.at(-1)!
      const now = { horizon, recordedAt: Math.max(recordedAt, horizon + 3 * hour) }
      const next = placed.slice(0, 50).map(({ event }, index) => {
        const occurredAt = now.recordedAt + index
        return {
          ...now,
          event: { ...event, id: `next ${index}`, occurredAt },
          position: 9e6 + index,
        }
      })
      const plain = await play([...placed, ...next])
      const twice = await play([...placed, ...placed.map((one) => ({ ...one, horizon })), ...next])
      expect(twice.slice(-50)).toEqual(plain.slice(-50))
    })

    it.each(windows)('3. $log $reading leaves out what is exactly one span old', async (window) => {
      const { about, spanMs } = window
      const apart = async (ms: number) =>
        (await play(inOrder([event(0, noon, about), event(1, noon + ms, about)])))[1]!
      expect(readingOf(await apart(spanMs), window)).toBe(1)
      expect(readingOf(await apart(spanMs - 1), window)).toBe(2)
    })

    it.each([
      ['exactly 45 days', 45 * day, null],
      ['a millisecond less', 45 * day - 1, 45 * 86_400 - 0.001],
    ])('3. a claim %s before its redemption', async (_, apart, age) => {
      const about = { codeHash: 'x', couponType: 'voucher' }
      const redeems = event(1, noon + apart, { ...about, ...redemption })
      const last = (await play(inOrder([event(0, noon, about), redeems]))).at(-1)!.readings!
      expect(last.user!.claim_age_45d).toBe(age)
      expect(last.code!.claim_age_45d).toBe(age)
    })

    it('4. a late event counts where it belongs and never moves the clock back', async () => {
      const minutes = [0, 30, 90, 20, 95, -25, 100]
      const placed = inOrder(minutes.map((at, index) => event(index, noon + at * minute)))
      const claims = (await play(placed)).map(({ readings }) => readings!.user!.claims_1h)
      //                    0  30 90 20 95 −25 100
      expect(claims).toEqual([1, 2, 1, 2, 2, 1, 3])
    })

    it('4. an event below the horizon is told and not counted', async () => {
      const allowed = noon - horizonAt(noon)
      const placed = inOrder([
        event(0, noon),
        event(1, noon - allowed),
        event(2, noon - allowed - 1),
        event(3, noon),
      ])
      const observed = await play(placed)
      expect(observed.map(({ late }) => late)).toEqual([false, false, true, false])
      expect(observed[2]!.readings!.user).toBeNull()
      expect(observed[3]!.readings!.user!.claims_1d).toBe(3)
    })

    it.each(strangers)('5. one %s never sees the counts of another', async (log, one, other) => {
      const apart = { user: 'own', ...one }
      const noise = Array.from({ length: 5 }, (_, index) =>
        event(index, noon, { user: `noise ${index}`, ...one }),
      )
      const alone = await play(inOrder([event(9, noon, { ...apart, ...other })]))
      const crowded = await play(inOrder([...noise, event(9, noon, { ...apart, ...other })]))
      expect(crowded.at(-1)!.readings![log]).toEqual(alone[0]!.readings![log])
    })

    it.each([21, 22, 23])(
      '6. batches read like their events one by one (seed %i)',
      async (seed) => {
        const { placed } = newHistory(seed, 500)
        const single = await play(placed, 1)
        expect(await play(placed, 500)).toEqual(single)
        expect(await play(placed, 13)).toEqual(single)
      },
    )

    it.each([31, 33])('7. every reading is exact or says saturated (seed %i)', async (seed) => {
      const { found } = await holdAgainstOracle(openStore, { seed, readings: 60_000, recount })
      expect(found).toEqual([])
    })

    it.each(logSpecs)(
      '8. what $name keeps of one entity is bounded',
      async ({ name: log, cap }) => {
        const busy = Array.from({ length: cap + 2 }, (_, index) =>
          event(index, noon + index, everything(log, index)),
        )
        const last = (await play(inOrder(busy))).at(-1)!.readings![log]!
        expect(last.cutAt).toBe(noon)
        for (const [reading, value] of Object.entries(last)) {
          if (reading !== 'cutAt' && !reading.startsWith('amount') && value !== null) {
            expect(value, reading).toBeLessThanOrEqual(cap + 1)
          }
        }
      },
    )

    it.each(windows)('8. nothing of $log $reading outlives its span', async (window) => {
      const many = Array.from({ length: 1200 }, (_, index) =>
        event(index, noon + index, window.about),
      )
      const later = event(1200, noon + 1200 + 45 * day, window.about)
      const last = (await play(inOrder([...many, later]))).at(-1)!
      expect(readingOf(last, window)).toBe(1)
      expect(last.readings![window.log]!.cutAt).toBeNull()
    })

    it('9. a failure rejects the batch, and retrying is safe', async () => {
      const { placed } = newHistory(41, 120)
      const batch = placed.map((one) => observationOf(one))
      const torn = [...batch]
      torn[60] = new Proxy(batch[60]!, {
        get() {
          throw new Error('torn')
        },
      })
      const store = await open()
      await expect(store.observe(torn)).rejects.toThrow('torn')
      const retried = await store.observe(batch)
      const clean = await play(placed)
      for (const [index, { readings }] of clean.entries()) {
        const again = retried[index]!.readings
        if (readings === null || again === null) continue
        for (const { name: log } of logSpecs) expect(again[log]).toEqual(readings[log])
        for (const kind of dayNames) {
          const [total, least] = [again[kind]?.claims_day ?? 0, readings[kind]?.claims_day ?? 0]
          expect(total).toBeGreaterThanOrEqual(least)
        }
      }
      const next = placed.map((one) => moved(one, minute)).map((one) => renamed(one))
      expect(await play(next, 97, store)).toEqual((await play([...placed, ...next])).slice(-120))
    })

    it('10. the store never reads a clock: years ago reads like today', async () => {
      const { placed } = newHistory(51, 400)
      const ago = -20 * 365 * day
      const then = placed.map((one) => moved(one, ago))
      const [now, past] = [await play(placed), await play(then)]
      expect(past.map((one) => withCutsMoved(one, 0))).toEqual(
        now.map((one) => withCutsMoved(one, ago)),
      )
    })

    it('absorbing leaves the store as observing would', async () => {
      const { placed } = newHistory(61, 900)
      const [observing, absorbing] = [await open(), await open()]
      await play(placed.slice(0, 600), 97, observing)
      await absorbing.absorb(placed.slice(0, 600).map((one) => observationOf(one)))
      const rest = placed.slice(600)
      expect(await play(rest, 97, absorbing)).toEqual(await play(rest, 97, observing))
    })
  })
}

function event(number: number, occurredAt: number, about: Partial<Event> = {}): Event {
  return plainEvent({ id: `e${number}`, occurredAt, ...about })
}

/** Events of the one entity of a log whose cap is to be reached; of many users where they may. */
function everything(log: LogName, index: number): Partial<Event> {
  const user = log === 'user' || log === 'returned' ? 'u1' : `u${index}`
  return {
    user,
    device,
    ip: '203.0.113.7',
    codeHash: 'x',
    phone: 'p',
    transferSender: 'grandmother',
  }
}

function readingOf({ readings }: Observed, { log, reading }: { log: LogName; reading: string }) {
  return recordOf(readings!, log)[reading]
}

function recordOf(readings: Readings, log: LogName): Readonly<Record<string, number | null>> {
  return { ...readings[log] }
}

/** Held again, a reading is the same, or it says that something in its window was cut. */
function expectNoLower(first: Observed, again: Observed, { event: { id, occurredAt } }: Placed) {
  // An event that was late, or is forgotten by now, cannot be read at all.
  if (again.readings === null || again.late) return
  for (const { name, readings } of logSpecs) {
    if (first.readings![name] === null) continue
    const [before, now] = [recordOf(first.readings!, name), recordOf(again.readings, name)]
    for (const { name: reading, spanMs, measure } of readings) {
      const reach = measure.kind.startsWith('day-') ? spanMs + hour : spanMs
      const saturated = now.cutAt !== null && occurredAt - reach < now.cutAt!
      if (!saturated) expect(now[reading], `${id} ${name}_${reading}`).toBe(before[reading])
    }
  }
}

function moved(one: Placed, by: number): Placed {
  const { event: what, recordedAt, horizon, position } = one
  const occurredAt = what.occurredAt + by
  const registeredAt = what.registeredAt === null ? null : what.registeredAt + by
  const event = { ...what, occurredAt, registeredAt }
  return { event, recordedAt: recordedAt + by, horizon: horizon + by, position }
}

function renamed(one: Placed): Placed {
  const id = `again ${one.event.id}`
  return { ...one, event: { ...one.event, id }, position: one.position + 1e6 }
}

/** An answer with its cuts moved in time. */
function withCutsMoved(observed: Observed, by: number): unknown {
  if (observed.readings === null) return observed
  const readings = Object.entries(observed.readings).map(([log, values]) => {
    if (values === null || !('cutAt' in values) || values.cutAt === null) return [log, values]
    return [log, { ...values, cutAt: values.cutAt + by }]
  })
  return { ...observed, readings: Object.fromEntries(readings) }
}
