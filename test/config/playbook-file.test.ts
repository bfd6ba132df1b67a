/** Playbook files: the one that ships, all mistakes at once with their places, and hostile files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CommandError } from '../../src/cli/exit.ts'
import {
  defaultPlaybookPath,
  loadPlaybook,
  type PlaybookProblem,
  parsePlaybook,
} from '../../src/config/playbook-file.ts'
import { exampleRow } from '../../src/core/rules/example.ts'
import { judge } from '../../src/core/rules/judge.ts'
import { playbookBytesMax } from '../../src/core/rules/playbook.ts'

const good = `name: test
version: 1.0.0-a
timeZone: Asia/Shanghai
score: { reviewAt: 60, blockAt: 97 }
alerting:
  serves: [D4]
  abnormalShareMax: 0.05
  clearShareMax: 0.04
  minRedemptions: 200
  minAbnormal: 20
  minAbnormalUsers: 10
  reviewScoreMin: 20
  scopesMax: 2000
  channelBands:
    group-share: { min: 0.09, max: 0.15, minClaims: 1000 }
reportAmountMin: 5000000
rules:
  - id: many-claims
    tier: behaviour
    serves: [D2]
    outcome: review
    weight: 40
    when: |
      user_claims_1h >= 20 &&
        is_claim
    reason:
      code: many-claims
      zh: 一小时内领取了 {user_claims_1h} 次。
      en: "{user_claims_1h} claims within an hour."
    examples:
      hit:
        - { user_claims_1h: 20, is_claim: true }
      nearMiss:
        - { user_claims_1h: 19, is_claim: true }
  - id: watched
    tier: device-ip
    mode: shadow
    outcome: block
    onDoubt: block
    rolloutPercent: 5
    weight: 95
    advice: step-up
    when: watched
    reason: { code: watched, zh: 观察名单。, en: On the watch list. }
    examples: { hit: [{ watched: true }], nearMiss: [{ watched: false }] }
`

function problemsOf(text: string): readonly PlaybookProblem[] {
  const parsed = parsePlaybook(text, 'p.yaml')
  return 'problems' in parsed ? parsed.problems : []
}

/** An event with nothing odd about it. */
const ordinary = {
  attempt_failed: false,
  attempt: 'succeeded',
  device_missing: false,
  device_handmade: false,
  ip_missing: false,
  ip_is_hosting: false,
  ip_is_vpn: false,
  ip_is_tor: false,
  ip_listed_by: 0,
  device_users_1h: 1,
  device_claims_10s: 1,
  device_fresh_users_1d: 0,
  code_uses_45d: 1,
  code_claim_same_user_45d: true,
  code_claim_same_device_45d: true,
  code_expired: false,
  code_age_days: 12,
  campaign_open: true,
  store_in_scope: true,
  referrer_official: true,
  tier_reached: true,
  coupon_share: 0.2,
  stacked_sources: 2,
  watched: false,
  blocked_user: false,
}

/** `good` with one piece exchanged, which must be there exactly once. */
function changed(from: string, to: string): string {
  expect(good.split(from), `one ${from}`).toHaveLength(2)
  return good.replace(from, () => to)
}

/** What stands right of the caret, which must be in the line that is shown. */
function underCaret({ excerpt }: PlaybookProblem): string {
  const [shown, caret] = excerpt.split('\n')
  return shown!.slice(caret!.indexOf('^'))
}

