/**
 * Slips in the YAML itself: each is told once, where it is, and nothing that only follows from it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadCampaigns } from '../../src/config/campaigns-file.ts'
import { readPlainYaml } from '../../src/config/plain-yaml.ts'
import { defaultPlaybookPath } from '../../src/config/playbook-file.ts'
import { parseMapping } from '../../src/recording/mapping-file.ts'
import { changed, good, problemsOf } from './a-playbook.ts'

const directory = mkdtempSync(join(tmpdir(), 'slips-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** From, to, the words, and what stands in its line from the caret on. */
const slips: readonly [from: string, to: string, message: RegExp, under: string][] = [
  ['    weight: 40\n', '\tweight: 40\n', /tab in the indentation/, '\tweight: 40'],
  ['    weight: 40\n', '  \t weight: 40\n', /tab in the indentation/, '\t weight: 40'],
  ['    weight: 40\n', '    weight 40\n', /colon is missing behind weight/, ' 40'],
  ['    weight: 40\n', '    weight:40\n', /space is missing behind the colon/, '40'],
  ['    weight: 40\n', '    weight：40\n', /this colon is none of YAML/, '：40'],
  ['rules:\n', 'rules\n', /colon is missing behind rules/, ''],
  ['    reason:\n', '    reason\n', /colon is missing behind reason/, ''],
  ['    examples:\n', '    examples\n', /colon is missing behind examples/, ''],
  ['  - id: watched', '  - id watched', /colon is missing behind id/, ' watched'],
  ['    weight: 40\n', '      weight: 40\n', /by 6, the line above by 4/, 'weight: 40'],
  ['    weight: 40\n', '   weight: 40\n', /by 3, the lines above it by 4, 2, 0/, 'weight: 40'],
  ['    weight: 40\n', '  weight: 40\n', /by 2, where an item with a - is/, 'weight: 40'],
  ['    weight: 40\n', 'weight: 40\n', /by 0, the lines around it by 4/, 'weight: 40'],
  ['name: test', ' name: test', /by 0, the lines above it by 1/, 'version: 1.0.0-a'],
  ['  - id: watched', ' - id: watched', /by 1, the lines above it by/, '- id: watched'],
  ['  - id: watched', '   - id: watched', /by 3, the lines above it by/, '- id: watched'],
  ['  - id: watched', '- id: watched', /by 0, where a key/, '- id: watched'],
  ['  - id: watched', '  -id: watched', /space is missing behind the -/, 'id: watched'],
  ['  - id: watched', '    id: watched', /id stands twice.*is a - missing/, 'id: watched'],
  ['  - id: many', '    id: many', /a - is missing before this/, 'id: many-claims'],
  ['serves: [D2]', 'serves: [D2', /nothing closes this \[/, '[D2'],
  ['serves: [D2]', 'serves: [D2]]', /this \] closes nothing/, ']'],
  [
    '1h: 20, is_claim: true }',
    '1h: 20, is_claim: true',
    /nothing closes this {/,
    '{ user_claims_1h: 20, is_claim: true',
  ],
  ['1h: 20, is', '1h: 20 is', /set apart by commas/, '20 is_claim: true }'],
  [
    'en: "{user',
    "en: '{user",
    /nothing closes this '/,
    `'{user_claims_1h} claims within an hour."`,
  ],
  [
    'within an hour."',
    'within an hour.',
    /nothing closes this "/,
    '"{user_claims_1h} claims within an hour.',
  ],
  ['name: test', 'name: "test', /nothing closes this "/, '"test'],
  [
    'en: "{user_claims_1h} claims',
    'en: {user_claims_1h} claims',
    /put the whole of it in quotes/,
    'claims within an hour."',
  ],
  [
    'when: watched',
    'when: "a" == "b" && watched',
    /put the whole of it in quotes/,
    '== "b" && watched',
  ],
  [
    'zh: 一小时',
    'zh: 注意: 一小时',
    /a value with a colon in it/,
    ': 一小时内领取了 {user_claims_1h} 次。',
  ],
  ['zh: 一小时', 'zh: @一小时', /put the value in quotes/, '@一小时内领取了 {user_claims_1h} 次。'],
  ['when: watched', 'when: !watched', /begins with ! must be in quotes/, '!watched'],
  ['when: |', 'when: >_', /begins with > or \|/, '_'],
  [
    '      user_claims_1h >= 20 &&\n',
    '  user_claims_1h >= 20 &&\n',
    /by 2, where an item/,
    'user_claims_1h >= 20 &&',
  ],
  [
    '    weight: 40\n',
    '<<<<<<< HEAD\n    weight: 40\n=======\n',
    /a merge left its marks/,
    '<<<<<<< HEAD',
  ],
]

describe('one slip is one problem, at its place', () => {
  test.each(slips)('%j → %j', (from, to, message, under) => {
    const problems = problemsOf(changed(from, to))
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringMatching(message)])
    const [shown, caret] = problems[0]!.excerpt.split('\n')
    expect(shown!.slice(caret!.indexOf('^'))).toBe(under)
  })
})

