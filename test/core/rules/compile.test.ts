/** What conditions come to, in a table; and what is refused, where, and in which words. */
import { describe, expect, test } from 'vitest'
import { compileCondition } from '../../../src/core/rules/compile.ts'
import type { RuleVerdictName } from '../../../src/core/rules/playbook.ts'
import { catalogue } from '../../../src/core/signals/catalogue.ts'
import { type Cell, rowOf } from './rows.ts'

function compiled(text: string) {
  const result = compileCondition(text)
  if ('condition' in result) return result
  throw new Error(`${text}: ${result.map(({ message }) => message).join('; ')}`)
}

const a = 'device_users_1h'
const b = 'user_claims_1h'
const min = (bound: number): Cell => ({ atLeast: bound })

const cases: readonly [string, Readonly<Record<string, Cell>>, RuleVerdictName][] = [
  // Numbers that are exact, whole numbers and decimals alike.
  [`${a} >= 8`, { [a]: 8 }, 'hit'],
  [`${a} > 8`, { [a]: 8 }, 'miss'],
  [`8 < ${a}`, { [a]: 9 }, 'hit'],
  [`${a} == 8`, { [a]: 8 }, 'hit'],
  [`${a} != 8.0`, { [a]: 8 }, 'miss'],
  [`${a} in [1, 8]`, { [a]: 8 }, 'hit'],
  [`!(${a} in [1, 8])`, { [a]: 8 }, 'miss'],
  [`${a} + 1 > ${b} * 2`, { [a]: 8, [b]: 4 }, 'hit'],
  [`${a} / 2 == 3.5`, { [a]: 7 }, 'hit'],
  [`${a} % 4 == 3`, { [a]: 7 }, 'hit'],
  [`-${a} < -6`, { [a]: 7 }, 'hit'],
  [`(is_claim ? ${a} : ${b}) >= 5`, { is_claim: false, [a]: 9, [b]: 1 }, 'miss'],
  // Absent.
  [`${a} >= 8`, {}, 'absent'],
  [`!(${a} >= 8)`, {}, 'absent'],
  [`${a} + ${b} >= 8`, { [a]: 9 }, 'absent'],
  [`${a} >= 8 && is_claim`, { is_claim: false }, 'miss'],
  [`${a} >= 8 && is_claim`, { is_claim: true }, 'absent'],
  [`${a} >= 8 || is_claim`, { is_claim: true }, 'hit'],
  [`${a} >= 8 || is_claim`, { is_claim: false }, 'absent'],
  ['campaign == "x"', {}, 'absent'],
  ['campaign in ["x"]', {}, 'absent'],
  ['campaign.startsWith("x")', {}, 'absent'],
  ['known(campaign)', {}, 'miss'],
  ['!known(campaign)', {}, 'hit'],
  ['known(campaign)', { campaign: 'x' }, 'hit'],
  [`known(${a})`, { [a]: min(3) }, 'hit'],
  [`known(${a})`, { [a]: 'unknown!' }, 'doubtful'],
  // A lower bound decides what it can.
  [`${a} >= 8`, { [a]: min(8) }, 'hit'],
  [`${a} >= 8`, { [a]: min(7) }, 'doubtful'],
  [`${a} > 8`, { [a]: min(8) }, 'doubtful'],
  [`${a} < 8`, { [a]: min(8) }, 'miss'],
  [`${a} < 8`, { [a]: min(7) }, 'doubtful'],
  [`${a} <= 8`, { [a]: min(8) }, 'doubtful'],
  [`${a} <= 8`, { [a]: min(9) }, 'miss'],
  [`${a} == 8`, { [a]: min(9) }, 'miss'],
  [`${a} == 8`, { [a]: min(8) }, 'doubtful'],
  [`${a} != 8`, { [a]: min(9) }, 'hit'],
  [`${a} != 8`, { [a]: min(2) }, 'doubtful'],
  [`!(${a} < 8)`, { [a]: min(8) }, 'hit'],
  [`8 <= ${a}`, { [a]: min(8) }, 'hit'],
  [`${a} in [1, 2]`, { [a]: min(3) }, 'miss'],
  [`${a} in [1, 9]`, { [a]: min(3) }, 'doubtful'],
  [`${a} + ${b} >= 10`, { [a]: min(6), [b]: min(4) }, 'hit'],
  [`${a} + ${b} >= 10`, { [a]: min(6), [b]: 3 }, 'doubtful'],
  [`${a} * 2 >= 10`, { [a]: min(5) }, 'hit'],
  [`2 * ${a} >= 10`, { [a]: min(5) }, 'hit'],
  [`${a} - 1 >= 1`, { [a]: min(5) }, 'doubtful'],
  [`${a} * -1 <= -5`, { [a]: min(5) }, 'doubtful'],
  [`${a} * ${b} >= 1`, { [a]: min(5), [b]: 2 }, 'doubtful'],
  [`${b} < ${a}`, { [a]: min(5), [b]: 4 }, 'hit'],
  [`${b} > ${a}`, { [a]: min(5), [b]: 5 }, 'miss'],
  [`${a} >= ${b}`, { [a]: min(5), [b]: min(1) }, 'doubtful'],
  // What cannot be read at all.
  [`${a} >= 8`, { [a]: 'unknown!' }, 'doubtful'],
  ['watched', { watched: 'unknown!' }, 'doubtful'],
  [`${a} >= 8 && is_claim`, { [a]: 'unknown!', is_claim: false }, 'miss'],
  [`${a} >= 8 && is_claim`, { [a]: 'unknown!', is_claim: true }, 'doubtful'],
  [`${a} >= 8 || is_claim`, { [a]: 'unknown!', is_claim: true }, 'hit'],
  // An absent part of && settles it; of || it leaves the doubt; and ! turns one into the other.
  [`${a} >= 8 && is_claim`, { [a]: 'unknown!' }, 'absent'],
  [`${a} >= 8 || is_claim`, { [a]: 'unknown!' }, 'doubtful'],
  [`!(${a} >= 8 && is_claim)`, { [a]: 'unknown!' }, 'doubtful'],
  [`!(${a} >= 8 || is_claim)`, { [a]: 'unknown!' }, 'absent'],
  [`${a} >= 8 && ${b} >= 8 && is_claim`, { [a]: min(1), [b]: 9 }, 'absent'],
  [`is_claim ? ${a} >= 8 : ${b} >= 8`, { [a]: 9, [b]: 9 }, 'absent'],
  [`watched ? ${a} >= 8 : ${b} >= 8`, { watched: 'unknown!', [a]: 9, [b]: 1 }, 'doubtful'],
  [`watched ? ${a} >= 8 : ${b} >= 8`, { watched: 'unknown!', [a]: 1, [b]: 1 }, 'miss'],
  // Arithmetic that gives no number.
  [`${a} / ${b} > 1`, { [a]: 4, [b]: 0 }, 'failed'],
  [`${a} % ${b} > 1`, { [a]: 4, [b]: 0 }, 'failed'],
  [`!(${a} / ${b} > 1)`, { [a]: 4, [b]: 0 }, 'failed'],
  [`${a} / ${b} > 1 && is_claim`, { [a]: 4, [b]: 0, is_claim: false }, 'miss'],
  [`${a} / ${b} > 1 && is_claim`, { [a]: 4, [b]: 0 }, 'failed'],
  [`${a} / ${b} > 1 || is_claim`, { [a]: 4, [b]: 0, is_claim: true }, 'hit'],
  [`${a} >= 1`, { [a]: Number.NaN }, 'failed'],
  // Booleans and strings.
  ['is_claim == false', { is_claim: false }, 'hit'],
  ['is_claim != watched', { is_claim: false, watched: false }, 'miss'],
  ['campaign == channel', { campaign: 'x', channel: 'x' }, 'hit'],
  ['"x" != campaign', { campaign: 'x' }, 'miss'],
  ['campaign in ["x", "y"]', { campaign: 'y' }, 'hit'],
  ['campaign.contains("b") && campaign.endsWith("c")', { campaign: 'abc' }, 'hit'],
  ['campaign.matches("^a[0-9]+$")', { campaign: 'a12' }, 'hit'],
  ['campaign.matches("^a[0-9]+$")', { campaign: 'a12x' }, 'miss'],
]

