/** Penalties: the ladder by offence, who is refused, and the register with its report. */
import { describe, expect, test } from 'vitest'
import type { Caller, Refusal } from '../../src/console/handlers.ts'
import { ann, lea, newConsole, type OpenStore } from './a-console.ts'
import { appeal, confirmed, impose, judge, keyOf, mia, proposed } from './a-penalty.ts'
import { aCase } from './an-audit.ts'

const day = 86_400_000

/** `races`: how often two people impose at once. */
export function penaltiesSuite(open: OpenStore, races: number): void {
  describe('a penalty', () => {
    ladderTests(open, races)
    refusalTests(open)
  })
  describe('the register of penalties', () => registerTests(open))
}

function ladderTests(open: OpenStore, races: number): void {
  test('is proposed by violation and by how often its subject did it before', async () => {
    const console = await newConsole(await open())
    const steps = [
      ['false-advertising', 'merchant', 'm1', ['takedown', 'ban', 'ban']],
      ['cashing-out', 'user', 'u1', ['freeze', 'ban', 'ban']],
      ['api-hijack', 'merchant', 'm1', ['disable', 'blacklist', 'blacklist']],
    ] as const
    for (const n of [1, 2, 3]) {
      const params = await confirmed(console, n)
      for (const [violation, subjectKind, subject, wanted] of steps) {
        const proposal = await proposed(console, params, violation)
        const step = wanted[n - 1]!
        const until =
          violation === 'false-advertising' && n > 1 ? console.time.now + 30 * day : null
        const expected = { violation, subjectKind, subject, offence: n, step, until }
        expect(proposal).toMatchObject({ ...expected, carried: null })
        expect(proposal?.earlier.map(({ offence }) => offence)).toEqual([2, 1].slice(3 - n))
        const penalty = await impose(console, params, violation)
        expect(penalty).toMatchObject({ ...expected, state: 'imposed', imposedBy: 'lea' })
      }
    }
  })

  test('of another user, or for another violation, is a first one', async () => {
    const console = await newConsole(await open())
    await impose(console, await confirmed(console, 1))
    const other = aCase(9, 'block', { event: { user: 'u9', merchant: 'm1' } })
    await console.take([other])
    const params = { key: keyOf(other) }
    await console.call('decideCase', { params, body: { verdict: 'fraud' } })
    expect(await proposed(console, params, 'cashing-out')).toMatchObject({ offence: 1 })
    expect(await proposed(console, params, 'api-hijack')).toMatchObject({ offence: 1 })
  })

  test('of two at once on a subject’s cases is the same offence once', async () => {
    const console = await newConsole(await open())
    for (let race = 0; race < races; race += 1) {
      const cases = [await confirmed(console, 2 * race), await confirmed(console, 2 * race + 1)]
      const body = { violation: 'cashing-out', offence: race + 1 } as const
      const said = await Promise.allSettled(
        cases.map((params, at) =>
          console.call('imposePenalty', { params, body, as: at === 0 ? lea : mia }),
        ),
      )
      expect([race, lostOf(said)]).toEqual([race, ['ladder-changed']])
    }
  })

  test('of two at once on a case is one', async () => {
    const console = await newConsole(await open())
    for (let race = 0; race < races; race += 1) {
      const params = await confirmed(console, race)
      const body = { violation: 'api-hijack', offence: race + 1 } as const
      const impose = (as: Caller) => console.call('imposePenalty', { params, body, as })
      const said = await Promise.allSettled([impose(lea), impose(mia)])
      expect([race, lostOf(said)]).toEqual([race, ['has-penalty']])
    }
  })
}

const lostOf = (said: readonly PromiseSettledResult<unknown>[]) =>
  said.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Refusal).reason] : []))