describe('what is no slip to a parser is told with what mends it, and not key by key', () => {
  const dedented = (block: RegExp) =>
    good.replace(block, (_, head: string, body: string) => head + body.replace(/^ {2}/gm, ''))
  test.each([
    [
      'a map of the file',
      dedented(/(alerting:\n)([\s\S]*)(?=reportAmountMin)/),
      'serves',
      'alerting',
    ],
    ['a map of a rule', dedented(/( {4}reason:\n)([\s\S]*?)(?= {4}examples)/), 'code', 'reason'],
    [
      'a map of lists',
      dedented(/( {4}examples:\n)([\s\S]*?)(?= {2}- id: watched)/),
      'hit',
      'examples',
    ],
  ])('%s that is not indented', (_, text, key, owner) => {
    const said = problemsOf(text).map(({ message }) => message)
    expect(said).toHaveLength(2)
    expect(said[0]).toContain(`${owner} is empty`)
    expect(said[1]).toMatch(`has no key ${key}; if it belongs to ${owner}, indent it deeper`)
  })

  test('all keys that a rule lacks', () => {
    const said = problemsOf(changed('    weight: 40\n', '  - weight: 40\n'))
    expect(said.map(({ message }) => message)).toEqual([
      'this rule lacks the keys when, weight, reason, examples',
      'this rule lacks the keys id, tier, outcome',
    ])
  })

  test('a space that is none', () => {
    const said = problemsOf(changed('    weight: 40\n', '    \u00a0weight: 40\n'))
    expect(said.map(({ message }) => message).join()).toMatch(/U\+00a0, which is no space to YAML/)
  })
})

test('slips in several rules are told together, each by its line', () => {
  const text = good
    .replace('score: {', 'score: [')
    .replace('    weight: 40\n', '    weight 40\n')
    .replace('    mode: shadow\n', '\tmode: shadow\n')
  expect(problemsOf(text).map(({ line }) => line)).toEqual([4, 22, 37])
})

describe('in the playbook that ships, wherever it is', () => {
  const lines = readFileSync(defaultPlaybookPath, 'utf8').split('\n')
  const kinds: readonly [string, (line: string) => string][] = [
    ['no colon', (line) => line.replace(/^( *(?:- )?\w+):/, '$1')],
    ['a tab', (line) => line.replace(/^ {2,}(?=\S)/, '\t')],
    ['one column more', (line) => line.replace(/^(?= *[^ #])/, ' ')],
    ['two columns less', (line) => line.replace(/^ {2}/, '')],
    ['no dash', (line) => line.replace(/^( *)- /, '$1  ')],
    ['a quote', (line) => line.replace(/^( *\w+: )(?=\w)/, '$1"')],
    ['a bracket less', (line) => line.replace(/[\]}]$/, '')],
    ['a bracket more', (line) => line.replace(/[\]}]$/, '$&]')],
  ]
  test.each(kinds)('%s', (_, slip) => {
    let tried = 0
    for (let at = 13; at < lines.length; at += 37) {
      const torn = slip(lines[at]!)
      if (torn === lines[at]) continue
      tried += 1
      const problems = problemsOf(lines.with(at, torn).join('\n'))
      expect(problems.length, `line ${at + 1}: ${torn}`).toBeLessThanOrEqual(2)
    }
    expect(tried).toBeGreaterThan(0)
  })

  test('a file of nothing but slips is refused quickly', () => {
    const before = performance.now()
    expect(problemsOf('a b\n'.repeat(250_000)).length).toBeLessThanOrEqual(10)
    expect(problemsOf(`rules:\n${'  - id: [\n'.repeat(20_000)}`).length).toBeLessThanOrEqual(10)
    expect(performance.now() - before).toBeLessThan(10_000)
  })
})

describe('other files have the same words', () => {
  const saidOf = (read: () => unknown): string => {
    try {
      read()
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }

  test('campaigns, with line and caret', () => {
    const path = join(directory, 'campaigns.yaml')
    const text = 'campaigns:\n  - id: a\n    stock 3\n    stores: [s1]\n  - id: b\n\tstock: 3\n'
    writeFileSync(path, text)
    const said = saidOf(() => loadCampaigns(path)).replaceAll(path, 'FILE')
    expect(said.split('\n')).toEqual([
      'FILE: 2 problems',
      expect.stringMatching(/^FILE:3:10: a colon is missing behind stock/),
      '        stock 3',
      `${' '.repeat(13)}^`,
      expect.stringMatching(/^FILE:6:1: a tab/),
      '    \tstock: 3',
      '    ^',
    ])
  })

  test('campaigns in JSON have their first', () => {
    const path = join(directory, 'campaigns.json')
    writeFileSync(
      path,
      '{\n  "campaigns": [\n    { "id": "a" "stock": 3 },\n    { "id" "b" }\n  ]\n}\n',
    )
    expect(saidOf(() => loadCampaigns(path)).match(/json:\d+/g)).toEqual(['json:3'])
  })

  test('a mapping', () => {
    const text =
      'name: m\nfields:\n  user: who\n campaign: c\nexpand:\n  - kind claim\n    when: x\n'
    expect(saidOf(() => parseMapping('m.yaml', text)).match(/^m\.yaml:\d+/gm)).toEqual([
      'm.yaml:4',
      'm.yaml:6',
    ])
  })

  test('a configuration', () => {
    expect(saidOf(() => readPlainYaml('switch: review\nplaybook p\n', 'c.yaml'))).toMatch(
      /^c\.yaml:2:9: a colon is missing behind playbook/,
    )
    expect(saidOf(() => readPlainYaml('a: &a 1\nb: *a\n', 'c.yaml'))).toMatch(/aliases/)
  })
})
