/** What is still to come of a day, and how campaigns do: what holds on every database. */
import { describe, expect, test } from 'vitest'
import { beginAnew } from '../../src/console/projection/begin-anew.ts'
import { migrate } from '../../src/console/store/migrate.ts'
import { dropOld } from '../../src/console/store/retention.ts'
import type { Audit, Campaign, Peak } from '../../src/core/schema.gen.ts'
import { makeUserReadings } from '../../src/core/signals/readings.gen.ts'
import { logSpecs } from '../../src/core/signals/readings.ts'
import { newConsole, type OpenStore, type TestConsole } from './a-console.ts'
import { type About, aCase, startAt } from './an-audit.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight of 1 March 2026 in Shanghai; `startAt` is noon. */
const midnight = startAt - 12 * hourMs

const campaignOf = (id: string, announcedPeaks: readonly Peak[] = []): Campaign => ({
  ...{ id, category: null, stock: null, exposures: null, stores: [], tiers: [] },
  ...{ validFrom: null, validTo: null, officialDomains: [], identityRequired: null },
  ...{ transferHopsMax: null, announcedPeaks },
})

function redemption(n: number, occurredAt: number, event: About['event'] = {}) {
  return aCase(n, 'allow', { event: { kind: 'redemption', occurredAt, ...event } })
}

/** A redemption each hour of the given ones, each of which then counts as so many. */
async function hoursOf(console: TestConsole, hours: readonly number[], times: number) {
  await console.take(hours.map((hour) => redemption(2_000 + hour, midnight + hour * hourMs)))
  await console.store.query(
    `UPDATE scope_points SET redemptions = redemptions * ${times} WHERE scope = 'all'`,
  )
}
/** With so many redemptions of its user in the last week, itself included. */
function nth(count: number, { inputs, ...audit }: Audit): Audit {
  const user = makeUserReadings(
    Float64Array.from(userLog.readings, ({ name }) => (name === 'redemptions_7d' ? count : 0)),
    null,
  )
  return { ...audit, inputs: { ...inputs, readings: { ...inputs.readings, user } } }
}
const userLog = logSpecs.find(({ name }) => name === 'user')!

const allDay = (day: number) => Array.from({ length: 24 }, (_, hour) => day * 24 + hour)
const noticeOf = async ({ call }: TestConsole) => (await call('showOverview', { query: {} })).notice

