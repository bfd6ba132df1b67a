/**
 * `train`: recordings with labels → a model in a folder, with a card that says how good it is. Its
 * trees are grown here or taken from a file; or the rows are written, to grow them elsewhere.
 */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { type ForeignForest, readForeignForest } from '../config/forest-file.ts'
import { addRuleOptions, type JudgingOptions, loadJudging } from '../config/judging.ts'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { deriveKeys } from '../core/event/keyed-hash.ts'
import { featureNames, placesOf } from '../core/model/features.ts'
import { sha256OfFile } from '../recording/file-hash.ts'
import { type LabelFile, refuseUnmet } from '../recording/label-file.ts'
import { openRecording } from '../recording/read.ts'
import { FeatureTable } from '../training/feature-table.ts'
import { gatherRows, type RowSink } from '../training/gather-rows.ts'
import { noLabels, twoTargets } from '../training/refusals.ts'
import { RowsFile, type RowsWritten } from '../training/rows-file.ts'
import { adopt, type TrainResult, train } from '../training/train.ts'
import { type Grown, writeModel } from '../training/write-model.ts'
import { CommandError, usageError } from './exit.ts'
import { addLabelOptions, givenLabels, type LabelOptions, labelText } from './label-options.ts'
import { startProgressBar } from './progress-bar.ts'

