/**
 * `evaluate`: how good the decisions on a labelled recording are, of the rules alone and with a
 * model of the model alone and both, and which thresholds would cost least.
 */
import { existsSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { addRuleOptions, type JudgingOptions, loadJudging } from '../config/judging.ts'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { type LoadedModel, loadModel } from '../config/model-folder.ts'
import { deriveKeys, type Keys } from '../core/event/keyed-hash.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import type { Costs, Limits } from '../evaluation/costs.ts'
import { newDriftCount } from '../evaluation/drift-table.ts'
import {
  type EvaluatedModel,
  evaluate,
  type LabelCounts,
  type LabelsTold,
  labelProblem,
} from '../evaluation/evaluate.ts'
import { reportHtml } from '../evaluation/report-html.ts'
import { reportText } from '../evaluation/report-text.ts'
import { newRuleCount } from '../evaluation/rule-precision.ts'
import { newEventScorer, type ScoredEvent } from '../evaluation/scored-events.ts'
import type { Thresholds } from '../evaluation/ways.ts'
import type { Facts } from '../facts.ts'
import { sha256OfFile } from '../recording/file-hash.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { type LabelFile, refuseUnmet } from '../recording/label-file.ts'
import { openRecording, type Recording } from '../recording/read.ts'
import { reobserve } from '../recording/replay.ts'
import { CommandError, usageError } from './exit.ts'
import { addLabelOptions, givenLabels, type LabelOptions, labelText } from './label-options.ts'
import { startProgressBar } from './progress-bar.ts'

interface EvaluateOptions extends Omit<JudgingOptions, 'model'>, LabelOptions {
  readonly model?: string
  readonly reviewAt?: string
  readonly blockAt?: string
  readonly missedFraudCost: string
  readonly blockedUserCost: string
  readonly reviewCost: string
  readonly precisionMin: string
  readonly blockedShareMax: string
  readonly key?: string
  readonly html?: string
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard evaluate day.avro
  couponguard evaluate day.avro --model models/default --html report.html
  couponguard evaluate week.avro --labels reviews.avro
  couponguard evaluate day.avro --model models/default --missed-fraud-cost 40 --review-cost 2 --json
The events go through fresh windows, as in replay. With a model the line to paste into a playbook is
told: the thresholds that cost least of those that keep --precision-min and --blocked-share-max for
rules and model together. They are chosen on the very events that they are told for: judge them by
another recording.
A campaigns file beside the recording, R.campaigns.yaml, is used where --campaigns names none.
With --labels it tells of each rule how many of its hits that were judged are fraud.
`

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('Measure rules and model on a recording with labels: quality, costs, decay.')
    .argument('<R>', 'recording with labels')
    .option(
      '--model <DIR>',
      'model to hold beside the rules, as train makes it (default: the live one)',
    )
    .option('--review-at <P>', 'probability from which the model reviews (default: its own)')
    .option('--block-at <P>', 'probability from which the model blocks (default: its own)')
    .option('--missed-fraud-cost <N>', 'what a missed fraud costs, in any one unit', '10')
    .option('--blocked-user-cost <N>', 'what a wrongly blocked user costs', '50')
    .option('--review-cost <N>', 'what a review costs', '1')
    .option('--precision-min <P>', 'precision of rules and model that thresholds keep', '0.95')
    .option('--blocked-share-max <P>', 'share of honest users that they may block', '0.001')
    .option('--key <FILE>', 'key of the recording and the lists (default: the published test key)')
    .option('--html <FILE>', 'report with charts to write')
  addRuleOptions(addLabelOptions(command))
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples + labelText)
    .action(runEvaluate)
}

async function runEvaluate(path: string, options: EvaluateOptions): Promise<void> {
  const costs = costsOf(options)
  const limits = limitsOf(options)
  const given = givenThresholds(options)
  const labels = await givenLabels(options)
  const judged = judgedBy(path, options)
  const { loaded } = judged
  const thresholds = thresholdsOf(given, judged)
  const recording = await openRecording(path)
  refuseForeignKey(recording, judged.keys, options)
  if (labels === null) await refuseUnlabelled(recording)
  const scored = await scoredEvents(recording, judged, labels)
  const report = evaluate(scored.events, {
    recording: path,
    playbook: scored.playbook,
    model: loaded === null ? null : await evaluatedModel(loaded, path),
    thresholds,
    costs,
    target: scored.target,
    limits,
    drift: scored.drift,
    labels: labels === null ? null : toldLabels(labels),
    rules: scored.rules,
  })
  if (options.html !== undefined) writeReport(options.html, reportHtml(report))
  process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : reportText(report))
}

function toldLabels(given: LabelFile): LabelsTold {
  const { name: file, events, frauds, inconclusive, unreviewed } = given
  return { file, events, frauds, inconclusive, met: given.met(), unreviewed }
}

async function evaluatedModel(
  { model: { name, checksum }, manifest }: LoadedModel,
  path: string,
): Promise<EvaluatedModel> {
  const sha256 = await sha256OfFile(path)
  const trainedOnIt = manifest.training.recordings.some((one) => one.sha256 === sha256)
  return { name, checksum, trainedOnIt }
}

function costsOf(options: EvaluateOptions): Costs {
  return {
    missedFraud: numberOf('--missed-fraud-cost', options.missedFraudCost, costMax),
    blockedUser: numberOf('--blocked-user-cost', options.blockedUserCost, costMax),
    review: numberOf('--review-cost', options.reviewCost, costMax),
  }
}

const limitsOf = (options: EvaluateOptions): Limits => ({
  precisionMin: numberOf('--precision-min', options.precisionMin, 1),
  blockedShareMax: numberOf('--blocked-share-max', options.blockedShareMax, 1),
})

const costMax = 1_000_000_000

function numberOf(option: string, text: string, max: number): number {
  const value = /^\d{1,10}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw usageError(`${option} ${text}: must be a number from 0 to ${max}`)
}

interface GivenThresholds {
  readonly reviewAt: number | undefined
  readonly blockAt: number | undefined
}

function givenThresholds({ reviewAt, blockAt }: EvaluateOptions): GivenThresholds {
  return {
    reviewAt: reviewAt === undefined ? undefined : numberOf('--review-at', reviewAt, 1),
    blockAt: blockAt === undefined ? undefined : numberOf('--block-at', blockAt, 1),
  }
}

function thresholdsOf(given: GivenThresholds, { loaded, acting }: JudgedBy): Thresholds {
  const own = acting ?? loaded?.manifest.thresholds
  const reviewAt = given.reviewAt ?? own?.reviewAt ?? null
  const blockAt = given.blockAt ?? own?.blockAt ?? null
  if (loaded === null && (given.reviewAt ?? given.blockAt) !== undefined)
    throw usageError('--review-at and --block-at: go with a model; name one by --model')
  if (reviewAt !== null && blockAt !== null && reviewAt > blockAt)
    throw usageError(`--review-at ${reviewAt}: is above --block-at ${blockAt}`)
  return { reviewAt, blockAt }
}

/** Before the minutes that a replay may take. It reads no further than both classes were met. */
async function refuseUnlabelled(recording: Recording): Promise<void> {
  let [labelled, frauds] = [0, 0]
  for await (const rows of recording.rows()) {
    for (const { labels } of rows) {
      if (labels === null) continue
      labelled += 1
      if (labels.fraud) frauds += 1
    }
    if (frauds > 0 && frauds < labelled) return
  }
  refuse(recording, { labelled, frauds }, null)
}

function refuse({ path, problem }: Recording, counts: LabelCounts, given: LabelFile | null): void {
  const why = labelProblem(counts)
  if (why === null) return
  if (given === null) throw new CommandError(problem() ?? `${path}: ${why}`)
  const here = counts.labelled === 0 ? 'all that it says of events here is inconclusive' : why
  throw new CommandError(`${given.path}: ${here}`)
}

/** What the events are judged by: the rules alone, and the model that is held beside them. */
interface JudgedBy {
  readonly keys: Keys
  readonly playbook: Playbook
  readonly facts: Facts
  readonly loaded: LoadedModel | null
  /** Thresholds that the playbook gives it; null for a model named by --model. */
  readonly acting: Thresholds | null
}

/** Without --model it is the playbook's live one. */
function judgedBy(path: string, options: EvaluateOptions): JudgedBy {
  const { model: folder, ...rest } = options
  const keys = deriveKeys(options.key === undefined ? publishedTestKey : readKeyFile(options.key))
  const beside = `${path}.campaigns.yaml`
  const campaigns = existsSync(beside) ? { campaigns: beside } : {}
  const known = new Map<string, LoadedModel>()
  const watch = (loaded: LoadedModel) => {
    known.set(loaded.model.name, loaded)
    return () => undefined
  }
  const { playbook, facts } = loadJudging({ ...campaigns, ...rest }, keys, { watch })
  const rulesAlone = { keys, playbook: { ...playbook, models: [] }, facts }
  if (folder !== undefined) return { ...rulesAlone, loaded: loadModel(folder), acting: null }
  const live = playbook.models.find(({ mode }) => mode === 'live')
  if (live === undefined) return { ...rulesAlone, loaded: null, acting: null }
  const blockAt = Number.isFinite(live.blockAt) ? live.blockAt : null
  const acting = { reviewAt: live.reviewAt, blockAt }
  return { ...rulesAlone, loaded: known.get(live.name) ?? null, acting }
}

function refuseForeignKey(
  { path, header }: Recording,
  keys: Keys,
  { lists }: EvaluateOptions,
): void {
  if (lists === undefined || header.keyId === keys.id) return
  throw new CommandError(
    `${path}: its phones and codes were hashed with key ${header.keyId}, the lists with ${keys.id}: no entry of theirs could match`,
  )
}

async function scoredEvents(
  recording: Recording,
  { keys, playbook, facts, loaded }: JudgedBy,
  given: LabelFile | null,
) {
  const drift =
    loaded === null ? null : newDriftCount(loaded.model.features, loaded.manifest.statistics)
  const scorer = newEventScorer(playbook.timeZone, loaded?.model ?? null, drift?.add)
  const rules = given === null ? null : newRuleCount()
  const events: ScoredEvent[] = []
  const bar = startProgressBar('evaluate', recording.header.rows)
  await reobserve({
    recording,
    playbook,
    facts,
    keys,
    out: null,
    against: {
      take(row, judged) {
        if (judged.kind !== 'decided') return
        const { eventKey, results } = judged.audit.decision
        const labels = given === null ? row.labels : given.labelsOf(eventKey)
        rules?.add(results, given?.verdictOf(eventKey) ?? null)
        if (labels !== null) events.push(scorer.score(judged.audit, labels))
      },
    },
    onRows: bar.update,
    onAlert: () => undefined,
  }).finally(() => bar.stop())
  const problem = recording.problem()
  if (problem !== null) throw new CommandError(problem)
  if (given !== null) refuseUnmet(given, [recording.path])
  const frauds = events.filter(({ fraud }) => fraud).length
  refuse(recording, { labelled: events.length, frauds }, given)
  const { name, version, hash } = playbook
  const target = targetOf(recording, scorer.targets(), loaded)
  return {
    events,
    playbook: { name, version, hash },
    target,
    drift: drift?.result() ?? null,
    rules: rules?.result() ?? null,
  }
}

/** Labels of two meanings, or a model of another, would measure nothing. */
function targetOf(
  { path }: Recording,
  targets: readonly string[],
  loaded: LoadedModel | null,
): string {
  const [target = 'fraud', other] = targets
  if (other !== undefined)
    throw new CommandError(`${path}: its labels stand for ${target} and for ${other}: part them`)
  const learnt = loaded?.manifest.target ?? target
  if (learnt !== target)
    throw new CommandError(`${path}: its labels stand for ${target}, the model's for ${learnt}`)
  return target
}

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw fileProblem(path, error)
  }
}