describe('a condition comes to', () => {
  test.each(cases)('%s of %o: %s', (text, cells, verdict) => {
    expect(compiled(text).condition(rowOf(cells))).toBe(verdict)
  })

  test('failed where its row is not one, and throws nothing', () => {
    const row = { ...rowOf({ campaign: 'x' }), strings: [] }
    expect(compiled('campaign.startsWith("x")').condition(row)).toBe('failed')
  })

  test('signals are listed once, in order of appearance', () => {
    const { signals } = compiled(`watched && ${b} > 1 && (${a} > 2 || ${b} > 3)`)
    expect(signals.map((index) => catalogue[index]!.name)).toEqual(['watched', b, a])
  })
})

/** The caret marks where the problem is said to start. */
const refusals: readonly [string, ...[number, RegExp][]][] = [
  ['device_user_1h >= 8', [0, /unknown signal device_user_1h; did you mean device_users_1h\?/]],
  ['is_claim && zzzzzz', [12, /unknown signal zzzzzz$/]],
  [`${a} >= 257`, [19, /device_users_1h cannot be above 256: this is never true/]],
  [`${a} > 256`, [18, /never true/]],
  [`${a} == 300`, [19, /never true/]],
  [`${a} in [1, 300]`, [23, /never true/]],
  [`${a} < 300`, [18, /always true/]],
  [`300 <= ${a}`, [0, /never true/]],
  [`${a} + ${b} > 600`, [35, /cannot be above 512/]],
  [`watched && ${a} >=`, [29, /ends too early/]],
  [`${a} & watched`, [16, /Unexpected character/]],
  ['', [0, /ends too early/]],
  ['device_users_1h', [0, /true or false/]],
  ['true', [0, /must name a signal/]],
  ['1 < 2 && is_claim', [0, /compares two constants/]],
  ['is_claim && campaign', [12, /must be true or false/]],
  ['campaign == 3', [0, /a string cannot be compared with a number/]],
  ['campaign < "x"', [0, /only numbers can be compared with </]],
  [`${a} % 0 > 1 && 1 / 0 > ${a}`, [0, /not a finite number/], [27, /not a finite number/]],
  [`${a} > 9007199254740993`, [18, /too large to be exact/]],
  ['size(campaign) > 1', [0, /function size\(\) is not available/]],
  ['campaign.size() > 1', [0, /\.size\(\) is not available/]],
  ['has(campaign.x)', [0, /function has\(\) is not available|maps/]],
  ['campaign[0] == "x"', [0, /indexes|index/]],
  ['campaign in []', [12, /empty list/]],
  ['campaign in channel', [12, /needs a list/]],
  ['campaign.matches(channel)', [0, /takes a text in quotes/]],
  ['campaign.matches("a(")', [17, /not a pattern of RE2/]],
  ['campaign.matches("(?=a)b")', [17, /not a pattern of RE2/]],
  ['(watched ? is_claim : watched) ? watched : is_claim', [1, /too costly/]],
  [`aa > 1 && ${a} > 999 && bb > 1`, [0, /unknown/], [28, /never/], [35, /unknown/]],
]

