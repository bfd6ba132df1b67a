/** `train`: a recording with labels → a model in a folder, with a card that says how good it is. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { addRuleOptions, type JudgingOptions, loadJudging } from '../config/judging.ts'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { deriveKeys } from '../core/event/keyed-hash.ts'
import { featureNames, placesOf } from '../core/model/features.ts'
import { openRecording } from '../recording/read.ts'
import { FeatureTable } from '../training/feature-table.ts'
import { gatherRows } from '../training/gather-rows.ts'
import { train } from '../training/train.ts'
import { writeModel } from '../training/write-model.ts'
import { CommandError, usageError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'

interface TrainOptions extends Omit<JudgingOptions, 'model'> {
  readonly out: string
  readonly key?: string
  readonly trees: string
  readonly depth: string
  readonly leaf: string
  readonly seed: string
  readonly threads: string
  readonly without: readonly string[]
  readonly holdOut: readonly string[]
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard generate --seed 7 --events 200000 --out day.avro
  couponguard train day.avro --out models/mine
  couponguard evaluate other-day.avro --model models/mine
Users and times are split: the model is tested on people that it never met, at a later time. The folder
then holds model.json (as ml-random-forest reads it), manifest.json and card.md with its curves.
`

const collect = (value: string, before: readonly string[]) => [...before, value]

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description('Train a random forest on recordings with labels.')
    .argument('<R...>', 'recordings with labels')
    .requiredOption('--out <DIR>', 'folder of the model; its last part is its name')
    .option('--trees <N>', 'trees of the forest', '100')
    .option('--depth <N>', 'splits from the root to a leaf at most', '10')
    .option('--leaf <N>', 'rows that a leaf has at least', '8')
    .option('--seed <S>', 'equal seeds give equal models', '1')
    .option('--threads <N>', 'threads that grow trees', String(availableParallelism()))
    .option('--without <SIGNAL>', 'a signal that it must not look at; may be repeated', collect, [])
    .option('--hold-out <KIND>', 'a kind of actor to keep out of training', collect, [])
    .option('--key <FILE>', 'key of the recordings (default: the published test key)')
  addRuleOptions(command)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runTrain)
}

async function runTrain(paths: readonly string[], options: TrainOptions): Promise<void> {
  const sizes = {
    trees: wholeNumber('trees', options.trees, 5_000),
    depthMax: wholeNumber('depth', options.depth, 24),
    leafRowsMin: wholeNumber('leaf', options.leaf, 1_000_000),
    seed: wholeNumber('seed', options.seed, 2 ** 31),
    threads: wholeNumber('threads', options.threads, 64),
  }
  const features = featuresWithout(options.without)
  const table = new FeatureTable(features)
  for (const path of paths) await gather(path, options, table)
  const bar = startProgressBar('train', sizes.trees)
  const result = await train(table, {
    ...sizes,
    heldOut: options.holdOut,
    onTree: bar.update,
  }).finally(() => bar.stop())
  if ('refused' in result) throw new CommandError(result.refused)
  const recordings = paths.map((path) => ({
    name: basename(path),
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
  }))
  const { heldOut, ...written } = { ...sizes, heldOut: options.holdOut }
  const manifest = await writeModel(options.out, { table, result, recordings, ...written, heldOut })
  if (options.json === true) process.stdout.write(`${JSON.stringify(manifest)}\n`)
  else process.stdout.write(readFileSync(`${options.out}/card.md`, 'utf8'))
}

function featuresWithout(without: readonly string[]): readonly string[] {
  const foreign = without.find((name) => !featureNames.includes(name))
  if (foreign !== undefined)
    throw usageError(`--without ${foreign}: is no signal that a model looks at`)
  return featureNames.filter((name) => !without.includes(name))
}

async function gather(path: string, options: TrainOptions, table: FeatureTable): Promise<void> {
  const keys = deriveKeys(options.key === undefined ? publishedTestKey : readKeyFile(options.key))
  const recording = await openRecording(path)
  const beside = `${path}.campaigns.yaml`
  const campaigns = existsSync(beside) ? { campaigns: beside } : {}
  const { playbook, facts } = loadJudging({ ...campaigns, ...options }, keys)
  const places = placesOf(table.features).filter((place) => place !== null)
  const bar = startProgressBar('read', recording.header.rows)
  const rulesAlone = { ...playbook, models: [] }
  const parts = { recording, playbook: rulesAlone, facts, keys, places, onRows: bar.update }
  await gatherRows(parts, table).finally(() => bar.stop())
  const problem = recording.problem()
  if (problem !== null) throw new CommandError(problem)
}

function wholeNumber(name: string, text: string, max: number): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1 && number <= max) return number
  throw usageError(`--${name} is "${text}": give a whole number from 1 to ${max}`)
}
