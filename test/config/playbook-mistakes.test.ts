/** Mistakes in playbook files: all at once, each at its place; and files made to do harm. */
import { describe, expect, test } from 'vitest'
import type { PlaybookProblem } from '../../src/config/playbook-file.ts'
import { playbookBytesMax } from '../../src/core/rules/playbook.ts'
import { changed, good, problemsOf } from './a-playbook.ts'

/** What stands right of the caret, which must be in the line that is shown. */
function underCaret({ excerpt }: PlaybookProblem): string {
  const [shown, caret] = excerpt.split('\n')
  return shown!.slice(caret!.indexOf('^'))
}

/** From, to, what the message says, what stands under the caret. */
const mistakes: readonly [string, string, RegExp, string][] = [
  ['name: test', 'naem: test', /has no key naem; did you mean name\?/, 'naem: test'],
  ['version: 1.0.0-a', 'version: 1.0', /must be a text; put it in quotes/, '1.0'],
  ['version: 1.0.0-a', 'version: a@b+1', /version must be letters/, 'a@b+1'],
  [
    'Asia/Shanghai',
    'Asia/Shanghia',
    /unknown time zone .* did you mean Asia\/Shanghai/,
    'Asia/Shanghia',
  ],
  [
    'reviewAt: 60',
    'reviewAt: 98',
    /reviewAt \(98\) must not be above blockAt \(97\)/,
    '98, blockAt: 97 }',
  ],
  ['blockAt: 97', 'blockAt: high', /blockAt must be a number/, 'high }'],
  ['ShareMax: 0.04', 'ShareMax: 0.05', /must be below abnormalShareMax/, '0.05'],
  ['ShareMax: 0.04', 'ShareMax: 1.5', /clearShareMax must be from 0 to 1, not 1.5/, '1.5'],
  ['minAbnormal: 20', 'minAbnormal: 0.5', /must be a whole number/, '0.5'],
  ['  minAbnormal: 20\n', '', /alerting lacks the key minAbnormal/, 'alerting:'],
  [
    'max: 0.15',
    'max: 0.05',
    /min \(0.09\) must be below max \(0.05\)/,
    '0.09, max: 0.05, minClaims: 1000 }',
  ],
  [
    'id: watched',
    'id: many-claims',
    /id many-claims is taken by the rule on line 18/,
    'many-claims',
  ],
  ['id: watched', 'id: Watched!', /id must be lower-case/, 'Watched!'],
  [
    '    weight: 40\n',
    '    weight: 40\n    weight: 41\n',
    /the key weight stands twice; the first is on line 22/,
    'weight: 41',
  ],
  ['weight: 40', 'weight: 140', /weight must be from 0 to 100/, '140'],
  ['tier: behaviour', 'tier: behavior', /one of .*did you mean behaviour/, 'behavior'],
  ['outcome: review', 'outcome: deny', /outcome must be one of allow, review, block/, 'deny'],
  ['onDoubt: block', 'onDoubt: allow', /onDoubt must be one of review, block/, 'allow'],
  ['serves: [D2]', 'serves: [D2, X]', /X is not a row of the domain table/, 'X]'],
  [
    'user_claims_1h >= 20',
    'user_claim_1h >= 20',
    /did you mean user_claims_1h/,
    'user_claim_1h >= 20 &&',
  ],
  [
    '        is_claim\n',
    '        is_calim\n',
    /unknown signal is_calim; did you mean is_claim/,
    'is_calim',
  ],
  ['1h >= 20 &&', '1h >= 300 &&', /cannot be above 256: this is never true/, '300 &&'],
  ['1h >= 20 &&', '1h >= "20" &&', /cannot be compared|only numbers/, 'user_claims_1h >= "20" &&'],
  ['1h >= 20 &&', '1h >= &&', /Unexpected token/, '&&'],
  ['when: watched', `when: '"it''s" == campain'`, /unknown signal campain/, "campain'"],
  ['when: watched', 'when: "\\"a\\" == campain"', /unknown signal campain/, 'campain"'],
  ['when: watched', 'when:', /when is empty/, ''],
  ['    when: watched\n', '', /this rule lacks the key when/, 'id: watched'],
  [
    '了 {user_claims_1h}',
    '了 {user_claim_1h}',
    /unknown signal user_claim_1h/,
    'user_claim_1h} 次。',
  ],
  [
    'en: "{user',
    'en: "{is_claim} {user',
    /is_claim is true or false/,
    'is_claim} {user_claims_1h} claims within an hour."',
  ],
  [
    'zh: 观察名单。, ',
    '',
    /reason lacks the key zh/,
    'reason: { code: watched, en: On the watch list. }',
  ],
  ['nearMiss: [{ watched: false }]', 'nearMiss: []', /nearMiss needs at least one example/, '[] }'],
  [
    ', nearMiss: [{ watched: false }]',
    '',
    /examples lacks the key nearMiss/,
    'examples: { hit: [{ watched: true }] }',
  ],
  [
    '[{ watched: false }]',
    '[{ watched: true }]',
    /near miss must miss, this is hit/,
    '{ watched: true }] }',
  ],
  ['[{ watched: false }]', '[{ watched: 0 }]', /watched is true or false/, '0 }] }'],
  [
    '[{ watched: false }]',
    '[{ wached: false }]',
    /unknown signal wached; did you mean watched/,
    'wached: false }] }',
  ],
  [
    '1h: 20, is_claim: true',
    '1h: 20',
    /comes out as absent; it names no value for is_claim/,
    '{ user_claims_1h: 20 }',
  ],
  ['1h: 19,', '1h: 1900,', /user_claims_1h cannot be above 256/, '1900, is_claim: true }'],
  ['mode: shadow', 'mode: &m shadow\n    x: *m', /aliases|no key x/, 'x: *m'],
  ['mode: shadow', 'mode: *m', /[Aa]lias/, '*m'],
]

