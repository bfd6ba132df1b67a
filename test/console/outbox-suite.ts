/** Nothing is lost and nothing goes out twice, whoever ends when; and what a rebuilding gives. */
import { describe, expect, test } from 'vitest'
import type { Publication } from '../../src/console/engine.ts'
import { newOutbox } from '../../src/console/outbox/outbox.ts'
import { beginAnew } from '../../src/console/projection/begin-anew.ts'
import { newProjection } from '../../src/console/projection/projection.ts'
import { migrate } from '../../src/console/store/migrate.ts'
import { lea, newConsole, type OpenStore, until } from './a-console.ts'
import { anAlert } from './an-alert.ts'
import { aCase, startAt } from './an-audit.ts'

const keyOf = (audit: ReturnType<typeof aCase>) => audit.decision.eventKey

export function outboxSuite(open: OpenStore): void {
  describe('the outbox', () => {
    const failures = ['before', 'after'] as const
    test('publishes once though the engine fails before or after the record stands', async () => {
      for (const failure of failures) {
        const { call, take, publish, engine } = await newConsole(await open())
        const audit = aCase(1, 'review')
        await take([audit])
        let left = 2
        engine.failing = () => (left-- > 0 ? failure : null)
        await call('decideCase', { params: { key: keyOf(audit) }, body: { verdict: 'fraud' } })
        await publish()
        expect([failure, engine.reviews.length, engine.decisions.length]).toEqual([failure, 1, 1])
      }
    })

    test('asks what became of rows that another publisher left, after a while', async () => {
      for (const stood of [true, false]) {
        const { call, take, publish, engine, store, time, outboxOptions } = await newConsole(
          await open(),
        )
        const audit = aCase(1, 'review')
        await take([audit])
        await call('decideCase', { params: { key: keyOf(audit) }, body: { verdict: 'fraud' } })
        // Killed between publishing and noting it, or before publishing.
        let killed: readonly Publication[] = []
        const dying = newOutbox({
          ...outboxOptions,
          engine: {
            ...engine,
            publish: async (publications) => {
              if (stood) await engine.publish(publications)
              killed = publications
              return new Promise(() => undefined)
            },
          },
          database: { ...store, alone: (_, work) => work() },
        })
        dying.start()
        await until(() => killed.length > 0)
        const other = newOutbox(outboxOptions)
        other.start()
        await new Promise((resolve) => setTimeout(resolve, 50))
        await other.close()
        expect(engine.reviews).toHaveLength(stood ? 1 : 0)
        time.now += 6_000
        await publish()
        expect([stood, engine.reviews.length, engine.decisions.length]).toEqual([stood, 1, 1])
        const [left] = await store.query<{ count: number }>('SELECT count(*) AS count FROM outbox')
        expect(left?.count).toBe(0)
      }
    })

    test('of several consoles publishes each row once, in order', async () => {
      const { call, take, engine, store, outboxOptions } = await newConsole(await open())
      const audits = Array.from({ length: 30 }, (_, n) => aCase(n, 'review'))
      await take(audits)
      const outboxes = [1, 2, 3].map(() => newOutbox({ ...outboxOptions, pollMs: 1 }))
      for (const outbox of outboxes) outbox.start()
      for (const audit of audits) {
        const params = { key: keyOf(audit) }
        await call('decideCase', { params, body: { verdict: 'fraud' } })
        await call('undoVerdict', { params })
      }
      await until(async () => {
        const [row] = await store.query<{ count: number }>('SELECT count(*) AS count FROM outbox')
        return row?.count === 0
      })
      await Promise.all(outboxes.map((outbox) => outbox.close()))
      for (const audit of audits) {
        const said = engine.reviews.filter(({ eventKey }) => eventKey === keyOf(audit))
        expect([[], ['fraud', 'inconclusive']]).toContainEqual(said.map(({ verdict }) => verdict))
        const words = engine.decisions.filter(({ eventKey }) => eventKey === keyOf(audit))
        expect(words.map(({ id }) => id)).toEqual([...new Set(words.map(({ id }) => id))])
        expect(words.at(-1)?.outcome ?? 'review').toBe('review')
      }
    })
  })

  test('filled anew from the topics, in any order, all cases and verdicts are there', async () => {
    const { call, take, publish, engine, store } = await newConsole(await open())
    const audits = Array.from({ length: 6 }, (_, n) => aCase(n, n % 2 === 0 ? 'review' : 'block'))
    await take(audits)
    const verdicts = ['fraud', 'legitimate', 'inconclusive', 'fraud', 'legitimate'] as const
    for (const [n, verdict] of verdicts.entries())
      await call('decideCase', { params: { key: keyOf(audits[n]!) }, body: { verdict } })
    await publish()
    await call('undoVerdict', { params: { key: keyOf(audits[0]!) } })
    await publish()
    const rows = async () =>
      (await call('listCases')).rows.map((row) => ({ ...row, assignee: null, lockedUntil: null }))
    const superseding = () => store.query('SELECT id, outcome FROM superseding ORDER BY id')
    const marks = () =>
      store.query('SELECT * FROM marks WHERE kind <> $1 ORDER BY kind, name', [''])
    const before = [await rows(), await superseding(), await marks()]
    for (const order of [
      ['risk.audit', 'risk.reviews', 'risk.decisions'],
      ['risk.decisions', 'risk.reviews', 'risk.audit'],
    ]) {
      await store.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
      await migrate(store)
      const projection = newProjection({ database: store, engine })
      for (const topic of [...order, ...order]) {
        const at = { partition: 0, next: 100 }
        if (topic === 'risk.audit') await projection.take({ topic, ...at, records: audits })
        if (topic === 'risk.reviews')
          await projection.take({ topic, ...at, records: engine.reviews })
        if (topic === 'risk.decisions')
          await projection.take({ topic, ...at, records: engine.decisions })
      }
      expect([await rows(), await superseding(), await marks()]).toEqual(before)
    }
  })

  test('begun anew, what the topics tell comes again, and what people know of it stays', async () => {
    const { call, take, publish, engine, store, projection } = await newConsole(await open())
    const audits = Array.from({ length: 4 }, (_, n) => aCase(n, 'review'))
    const alert = anAlert()
    const place = { list: 'block', kind: 'ip', value: '203.0.113.7' } as const
    const about = { source: 'shift', note: null, addedAt: startAt, expiresAt: null, keyId: null }
    const entry = { id: 'block/ip/203.0.113.7', entry: { ...place, ...about } }
    const topics = async () => {
      await projection.take({ topic: 'risk.alerts', partition: 0, next: 1, records: [alert] })
      await projection.take({ topic: 'risk.lists', partition: 0, next: 1, records: [entry] })
    }
    await take(audits)
    await topics()
    const [first, second, third] = audits.map((audit) => ({ params: { key: keyOf(audit) } }))
    for (const one of [first!, second!, third!])
      await call('decideCase', { ...one, body: { verdict: 'fraud' } })
    await call('addNote', { ...first!, body: { text: 'seen before' } })
    // Open again: its first verdict counts no more, whoever reads the topics.
    await call('askSecondOpinion', { as: lea, ...second!, body: {} })
    await call('acknowledgeAlert', { params: { id: alert.raisedId } })
    await store.query("UPDATE list_entries SET added_by = 'ann'")
    await publish()
    const seen = async () => [
      (await call('listCases', { query: { state: 'any' } })).rows.map((row) => ({
        ...{ ...row, assignee: null, lockedUntil: null },
      })),
      (await call('showCase', first!)).notes,
      (await call('listAlerts')).rows,
      (await call('listEntries', { query: {} })).rows,
      await store.query('SELECT kind, name, cases, fraud FROM marks ORDER BY kind, name'),
    ]
    const before = await seen()
    const generation = await projection.generation()
    expect(await beginAnew(store)).toBe(4)
    expect((await call('listCases', { query: { state: 'any' } })).rows).toEqual([])
    expect(await projection.generation()).not.toBe(generation)
    await topics()
    await projection.take({ topic: 'risk.reviews', partition: 0, next: 9, records: engine.reviews })
    await projection.take({ topic: 'risk.audit', partition: 0, next: 9, records: audits })
    expect(await seen()).toEqual(before)
    expect(await store.query('SELECT * FROM set_aside')).toEqual([])
  })

  describe('migrations', () => {
    test('an older database is brought along with what it has', async () => {
      const store = await open()
      await migrate(store)
      // As it was before money was kept per currency.
      await store.query(`DROP TABLE day_money;
        ALTER TABLE scope_days ADD COLUMN blocked_amount bigint NOT NULL DEFAULT 0;
        DELETE FROM migrations WHERE name = '0006-day-money.sql'`)
      await store.query(`INSERT INTO scope_days
        (day, scope, events, flagged, claims, redemptions, abnormal, blocked_amount)
        VALUES (20000, 'all', 3, 2, 3, 0, 0, 700), (20001, 'all', 1, 0, 1, 0, 0, 0)`)
      expect(await migrate(store)).toEqual(['0006-day-money.sql'])
      const kept = await store.query('SELECT day, currency, blocked FROM day_money')
      expect(kept).toEqual([{ day: 20000, currency: '', blocked: 700 }])
    })

    test('are applied once, and a newer or changed database is refused in one line', async () => {
      const store = await open()
      expect(await migrate(store)).toContain('0001-cases.sql')
      expect(await migrate(store)).toEqual([])
      await store.query("INSERT INTO migrations (name, checksum) VALUES ('0999-later.sql', 'x')")
      await expect(migrate(store)).rejects.toMatchObject({
        code: 'database-failed',
        message: expect.stringMatching(/newer version \(0999-later\.sql\).*$/),
      })
      await store.query("DELETE FROM migrations WHERE name = '0999-later.sql'")
      await store.query("UPDATE migrations SET checksum = 'x'")
      await expect(migrate(store)).rejects.toMatchObject({ code: 'database-failed' })
    })
  })
}