function refusalTests(open: OpenStore): void {
  test.each(['legitimate', 'inconclusive', null] as const)(
    'needs a case decided as fraud: %s',
    async (verdict) => {
      const console = await newConsole(await open())
      const audit = aCase(1, 'block')
      await console.take([audit])
      const params = { key: keyOf(audit) }
      if (verdict !== null) await console.call('decideCase', { params, body: { verdict } })
      expect(await console.call('proposePenalty', { params })).toEqual({ violations: [] })
      const body = { violation: 'cashing-out', offence: 1 } as const
      const imposing = console.call('imposePenalty', { params, body, as: lea })
      await expect(imposing).rejects.toMatchObject({ status: 409, reason: 'not-fraud' })
    },
  )

  test('is refused where the ladder is another by now, or the case names nobody', async () => {
    const console = await newConsole(await open())
    const params = await confirmed(console, 1)
    const late = { violation: 'cashing-out', offence: 2 } as const
    await expect(
      console.call('imposePenalty', { params, body: late, as: lea }),
    ).rejects.toMatchObject({ status: 409, reason: 'ladder-changed' })
    const bare = aCase(2, 'block', { event: { merchant: null } })
    await console.take([bare])
    const other = { key: keyOf(bare) }
    await console.call('decideCase', { params: other, body: { verdict: 'fraud' } })
    const { violations } = await console.call('proposePenalty', { params: other })
    expect(violations.map(({ violation }) => violation)).toEqual(['cashing-out'])
    const body = { violation: 'api-hijack', offence: 1 } as const
    await expect(
      console.call('imposePenalty', { params: other, body, as: lea }),
    ).rejects.toMatchObject({ status: 409, reason: 'no-subject' })
  })
}

function registerTests(open: OpenStore): void {
  test('has all, newest first, by state, violation and subject, a page at a time', async () => {
    const console = await newConsole(await open())
    for (const n of [1, 2, 3, 4, 5]) await impose(console, await confirmed(console, n))
    await impose(console, { key: keyOf(aCase(5, 'review', userOne)) }, 'api-hijack')
    const ids: string[] = []
    for (let after: string | undefined; ; ) {
      const query = { limit: 4, ...(after === undefined ? {} : { after }) }
      const page = await console.call('listPenalties', { query })
      ids.push(...page.rows.map(({ id }) => id))
      if (page.next === null) break
      after = page.next
    }
    expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)))
    expect([ids.length, new Set(ids).size]).toEqual([6, 6])
    const filters = [
      [{ violation: 'api-hijack' }, 1],
      [{ violation: 'cashing-out', state: 'imposed' }, 5],
      [{ state: 'appealed' }, 0],
      [{ subject: ' u1 ' }, 5],
      [{ subject: 'm1' }, 1],
      [{ subject: 'u' }, 0],
    ] as const
    for (const [query, wanted] of filters) {
      const { rows } = await console.call('listPenalties', { query })
      expect([query, rows.length]).toEqual([query, wanted])
    }
    const bad = console.call('listPenalties', { query: { after: 'x' } })
    await expect(bad).rejects.toMatchObject({ reason: 'bad-cursor' })
  })

  test('reports how many appeals succeeded beside what is expected', async () => {
    const console = await newConsole(await open())
    const none = { imposed: 0, appealed: 0, upheld: 0, overturned: 0, withdrawn: 0, success: null }
    const report = async () => (await console.call('listPenalties', { query: {} })).report
    expect(await report()).toEqual([
      { violation: 'false-advertising', ...none, expected: 0.12 },
      { violation: 'cashing-out', ...none, expected: 0.03 },
      { violation: 'api-hijack', ...none, expected: 0 },
    ])
    const verdicts = ['legitimate', 'fraud', 'fraud', 'inconclusive', null] as const
    for (const [n, verdict] of verdicts.entries()) {
      const params = await confirmed(console, n)
      await appeal(console, (await impose(console, params)).id)
      if (verdict !== null) await judge(console, params, verdict)
    }
    await impose(console, await confirmed(console, 10))
    const fallen = await confirmed(console, 11)
    await impose(console, fallen)
    await console.call('undoVerdict', { params: fallen, as: ann })
    expect((await report())[1]).toEqual({
      violation: 'cashing-out',
      ...{ imposed: 6, appealed: 5, upheld: 3, overturned: 1, withdrawn: 1 },
      ...{ success: 0.25, expected: 0.03 },
    })
  })

  test('counts an appeal that failed though its penalty fell for another reason later', async () => {
    const console = await newConsole(await open())
    const params = await confirmed(console, 1)
    await appeal(console, (await impose(console, params)).id)
    await judge(console, params, 'fraud')
    await console.call('askSecondOpinion', { params, body: {}, as: lea })
    const body = { verdict: 'legitimate' } as const
    await console.call('decideCase', { params, query: { user: 'x' }, body, as: mia })
    const { report } = await console.call('listPenalties', { query: {} })
    expect(report[1]).toMatchObject({ upheld: 1, overturned: 0, withdrawn: 1, success: 0 })
  })
}

const userOne = { event: { user: 'u1', merchant: 'm1' } }
