/**
 * The card of a model, for a person who has to decide whether to trust it: what it was trained on,
 * how good it was on people that it never met, what it looks at, and what it must not be used for.
 */
import type { Manifest } from '../config/model-manifest.ts'

const percent = (share: number | null | undefined) =>
  share === null || share === undefined ? 'cannot be told' : `${(share * 100).toFixed(2)} %`
const number = (value: number) => value.toLocaleString('en-US')
const decimal = (value: number | null | undefined) =>
  value === null || value === undefined ? 'cannot be told' : value.toFixed(4)

const topFeatures = 15
/** So small a share of fraud in the test rows makes every measure of it a guess. */
const fraudsToTrust = 200

export function cardOf(manifest: Manifest): string {
  const { name, training, metrics, thresholds } = manifest
  const { rows, frauds, recordings } = training
  const names = recordings.map(({ name: file }) => `\`${plain(file)}\``).join(', ')
  const lines = [
    `# Model ${name}`,
    '',
    ...whatLines(manifest),
    '',
    ...targetLines(manifest),
    '## What it was trained on',
    '',
    ...originLines(manifest, names),
    ...labelLines(manifest),
    '',
    `| | rows | of them ${plain(manifest.target)} |`,
    '|---|---|---|',
    `| ${isForeign(manifest) ? 'for the training elsewhere' : 'training'} | ${number(rows.train)} | ${number(frauds.train)} |`,
    `| calibration, other people | ${number(rows.calibrate)} | ${number(frauds.calibrate)} |`,
    `| test, other people, later | ${number(rows.test)} | ${number(frauds.test)} |`,
    '',
    ...heldOutLines(manifest),
    '## How good it is on the test rows',
    '',
    '| | |',
    '|---|---|',
    `| area under the precision-recall curve (chance: ${percent(metrics.fraudShare)}) | ${decimal(metrics.prAuc)} |`,
    `| area under the ROC curve (chance: 0.5) | ${decimal(metrics.rocAuc)} |`,
    `| caught while 1 of 1,000 honest events is flagged | ${percent(metrics.recallAt1in1000FalsePositives)} |`,
    `| caught while 1 of 100 honest events is flagged | ${percent(metrics.recallAt1in100FalsePositives)} |`,
    `| from ${thresholds.reviewAt.toFixed(4)} on, the threshold for review: precision | ${percent(metrics.precisionAtReview)} |`,
    `| and caught | ${percent(metrics.recallAtReview)} |`,
    `| Brier score of its probabilities | ${decimal(metrics.brier)} |`,
    '',
    ...trustLines(manifest),
    '![Precision and recall](precision-recall.svg) ![ROC](roc.svg) ![Calibration](calibration.svg)',
    '',
    '## What it looks at',
    '',
    `Shares of what all splits together did to ${isForeign(manifest) ? 'tell rows apart' : 'part fraud from honest rows'}:`,
    '',
    '| signal | share |',
    '|---|---|',
    ...importanceLines(manifest),
    '',
    '## Before you use it',
    '',
    '- It knows the people and tricks of its recordings, no others. Train it on your own labels, and again when drift shows.',
    `- Its labels are what somebody believed. ${unseenText(manifest)}`,
    '- Its probability is a share among events like this one; it is no proof about a person. Begin in shadow.',
    '',
  ]
  return lines.join('\n')
}

const makers = { 'random-forest': null, xgboost: 'XGBoost', lightgbm: 'LightGBM' } as const

const isForeign = ({ kind }: Manifest): boolean => makers[kind] !== null

function whatLines(manifest: Manifest): readonly string[] {
  const { kind, training, features } = manifest
  const checksum = `Checksum \`${manifest.checksum.slice(0, 16)}…\`.`
  const { trees, depthMax, leafRowsMin, seed } = training
  if (isForeign(manifest))
    return [
      `Trees of ${makers[kind]}, grown elsewhere: ${number(trees)} of them, at most ${depthMax} splits deep, over ${features.length} signals.`,
      checksum,
    ]
  return [
    `A random forest of ${trees} trees, at most ${depthMax} splits deep, at least ${leafRowsMin} rows`,
    `a leaf, over ${features.length} signals. Seed ${seed}. ${checksum}`,
  ]
}

function originLines(manifest: Manifest, names: string): readonly string[] {
  if (!isForeign(manifest))
    return [
      `${names}. People and times are split: nobody who trains also tests, and the test lies after the training.`,
    ]
  return [
    'What the trees were grown on is not known here. They were calibrated and tested, and their',
    `thresholds were chosen, on ${names}, people and times split as for a forest that is grown here.`,
    '',
    '**The training elsewhere may have seen the test rows.** It has not if it learned from nothing but the',
    'rows whose part is `train` in what `train --rows` wrote of the same recordings with the same labels',
    'and `--hold-out`. Else the figures below are too good: evaluate it on a recording that it never saw.',
  ]
}

function labelLines({ training: { labels } }: Manifest): readonly string[] {
  if (labels === null) return []
  const { name, events, met, unreviewed } = labels
  const rest = unreviewed === 'legitimate' ? 'all other events count as honest' : 'no other event'
  return [
    '',
    `Labels: the verdicts of \`${plain(name)}\` on ${number(met)} events of these, of ${number(events)} in all; ${rest}.`,
  ]
}

function unseenText({ training: { labels } }: Manifest): string {
  if (labels?.unreviewed !== 'left-out') return 'What reviewers never saw was taken for honest.'
  return 'What they never saw was left out: it tells fraud from honest among events like those that were reviewed, and its probability holds for them alone.'
}

function heldOutLines(manifest: Manifest): readonly string[] {
  const { heldOut } = manifest.training
  if (heldOut.length === 0) return []
  const kinds = heldOut.map(plain).join(', ')
  if (isForeign(manifest))
    return [`Kept for the test, if the training elsewhere did: ${kinds}.`, '']
  return [`Kept out of training and calibration, and only tested on: ${kinds}.`, '']
}

/** Where the labels speak of something else, the words of this card must not be taken for it. */
function targetLines({ target }: Manifest): readonly string[] {
  if (target === 'fraud') return []
  return [`Its labels say **${plain(target)}**: read that wherever this card says fraud.`, '']
}

function trustLines({ training: { frauds } }: Manifest): readonly string[] {
  if (frauds.test >= fraudsToTrust) return []
  return [`Only ${frauds.test} test rows are fraud: these figures may be off by a good deal.`, '']
}

function importanceLines({ features, importance }: Manifest): readonly string[] {
  return features
    .map((feature, index) => ({ feature, share: importance[index] ?? 0 }))
    .sort((a, b) => b.share - a.share || (a.feature < b.feature ? -1 : 1))
    .slice(0, topFeatures)
    .map(({ feature, share }) => `| \`${feature}\` | ${percent(share)} |`)
}

/** Names of files and kinds come from elsewhere. */
const plain = (text: string) => text.replace(/[^\p{L}\p{N} ._-]/gu, '?')