describe('a mistake is told with its place', () => {
  test.each(mistakes)('%j → %j', (from, to, message, under) => {
    const problems = problemsOf(changed(from, to))
    const found = problems.filter((problem) => message.test(problem.message))
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
    expect(found.map(underCaret)).toContain(under)
    const { line, column } = found[0]!
    const source = changed(from, to).split('\n')[line - 1]!
    expect(
      Array.from(source)
        .slice(column - 1)
        .join(''),
    ).toBe(under)
  })

  test('the caret keeps its place behind wide characters and tabs', () => {
    const [problem] = problemsOf(changed('了 {user_claims_1h}', '了\t{user_claim_1h}'))
    const [shown, caret] = problem!.excerpt.split('\n')
    const wide = '\u3000'
    expect(shown).toBe('          zh: 一小时内领取了\t{user_claim_1h} 次。')
    expect(caret).toBe(`${' '.repeat(14)}${wide.repeat(7)}\t ^`)
  })

  test('ten of them are told at once, each at its line', () => {
    const text = [
      ['Asia/Shanghai', 'Mars/Olympus'],
      ['reviewAt: 60', 'reviewAt: 99'],
      ['clearShareMax: 0.04', 'clearShareMax: 0.06'],
      ['minRedemptions: 200', 'minRedemtions: 200'],
      ['reportAmountMin: 5000000', 'reportAmountMin: -1'],
      ['outcome: review', 'outcome: deny'],
      ['>= 20 &&', '>= 2000 &&'],
      ['        is_claim\n', '        is_calim\n'],
      ['{user_claims_1h} 次', '{user_clams_1h} 次'],
      ['[{ watched: false }]', '[{ watched: true }]'],
    ].reduce((whole, [from, to]) => whole.replace(from!, () => to!), good)
    const problems = problemsOf(text)
    const lines = problems.map(({ line }) => line)
    expect(lines).toEqual([3, 4, 5, 8, 9, 16, 21, 24, 25, 28, 45])
    for (const problem of problems) {
      const shown = problem.excerpt.split('\n')[0]!.trimStart()
      expect(text.split('\n')[problem.line - 1]).toContain(shown)
      expect(problem.excerpt.split('\n')[1]!.trim()).toBe('^')
    }
  })
})

describe('a hostile file is refused quickly', () => {
  const bomb = Array.from({ length: 20 }, (_, i) =>
    i === 0
      ? 'a0: &a0 [x, x]'
      : `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
  ).join('\n')
  test.each([
    ['empty', '', /empty/],
    ['only a comment', '# nothing\n', /empty/],
    ['a list', '- a\n', /must hold keys and values/],
    ['binary', '\u0000\u0001', /./],
    ['two documents', `${good}---\n${good}`, /multiple documents/],
    ['tabs', '\tname: x\n', /[Tt]ab/],
    ['nested without end', '['.repeat(200_000), /nested too deeply/],
    ['aliases that multiply', `${bomb}\nrules: *a19\n`, /aliases/],
    ['the same key again and again', 'name: a\n'.repeat(20_000), /stands twice/],
    ['a tag', 'name: !!js/function x\n', /tag/],
    ['an escape in a key', '"\\e[2Jx": 1\n', /\ufffd\[2Jx/],
    ['too large', `${good}#${'x'.repeat(playbookBytesMax)}`, /at most 1048576 bytes/],
    [
      'too many rules',
      good.replace(/rules:[\s\S]*/, `rules:\n${'  - a\n'.repeat(501)}`),
      /at most 500 rules/,
    ],
  ])('%s', (_, text, message) => {
    const before = performance.now()
    const problems = problemsOf(text)
    expect(performance.now() - before).toBeLessThan(5_000)
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
    expect(problems.length).toBeLessThanOrEqual(100)
  })
})
