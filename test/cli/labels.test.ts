/**
 * `train --labels` and `evaluate --labels` on the built command: verdicts stand in place of what a
 * recording says, and whose verdicts match nothing is told so.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, expect, test } from 'vitest'
import { loadModel } from '../../src/config/model-folder.ts'
import type { Decision, Labels, Review } from '../../src/core/schema.gen.ts'
import { openRecording } from '../../src/recording/read.ts'
import { writeReviews } from '../../src/recording/review-file.ts'
import { problemLines, runCli, runWell } from '../support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-labels-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const place = (name: string) => join(folder, name)
const day = place('day.avro')

interface Judged {
  readonly decision: Decision
  readonly labels: Labels
}
const judged: Judged[] = []
const flagged = () => judged.filter(({ decision }) => decision.outcome !== 'allow')

const csvOf = (rows: readonly Judged[], verdictOf: (one: Judged) => string) =>
  ['eventKey,verdict', ...rows.map((one) => `${one.decision.eventKey},${verdictOf(one)}`), ''].join(
    '\n',
  )
const truth = ({ labels }: Judged) => (labels.fraud ? 'fraud' : 'legitimate')
const evaluated = async (...words: string[]) =>
  JSON.parse((await runWell(['evaluate', day, ...words, '--json'])).stdout)

test('a day with its decisions', async () => {
  const out = place('judged.avro')
  await runWell(['generate', '--seed', '7', '--events', '4000', '--out', day])
  await runWell(['replay', day, '--out', out])
  for await (const rows of (await openRecording(out)).rows())
    for (const { decision, labels } of rows)
      if (decision !== null && labels !== null) judged.push({ decision, labels })
  expect(flagged().length).toBeGreaterThan(50)
}, 180_000)

test('verdicts that say what the recording says give its figures, and those of rules', async () => {
  const path = place('all.csv')
  writeFileSync(path, csvOf(judged, truth))
  const [own, given] = [await evaluated(), await evaluated('--labels', path)]
  const { recall, precision, rocAuc, least } = own.ways[0]
  expect(given.ways[0]).toMatchObject({ recall, precision, rocAuc, least })
  expect([own.labels, own.rules]).toEqual([null, null])
  const frauds = judged.filter(({ labels }) => labels.fraud).length
  expect(given.labels).toEqual({
    file: 'all.csv',
    ...{ events: judged.length, frauds, inconclusive: 0, met: judged.length },
    unreviewed: 'left-out',
  })
  const counts = new Map<string, { hits: number; frauds: number }>()
  for (const { decision, labels } of judged)
    for (const { rule, result } of decision.results) {
      if (result !== 'hit') continue
      const one = counts.get(rule) ?? { hits: 0, frauds: 0 }
      counts.set(rule, one)
      one.hits += 1
      one.frauds += labels.fraud ? 1 : 0
    }
  expect(counts.size).toBeGreaterThan(5)
  expect(given.rules).toHaveLength(counts.size)
  for (const { rule, hits, reviewed, frauds: found, precision: share } of given.rules) {
    const { hits: all, frauds: of } = counts.get(rule)!
    expect([rule, hits, reviewed, found, share]).toEqual([rule, all, all, of, of / all])
  }
  const html = place('report.html')
  const { stdout } = await runWell(['evaluate', day, '--labels', path, '--html', html])
  const told = `by the verdicts of all.csv on ${judged.length.toLocaleString('en-US')} events`
  expect(stdout).toContain(told)
  expect(stdout).toContain('How often reviewers agree with each rule')
  expect(readFileSync(html, 'utf8')).toContain('How often reviewers agree with each rule')
}, 180_000)

test('of reviews only what was reviewed counts, or the rest as legitimate', async () => {
  const path = place('flagged.avro')
  const reviews = flagged().map(
    ({ decision, labels }, at): Review => ({
      eventKey: decision.eventKey,
      decisionId: decision.id,
      verdict: labels.fraud ? 'fraud' : 'legitimate',
      reviewer: 'r1',
      reason: null,
      at,
    }),
  )
  await writeReviews(path, reviews)
  const alone = await evaluated('--labels', path)
  expect(alone.labelled).toBe(flagged().length)
  expect(alone.ways[0]).toMatchObject({ recall: 1, flagged: flagged().length })
  const rest = await evaluated('--labels', path, '--unreviewed', 'legitimate')
  expect(rest.labelled).toBe(judged.length)
  expect(rest.labels.unreviewed).toBe('legitimate')
  expect(rest.ways[0].precision).toBe(alone.ways[0].precision)
  // Events that nobody judged are no verdicts on a rule.
  expect(rest.rules).toEqual(alone.rules)
}, 180_000)

test('train learns from the verdicts and not from the recording', async () => {
  const path = place('turned.csv')
  const turned = (one: Judged) => (one.labels.fraud ? 'legitimate' : 'fraud')
  writeFileSync(path, csvOf(judged.slice(0, 3_000), turned))
  const rows = place('rows.csv')
  await runWell(['train', day, '--labels', path, '--rows', rows])
  const [, ...lines] = parse(readFileSync(rows))
  expect(lines).toHaveLength(3_000)
  const frauds = lines.filter(([, label]) => label === '1').length
  expect(frauds).toBe(judged.slice(0, 3_000).filter(({ labels }) => !labels.fraud).length)
  expect(new Set(lines.map(([, , kind]) => kind))).toEqual(new Set(['']))

  const out = place('model')
  await runWell(['train', day, '--labels', path, '--out', out, '--trees', '3', '--depth', '4'])
  const { training } = loadModel(out).manifest
  expect(training.labels).toMatchObject({ name: 'turned.csv', events: 3_000, met: 3_000 })
  expect(training.frauds.train).toBeGreaterThan(training.rows.train / 2)
  const card = readFileSync(join(out, 'card.md'), 'utf8')
  expect(card).toContain('Labels: the verdicts of `turned.csv` on 3,000 events of these')
  expect(card).toContain('What they never saw was left out')

  const words = ['--labels', path, '--unreviewed', 'legitimate', '--rows', rows]
  await runWell(['train', day, ...words])
  expect(parse(readFileSync(rows))).toHaveLength(judged.length + 1)
}, 180_000)

test.each([
  ['a model', ['train', day, '--out', place('none')]],
  ['rows', ['train', day, '--rows', place('none.csv')]],
  ['an evaluation', ['evaluate', day]],
])('verdicts on other events give no %s, but one line', async (_, words) => {
  const path = place('other.csv')
  writeFileSync(path, `eventKey,verdict\n${'a'.repeat(32)},fraud\n${'b'.repeat(32)},legitimate\n`)
  const ran = await runCli([...words, '--labels', path, '--unreviewed', 'legitimate'])
  expect([ran.code, ran.stdout, problemLines(ran)]).toEqual([
    1,
    '',
    [expect.stringContaining('none of the 2 events that it judges is in day.avro')],
  ])
})

test.each([
  ['none that says so', 'inconclusive', 'holds no verdict that says fraud or legitimate'],
  ['no fraud', 'legitimate', 'none of its 9 labelled events is fraud'],
  ['a slip', 'frau', 'line 2: verdict is "frau": must be fraud, legitimate, inconclusive'],
])('evaluate by a file with %s', async (_, verdict, message) => {
  const path = place('odd.csv')
  writeFileSync(
    path,
    csvOf(judged.slice(0, 9), () => verdict),
  )
  const ran = await runCli(['evaluate', day, '--labels', path])
  expect([ran.code, ran.stdout, problemLines(ran)]).toEqual([
    1,
    '',
    [expect.stringContaining(`odd.csv: ${message}`)],
  ])
})