export function peaksSuite(open: OpenStore): void {
  describe('notice of a day above 100,000 redemptions', () => {
    const lunch = { from: startAt + hourMs, to: startAt + 2 * hourMs }
    const morning = { from: startAt - 3 * hourMs, to: startAt - 2 * hourMs }
    const tomorrow = { from: midnight + dayMs, to: midnight + dayMs + 1 }
    const overNight = { from: midnight - hourMs, to: midnight + hourMs }
    // A redemption at each full hour until noon; the pace is that of 11:00 to 12:00:00.1.
    test.each([
      ['quiet', 2_000, [lunch], ['quiet', 1]],
      ['on course, unannounced', 5_000, [], ['unannounced', 0]],
      ['on course, announced', 5_000, [lunch], ['announced', 1]],
      ['on course, announced for an hour that is over', 5_000, [morning], ['announced', 1]],
      ['on course, announced for tomorrow', 5_000, [tomorrow], ['unannounced', 0]],
      ['on course, announced until this morning', 5_000, [overNight], ['unannounced', 0]],
      ['past, unannounced', 10_000, [], ['past', 0]],
      ['past, announced', 10_000, [lunch], ['past', 1]],
    ] as const)('%s', async (_, times, peaks, [state, announced]) => {
      const console = await newConsole(await open())
      console.engine.campaigns.set('c1', campaignOf('c1', peaks))
      await hoursOf(console, allDay(0).slice(0, 13), times)
      const notice = await noticeOf(console)
      expect(notice).toMatchObject({ day: 20260301, redemptions: 13 * times, state })
      expect([notice?.basis, notice?.days, notice?.busiest]).toEqual(['pace', 0, null])
      expect(notice?.announced).toHaveLength(announced)
      // Those of 11:00 and 12:00, for twelve hours.
      expect(notice?.forecast).toBeCloseTo((13 + 2 * 12) * times, -2)
    })

    test('goes by the days before, but for the very first', async () => {
      const console = await newConsole(await open())
      await hoursOf(console, [...allDay(-1).slice(6), ...allDay(0).slice(0, 13)], 1_000)
      expect(await noticeOf(console)).toMatchObject({ basis: 'pace', days: 0 })
      await hoursOf(console, [-47, -40, -25], 1)
      const notice = await noticeOf(console)
      expect(notice).toMatchObject({ state: 'quiet', basis: 'days', days: 1 })
      // So far 13,000, where the day before had 6,000 by noon and 12,000 after.
      expect(notice?.forecast).toBeCloseTo(13_000 + (12_000 * 13_900) / 6_900, -1)
      expect(notice?.busiest).toEqual({ from: startAt, redemptions: 1_000 })
    })

    test('goes by no day of which only late events tell', async () => {
      const console = await newConsole(await open())
      await hoursOf(console, allDay(0).slice(0, 13), 1_000)
      const before = await noticeOf(console)
      expect(before).toMatchObject({ state: 'quiet', basis: 'pace' })
      const recordedAt = startAt + 100
      const late = [4, 3].map((days) => redemption(days, midnight - days * dayMs + 23 * hourMs))
      await console.take(
        late.map((one) => ({ ...one, recordedAt, decision: { ...one.decision, recordedAt } })),
      )
      expect(await noticeOf(console)).toEqual(before)
    })

    test('peaks to come first, also of a campaign without an event', async () => {
      const console = await newConsole(await open())
      const later = { from: lunch.from + hourMs, to: lunch.to + hourMs }
      console.engine.campaigns.set('c1', campaignOf('c1', [later, lunch, morning, tomorrow]))
      console.engine.campaigns.set('other', campaignOf('other', [later]))
      await hoursOf(console, [11, 12], 1)
      const { notice, campaigns } = await console.call('showOverview', { query: {} })
      expect(notice?.announced).toEqual([
        { campaign: 'c1', ...morning },
        { campaign: 'c1', ...lunch },
        { campaign: 'c1', ...later },
        { campaign: 'other', ...later },
      ])
      expect(campaigns).toMatchObject([{ campaign: 'c1', nextPeak: lunch }])
    })

    test('none before the first event', async () => {
      expect(await noticeOf(await newConsole(await open()))).toBeNull()
    })
  })

  describe('the measures of a campaign', () => {
    const claims = Array.from({ length: 12 }, (_, n) =>
      aCase(100 + n, 'allow', { event: { occurredAt: startAt + n * 0.25 * hourMs } }),
    )
    const of = (user: string, hour: number, before: number) =>
      nth(before + 1, redemption(200 + hour * 10, startAt + hour * hourMs, { user }))
    const redemptions = [
      ...[of('ann', 0, 0), of('ann', 2, 1), of('ann', 3, 2)],
      ...[of('ben', 0.5, 0), of('ben', 1.5, 1), of('cat', 1, 0)],
    ]
    const seen = async (campaign: Campaign) => {
      const { call, take, engine } = await newConsole(await open())
      engine.campaigns.set('c1', campaign)
      await take(claims)
      for (const one of redemptions) await take([one])
      const { asOf, campaigns } = await call('showOverview', { query: {} })
      return { asOf, ...campaigns[0]! }
    }

    test('rates, the interval to the second redemption, and when its stock ends', async () => {
      const told = await seen({ ...campaignOf('c1'), exposures: 48, stock: 20 })
      expect(told).toMatchObject({ claims: 12, claimRate: 0.25, stockLeft: 8 })
      expect(told).toMatchObject({ redemptions: 6, redemptionRate: 0.5 })
      // Two hours and one; the third of Ann’s is no second one.
      expect(told.secondRedemptionMs).toBe(1.5 * hourMs)
      // The hour before the last event had three claims.
      expect(told.stockEndsAt).toBe(Math.round(told.asOf! + (8 / 3) * hourMs))
    })

    test('are unknown where the platform does not tell what they are made of', async () => {
      const told = await seen(campaignOf('c1'))
      expect(told).toMatchObject({ claims: 12, redemptionRate: 0.5 })
      expect(told).toMatchObject({ claimRate: null, stockLeft: null, stockEndsAt: null })
    })
  })

  describe('the return of a campaign', () => {
    const paid = (orderAmount: number | null, couponAmount: number | null, currency = 'CNY') => ({
      ...{ orderAmount, couponAmount, currency },
    })
    const audits = [
      redemption(1, startAt, paid(9_000, 1_000)),
      redemption(2, startAt, paid(3_000, 3_000)),
      redemption(3, startAt - dayMs, paid(4_000, 0)),
      redemption(4, startAt, paid(500, 0, 'HKD')),
      redemption(5, startAt, { ...paid(70_000, 10), attempt: 'wrong_code' }),
      redemption(6, startAt, paid(70_000, null)),
      redemption(7, startAt, paid(null, 70_000)),
      aCase(8, 'block', { event: { kind: 'redemption', ...paid(70_000, 10) } }),
      aCase(9, 'allow', { event: { kind: 'claim', ...paid(70_000, 10) } }),
      aCase(10, 'review', { event: { kind: 'redemption', ...paid(0, 0, 'no currency') } }),
      redemption(11, startAt, { campaign: 'c2' }),
      aCase(12, 'allow', { event: { kind: 'reversal', ...paid(9_000, 1_000) } }),
    ]
    const moneyRows = ({ store }: TestConsole) =>
      store.query('SELECT * FROM campaign_money ORDER BY scope, day, currency')

    test('counts orders and coupons of what was redeemed and not blocked', async () => {
      const { call, take } = await newConsole(await open())
      await take(audits)
      const { campaigns } = await call('showOverview', { query: {} })
      const returns = new Map(campaigns.map((one) => [one.campaign, one.returns]))
      expect(returns.get('c1')).toEqual([
        { currency: 'CNY', redemptions: 3, orders: 16_000, coupons: 4_000, ratio: 4 },
        { currency: 'HKD', redemptions: 1, orders: 500, coupons: 0, ratio: null },
        { currency: null, redemptions: 1, orders: 0, coupons: 0, ratio: null },
      ])
      expect(returns.get('c2')).toEqual([])
    })

    test('is the same when all is filled anew, and is kept for 400 days', async () => {
      const console = await newConsole(await open())
      for (const audit of audits) await console.take([audit])
      const before = await moneyRows(console)
      expect(before).toHaveLength(4)
      await beginAnew(console.store)
      expect(await moneyRows(console)).toEqual([])
      const topic = 'risk.audit'
      await console.projection.take({ topic, partition: 0, next: 99, records: audits })
      await console.projection.take({ topic, partition: 0, next: 99, records: audits })
      expect(await moneyRows(console)).toEqual(before)
      await dropOld(console.store, startAt + 399 * dayMs)
      expect(await moneyRows(console)).toEqual(before)
      await dropOld(console.store, startAt + 401 * dayMs)
      expect(await moneyRows(console)).toEqual([])
    })

    test('sums end at 2^53 - 1, and nothing fails', async () => {
      const console = await newConsole(await open())
      await console.take([redemption(1, startAt, paid(1e13, 1e13))])
      await console.store.query('UPDATE campaign_money SET orders = 9007199254740000')
      await console.take([redemption(2, startAt, paid(1e13, 1e13))])
      await console.take([redemption(3, startAt + dayMs, paid(1e13, 0))])
      const { campaigns } = await console.call('showOverview', { query: {} })
      expect(campaigns[0]?.returns).toMatchObject([
        { redemptions: 3, orders: Number.MAX_SAFE_INTEGER, coupons: 2e13 },
      ])
    })

    test('is unknown, not nothing, for the days of an older database', async () => {
      const console = await newConsole(await open())
      await console.take(audits)
      await console.store.query(`DROP TABLE campaign_money;
        DELETE FROM migrations WHERE name = '0008-campaign-money.sql'`)
      expect(await migrate(console.store)).toEqual(['0008-campaign-money.sql'])
      const seen = async () => {
        const { campaigns } = await console.call('showOverview', { query: {} })
        const c1 = campaigns.find(({ campaign }) => campaign === 'c1')
        return [c1?.redemptions, c1?.returns.map(({ redemptions, ratio }) => [redemptions, ratio])]
      }
      expect(await seen()).toEqual([8, []])
      await console.take([redemption(20, startAt + hourMs, paid(600, 200))])
      expect(await seen()).toEqual([9, [[1, 3]]])
    })
  })
}
