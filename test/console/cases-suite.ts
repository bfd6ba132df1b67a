/** Cases, from audit records to verdicts that are published: what holds on every database. */
import { describe, expect, test } from 'vitest'
import type { Refusal } from '../../src/console/handlers.ts'
import { ann, bob, lea, newConsole, type OpenStore } from './a-console.ts'
import { aCase, anAudit } from './an-audit.ts'

export const keyOf = (audit: ReturnType<typeof aCase>) => audit.decision.eventKey

/** `races`: how often two people decide the same case at once. */
export function casesSuite(open: OpenStore, races: number): void {
  describe('the queue', () => {
    test('has reviews and blocks, the highest score first, paged without gap or repeat', async () => {
      const { call, take } = await newConsole(await open())
      const audits = Array.from({ length: 60 }, (_, n) =>
        aCase(n, n % 3 === 0 ? 'allow' : n % 3 === 1 ? 'review' : 'block'),
      )
      await take(audits)
      const keys: string[] = []
      for (let after: string | undefined; ; ) {
        const query = { limit: 7, ...(after === undefined ? {} : { after }) }
        const { rows, next } = await call('listCases', { query })
        keys.push(...rows.map(({ key }) => key))
        if (next === null) break
        after = next
      }
      const wanted = audits
        .filter(({ decision }) => decision.outcome !== 'allow')
        .sort((a, b) => b.decision.score - a.decision.score)
        .map(keyOf)
      expect(keys).toEqual(wanted)
    })

    test('taken twice is taken once', async () => {
      const { store, take, projection } = await newConsole(await open())
      const audits = [aCase(1, 'review'), aCase(2, 'allow'), aCase(3, 'block')]
      await take(audits)
      const before = await countsOf(store)
      await projection.take({ topic: 'risk.audit', partition: 0, next: 3, records: audits })
      await projection.take({
        topic: 'risk.audit',
        partition: 0,
        next: 4,
        records: [...audits.slice(1), aCase(4, 'review')],
        offsets: [1, 2, 3],
      })
      expect(await countsOf(store)).toEqual({
        ...before,
        cases: before.cases + 1,
        sightings: before.sightings + 1,
        events: before.events + 1,
      })
      expect(await projection.position('risk.audit', 0)).toBe(4)
    })

    test('has a reversal as a kind of its own, which is no redemption of the day', async () => {
      const { call, take } = await newConsole(await open())
      const kinds = ['claim', 'redemption', 'reversal'] as const
      await take(kinds.map((kind, n) => aCase(n, 'review', { event: { kind } })))
      const { rows } = await call('listCases', { query: { kind: 'reversal' } })
      expect(rows.map(({ kind, user }) => [kind, user])).toEqual([['reversal', 'u2']])
      const { today } = await call('showOverview', { query: {} })
      expect(today).toMatchObject({ events: 3, redemptions: 1 })
    })

    const filters = [
      [{ outcome: 'review' }, [1, 4]],
      [{ user: 'u2' }, [2]],
      [{ user: "'; DROP TABLE cases; --" }, [5]],
      [{ search: 'evil\ufffd' }, [5]],
      [{ search: '203.0.113.9' }, [4]],
      [{ merchant: 'm1,m2' }, [2, 4]],
      [{ scoreMin: 4 }, [4, 5]],
      [{ kind: 'redemption' }, [4]],
      [{ campaign: 'nothing' }, []],
      [{ state: 'decided' }, []],
      [{ assignee: 'nobody' }, [1, 2, 4, 5]],
    ] as const
    test('filters', async () => {
      const { call, take } = await newConsole(await open())
      const hostile = { user: "'; DROP TABLE cases; --", merchant: '<script>', device: 'evil\0' }
      const audits = [
        aCase(1, 'review'),
        aCase(2, 'block', { event: { merchant: 'm1' } }),
        aCase(3, 'allow'),
        aCase(4, 'review', { event: { merchant: 'm2', kind: 'redemption', ip: '203.0.113.9' } }),
        aCase(5, 'block', { event: hostile }),
      ]
      await take(audits)
      for (const [query, wanted] of filters) {
        const { rows } = await call('listCases', { query: { ...query, order: 'oldest' } })
        const found = rows.map(({ key }) => audits.findIndex((one) => keyOf(one) === key) + 1)
        expect([query, found]).toEqual([query, wanted])
        const counts = await call('countCases', { query })
        expect([query, counts.total]).toEqual([query, wanted.length])
      }
      const start = keyOf(audits[1]!).slice(0, 8)
      const { rows } = await call('listCases', { query: { search: start } })
      expect(rows.map(({ key }) => key)).toEqual([keyOf(audits[1]!)])
    })
  })

  test('a case whole: rules with their values, signals, entities', async () => {
    const { call, take } = await newConsole(await open())
    const farm = anAudit(1, { device: { users_1d: 12, users_1h: 2, fresh_users_1d: 5 } })
    await take([farm, aCase(2, 'allow')])
    const whole = await call('showCase', { params: { key: keyOf(farm) } })
    const rule = whole.rules.find((one) => one.rule === 'device-farm')
    expect(rule).toMatchObject({ tier: 'device-ip', result: 'hit', outcome: 'block', weight: 90 })
    expect(rule?.values).toContainEqual({ signal: 'device_users_1d', value: 12, saturated: false })
    expect(whole.signals).toContainEqual({ signal: 'device_users_1d', value: 12, saturated: false })
    expect(whole.entities.find(({ kind }) => kind === 'device')).toMatchObject({
      events: 2,
      flagged: 1,
      users: 2,
    })
    await expect(call('showCase', { params: { key: '0'.repeat(32) } })).rejects.toMatchObject({
      status: 404,
    })
  })

  describe('a verdict', () => {
    const words = [
      ['review', 'legitimate', 'allow'],
      ['block', 'legitimate', 'allow'],
      ['review', 'fraud', 'block'],
      ['block', 'fraud', null],
      ['review', 'inconclusive', null],
      ['block', 'inconclusive', null],
    ] as const
    test('is published once, with the word to subscribers where it changes', async () => {
      const { call, take, publish, engine } = await newConsole(await open())
      for (const [n, [outcome, verdict, word]] of words.entries()) {
        const audit = aCase(n, outcome)
        await take([audit])
        const body = { verdict, reason: ' seen before ' }
        const answer = await call('decideCase', { params: { key: keyOf(audit) }, body })
        expect(answer.verdict).toMatchObject({ verdict, reviewer: 'ann', reason: 'seen before' })
        await publish()
        const { id: decisionId, eventKey } = audit.decision
        expect(engine.reviews.splice(0)).toEqual([
          {
            eventKey,
            decisionId,
            verdict,
            reviewer: 'ann',
            reason: 'seen before',
            at: answer.verdict.at,
          },
        ])
        const said = engine.decisions.splice(0)
        expect(
          said.map((one) => [one.id, one.outcome, one.supersedes, one.cause, one.decidedBy]),
        ).toEqual(word === null ? [] : [[`${decisionId}+1`, word, decisionId, 'review', 'ann']])
        const whole = await call('showCase', { params: { key: eventKey } })
        expect(whole.verdicts[0]?.publishedAt).not.toBeNull()
        expect(whole.row).toMatchObject({ state: 'decided', verdict, decidedBy: 'ann' })
      }
    })

    test('undone when it was published: withdrawn, and the word from before restored', async () => {
      const { call, take, publish, engine } = await newConsole(await open())
      const audit = aCase(1, 'review')
      await take([audit])
      const params = { key: keyOf(audit) }
      await call('decideCase', { params, body: { verdict: 'legitimate' } })
      await publish()
      await expect(call('undoVerdict', { params, as: bob })).rejects.toMatchObject({ status: 403 })
      const row = await call('undoVerdict', { params })
      expect(row).toMatchObject({ state: 'open', verdict: null, assignee: 'ann' })
      await publish()
      expect(engine.reviews.map(({ verdict, reason }) => [verdict, reason])).toEqual([
        ['legitimate', null],
        ['inconclusive', 'withdrawn'],
      ])
      const { id } = audit.decision
      expect(engine.decisions.map((one) => [one.id, one.outcome, one.supersedes])).toEqual([
        [`${id}+1`, 'allow', id],
        [`${id}+2`, 'review', `${id}+1`],
      ])
      await call('decideCase', { params, body: { verdict: 'fraud' } })
      await publish()
      expect(engine.decisions.at(-1)).toMatchObject({ id: `${id}+3`, outcome: 'block' })
    })

    test('undone before it was published: nothing ever is', async () => {
      const { call, take, publish, engine } = await newConsole(await open())
      const audit = aCase(1, 'review')
      await take([audit])
      const params = { key: keyOf(audit) }
      await call('decideCase', { params, body: { verdict: 'legitimate' } })
      await call('undoVerdict', { params })
      await publish()
      expect([engine.reviews, engine.decisions]).toEqual([[], []])
      const whole = await call('showCase', { params })
      expect(whole.superseding).toEqual([])
      expect(whole.verdicts[0]?.withdrawnAt).not.toBeNull()
    })

    test('of two at once counts for one', async () => {
      const { call, take, publish, engine } = await newConsole(await open())
      const audits = Array.from({ length: races }, (_, n) => aCase(n, 'review'))
      await take(audits)
      const query = { user: 'nobody' }
      for (const [n, audit] of audits.entries()) {
        const params = { key: keyOf(audit) }
        const said = await Promise.allSettled([
          call('decideCase', { params, query, body: { verdict: 'fraud' }, as: ann }),
          call('decideCase', { params, query, body: { verdict: 'legitimate' }, as: bob }),
        ])
        const lost = said.flatMap((one) =>
          one.status === 'rejected' ? [(one.reason as Refusal).status] : [],
        )
        expect([n, lost]).toEqual([n, [409]])
      }
      await publish()
      expect(engine.reviews).toHaveLength(races)
      expect(new Set(engine.reviews.map(({ eventKey }) => eventKey)).size).toBe(races)
      expect(engine.decisions).toHaveLength(races)
    })
  })

  describe('between people', () => {
    test('a case that somebody holds is theirs, until the lock has run out', async () => {
      const { call, take, time } = await newConsole(await open())
      const audit = aCase(1, 'review')
      await take([audit])
      const params = { key: keyOf(audit) }
      const taken = await call('takeCase', { params })
      expect(taken).toMatchObject({ assignee: 'ann', lockedUntil: time.now + 900_000 })
      const body = { verdict: 'fraud' } as const
      const held = { status: 423, message: /ann.*2026/ }
      await expect(call('takeCase', { params, as: bob })).rejects.toMatchObject({ status: 423 })
      await expect(call('decideCase', { params, body, as: bob })).rejects.toMatchObject({
        status: held.status,
        message: expect.stringMatching(held.message),
      })
      await expect(call('releaseCase', { params, as: bob })).rejects.toMatchObject({ status: 403 })
      time.now += 900_000
      expect(await call('takeCase', { params, as: bob })).toMatchObject({ assignee: 'bob' })
      expect(await call('releaseCase', { params, as: lea })).toMatchObject({ assignee: null })
    })

    test('two who decide at once never get the same next case', async () => {
      const { call, take } = await newConsole(await open())
      const audits = Array.from({ length: 41 }, (_, n) => aCase(n, 'review'))
      await take(audits)
      let waiting: (string | undefined)[] = [keyOf(audits[40]!), keyOf(audits[39]!)]
      await call('takeCase', { params: { key: waiting[0]! }, as: ann })
      await call('takeCase', { params: { key: waiting[1]! }, as: bob })
      const decided: string[] = []
      while (waiting.some((key) => key !== undefined)) {
        const answers = await Promise.all(
          waiting.map(async (key, at) => {
            if (key === undefined) return undefined
            decided.push(key)
            const as = at === 0 ? ann : bob
            const asked = { params: { key }, query: { outcome: 'review' }, as }
            return (await call('decideCase', { ...asked, body: { verdict: 'fraud' } })).next?.key
          }),
        )
        waiting = answers
      }
      expect(new Set(decided).size).toBe(decided.length)
      expect(decided).toHaveLength(41)
    })

    test('a second opinion is somebody else’s', async () => {
      const { call, take, publish, engine } = await newConsole(await open())
      const audit = aCase(1, 'block')
      await take([audit])
      const params = { key: keyOf(audit) }
      const ask = () => call('askSecondOpinion', { params, body: { note: 'look again' }, as: lea })
      await expect(ask()).rejects.toMatchObject({ status: 409 })
      await call('decideCase', { params, body: { verdict: 'legitimate' } })
      expect(await ask()).toMatchObject({ state: 'open', secondOpinion: true, notes: 1 })
      const body = { verdict: 'fraud' } as const
      await expect(call('decideCase', { params, body })).rejects.toMatchObject({ reason: 'own' })
      await call('decideCase', { params, body, as: bob })
      await publish()
      expect(engine.decisions.map(({ outcome }) => outcome)).toEqual(['allow', 'block'])
      expect(engine.reviews.map(({ reviewer }) => reviewer)).toEqual(['ann', 'bob'])
    })
  })
}

async function countsOf(store: Awaited<ReturnType<OpenStore>>) {
  const [row] = await store.query<{ cases: number; sightings: number; events: number }>(
    `SELECT (SELECT count(*) FROM cases) AS cases, (SELECT count(*) FROM sightings) AS sightings,
       (SELECT sum(allowed + reviewed + blocked) FROM minutes) AS events`,
  )
  return row!
}
