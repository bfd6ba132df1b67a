/**
 * `check` says everything that is wrong at once, each by line and caret, and what is good about the
 * rest.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemLines, repoRoot, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

const kept = join(repoRoot, 'test', 'recordings', 'playbook.yaml')

/**
 * What is exchanged, and where in the line of the mistake the caret must stand: under this text.
 */
const mistakes: readonly (readonly [from: string, to: string, caret: string, says: RegExp])[] = [
  ['version: 1.0.0', 'version: [1]', '[1]', /version/],
  ['timeZone: Asia/Shanghai', 'timeZone: Asia/Atlantis', 'Asia/Atlantis', /zone/],
  ['clearShareMax: 0.04', 'clearShareMax: 0.06', '', /clearShareMax/],
  ['outcome: block', 'outcome: explode', 'explode', /explode|outcome/],
  ['weight: 70', 'weight: 700', '700', /weight/],
  ['ip_users_1h >= 4', 'ip_user_1h >= 4', 'ip_user_1h', /ip_users_1h/],
  ['advice: step-up', 'advise: step-up', 'advise', /advise/],
  ['user_gap_cv_1d < 0.6', "user_gap_cv_1d < 'x'", '', /gap_cv|string|overload|number/],
  ['rolloutPercent: 60', 'rolloutPercent: 160', '160', /rolloutPercent/],
  ['user_failed_1d >= 2', 'user_failed_1d >= 1000', '', /1000|256/],
]

test(`${mistakes.length} mistakes are ${mistakes.length} problems, each with line and caret, and exit 1`, async () => {
  const path = join(scratchFolder(), 'mistakes.yaml')
  let text = readFileSync(kept, 'utf8')
  for (const [from, to] of mistakes) {
    expect(text, from).toContain(from)
    text = text.replace(from, to)
  }
  writeFileSync(path, text)
  const ran = await runCli(['check', path])
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  expect(problemLines(ran)).toEqual([
    `couponguard: ${mistakes.length} problems in ${path}; nothing of it was loaded`,
  ])
  const said = ran.stderr.split('\n').slice(1, -1)
  const problems = Array.from({ length: said.length / 3 }, (_, index) =>
    said.slice(index * 3, index * 3 + 3),
  )
  expect(problems).toHaveLength(mistakes.length)
  const lines = text.split('\n')
  for (const [, to, caret, says] of mistakes) {
    const line = lines.findIndex((one) => one.includes(to)) + 1
    const problem = problems.find(([head]) => head!.startsWith(`${path}:${line}:`))
    expect(problem, `a problem in line ${line}: ${to}\n${ran.stderr}`).toBeDefined()
    const [head, source, mark] = problem!
    expect(head).toMatch(says)
    expect(source!.trim()).toBe(lines[line - 1]!.trim())
    const at = mark!.indexOf('^')
    expect(at).toBeGreaterThanOrEqual(0)
    if (caret !== '') expect(source!.slice(at, at + caret.length)).toBe(caret)
  }
})

test('the same as one JSON document', async () => {
  const path = join(scratchFolder(), 'one.yaml')
  writeFileSync(path, readFileSync(kept, 'utf8').replace('weight: 70', 'weight: 700'))
  const ran = await runCli(['check', path, '--json'])
  expect(ran.code).toBe(1)
  expect(JSON.parse(ran.stdout)).toMatchObject({ file: path, ok: false, problems: [{}] })
})

test('no command that judges takes a playbook with a mistake', async () => {
  const folder = scratchFolder()
  const path = join(folder, 'one.yaml')
  writeFileSync(path, readFileSync(kept, 'utf8').replace('weight: 70', 'weight: 700'))
  const recording = join(repoRoot, 'test', 'recordings', 'orders.avro')
  const replayed = await runCli(['replay', recording, '--playbook', path])
  const started = await runCli(['start', '--playbook', path, '--data', join(folder, 'data')])
  for (const ran of [replayed, started]) {
    expect(ran.code).toBe(1)
    expect(problemLines(ran)).toEqual([expect.stringContaining('1 problem in ')])
    expect(ran.stderr).toMatch(/one\.yaml:\d+:\d+: /)
  }
})

test('the playbooks that come with couponguard are good', async () => {
  for (const path of [[], [kept]]) {
    const { stdout } = await runWell(['check', ...path, '--json'])
    const { ok, rules, examples } = JSON.parse(stdout)
    expect(ok).toBe(true)
    expect(examples).toBeGreaterThanOrEqual(2 * rules)
  }
})
