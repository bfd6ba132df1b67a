/**
 * What a calendar day may hold, through the whole pipeline and the playbook that comes with
 * couponguard: the coupons of a category, and the money of a user before the regulator is told.
 * Batches come again, as after a crash, and events under other offsets, as from a publisher who
 * tries again.
 *
 * proves: D11, D22
 */
import { describe, expect, it, test } from 'vitest'
import { exampleRow } from '../src/core/rules/example.ts'
import { judge } from '../src/core/rules/judge.ts'
import type { Outcome } from '../src/core/schema.gen.ts'
import { batchEventsMax } from '../src/pipeline.ts'
import {
  dayMs,
  hourMs,
  judgedSteps,
  loggedSteps,
  newStepPipeline,
  playbook,
  type Step,
  said,
} from './support/judged-steps.ts'

describe('the cap of a category', () => {
  test.each([
    ['catering', 100_000],
    ['e-commerce', 50_000],
    ['local-services', 20_000],
    ['books', Number.POSITIVE_INFINITY],
  ])('%s: %d a day', (category, cap) => {
    const hits = (category_claims_day: number) => {
      const row = exampleRow({
        is_claim: true,
        attempt_failed: false,
        category,
        category_claims_day,
      })
      return judge(playbook, row, 0).some(
        ({ rule, verdict }) => rule.id === 'category-cap' && verdict === 'hit',
      )
    }
    expect([hits(Math.min(cap, 1e9)), hits(cap + 1)]).toEqual([false, cap < 1e9])
  })

  it('is reached by coupons, whatever is delivered again and whatever fails', async () => {
    const cap = 20_000
    const one = (index: number, about: Step = {}): Step => ({
      ...{ user: `u${index}`, category: 'local-services', after: 0, id: `c${index}` },
      ...about,
    })
    const steps = [
      ...Array.from({ length: cap - 1 }, (_, index) => one(index)),
      ...Array.from({ length: 50 }, (_, index) => one(index * 7)),
      ...Array.from({ length: 50 }, (_, index) => one(cap + index, { category: 'catering' })),
      ...Array.from({ length: 50 }, (_, index) => one(cap + index, { attempt: 'declined' })),
      one(cap, { id: 'last' }),
      one(cap + 1, { id: 'one too many' }),
      one(cap + 2, { id: 'next day', after: dayMs }),
    ]
    const events = loggedSteps(steps)
    const pipeline = newStepPipeline()
    const outcomes = new Map<string, Outcome>()
    for (let at = 0; at < events.length; at += batchEventsMax) {
      const batch = events.slice(at, at + batchEventsMax)
      const { audits } = (await pipeline.process(batch)).outputs
      // Given again, it counts nothing twice; what it then reads of the day may be its end.
      await pipeline.process(batch)
      for (const { event, decision } of audits) outcomes.set(event.id, decision.outcome)
    }
    const capped = [...outcomes].filter(([, outcome]) => outcome !== 'allow')
    expect(capped).toEqual([['one too many', 'review']])
    expect(outcomes.get('next day')).toBe('allow')
  })
})

describe('50,000 yuan of a user in a day', () => {
  const spend = (orderAmount: number, about: Step = {}): Step => ({
    ...{ kind: 'redemption', orderAmount },
    ...about,
  })

  it('is told once, by the redemption that reaches it, and again the next day', async () => {
    const steps = [
      spend(4_000_000, { id: 'a' }),
      spend(999_999, { id: 'b' }),
      spend(9_000_000, { id: 'declined', attempt: 'declined' }),
      spend(4_999_999, { user: 'u2' }),
      spend(1, { id: 'c' }),
      spend(3_000_000, { id: 'd' }),
      spend(1, { id: 'c' }),
      spend(5_000_000, { id: 'e', after: dayMs }),
    ]
    const { audits, reports } = await judgedSteps(steps)
    const keyOf = (id: string) => audits.find(({ event }) => event.id === id)!.decision.eventKey
    expect(reports.map(({ user, amount, eventKey }) => [user, amount, eventKey])).toEqual([
      ['u1', 5_000_000, keyOf('c')],
      ['u1', 5_000_000, keyOf('e')],
    ])
    expect(reports[1]!.day - reports[0]!.day).toBe(1)
    const rules = audits.map((audit) => [audit.event.id, said(audit).includes('regulator-amount')])
    expect(rules.filter(([, hit]) => hit).map(([id]) => id)).toEqual(['c', 'd', 'e'])
  })

  it('is told in the same words when its batch comes again, and ends at midnight', async () => {
    const events = loggedSteps([
      spend(4_000_000),
      spend(2_000_000),
      spend(4_999_999, { user: 'u2' }),
      spend(1, { user: 'u2', after: 9 * hourMs }),
    ])
    const pipeline = newStepPipeline()
    const first = (await pipeline.process(events)).outputs.reports
    expect(first.map(({ user }) => user)).toEqual(['u1'])
    expect((await pipeline.process(events)).outputs.reports).toEqual(first)
  })
})
