/**
 * The ladder of penalties as D5 gives it: which step follows, until when, how appeals end.
 *
 * proves: D5
 */
import { describe, expect, test } from 'vitest'
import { violations } from '../../src/console/api/penalty-shapes.ts'
import { endOf, ladder, stepFor } from '../../src/console/penalties/ladder.ts'
import { settledState } from '../../src/console/penalties/settle-penalties.ts'

const day = 86_400_000

describe('the ladder', () => {
  test.each([
    ['false-advertising', 1, { step: 'takedown', lastsMs: null, lists: false }],
    ['false-advertising', 2, { step: 'ban', lastsMs: 30 * day, lists: false }],
    ['false-advertising', 3, { step: 'ban', lastsMs: 30 * day, lists: false }],
    ['cashing-out', 1, { step: 'freeze', lastsMs: null, lists: false }],
    ['cashing-out', 2, { step: 'ban', lastsMs: null, lists: true }],
    ['cashing-out', 9, { step: 'ban', lastsMs: null, lists: true }],
    ['api-hijack', 1, { step: 'disable', lastsMs: null, lists: false }],
    ['api-hijack', 2, { step: 'blacklist', lastsMs: null, lists: false }],
    ['api-hijack', 3, { step: 'blacklist', lastsMs: null, lists: false }],
  ] as const)('%s, offence %i', (violation, offence, step) => {
    expect(stepFor(violation, offence)).toEqual(step)
    expect(endOf(step, 5)).toBe(step.lastsMs === null ? null : step.lastsMs + 5)
  })

  test.each([
    ['false-advertising', 'merchant', 0.12],
    ['cashing-out', 'user', 0.03],
    ['api-hijack', 'merchant', 0],
  ] as const)('%s is a %s’s; of appeals %f succeed', (violation, subjectKind, appealsExpected) => {
    expect(ladder[violation]).toMatchObject({ subjectKind, appealsExpected })
  })

  test.each([0, -1, 1.5])('there is no offence %f', (offence) => {
    expect(() => stepFor('cashing-out', offence)).toThrow(RangeError)
  })

  test('only a user is ever put on the block list, which knows no merchants', () => {
    for (const violation of violations) {
      const { steps, subjectKind } = ladder[violation]
      expect(steps.some(({ lists }) => lists)).toBe(subjectKind === 'user')
    }
  })
})

test.each([
  ['appealed', 'legitimate', 'overturned'],
  ['appealed', 'fraud', 'upheld'],
  ['appealed', 'inconclusive', 'upheld'],
  ['imposed', 'legitimate', 'withdrawn'],
  ['imposed', 'fraud', null],
  ['imposed', 'inconclusive', null],
  ['upheld', 'legitimate', 'withdrawn'],
  ['upheld', 'fraud', null],
  ['overturned', 'legitimate', null],
  ['withdrawn', 'fraud', null],
] as const)('%s, and the verdict is %s: %s', (state, verdict, becomes) => {
  expect(settledState(state, verdict)).toBe(becomes)
})
