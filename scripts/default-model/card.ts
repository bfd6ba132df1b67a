/** The card of the default model: it knows a simulation only; what was tried, what falls short. */
import type { Manifest } from '../../src/config/model-manifest.ts'
import { playbookLine } from '../../src/evaluation/proposal.ts'
import { costsText } from '../../src/evaluation/told.ts'
import {
  type Campaign,
  costs,
  forestSize,
  heldOut,
  mixText,
  rowWeights,
  tuningLimits,
} from './plan.ts'
import { leftOut } from './signals.ts'
import type { Told } from './told.ts'

export interface CardParts {
  readonly manifest: Manifest
  readonly trainedOn: readonly Campaign[]
  readonly tunedOn: readonly Campaign[]
  /** Rows of each campaign. */
  readonly events: number
  readonly told: Told
  /** What stands under "What falls short", by people. */
  readonly remarks: readonly string[]
}

const topFeatures = 20
const percent = (share: number) => `${(share * 100).toFixed(2)} %`
const number = (value: number) => value.toLocaleString('en-US')

export function defaultCard(parts: CardParts): string {
  const { manifest, told, remarks } = parts
  const { name, checksum, features, thresholds } = manifest
  const { trees, depthMax, leafRowsMin, seed } = forestSize
  const lines = [
    `# Model ${name}`,
    '',
    '**It was trained on a simulation and knows nobody real.** Every event behind it was made up by',
    '`couponguard generate`. It shows what a model does beside the rules and is something to begin with in',
    'shadow; before it may decide about people, train one on your own labels (`couponguard train`), and look at',
    'that one by `couponguard evaluate`.',
    '',
    `A random forest of ${trees} trees, at most ${depthMax} splits deep, at least ${leafRowsMin} rows a leaf, over ${features.length} signals. Seed`,
    `${seed}. Checksum \`${checksum.slice(0, 16)}…\`. \`npx tsx scripts/train-default.ts\` makes it anew, byte for byte; with`,
    '`--check` it only tries the committed one on the unseen campaigns and prints the tables below.',
    '',
    '## For the playbook',
    '',
    '```yaml',
    playbookLine(name, thresholds) ?? '',
    '```',
    '',
    `Of all thresholds that keep a precision of ${percent(tuningLimits.precisionMin)} for rules and model together, and block at most`,
    `${percent(tuningLimits.blockedShareMax)} of honest users, those that cost least on the tuning campaigns (${costsText(costs)}).`,
    '',
    '## What it was trained and tuned on',
    '',
    `Campaigns of ${number(parts.events)} rows, two days each. "Usual" is the mix of \`docs/generator.md\`; other shares are named.`,
    '',
    ...campaignTable(parts),
    '',
    ...rowLines(manifest),
    '',
    `**\`${heldOut}\` was held out**: no event of it was trained on, calibrated on or used to choose thresholds.`,
    'How rows are weighed and how deep trees go was chosen with other kinds left out in turn, by how much of the',
    'kind left out the model alone then caught (device-farm, cash-out-merchant, proxy-pool; seeds 1201 and 1202).',
    '',
    '## What it caught on campaigns that it never saw',
    '',
    ...told.lines,
    '',
    '![Precision and recall](precision-recall.svg) ![ROC](roc.svg) ![Calibration](calibration.svg)',
    '',
    'The curves are of the model alone, over the five seeds of the usual mix.',
    '',
    '## What falls short',
    '',
    ...(told.short.length === 0
      ? ['All that was asked is reached.']
      : told.short.map((line) => `- ${line}`)),
    '',
    ...remarks,
    '',
    '## What it looks at',
    '',
    'Shares of what all splits together did to part fraud from honest rows:',
    '',
    '| signal | share |',
    '|---|---|',
    ...importanceLines(manifest),
    '',
    'It was kept from looking at:',
    '',
    ...leftOut.map(
      ({ why, signals }) => `- ${why}: ${signals.map((one) => `\`${one}\``).join(', ')}`,
    ),
    '',
  ]
  return lines.join('\n')
}

const campaignTable = ({ trainedOn, tunedOn }: CardParts) => [
  '| for | seed | mix |',
  '|---|---|---|',
  ...trainedOn.map((one) => `| training | ${one.seed} | ${mixText(one)} |`),
  ...tunedOn.map((one) => `| tuning | ${one.seed} | ${mixText(one)} |`),
]

function rowLines({ training: { rows, frauds } }: Manifest): readonly string[] {
  const { missedFraud, caughtFraud, honestShare } = rowWeights
  return [
    `${number(rows.train)} rows train, ${number(frauds.train)} of them fraud: fraud that the rules let go counts ${missedFraud} times, fraud that they catch`,
    `${caughtFraud === 1 ? 'once' : `${caughtFraud} times`}, and of the honest rows that they let go one in ${Math.round(1 / honestShare)} is taken. ${number(rows.calibrate)} rows tune, ${number(frauds.calibrate)} of them fraud, none`,
    'left out: they calibrate, choose the thresholds and are what drift is measured against.',
  ]
}

function importanceLines({ features, importance }: Manifest): readonly string[] {
  return features
    .map((feature, index) => ({ feature, share: importance[index] ?? 0 }))
    .sort((a, b) => b.share - a.share || (a.feature < b.feature ? -1 : 1))
    .slice(0, topFeatures)
    .map(({ feature, share }) => `| \`${feature}\` | ${percent(share)} |`)
}
