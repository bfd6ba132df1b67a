/**
 * `npm run model-peers [-- --events N] [--seeds N] [--xgboost]`: our forest beside scikit-learn's
 * and, on few rows, ml-random-forest's: the same rows, number of trees, depth and leaves. Rows are
 * real clicks (../shared/data) with attribution as the target, and a generated day. Prints AUC,
 * time and memory of each; exit 1 where ours is more than 0.01 below, 4 where a peer cannot be had.
 * docs/model-peers.md has the figures. Python's libraries go into a temporary folder, by pip.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { levelsOf, rocAuc } from '../src/evaluation/ranking.ts'
import {
  type ForestOrder,
  readMatrix,
  readScores,
  type Took,
  tookSchema,
  widthOf,
} from './peers/forest-order.ts'
import { peersTable, type Row, shortBy } from './peers/peers-table.ts'
import { type DataSet, writeHalves } from './peers/real-rows.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '60000' },
    seeds: { type: 'string', default: '3' },
    xgboost: { type: 'boolean', default: false },
  },
})
const root = join(import.meta.dirname, '..')
const clicks = join(root, '..', 'shared', 'data', 'ad_clicks', 'clicks.csv.gz')
const sizes = { trees: 100, depth: 10, leaf: 8 }
/** Trees of the forests that are grown on few rows: the library takes seconds for each. */
const fewTrees = 20
const notHad = 4

const folder = mkdtempSync(join(tmpdir(), 'couponguard-peers-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const say = (line: string) => process.stderr.write(`model-peers: ${line}\n`)
const tsx = ['--import', 'tsx']

function run(command: string, words: readonly string[]): string {
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  return execFileSync(command, words, { cwd: root, encoding: 'utf8', stdio: [...stdio] })
}

async function dataSets(): Promise<readonly DataSet[]> {
  const at = (name: string) => join(folder, name)
  const command = (...words: string[]) => run(process.execPath, [...tsx, 'src/main.ts', ...words])
  say(`a generated day of ${values.events} events`)
  command('generate', '--seed', '7', '--events', values.events, '--out', at('day.avro'))
  const sets = [await writeHalves('generated day', at('day.avro'), at('day'))]
  if (!existsSync(clicks)) return sets
  say('real clicks')
  const mapping = 'mappings/ad_clicks_attribution.yaml'
  command('import', clicks, '--mapping', mapping, '--out', at('clicks.avro'))
  return [...sets, await writeHalves('ad clicks, attribution', at('clicks.avro'), at('clicks'))]
}

/** Python with some packages, in one folder for all; null, and a line, where it cannot be had. */
function pythonWith(name: string, packages: readonly string[]): string | null {
  const home = join(folder, 'python')
  const python = join(home, 'bin', 'python')
  try {
    run('python3', ['-m', 'venv', home])
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
    return python
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    process.stdout.write(`NOT RUN: ${name}: it needs python3 with venv, and pip: ${why}\n`)
    return null
  }
}

interface Peer {
  readonly name: string
  readonly command: string
  readonly words: readonly string[]
}
const grownInNode = (name: string): Peer => ({
  name,
  command: process.execPath,
  words: [...tsx, 'scripts/peers/grow-forest.ts', name],
})
const grownInPython = (name: string, python: string): Peer => ({
  name,
  command: python,
  words: ['scripts/peers/forests.py', name],
})

/** Each half asked about by a forest grown on the other, with some seeds; the mean of all. */
function measure(peer: Peer, set: DataSet, of: 'whole' | 'sample'): Row {
  const trees = of === 'sample' ? fewTrees : sizes.trees
  const areas: number[] = []
  const all: Took[] = []
  for (const [train, test] of [set.halves, [...set.halves].reverse()] as const)
    for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
      const asked = readMatrix(test!.whole)
      const out = join(folder, 'scores.f64')
      const featuresPerNode = Math.ceil(Math.sqrt(widthOf(asked)))
      const files = { train: train![of], test: test!.whole, out }
      const order: ForestOrder = { ...files, ...sizes, trees, featuresPerNode, seed }
      all.push(
        tookSchema.parse(JSON.parse(run(peer.command, [...peer.words, JSON.stringify(order)]))),
      )
      const events = Array.from(asked.labels, (label) => ({ fraud: label === 1 }))
      areas.push(rocAuc(levelsOf(readScores(out), events)) ?? Number.NaN)
    }
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
  const row: Row = {
    name: `${peer.name} ${all[0]!.version}`,
    auc: mean(areas),
    lowest: Math.min(...areas),
    highest: Math.max(...areas),
    seconds: mean(all.map(({ seconds }) => seconds)),
    cpuSeconds: mean(all.map(({ cpuSeconds }) => cpuSeconds)),
    peakRssBytes: Math.max(...all.map(({ peakRssBytes }) => peakRssBytes)),
  }
  say(`${set.name}, ${of}: ${row.name}: AUC ${row.auc.toFixed(4)}`)
  return row
}

const python = {
  'scikit-learn': pythonWith('scikit-learn', ['scikit-learn']),
  xgboost: values.xgboost ? pythonWith('xgboost', ['xgboost-cpu']) : null,
}
const ours = grownInNode('couponguard')
let isShort = false
for (const set of await dataSets()) {
  const inPython = (['scikit-learn', 'xgboost'] as const).flatMap((name) =>
    python[name] === null ? [] : [grownInPython(name, python[name])],
  )
  for (const [of, peers] of [
    ['whole', inPython],
    ['sample', [grownInNode('ml-random-forest')]],
  ] as const) {
    const rows: [Row, ...Row[]] = [measure(ours, set, of)]
    for (const peer of peers) rows.push(measure(peer, set, of))
    const trees = of === 'sample' ? fewTrees : sizes.trees
    process.stdout.write(peersTable({ set, of, rows, ...sizes, trees }))
    // Boosted trees are another kind of model: they stand there for orientation.
    const [first, ...others] = rows
    const forests = others.filter(({ name }) => !name.startsWith('xgboost'))
    const short = shortBy([first, ...forests])
    if (short === 0) continue
    isShort = true
    process.stdout.write(`SHORT: ${set.name}: ${short.toFixed(4)} below the best forest\n`)
  }
}
if (!existsSync(clicks)) process.stdout.write('NOT RUN: ad clicks: ../shared/data is not there\n')
const lacks = python['scikit-learn'] === null || !existsSync(clicks)
process.exitCode = isShort ? 1 : lacks ? notHad : 0