describe('a good playbook', () => {
  test('is read whole, in order of tiers, with defaults, frozen', () => {
    const parsed = parsePlaybook(good, 'p.yaml')
    if (!('playbook' in parsed)) throw new Error(parsed.problems[0]!.message)
    const { playbook, serves } = parsed
    expect(playbook.rules.map(({ id }) => id)).toEqual(['watched', 'many-claims'])
    expect(playbook.rules[0]).toMatchObject({ mode: 'shadow', onDoubt: 'block', rolloutPercent: 5 })
    const defaults = { mode: 'live', onDoubt: 'review', rolloutPercent: 100, advice: null }
    expect(playbook.rules[1]).toMatchObject(defaults)
    expect(playbook.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(playbook.timeZone.name).toBe('Asia/Shanghai')
    expect(serves).toEqual({ alerting: ['D4'], reports: [] })
    for (const part of [playbook, playbook.rules, playbook.rules[0], playbook.rules[0]!.reason]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(Object.isFrozen(playbook.alerting.channelBands['group-share'])).toBe(true)
  })

  test('is hashed as it is written', () => {
    const hashOf = (text: string) => {
      const parsed = parsePlaybook(text, 'p.yaml')
      return 'playbook' in parsed ? parsed.playbook.hash : null
    }
    expect(hashOf(good)).toBe(hashOf(good))
    expect(hashOf(`${good}# a word\n`)).not.toBe(hashOf(good))
  })
})

describe('the playbook that ships', () => {
  const playbook = loadPlaybook(defaultPlaybookPath)

  test('loads, and runs the examples of every rule', () => {
    expect(playbook.rules.length).toBeGreaterThan(30)
    for (const { examples } of playbook.rules) expect(examples.length).toBeGreaterThanOrEqual(2)
  })

  test('serves the rows of the domain table that it is there for', () => {
    const parsed = parsePlaybook(readFileSync(defaultPlaybookPath, 'utf8'), 'default.yaml')
    if (!('playbook' in parsed)) throw new Error('it has problems')
    const { alerting, reports } = parsed.serves
    const rows = new Set([
      ...playbook.rules.flatMap(({ serves }) => serves),
      ...alerting,
      ...reports,
    ])
    const wanted = 'D1 D2 D3 D4 D10 D11 D12 D14 D16 D19 D21 D22'.split(' ')
    expect(wanted.filter((row) => !rows.has(row))).toEqual([])
  })

  test.each<[string, Record<string, number | boolean | string>]>([
    ['a claim at home', { device_users_1d: 1, ip_users_1h: 2, account_age_days: 200 }],
    [
      'a claim on a family tablet',
      { device_users_1d: 5, device_users_7d: 6, account_age_days: 90 },
    ],
    [
      'a claim on a campus',
      { ip_users_1h: 900, ip_fresh_users_1h: 40, ip_claims_10s: 30, account_age_days: 200 },
    ],
    [
      'a new student on a campus',
      { ip_users_1h: 900, ip_fresh_users_1h: 5, ip_claims_10s: 3, account_age_days: 0.5 },
    ],
    ['a gift used at once', { transfer_hop: 1, transfer_age_hours: 0.1, account_age_days: 300 }],
    ['a heavy day', { user_claims_1d: 30, user_claims_1h: 8, user_gap_cv_1d: 0.9 }],
  ])('lets %s pass', (_, signals) => {
    const honest = { ...ordinary, ...signals }
    for (const is_claim of [true, false]) {
      const row = exampleRow({ ...honest, is_claim, is_redemption: !is_claim })
      const asked = judge(playbook, row, 0).filter(({ rule }) => rule.outcome !== 'allow')
      expect(asked.map(({ rule, verdict }) => `${rule.id} ${verdict}`)).toEqual([])
    }
  })
})

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

describe('loading', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'couponguard-playbook-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const written = (name: string, bytes: string | Uint8Array) => {
    const file = path.join(folder, name)
    writeFileSync(file, bytes)
    return file
  }
  const failure = (file: string): string => {
    try {
      loadPlaybook(file)
    } catch (error) {
      if (error instanceof CommandError && error.code === 1) return error.message
      throw error
    }
    throw new Error('it was loaded')
  }

  test('a good file', () => {
    expect(loadPlaybook(written('good.yaml', good)).version).toBe('1.0.0-a')
  })

  test('a bad one shows file, line, column, source and caret', () => {
    const file = written('bad.yaml', changed('when: watched', 'when: wached'))
    expect(failure(file)).toBe(
      `1 problem in ${file}; nothing of it was loaded\n` +
        `${file}:43:11: unknown signal wached; did you mean watched?\n` +
        '        when: wached\n' +
        '              ^',
    )
  })

  test.each([
    ['missing', () => path.join(folder, 'none.yaml'), /is not there/],
    ['a folder', () => folder, /is a folder/],
    ['not UTF-8', () => written('latin.yaml', Uint8Array.of(0x6e, 0xff, 0xfe)), /not valid UTF-8/],
    ['too large', () => written('large.yaml', 'x'.repeat(playbookBytesMax + 1)), /at most 1048576/],
  ])('%s', (_, file, message) => {
    expect(failure(file())).toMatch(message)
    expect(failure(file())).not.toContain('\n')
  })
})
