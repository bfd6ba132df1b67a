/** `train` on the built command: a seed says it all, and what cannot be learned from is refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadModel } from '../../src/config/model-folder.ts'
import { runCli, runWell, scratchFolder } from '../support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-train-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const day = join(folder, 'day.avro')
const small = ['--trees', '12', '--depth', '6']

const filesOf = (model: string) =>
  readdirSync(model)
    .sort()
    .map((name) => [name, readFileSync(join(model, name), 'utf8')])

describe('a model', () => {
  test('is the same however many threads grow it, and another with another seed', async () => {
    await runWell(['generate', '--seed', '7', '--events', '20000', '--out', day])
    const words = (out: string, ...more: string[]) =>
      runWell(['train', day, '--out', join(folder, out, 'm'), ...small, ...more])
    await words('one', '--threads', '1')
    await words('two', '--threads', '2')
    await words('other', '--seed', '2')
    const [one, two, other] = ['one', 'two', 'other'].map((name) =>
      filesOf(join(folder, name, 'm')),
    )
    expect(one!.map(([name]) => name)).toEqual([
      'calibration.svg',
      'card.md',
      'manifest.json',
      'model.json',
      'precision-recall.svg',
      'roc.svg',
    ])
    expect(two).toEqual(one)
    expect(other).not.toEqual(one)
  }, 180_000)

  test('is loaded again, and knows the people that it was not trained on', () => {
    const { model, manifest } = loadModel(join(folder, 'one', 'm'))
    expect(model.forest.roots).toHaveLength(12)
    expect(manifest.metrics.rocAuc).toBeGreaterThan(0.95)
    expect(manifest.training.rows.train).toBeGreaterThan(5_000)
    const card = readFileSync(join(folder, 'one', 'm', 'card.md'), 'utf8')
    expect(card).toContain('Begin in shadow')
  })
})

describe('is refused in one line', () => {
  const changed = (name: string, change: (text: string) => string) => {
    const model = join(folder, 'one', 'm')
    const copy = scratchFolder()
    for (const [file, text] of filesOf(model))
      writeFileSync(join(copy, file!), file === name ? change(text!) : text!)
    return copy
  }
  const cases: readonly (readonly [string, string, (text: string) => string, RegExp])[] = [
    ['a forest cut short', 'model.json', (text) => text.slice(0, -100), /is not the file that/],
    ['a manifest cut short', 'manifest.json', (text) => text.slice(0, 400), /is no JSON/],
    [
      'a signal that is none',
      'manifest.json',
      (text) => text.replace('"user_claims_1h"', '"user_clams_1h"'),
      /user_clams_1h is no signal of this version/,
    ],
    [
      'features that meant something else',
      'manifest.json',
      (text) => text.replace(/"featuresHash": "[^"]*"/, '"featuresHash": "old"'),
      /its features mean something else/,
    ],
    [
      'another format',
      'manifest.json',
      (text) => text.replace('"format": 1', '"format": 2'),
      /manifest.json: format /,
    ],
  ]
  test.each(cases)('%s', (_, file, change, message) => {
    expect(() => loadModel(changed(file, change))).toThrow(message)
  })

  test.each([
    ['a clean day', ['--scenario', 'clean'], 'both kinds are needed, fraud and honest'],
    ['a short day', ['--events', '900'], 'too little; at least 1000 rows and 50 of fraud'],
  ])(
    '%s',
    async (_, words, message) => {
      const out = join(scratchFolder(), 'd.avro')
      await runWell(['generate', '--seed', '7', '--events', '3000', '--out', out, ...words])
      const ran = await runCli(['train', out, '--out', join(folder, 'none')])
      expect([ran.code, ran.stderr.trim().split('\n')]).toEqual([
        1,
        [expect.stringContaining(message)],
      ])
    },
    60_000,
  )

  test.each([
    [['--trees', '0'], '--trees is "0": give a whole number from 1 to 5000'],
    [['--without', 'usr_claims_1h'], '--without usr_claims_1h: is no signal'],
  ])('%j is refused as usage', async (words, message) => {
    const ran = await runCli(['train', day, '--out', join(folder, 'none'), ...words])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