describe('a condition is refused', () => {
  test.each(refusals)('%s', (text, ...expected) => {
    const result = compileCondition(text)
    if ('condition' in result) throw new Error('it was compiled')
    expect(result.map(({ start }) => start)).toEqual(expected.map(([start]) => start))
    for (const [at, [, message]] of expected.entries()) {
      expect(result[at]!.message).toMatch(message)
    }
  })

  test('more than 2000 characters', () => {
    const result = compileCondition(`${'!'.repeat(2_000)}watched`)
    expect(result).toMatchObject([
      { start: 2_000, message: expect.stringContaining('at most 2000 characters') },
    ])
  })

  test('deep nesting, with a message and without a crash', () => {
    for (const text of ['('.repeat(900), `${'('.repeat(900)}watched${')'.repeat(900)}`]) {
      expect(compileCondition(text)).toHaveLength(1)
    }
  })
})

describe('a hostile pattern', () => {
  test.each(['^(a+)+$', '^(a|a)*$', '^(.*)*x$'])('%s takes no time', (pattern) => {
    const { condition } = compiled(`campaign.matches("${pattern}")`)
    const row = rowOf({ campaign: `${'a'.repeat(5_000)}!` })
    const before = performance.now()
    expect(condition(row)).toBe('miss')
    expect(performance.now() - before).toBeLessThan(500)
  })
})
