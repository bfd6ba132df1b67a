/** The line for a playbook: what it says is what was counted, for rules and model together. */
import { expect, test } from 'vitest'
import { playbookLine, proposalOf, roundedDown } from '../../src/evaluation/proposal.ts'
import type { ScoredEvent } from '../../src/evaluation/scored-events.ts'
import { scoredEvent } from './scored.ts'

const costs = { missedFraud: 10, blockedUser: 50, review: 1 }
const limits = { precisionMin: 0.5, blockedShareMax: 0.001 }
const fraud = (user: number, is: Partial<ScoredEvent>) => scoredEvent({ fraud: true, user, ...is })
const honest = (user: number, is: Partial<ScoredEvent>) => scoredEvent({ user, ...is })

test('it is chosen for rules and model together', () => {
  const events = [
    fraud(1, { outcome: 'block', probability: 0.9 }),
    fraud(2, { probability: 0.48765 }),
    honest(3, { outcome: 'review', probability: 0.1 }),
    honest(4, { probability: 0.4 }),
    // Let go by an allow-list, whatever the model says.
    honest(5, { probability: 1, allowListed: true }),
  ]
  expect(proposalOf(events, 'tried', costs, limits)).toMatchObject({
    playbookLine: 'model: { name: tried, reviewAt: 0.4876, blockAt: 0.4876, mode: shadow }',
    precision: 2 / 3,
    recall: 1,
    flagged: 3,
    outlay: { missed: 0, reviews: 1, blockedUsers: 0 },
    honestUsersBlockedShare: 0,
  })
})

test('what is rounded away is counted: both events stand above what is pasted', () => {
  const events = [fraud(1, { probability: 0.50009 }), honest(2, { probability: 0.50001 })]
  const { playbookLine: line, flagged } = proposalOf(events, 'tried', costs, limits)
  expect([line, flagged]).toEqual(['model: { name: tried, reviewAt: 0.5000, mode: shadow }', 2])
})

test.each([
  [{ precisionMin: 0.9, blockedShareMax: 1 }, null],
  [{ precisionMin: 0.3, blockedShareMax: 1 }, 'model: { name: tried, reviewAt: 0.7000'],
])('within %j it is %s', (within, expected) => {
  const events = [fraud(1, { probability: 0.7 }), honest(2, { probability: 0.7 })]
  const { playbookLine: line } = proposalOf(events, 'tried', costs, within)
  if (expected === null) expect(line).toBeNull()
  else expect(line).toContain(expected)
})

test.each([
  [0.7, 0.7],
  [0.29, 0.29],
  [0.99999, 0.9999],
  [1, 1],
  [0, 0],
])('%d is rounded down to %d', (score, expected) => {
  expect(roundedDown(score)).toBe(expected)
})

test('a model that never blocks names no blockAt', () => {
  expect(playbookLine('m', { reviewAt: 0.25, blockAt: null })).toBe(
    'model: { name: m, reviewAt: 0.2500, mode: shadow }',
  )
})
