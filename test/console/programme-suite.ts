/** What the console shows beside cases, and verdicts on many: what holds on every database. */
import { describe, expect, test } from 'vitest'
import { dropOld } from '../../src/console/store/retention.ts'
import type { DeadLetter } from '../../src/core/schema.gen.ts'
import { ann, bob, lea, newConsole, type OpenStore } from './a-console.ts'
import { anAlert } from './an-alert.ts'
import { aCase, anAudit, startAt } from './an-audit.ts'

const keyOf = (audit: ReturnType<typeof aCase>) => audit.decision.eventKey

const letterOf = (offset: number, about: Partial<DeadLetter> = {}): DeadLetter => ({
  reason: 'not-json',
  detail: 'at 1: no value',
  bytes: new TextEncoder().encode('{"user":<b>\0'),
  sha256: 'a'.repeat(64),
  source: 'coupon.claims',
  partition: 0,
  offset,
  recordedAt: startAt + offset,
  headers: { traceparent: new TextEncoder().encode('<i>\ud800') },
  key: null,
  sealedBy: null,
  ...about,
})

export function programmeSuite(open: OpenStore): void {
  describe('a verdict on many', () => {
    test('is previewed, waits ten seconds, and is then published', async () => {
      const { call, take, publish, engine, time } = await newConsole(await open())
      const audits = [1, 2, 3, 4].map((n) =>
        aCase(n, n === 4 ? 'block' : 'review', {
          event: { currency: n === 3 ? 'JPY' : 'CNY' },
          decision: { amountAtStake: 100 * n },
        }),
      )
      await take(audits)
      const keys = [...audits.map(keyOf), 'f'.repeat(32)]
      await call('takeCase', { params: { key: keys[0]! }, as: bob })
      const query = { user: 'nobody' }
      const by = { params: { key: keys[1]! }, query, as: bob }
      await call('decideCase', { ...by, body: { verdict: 'fraud' } })
      await publish()
      const body = { keys, verdict: 'legitimate' } as const
      const leftOut = [
        { key: 'f'.repeat(32), why: 'unknown' },
        { key: keys[0], why: 'locked' },
        { key: keys[1], why: 'decided' },
      ]
      const preview = await call('previewBulk', { body })
      expect(preview).toMatchObject({ decidable: 2, users: 2, outcomes: { review: 1, block: 1 } })
      expect(preview.amountsAtStake).toEqual([
        { currency: 'CNY', amount: 400 },
        { currency: 'JPY', amount: 300 },
      ])
      expect(new Set(preview.leftOut.map(({ why }) => why))).toEqual(
        new Set(leftOut.map(({ why }) => why)),
      )
      const said = await call('decideBulk', { body })
      expect(said).toMatchObject({ decided: 2, undoUntil: time.now + 10_000 })
      await publish()
      expect(engine.reviews).toHaveLength(1)
      time.now += 10_000
      await publish()
      expect(engine.reviews).toHaveLength(3)
      expect(engine.decisions.slice(1).map(({ outcome }) => outcome)).toEqual(['allow', 'allow'])
      const late = call('undoBulk', { params: { id: said.id } })
      await expect(late).rejects.toMatchObject({ status: 409 })
    })

    test('undone within ten seconds never was', async () => {
      const { call, take, publish, engine, time } = await newConsole(await open())
      const audits = Array.from({ length: 50 }, (_, n) => aCase(n, 'review'))
      await take(audits)
      const body = { keys: audits.map(keyOf), verdict: 'fraud' } as const
      const { id } = await call('decideBulk', { body })
      await expect(call('undoBulk', { params: { id }, as: bob })).rejects.toMatchObject({
        status: 403,
      })
      expect(await call('undoBulk', { params: { id }, as: lea })).toEqual({ reopened: 50 })
      expect(await call('undoBulk', { params: { id } })).toEqual({ reopened: 0 })
      time.now += 20_000
      await publish()
      expect([engine.reviews, engine.decisions]).toEqual([[], []])
      expect((await call('countCases', { query: { state: 'open' } })).total).toBe(50)
    })
  })

  test('a timeline goes back without gap, and tells what was said', async () => {
    const { call, take } = await newConsole(await open())
    const audits = Array.from({ length: 25 }, (_, n) =>
      // Three at a time at one moment.
      aCase(n, n % 5 === 0 ? 'review' : 'allow', {
        event: {
          occurredAt: startAt + 1_000 * Math.floor(n / 3),
          user: n < 20 ? 'u' : `u${n}`,
          currency: 'CNY',
        },
      }),
    )
    await take(audits)
    await call('decideCase', { params: { key: keyOf(audits[0]!) }, body: { verdict: 'fraud' } })
    const keys: string[] = []
    for (let before: number | undefined; ; ) {
      const query = {
        kind: 'user',
        value: 'u',
        limit: 4,
        ...(before === undefined ? {} : { before }),
      }
      const page = await call('showTimeline', { query: query as never })
      keys.push(...page.events.map(({ key }) => key))
      for (const { currency } of page.events) expect(currency).toBe('CNY')
      expect(page.summary).toMatchObject({ events: 20, flagged: 4, users: 1, devices: 1 })
      if (!page.isMore) {
        expect(page.events.find(({ key }) => key === keyOf(audits[0]!))?.verdict).toBe('fraud')
        break
      }
      before = page.events.at(-1)!.occurredAt
    }
    expect(new Set(keys)).toEqual(new Set(audits.slice(0, 20).map(keyOf)))
    expect(keys).toHaveLength(20)
  })

  test('links show who shares what, similar cases what they have in common', async () => {
    const { call, take } = await newConsole(await open())
    const farm = { users_1d: 12, users_1h: 2, fresh_users_1d: 5 }
    const shared = [1, 2, 3].map((n) =>
      anAudit(n, { device: farm, event: { ip: `198.51.100.${n}` } }),
    )
    const other = anAudit(9, {
      device: farm,
      event: { device: 'e'.repeat(32), ip: '198.51.100.3' },
    })
    await take([...shared, other])
    const graph = await call('showLinks', { query: { kind: 'user', value: 'u1' } })
    const ids = graph.nodes.map(({ id }) => id)
    expect(ids[0]).toBe('user:u1')
    expect(ids).toEqual(expect.arrayContaining([`device:${'d'.repeat(32)}`, 'user:u2', 'user:u3']))
    expect(graph.links).toContainEqual({
      from: 'user:u1',
      to: `device:${'d'.repeat(32)}`,
      events: 1,
    })
    const params = { key: keyOf(shared[2]!) }
    const similar = await call('similarCases', { params })
    const sharedWith = (audit: typeof other) =>
      similar.rows.find(({ row }) => row.key === keyOf(audit))?.shared
    expect(sharedWith(shared[0]!)).toEqual(expect.arrayContaining(['device', 'device-farm']))
    expect(sharedWith(other)).toEqual(expect.arrayContaining(['ip', 'campaign']))
    const near = await call('nearMisses', { params })
    for (const { text } of near.rules) expect(text).toMatch(/\(.+\)/)
  })

  test('alerts: raised, escalating, cleared, acknowledged once', async () => {
    const { call, take, projection } = await newConsole(await open())
    const { id } = anAlert({})
    const redemption = (n: number, abnormal: boolean) =>
      aCase(n, abnormal ? 'block' : 'allow', {
        event: { kind: 'redemption' },
        decision: { abnormal, alertIds: abnormal ? [id] : [] },
      })
    await take(Array.from({ length: 20 }, (_, n) => redemption(n, n % 4 === 0)))
    const topic = 'risk.alerts'
    const cleared = anAlert({ id: 'x', transition: 'cleared', at: startAt + 5 })
    await projection.take({ topic, partition: 0, next: 2, records: [cleared, anAlert({})] })
    await call('decideCase', {
      params: { key: keyOf(redemption(0, true)) },
      body: { verdict: 'fraud' },
    })
    const { rows } = await call('listAlerts')
    expect(rows).toMatchObject([
      { id, scope: 'campaign/c1', day: 20260301, state: 'cleared', escalated: 5, waiting: 4 },
    ])
    await call('acknowledgeAlert', { params: { id }, as: ann })
    const whole = await call('showAlert', { params: { id }, as: bob })
    expect(await call('acknowledgeAlert', { params: { id }, as: bob })).toMatchObject({
      acknowledgedBy: 'ann',
    })
    expect(whole.points.at(-1)).toMatchObject({ redemptions: 20, abnormal: 5, share: 0.25 })
    expect(whole.samples).toHaveLength(5)
    const shares = await call('showShares', { query: { scope: 'campaign/c1' } })
    expect(shares).toMatchObject({ day: 20260301, scopes: ['all', 'campaign/c1'] })
    expect(shares.points).toEqual(whole.points)
  })

  test('the overview adds up what came', async () => {
    const { call, take, engine, projection } = await newConsole(await open())
    engine.campaigns.set('c1', {
      ...{ id: 'c1', category: null, stock: 100, exposures: 200, stores: [], tiers: [] },
      ...{ validFrom: null, validTo: null, officialDomains: [], identityRequired: null },
      ...{ transferHopsMax: null, announcedPeaks: [] },
    })
    const farm = anAudit(1, { device: { users_1d: 12, users_1h: 2, fresh_users_1d: 5 } })
    const rest = Array.from({ length: 9 }, (_, n) => aCase(n + 2, n < 3 ? 'review' : 'allow'))
    await take([farm, ...rest])
    projection.setLag(3)
    await call('decideCase', { params: { key: keyOf(farm) }, body: { verdict: 'fraud' } })
    const seen = await call('showOverview', { query: { minutes: 10 } })
    expect(seen.asOf).toBe(rest.at(-1)!.recordedAt)
    const sum = seen.flow.reduce((all, one) => all + one.allow + one.review + one.block, 0)
    expect([sum, seen.flow.length]).toEqual([10, 10])
    expect(seen.today).toMatchObject({ day: 20260301, events: 10, redemptions: 0, share: 0 })
    const rule = seen.rules.find((one) => one.rule === 'device-farm')
    expect(rule).toMatchObject({ hits: 1, fraud: 1, precision: 1 })
    expect(seen.campaigns).toMatchObject([
      { campaign: 'c1', flagged: 4, events: 10, claimRate: 0.05, stockLeft: 90 },
    ])
    expect(seen.lateness.p50Ms).toBeGreaterThan(60)
    expect(seen.lateness.p99Ms).toBeLessThan(130)
    expect(seen.backlog).toMatchObject({ waiting: 3, decidedToday: 1 })
    expect(seen.lag).toBe(3)
  })

  test('money blocked is added up per currency, however events write it', async () => {
    const { call, take } = await newConsole(await open())
    const blocked = (n: number, currency: string | null, amountAtStake: number | null) =>
      aCase(n, 'block', { event: { currency }, decision: { amountAtStake } })
    await take([
      ...[blocked(1, 'CNY', 500), blocked(2, 'HKD', 900), blocked(3, 'CNY', 700)],
      ...[blocked(4, null, 40), blocked(5, 'yuan; DROP TABLE cases', 2), blocked(6, 'USD', null)],
      aCase(7, 'review', { event: { currency: 'CNY' }, decision: { amountAtStake: 10_000 } }),
      blocked(8, 'QQQ', 3),
    ])
    const { today } = await call('showOverview', { query: {} })
    expect(today.blocked).toEqual([
      { currency: 'CNY', amount: 1_200 },
      { currency: 'HKD', amount: 900 },
      { currency: null, amount: 45 },
    ])
  })

  test('the overview of a day: as asked, else of the newest, or in its first hour of the last', async () => {
    const { call, take } = await newConsole(await open())
    const at = (n: number, occurredAt: number) => aCase(n, 'block', { event: { occurredAt } })
    const midnight = Date.UTC(2026, 2, 1, 16)
    await take([at(1, startAt), at(2, midnight + 60_000)])
    const days = async (query = {}) => {
      const { today, dayBefore, dayAfter, minutes, flow } = await call('showOverview', { query })
      const shown = flow.reduce((all, { block }) => all + block, 0)
      return [today.day, today.events, dayBefore, dayAfter, minutes, shown]
    }
    expect(await days()).toEqual([20260301, 1, null, 20260302, 1_440, 2])
    expect(await days({ day: 20260302 })).toEqual([20260302, 1, 20260301, null, 60, 1])
    expect(await days({ day: 20260301 })).toEqual([20260301, 1, null, 20260302, 1_440, 1])
    await take([at(3, midnight + 3_700_000)])
    expect(await days()).toEqual([20260302, 2, 20260301, null, 60, 1])
  })

  test('a verdict puts entities on the block list; undone, they go again', async () => {
    const { call, take, publish, engine } = await newConsole(await open())
    const audit = aCase(1, 'review', { event: { phone: 'ab'.repeat(16) } })
    await take([audit])
    const params = { key: keyOf(audit) }
    const body = {
      verdict: 'fraud',
      block: [
        { kind: 'device', expiresAt: null },
        { kind: 'phone', expiresAt: startAt * 2 },
      ],
      ring: [{ kind: 'user', value: 'u7' }],
      ringExpiresAt: null,
    } as const
    await call('decideCase', { params, body: body as never })
    await publish()
    const entries = engine.lists.splice(0)
    const note = `case ${params.key}`
    expect(entries.map(({ id, entry }) => [id, entry?.source, entry?.note, entry?.keyId])).toEqual([
      [`block/device/${'d'.repeat(32)}`, 'review', note, null],
      [`block/phone/${'ab'.repeat(16)}`, 'review', note, engine.keyId],
      ['block/user/u7', 'review', note, null],
    ])
    const { rows } = await call('listEntries', { query: { search: 'u7' } })
    expect(rows).toMatchObject([{ id: 'block/user/u7', addedBy: 'ann', source: 'review' }])
    const whole = await call('showCase', { params })
    expect(whole.entities.find(({ kind }) => kind === 'device')?.lists).toHaveLength(1)
    await call('undoVerdict', { params })
    await publish()
    expect(engine.lists.every(({ entry }) => entry === null)).toBe(true)
    expect(engine.lists).toHaveLength(3)
    expect((await call('listEntries')).total).toBe(0)
  })

  test('lists: added in kept form, found by what a person knows, taken off', async () => {
    const { call, publish, engine, time } = await newConsole(await open())
    const add = {
      list: 'block',
      kind: 'phone',
      value: ' +86 138 0013 8000 ',
      expiresAt: null,
    } as const
    const entry = await call('addEntry', { body: { ...add, note: "50% o'clock_<b>" } })
    expect(entry).toMatchObject({
      value: engine.keep('phone', '+86 138 0013 8000'),
      addedBy: 'ann',
    })
    await call('addEntry', { body: { ...add, kind: 'ip', value: '203.0.113.0/24' } })
    await publish()
    const { summary } = await call('showTimeline', { query: { kind: 'ip', value: '203.0.113.9' } })
    expect(summary.lists).toMatchObject([{ list: 'block', range: '203.0.113.0/24' }])
    const found = async (search: string) =>
      (await call('listEntries', { query: { search } })).rows.map(({ kind }) => kind)
    expect(await found('+86 138 0013 8000')).toEqual(['phone'])
    expect(await found('50%')).toEqual(['phone'])
    expect(await found('203.0')).toEqual(['ip'])
    expect(await found('_')).toEqual(['phone'])
    const bad = { ...add, kind: 'ip', value: 'nowhere' } as const
    await expect(call('addEntry', { body: bad })).rejects.toMatchObject({ status: 400 })
    const past = { ...add, expiresAt: time.now }
    await expect(call('addEntry', { body: past })).rejects.toMatchObject({ reason: 'expired' })
    await call('removeEntry', { body: { id: entry.id } })
    await publish()
    expect(await found('+86 138 0013 8000')).toEqual([])
    await expect(call('removeEntry', { body: { id: entry.id } })).rejects.toMatchObject({
      status: 404,
    })
  })

  test('dead letters: shown with their bytes, sent in again, gone after seven days', async () => {
    const { call, projection, engine, store } = await newConsole(await open())
    const letters = [
      letterOf(1),
      letterOf(2, { bytes: null }),
      letterOf(3, { sealedBy: '00c0ffee' }),
      letterOf(4, { reason: 'stale-time' }),
    ]
    const topic = 'risk.dead-letters'
    await projection.take({ topic, partition: 0, next: 4, records: letters })
    const page = await call('listDeadLetters', { query: { limit: 3 } })
    expect(page.rows.map(({ offset }) => offset)).toEqual([4, 3, 2])
    expect(page.reasons).toEqual([
      { value: 'not-json', count: 3 },
      { value: 'stale-time', count: 1 },
    ])
    const rest = await call('listDeadLetters', { query: { after: page.next ?? '' } })
    const [row] = rest.rows
    const whole = await call('showDeadLetter', { params: { id: row!.id } })
    expect(Buffer.from(whole.bytes ?? '', 'base64').toString()).toBe('{"user":<b>\0')
    expect(whole.headers).toMatchObject([{ name: 'traceparent' }])
    const sent = await call('redrive', { body: { reason: 'not-json' }, as: lea })
    expect(sent).toEqual({ redriven: 1, leftOut: 2 })
    expect(engine.redriven).toMatchObject([{ offset: 1 }])
    expect(Buffer.from(engine.redriven[0]!.bytes!)).toEqual(Buffer.from(letters[0]!.bytes!))
    expect(await call('redrive', { body: { id: page.rows[0]!.id } })).toMatchObject({ redriven: 1 })
    await dropOld(store, startAt + 8 * 86_400_000)
    expect((await call('listDeadLetters')).rows).toEqual([])
  })

  const tableDays = {
    minutes: 31,
    lateness: 31,
    sightings: 90,
    scope_points: 90,
    rule_days: 90,
    cases: 180,
    audits: 180,
    scope_days: 400,
  } as const

  test.each(Object.entries(tableDays))('%s are kept for %i days', async (table, days) => {
    const { store, take } = await newConsole(await open())
    await take([aCase(1, 'block', { device: { users_1d: 12 } }), aCase(2, 'review')])
    const rows = async () => {
      const [row] = await store.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)
      return row!.count
    }
    const all = await rows()
    expect(all).toBeGreaterThan(0)
    await dropOld(store, startAt + (days - 1) * 86_400_000)
    expect(await rows()).toBe(all)
    await dropOld(store, startAt + (days + 1) * 86_400_000)
    expect(await rows()).toBe(0)
  })
}
