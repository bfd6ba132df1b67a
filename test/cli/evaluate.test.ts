/**
 * `evaluate` as a process: on a small generated day as text, JSON and HTML, with a model made by
 * hand, and on recordings that it cannot measure anything by.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeHandMadeModel } from '../support/hand-made-model.ts'
import { problemLines, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

async function generated(scenario: string): Promise<{ folder: string; recording: string }> {
  const folder = scratchFolder()
  const recording = join(folder, 'day.avro')
  const words = ['generate', '--seed', '11', '--events', '3000', '--scenario', scenario]
  await runWell([...words, '--out', recording])
  return { folder, recording }
}

test('text, JSON and HTML tell the same day, and replay agrees', async () => {
  const { folder, recording } = await generated('attack')
  const html = join(folder, 'report.html')
  const { stdout, stderr } = await runWell(['evaluate', recording, '--json', '--html', html])
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  const report = JSON.parse(stdout)
  expect(report.ways.map(({ way }: { way: string }) => way)).toEqual(['rules'])
  const [rules] = report.ways
  const { detection } = JSON.parse((await runWell(['replay', recording, '--json'])).stdout)
  expect(report).toMatchObject({
    recording,
    model: null,
    labelled: detection.labelled,
    frauds: detection.dishonest,
    honestUsers: detection.honestUsers,
  })
  expect(rules.precision).toBeCloseTo(detection.precision, 4)
  expect(rules.recall).toBeCloseTo(detection.recall, 4)
  expect(rules.outlay.blockedUsers).toBe(detection.honestUsersBlocked)
  expect(rules.rocAuc).toBeGreaterThan(0.8)
  expect(rules.least.cost).toBeLessThanOrEqual(rules.outlay.cost)
  expect(rules.byKind.length).toBe(Object.keys(detection.byKind).length)

  const page = readFileSync(html, 'utf8')
  expect(page).not.toMatch(/<script/i)
  expect(page.match(/<svg /g)).toHaveLength(5)

  const text = await runWell(['evaluate', recording, '--review-cost', '3'])
  expect(text.stdout).toContain('ROC-AUC')
  expect(text.stdout).toContain(rules.rocAuc.toFixed(4))
  expect(text.stdout).toContain('a review 3')
  expect(text.stdout).toContain('code-walker')
})

test('with a model it tells the model alone and both, at its own thresholds or those given', async () => {
  const { folder, recording } = await generated('attack')
  const sha256 = createHash('sha256').update(readFileSync(recording)).digest('hex')
  const directory = writeHandMadeModel(folder, [{ name: 'day.avro', sha256 }])
  const words = ['evaluate', recording, '--model', directory]
  const report = JSON.parse((await runWell([...words, '--json'])).stdout)
  expect(report).toMatchObject({
    model: { name: 'by-hand', trainedOnIt: true },
    thresholds: { reviewAt: 0.5, blockAt: 0.99 },
    limits: { precisionMin: 0.95, blockedShareMax: 0.001 },
  })
  const [rules, model, both] = report.ways
  expect([rules.way, model.way, both.way]).toEqual(['rules', 'model', 'both'])
  // Nothing reaches 0.99, and whatever rules or model flag both flag together.
  expect([model.blocked, both.blocked]).toEqual([0, rules.blocked])
  expect(model.caught).toBeGreaterThan(0)
  expect(both.flagged).toBeGreaterThanOrEqual(Math.max(rules.flagged, model.flagged))
  expect(both.least.cost).toBeLessThanOrEqual(both.outlay.cost)
  expect(report.drift.features).toEqual([
    { feature: 'device_users_1d', stability: expect.any(Number) },
  ])

  // What is pasted is what was counted.
  const dear = ['--missed-fraud-cost', '1000', '--precision-min', '0', '--blocked-share-max', '1']
  const freely = await runWell([...words, ...dear])
  const pasted = /^ {2}model: \{ name: by-hand, reviewAt: (0\.\d{4}), .*mode: shadow \}$/m
  const [, reviewAt] = pasted.exec(freely.stdout) ?? []
  const told = (title: string) =>
    new RegExp(`^For the playbook\n[^]*?^ +${title} +(\\S+ %)$`, 'm').exec(freely.stdout)?.[1]
  const again = JSON.parse(
    (await runWell([...words, '--json', '--review-at', reviewAt ?? 'none'])).stdout,
  )
  expect(`${(again.ways[2].recall * 100).toFixed(2)} %`).toBe(told('recall'))
  expect(`${(again.ways[2].precision * 100).toFixed(2)} %`).toBe(told('precision'))

  const given = ['--review-at', '0.01', '--block-at', '0.9']
  const text = await runWell([...words, ...given])
  expect(text.stdout).toContain('review at 0.0100, block at 0.9000')
  expect(text.stdout).toMatch(/^For the playbook$/m)
  expect(text.stdout).toMatch(/^ +recall +\d+\.\d\d % +100\.00 % +100\.00 %$/m)
  expect(text.stdout).toContain('device_users_1d')

  const crossed = await runCli([...words, '--review-at', '0.9', '--block-at', '0.1'])
  expect([crossed.code, problemLines(crossed)]).toEqual([
    2,
    ['couponguard: --review-at 0.9: is above --block-at 0.1'],
  ])
}, 180_000)

test('a day on which nobody is dishonest is refused in one line', async () => {
  const { recording } = await generated('clean')
  const ran = await runCli(['evaluate', recording])
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  expect(problemLines(ran)).toEqual([
    expect.stringMatching(
      /day\.avro: none of its \d+ labelled events is fraud: an evaluation needs/,
    ),
  ])
})

test('a recording without labels is refused in one line', async () => {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'shop.csv'), 'who,at,what\nu1,2026-03-01 10:00:00,c1\n')
  const mapping = [
    'name: shop',
    'format: csv',
    'zone: Asia/Shanghai',
    'fields: { user: who, occurredAt: time(at), campaign: what }',
    'expand: [{ kind: claim }]',
  ]
  writeFileSync(join(folder, 'shop.yaml'), `${mapping.join('\n')}\n`)
  const words = ['import', 'shop.csv', '--mapping', 'shop.yaml', '--out', 'shop.avro']
  await runWell(words, { cwd: folder })
  const ran = await runCli(['evaluate', 'shop.avro'], { cwd: folder })
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  expect(ran.stderr.trimEnd()).toBe(
    'couponguard: shop.avro: has no labels to evaluate by; import it with labels in the mapping, or generate one',
  )
})

test('a report that cannot be written is one line', async () => {
  const { folder, recording } = await generated('attack')
  const ran = await runCli(['evaluate', recording, '--html', join(folder, 'nosuch', 'r.html')])
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  expect(problemLines(ran)).toEqual([expect.stringContaining('no such file or folder')])
})