interface TrainOptions extends Omit<JudgingOptions, 'model'>, LabelOptions {
  readonly out?: string
  readonly rows?: string
  readonly forest?: string
  readonly trees: string
  readonly depth: string
  readonly leaf: string
  readonly seed: string
  readonly threads: string
  readonly without: readonly string[]
  readonly holdOut: readonly string[]
  readonly key?: string
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard generate --seed 7 --events 200000 --out day.avro
  couponguard train day.avro --out models/mine
  couponguard evaluate other-day.avro --model models/mine
  couponguard train day.avro --rows rows.csv          # then train elsewhere on part = train
  couponguard train day.avro --forest xgb.json --out models/boosted
  couponguard train week.avro --labels reviews.avro --out models/reviewed
Users and times are split: the model is tested on people that it never met, at a later time. The folder
then holds model.json (as ml-random-forest reads it), manifest.json and card.md with its curves.
Rows: part (train, calibrate, test, unused), label, kind, user (a number), occurred_at (ms), then a
column a signal, empty where it has no value. Trees from elsewhere: JSON of XGBoost
(binary:logistic) or text of LightGBM (binary), on columns of these names; nothing is grown.
`

const collect = (value: string, before: readonly string[]) => [...before, value]

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description('Train a random forest on recordings with labels, or take trees from elsewhere.')
    .argument('<R...>', 'recordings with labels')
    .option('--out <DIR>', 'folder of the model; its last part is its name')
    .option('--rows <CSV>', 'only write the rows to train on, for training elsewhere')
    .option('--forest <FILE>', 'trees that XGBoost or LightGBM grew on such rows, instead of own')
    .option('--trees <N>', 'trees of the forest', '100')
    .option('--depth <N>', 'splits from the root to a leaf at most', '10')
    .option('--leaf <N>', 'rows that a leaf has at least', '8')
    .option('--seed <S>', 'equal seeds give equal models', '1')
    .option('--threads <N>', 'threads that grow trees', String(availableParallelism()))
    .option('--without <SIGNAL>', 'a signal that it must not look at; may be repeated', collect, [])
    .option('--hold-out <KIND>', 'a kind of actor to keep out of training', collect, [])
    .option('--key <FILE>', 'key of the recordings (default: the published test key)')
  addRuleOptions(addLabelOptions(command))
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples + labelText)
    .action(runTrain)
}

async function runTrain(
  paths: readonly string[],
  options: TrainOptions,
  command: Command,
): Promise<void> {
  refuseIdle(options, command)
  const { rows, out } = options
  if (rows !== undefined) return writeRows(paths, options, rows)
  if (out === undefined) throw usageError('say where to: --out DIR, or --rows CSV for the rows')
  return writeTrained(paths, options, out)
}

/** Options that would change nothing are a mistake. */
function refuseIdle({ rows, forest, out }: TrainOptions, command: Command): void {
  if (rows !== undefined && out !== undefined)
    throw usageError('--rows: writes no model; give it without --out')
  if (rows !== undefined && forest !== undefined)
    throw usageError('--rows: takes no --forest; the rows are for growing one')
  const grows = ['trees', 'depth', 'leaf', 'seed', 'threads']
  const idle = [...grows, ...(forest === undefined ? [] : ['without'])]
  if (rows === undefined && forest === undefined) return
  const given = idle.find((name) => command.getOptionValueSource(name) === 'cli')
  if (given !== undefined)
    throw usageError(
      `--${given}: is for trees that are grown here; nothing grows with ${
        rows === undefined ? '--forest' : '--rows'
      }`,
    )
}

async function writeRows(
  paths: readonly string[],
  options: TrainOptions,
  path: string,
): Promise<void> {
  const features = featuresWithout(options.without)
  const labels = await givenLabels(options)
  const file = await RowsFile.create(path, { features, heldOut: options.holdOut })
  try {
    await gatherAll(paths, { options, features, labels }, file)
    if (file.rows === 0) throw new CommandError(noLabels)
    if (file.targets.size > 1) throw new CommandError(twoTargets(file.targets))
    const written = await file.finish()
    if (options.json === true) process.stdout.write(`${JSON.stringify({ path, ...written })}\n`)
    else process.stdout.write(rowsText(path, features.length, written))
  } finally {
    await file.remove()
  }
}

function rowsText(path: string, signals: number, { rows, frauds, users, parts }: RowsWritten) {
  const shown = (count: number) => count.toLocaleString('en-US')
  const each = Object.entries(parts).map(([part, count]) => `${part} ${shown(count)}`)
  return (
    `${path}: ${shown(rows)} rows, ${shown(frauds)} of them fraud, ${shown(users)} users, ` +
    `${signals} signals\n${each.join(', ')}\n`
  )
}

async function writeTrained(
  paths: readonly string[],
  options: TrainOptions,
  out: string,
): Promise<void> {
  const foreign = options.forest === undefined ? null : readForeignForest(options.forest)
  const table = new FeatureTable(foreign?.featureNames ?? featuresWithout(options.without))
  const grow = foreign === null ? growing(options) : adopting(foreign, options)
  const labels = await givenLabels(options)
  await gatherAll(paths, { options, features: table.features, labels }, table)
  const { result, grown } = await grow(table)
  if ('refused' in result) throw new CommandError(result.refused)
  const recordings: { name: string; sha256: string }[] = []
  for (const path of paths)
    recordings.push({ name: basename(path), sha256: await sha256OfFile(path) })
  const manifest = await writeModel(out, {
    table,
    result,
    recordings,
    labels: labels === null ? null : usedLabels(labels),
    grown,
    heldOut: options.holdOut,
  })
  if (options.json === true) process.stdout.write(`${JSON.stringify(manifest)}\n`)
  else process.stdout.write(readFileSync(`${out}/card.md`, 'utf8'))
}

type Grow = (table: FeatureTable) => Promise<{ result: TrainResult; grown: Grown }>

function growing(options: TrainOptions): Grow {
  const sizes = {
    trees: wholeNumber('trees', options.trees, 5_000),
    depthMax: wholeNumber('depth', options.depth, 24),
    leafRowsMin: wholeNumber('leaf', options.leaf, 1_000_000),
    seed: wholeNumber('seed', options.seed, 2 ** 31),
  }
  const threads = wholeNumber('threads', options.threads, 64)
  return async (table) => {
    const bar = startProgressBar('train', sizes.trees)
    const parts = { ...sizes, threads, heldOut: options.holdOut, onTree: bar.update }
    const result = await train(table, parts).finally(() => bar.stop())
    return { result, grown: { kind: 'random-forest', ...sizes } }
  }
}

const adopting =
  (foreign: ForeignForest, { holdOut }: TrainOptions): Grow =>
  (table) =>
    Promise.resolve({ result: adopt(table, foreign.forest, holdOut), grown: foreign })

function featuresWithout(without: readonly string[]): readonly string[] {
  const foreign = without.find((name) => !featureNames.includes(name))
  if (foreign !== undefined)
    throw usageError(`--without ${foreign}: is no signal that a model looks at`)
  return featureNames.filter((name) => !without.includes(name))
}

const usedLabels = ({ name, sha256, events, met, unreviewed }: LabelFile) => ({
  name,
  sha256,
  events,
  met: met(),
  unreviewed,
})

interface Gathering {
  readonly options: TrainOptions
  readonly features: readonly string[]
  readonly labels: LabelFile | null
}

async function gatherAll(paths: readonly string[], how: Gathering, into: RowSink): Promise<void> {
  for (const path of paths) await gather(path, how, into)
  if (how.labels !== null) refuseUnmet(how.labels, paths)
}

async function gather(path: string, how: Gathering, into: RowSink): Promise<void> {
  const { options, features, labels } = how
  const keys = deriveKeys(options.key === undefined ? publishedTestKey : readKeyFile(options.key))
  const recording = await openRecording(path)
  const beside = `${path}.campaigns.yaml`
  const campaigns = existsSync(beside) ? { campaigns: beside } : {}
  const { playbook, facts } = loadJudging({ ...campaigns, ...options }, keys)
  const places = placesOf(features).filter((place) => place !== null)
  const bar = startProgressBar('read', recording.header.rows)
  const rulesAlone = { ...playbook, models: [] }
  const judged = { recording, playbook: rulesAlone, facts, keys }
  await gatherRows({ ...judged, places, labels, onRows: bar.update }, into).finally(() =>
    bar.stop(),
  )
  const problem = recording.problem()
  if (problem !== null) throw new CommandError(problem)
}

function wholeNumber(name: string, text: string, max: number): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1 && number <= max) return number
  throw usageError(`--${name} is "${text}": give a whole number from 1 to ${max}`)
}
