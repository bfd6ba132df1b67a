/**
 * Training elsewhere: `train --rows` writes what a model is trained on, `train --forest` takes the
 * trees that XGBoost and LightGBM grew on it. scripts/peers/grow-elsewhere.py made the vectors.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadModel } from '../../src/config/model-folder.ts'
import { featureNames } from '../../src/core/model/features.ts'
import { newScorer } from '../../src/core/model/scorer.ts'
import { rowColumns } from '../../src/training/rows-file.ts'
import { problemLines, repoRoot, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-elsewhere-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const day = join(folder, 'day.avro')
const vectors = join(repoRoot, 'test', 'core', 'model', 'vectors', 'elsewhere')
const files = { xgboost: join(vectors, 'xgboost.json'), lightgbm: join(vectors, 'lightgbm.txt') }
const asked = z
  .object({
    features: z.array(z.string()),
    rows: z.array(z.array(z.number().nullable())),
    xgboost: z.array(z.number()),
    lightgbm: z.array(z.number()),
  })
  .parse(JSON.parse(readFileSync(join(vectors, 'asked.json'), 'utf8')))

test('a day to train on', async () => {
  await runWell(['generate', '--seed', '7', '--events', '20000', '--out', day])
})

describe.each(['xgboost', 'lightgbm'] as const)('trees of %s', (kind) => {
  const out = join(folder, kind)
  const trained = () => runWell(['train', day, '--forest', files[kind], '--out', out, '--json'])

  test('become a model that says what they said there', async () => {
    const { stdout } = await trained()
    const { model, manifest } = loadModel(out)
    expect(JSON.parse(stdout)).toEqual(manifest)
    const bytes = readFileSync(files[kind])
    const checksum = createHash('sha256').update(bytes).digest('hex')
    expect(manifest).toMatchObject({ kind, checksum, features: asked.features })
    expect(manifest.training).toMatchObject({ seed: null, trees: 16, leafRowsMin: null })
    expect(manifest.training.depthMax).toBeGreaterThan(2)

    const flat = Float64Array.from(asked.rows.flat(), (value) => value ?? Number.NaN)
    const scores = new Float64Array(asked.rows.length)
    newScorer(model.forest).score(flat, scores.length, scores)
    for (const [at, score] of scores.entries())
      expect(Math.abs(score - asked[kind][at]!)).toBeLessThan(1e-6)
    expect(Math.max(...scores)).toBeGreaterThan(0.5)
  }, 180_000)

  test('are calibrated and tested here, and the card says where they come from', () => {
    const { manifest } = loadModel(out)
    expect(manifest.metrics.rocAuc).toBeGreaterThan(0.9)
    expect(manifest.calibration.from.length).toBeGreaterThan(2)
    expect(manifest.thresholds.reviewAt).toBeLessThanOrEqual(manifest.thresholds.blockAt)
    expect(manifest.importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4)
    expect(Math.min(...manifest.importance)).toBeGreaterThanOrEqual(0)
    const card = readFileSync(join(out, 'card.md'), 'utf8')
    expect(card).toMatch(/^Trees of (?:XGBoost|LightGBM), grown elsewhere: 16 of them/m)
    expect(card).toContain('**The training elsewhere may have seen the test rows.**')
    expect(card).not.toMatch(/null|NaN|nobody who trains also tests/)
  })

  test('are evaluated as any model', async () => {
    const { stdout } = await runWell(['evaluate', day, '--model', out, '--json'])
    const { model, ways } = JSON.parse(stdout)
    expect(model).toMatchObject({ name: kind, trainedOnIt: true })
    expect(ways[1].rocAuc).toBeGreaterThan(0.9)
  }, 180_000)
})

test('the rows name the parts that trees from elsewhere are calibrated and tested by', async () => {
  const path = join(folder, 'rows.csv')
  const without = 'user_claims_1h'
  const words = ['--rows', path, '--without', without, '--hold-out', 'gift-ring']
  const { stdout } = await runWell(['train', day, ...words, '--json'])
  const [head, ...lines] = parse(readFileSync(path))
  expect(head).toEqual([...rowColumns, ...featureNames.filter((name) => name !== without)])
  const told = JSON.parse(stdout)
  const kinds = new Set(lines.map(([, , kind]) => kind))
  expect(kinds).toContain('code-walker')
  expect(told).toMatchObject({ path, rows: lines.length, users: expect.any(Number) })

  const out = join(folder, 'held')
  const more = ['--forest', files.xgboost, '--out', out, '--hold-out', 'gift-ring']
  await runWell(['train', day, ...more])
  const { training } = loadModel(out).manifest
  expect(training.cutAt).toBe(told.cutAt)
  expect(training.heldOut).toEqual(['gift-ring'])
  for (const part of ['train', 'calibrate', 'test'] as const) {
    const of = lines.filter(([one]) => one === part)
    expect(of).toHaveLength(training.rows[part])
    expect(of.filter(([, label]) => label === '1')).toHaveLength(training.frauds[part])
  }
  expect(lines.some(([part, , kind]) => part !== 'test' && kind === 'gift-ring')).toBe(false)
}, 180_000)

describe('refused in one line', () => {
  const [xgboost, lightgbm] = [files.xgboost, files.lightgbm].map((path) =>
    readFileSync(path, 'utf8'),
  )
  const firstTree = /"left_children": \[[^\]]*\]/
  const changes: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['JSON cut short', xgboost!.slice(0, -300), /is no JSON; it may have been cut short/],
    [
      'text cut short',
      lightgbm!.slice(0, lightgbm!.indexOf('Tree=9')),
      /has no line "end of trees"; it may have been cut short/,
    ],
    [
      'a threshold that is NaN, JSON',
      xgboost!.replace(/("split_conditions": \[\s*)[^,]*/, '$1NaN'),
      /holds NaN where a number must be/,
    ],
    [
      'children in a circle',
      xgboost!.replace(firstTree, (list) => list.replace(/\d+/, '0')),
      /tree 0: node 0 is met twice/,
    ],
    [
      'a million trees',
      `${lightgbm!.split('Tree=0')[0]}${'Tree=0\n\n'.repeat(1_000_000)}end of trees\n`,
      /1000000 trees; at most 5000 are allowed/,
    ],
    [
      'categorical splits',
      xgboost!.replace('"categories_nodes": []', '"categories_nodes": [0]'),
      /tree 0: has categorical splits, which are not read/,
    ],
    [
      'a feature with a slip in its name',
      lightgbm!.replace('device_users_1h', 'device_user_1h'),
      /its feature device_user_1h is no signal of this version; did you mean device_users_1h\?/,
    ],
  ]
  test.each(changes)('%s', async (_, content, message) => {
    const path = join(scratchFolder(), 'forest')
    writeFileSync(path, content)
    const ran = await runCli(['train', day, '--forest', path, '--out', join(folder, 'none')])
    expect([ran.code, ran.stdout, problemLines(ran)]).toEqual([
      1,
      '',
      [expect.stringMatching(message)],
    ])
  })

  test.each<[readonly string[], number, string]>([
    [[], 2, 'say where to: --out DIR, or --rows CSV for the rows'],
    [['--rows', 'r.csv', '--out', 'm'], 2, '--rows: writes no model; give it without --out'],
    [['--rows', 'r.csv', '--forest', 'f'], 2, '--rows: takes no --forest'],
    [
      ['--forest', 'f', '--out', 'm', '--trees', '9'],
      2,
      '--trees: is for trees that are grown here; nothing grows with --forest',
    ],
    [['--rows', 'r.csv', '--seed', '1'], 2, 'nothing grows with --rows'],
    [
      ['--forest', 'f', '--out', 'm', '--without', 'user_claims_1h'],
      2,
      '--without: is for trees that are grown here',
    ],
    [['--forest', 'nosuch.json', '--out', 'm'], 1, 'nosuch.json: no such file or folder'],
    [['--rows', 'no/such/r.csv'], 1, 'no such file or folder'],
  ])('%j', async (words, code, line) => {
    const ran = await runCli(['train', day, ...words], { cwd: scratchFolder() })
    expect([ran.code, problemLines(ran)]).toEqual([code, [expect.stringContaining(line)]])
  })

  test('rows of a recording without labels', async () => {
    const path = join(folder, 'unlabelled.avro')
    const csv = join(scratchFolder(), 'shop.csv')
    writeFileSync(csv, 'who,at,what\nu1,2026-03-01 10:00:00,c1\n')
    const mapping = join(scratchFolder(), 'shop.yaml')
    writeFileSync(
      mapping,
      'name: shop\nformat: csv\nzone: Asia/Shanghai\n' +
        'fields: { user: who, occurredAt: time(at), campaign: what }\nexpand: [{ kind: claim }]\n',
    )
    await runWell(['import', csv, '--mapping', mapping, '--out', path])
    const ran = await runCli(['train', path, '--rows', join(scratchFolder(), 'r.csv')])
    expect([ran.code, problemLines(ran)]).toEqual([
      1,
      [expect.stringContaining('no row has a label')],
    ])
  })
})
