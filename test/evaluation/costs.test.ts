/** What decisions cost, and that no pair of thresholds costs less than the one that is found. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ActedOutcome } from '../../src/core/rules/playbook.ts'
import {
  type Costs,
  honestUsersOf,
  leastCost,
  noLimits,
  outlayOf,
} from '../../src/evaluation/costs.ts'
import { outcomeAt } from '../../src/evaluation/ways.ts'

const costs: Costs = { missedFraud: 10, blockedUser: 50, review: 1 }

/** "0.9 f 1 allow": score, fraud or honest, user, what it gets at least. */
function question(lines: readonly string[]) {
  const parts = lines.map((line) => line.split(' '))
  return {
    events: parts.map(([, is, user]) => ({ fraud: is === 'f', user: Number(user) })),
    scores: Float64Array.from(parts, ([score]) => Number(score)),
    atLeast: parts.map(
      ([, , , outcome]): ActedOutcome =>
        outcome === 'block' || outcome === 'review' ? outcome : 'allow',
    ),
  }
}

describe('the outlay', () => {
  test('counts missed frauds, reviews, and each wrongly blocked user once', () => {
    const { events, atLeast } = question([
      '0 f 1 allow',
      '0 f 1 review',
      '0 h 2 block',
      '0 h 2 block',
      '0 h 3 review',
      '0 f 4 block',
      // User 4 has fraud: blocking what is honest of theirs wrongs no honest user.
      '0 h 4 block',
    ])
    expect(outlayOf(events, atLeast, costs)).toEqual({
      cost: 10 + 2 * 1 + 50,
      missed: 1,
      reviews: 2,
      blockedUsers: 1,
    })
  })
})

describe('thresholds of least cost', () => {
  const table: [what: string, lines: string[], expected: object][] = [
    [
      'sure fraud is blocked, doubtful reviewed, the rest let go',
      ['0.9 f 1', '0.8 f 2', '0.6 h 3', '0.5 f 4', '0.2 h 5', '0.1 h 6'],
      { reviewAt: 0.5, blockAt: 0.8, cost: 2, missed: 0, reviews: 2, blockedUsers: 0 },
    ],
    [
      'where nobody is fraud nothing is worth a review',
      ['0.9 h 1', '0.1 h 2'],
      { reviewAt: null, blockAt: null, cost: 0, missed: 0, reviews: 0, blockedUsers: 0 },
    ],
    [
      'equal scores go together: twelve reviews for one fraud are too dear',
      ['0.5 f 1', ...Array.from({ length: 11 }, (_, at) => `0.5 h ${at + 2}`)],
      { reviewAt: null, blockAt: null, cost: 10, missed: 1, reviews: 0, blockedUsers: 0 },
    ],
    [
      'beside rules: what they review can still be blocked, what they block is blocked',
      ['0.9 f 1 review', '0.8 h 2 block', '0.3 f 3 allow', '0.2 h 4 allow'],
      // 0.3 and above blocked: user 2 is blocked already and costs no more.
      { reviewAt: 0.3, blockAt: 0.3, cost: 50, missed: 0, reviews: 0, blockedUsers: 1 },
    ],
    [
      'an honest user is blocked once, however many events',
      [...Array.from({ length: 60 }, (_, at) => `0.9 f ${at + 10}`), '0.9 h 1', '0.9 h 1'],
      { reviewAt: 0.9, blockAt: 0.9, cost: 50, missed: 0, reviews: 0, blockedUsers: 1 },
    ],
  ]
  test.each(table)('%s', (_, lines, expected) => {
    expect(leastCost(question(lines), costs)).toEqual(expected)
  })

  const limited: [what: string, limits: object, lines: string[], expected: object][] = [
    [
      'a review of every second honest event pays, and is not precise enough',
      { precisionMin: 0.65 },
      ['0.9 f 1', '0.5 h 2', '0.4 f 3', '0.3 h 4', '0.2 f 5', '0.1 h 6'],
      { reviewAt: 0.4, blockAt: 0.9, cost: 12, missed: 1, reviews: 2, blockedUsers: 0 },
    ],
    [
      'what the rules flag counts: their false alarms leave no room',
      { precisionMin: 0.6 },
      ['0.9 f 1', '0.1 h 2 review', '0.1 h 3 review'],
      { reviewAt: null, blockAt: null, cost: 12, missed: 1, reviews: 2, blockedUsers: 0 },
    ],
    [
      'sixty events of fraud are worth a wrongly blocked user, one user in three is too many',
      { blockedShareMax: 0.3 },
      [
        ...Array.from({ length: 60 }, (_, at) => `0.9 f ${at + 10}`),
        '0.9 h 1',
        '0.1 h 2',
        '0.1 h 3',
      ],
      { reviewAt: 0.9, blockAt: null, cost: 61, missed: 0, reviews: 61, blockedUsers: 0 },
    ],
  ]
  test.each(limited)('within limits: %s', (_, limits, lines, expected) => {
    expect(leastCost(question(lines), costs, { ...noLimits, ...limits })).toEqual(expected)
  })

  test('no pair of thresholds within the limits costs less', () => {
    const seed = 20_261_127
    console.info(`seed ${seed}`)
    const outcome = fc.constantFrom<ActedOutcome>('allow', 'allow', 'review', 'block')
    const event = fc.record({
      score: fc.integer({ min: 0, max: 6 }),
      fraud: fc.boolean(),
      user: fc.integer({ min: 0, max: 8 }),
      atLeast: outcome,
    })
    const cost = fc.integer({ min: 0, max: 9 })
    const anyCosts = fc.record({ missedFraud: cost, blockedUser: cost, review: cost })
    const limits = fc.record({
      precisionMin: fc.constantFrom(0, 0.5, 0.8),
      blockedShareMax: fc.constantFrom(0, 0.25, 1),
    })
    const any = [fc.array(event, { maxLength: 25 }), anyCosts, limits] as const
    const property = fc.property(...any, (events, of, within) => {
      const scores = Float64Array.from(events, ({ score }) => score)
      const atLeast = events.map((one) => one.atLeast)
      const at = (reviewAt: number | null, blockAt: number | null) =>
        events.map((one): ActedOutcome => {
          const model = outcomeAt(one.score, { reviewAt, blockAt })
          if (one.atLeast === 'block' || model === 'block') return 'block'
          return one.atLeast === 'review' || model === 'review' ? 'review' : 'allow'
        })
      const found = leastCost({ events, scores, atLeast }, of, within)
      const { reviewAt, blockAt, ...outlay } = found
      expect(outlayOf(events, at(reviewAt, blockAt), of)).toEqual(outlay)
      const blockedMax = within.blockedShareMax * honestUsersOf(events).size
      const isWithin = (r: number | null, b: number | null) => {
        if (r === null) return true
        const outcomes = at(r, b)
        const flagged = events.filter((_, index) => outcomes[index] !== 'allow')
        const frauds = flagged.filter(({ fraud }) => fraud).length
        if (frauds < within.precisionMin * flagged.length) return false
        return b === null || outlayOf(events, outcomes, of).blockedUsers <= blockedMax
      }
      const all = [null, 0, 1, 2, 3, 4, 5, 6]
      const lowest = all.flatMap((r) =>
        all
          .filter((b) => b === null || (r !== null && r <= b))
          .filter((b) => isWithin(r, b))
          .map((b) => outlayOf(events, at(r, b), of).cost),
      )
      expect(found.cost).toBe(Math.min(...lowest))
    })
    fc.assert(property, { seed, numRuns: 500 })
  })
})
