/**
 * `domain` on the built command, from the sources and where there are none; and which marks count
 * in a checkout made by hand.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readDomain, readMarks } from '../../src/cli/domain-rows.ts'
import {
  mainPath,
  problemLines,
  repoRoot,
  runCli,
  runWell,
  scratchFolder,
} from '../support/run-cli.ts'

test('as JSON: each row with what serves and what proves it, from whatever folder', async () => {
  const { stdout } = await runWell(['domain', '--json'], { cwd: scratchFolder() })
  const document = JSON.parse(stdout)
  expect(document).toEqual({ rows: readDomain(repoRoot) })
  for (const row of document.rows)
    expect(Object.keys(row)).toEqual(['id', 'fact', 'does', 'servedBy', 'tests'])
  const byId = new Map(document.rows.map((row: { id: string }) => [row.id, row]))
  expect(byId.get('D20')).toEqual({
    id: 'D20',
    fact: 'Refunds: asked within days, decided in 1–3 working days, paid within 7.',
    does: 'reversals as events; refund abuse as signals',
    servedBy: expect.arrayContaining(['playbooks/default.yaml#refund-of-nothing']),
    tests: expect.arrayContaining(['test/reversals.test.ts']),
  })
  expect(byId.get('D15')).toMatchObject({ servedBy: ['src/core/reconciliation/match.ts'] })
})

test('from the sources the same, and only the rows that are asked for', async () => {
  const words = [
    '--import',
    'tsx',
    join(repoRoot, 'src', 'main.ts'),
    'domain',
    'D7',
    'D3',
    '--json',
  ]
  const said = execFileSync(process.execPath, words, { cwd: repoRoot, encoding: 'utf8' })
  const rows = readDomain(repoRoot).filter(({ id }) => id === 'D3' || id === 'D7')
  expect(JSON.parse(said)).toEqual({ rows })
})

test('for people: a line of the fact, and all of it where the row is asked for', async () => {
  const { stdout: all } = await runWell(['domain'])
  expect(all.match(/^D\d+ /gm)).toHaveLength(24)
  expect(all.split('\n').filter((line) => [...line].length > 100)).toEqual([])
  expect(all).toMatch(/^D5 {3}Penalties by violation and offence: .*…\n {5}served by {2}\S/m)
  const { stdout: one } = await runWell(['domain', 'D15'])
  expect(one.replace(/\s+/g, ' ')).toContain('(look again after 30 minutes). does reconcile: recon')
  expect(one).toContain('     proved by  test/cli/reconcile.test.ts, test/core/reconciliation/')
})

test('installed without the sources it says so in one line', async () => {
  const folder = scratchFolder()
  cpSync(dirname(mainPath), join(folder, 'dist'), { recursive: true })
  cpSync(join(repoRoot, 'package.json'), join(folder, 'package.json'))
  cpSync(join(repoRoot, 'playbooks'), join(folder, 'playbooks'), { recursive: true })
  symlinkSync(join(repoRoot, 'node_modules'), join(folder, 'node_modules'))
  const program = join(folder, 'dist', 'main.js')
  const ran = await runCli(['domain'], { cwd: repoRoot, program })
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(problemLines(ran)).toEqual([
    expect.stringMatching(/^couponguard: the sources are not installed here, .*docs\/domain\.md/),
  ])
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
})

test('a mark counts in the opening comment, and a playbook speaks for each of its rules', () => {
  const root = scratchFolder()
  const files = {
    'docs/domain.md':
      '| # | fact | does |\n|---|---|---|\n| D1 | One `a`. | b |\n| D2 | Two. | c |\n',
    'src/a.ts': '/** A. serves: D1 */\nexport const a = `\n * serves: D2\n`\n// serves: D2\n',
    'src/b/c.lua': '-- C.\n-- serves: D1, D2\n-- proves: no row\nreturn 1 -- serves: D3\n',
    'scripts/d.ts': '#!/usr/bin/env tsx\n/**\n * serves: D1,\n * D2\n */\n',
    'mappings/e.yaml': '# serves: D2\nname: e\n',
    'playbooks/note.md': 'serves: D2\n',
    'test/f.test.ts': '/**\n * serves: [D2] of a list\n * proves: D2\n */\n',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  expect(readDomain(root)).toEqual([
    {
      id: 'D1',
      fact: 'One `a`.',
      does: 'b',
      servedBy: ['scripts/d.ts', 'src/a.ts', 'src/b/c.lua'],
      tests: [],
    },
    {
      id: 'D2',
      fact: 'Two.',
      does: 'c',
      servedBy: ['mappings/e.yaml', 'scripts/d.ts', 'src/b/c.lua'],
      tests: ['test/f.test.ts'],
    },
  ])
  cpSync(join(repoRoot, 'playbooks', 'default.yaml'), join(root, 'playbooks', 'p.yaml'))
  const parts = readMarks(root).filter(({ path }) => path === 'playbooks/p.yaml')
  expect(parts.filter(({ row }) => row === 'D22').map(({ part }) => part)).toEqual([
    'reportAmountMin',
    'regulator-amount',
  ])
})
