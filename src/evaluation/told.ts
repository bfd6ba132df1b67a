/**
 * The report's numbers as words, the same in text and HTML: a table is rows of cells, the first of
 * each row a heading.
 */

import type { Money } from '../core/money.ts'
import type { Costs, LeastCost } from './costs.ts'
import { printable, shortened } from './escaped.ts'
import { falsePositiveShares, type Report, topSize, type WayReport } from './evaluate.ts'
import type { Way } from './ways.ts'

export interface Table {
  readonly title: string
  readonly note?: string
  /** A line to paste elsewhere, told whole. */
  readonly paste?: string
  /** Headings of the columns, that of the first one included. */
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export const grouped = (count: number): string => count.toLocaleString('en-US')
export const percent = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(2)} %`
const decimal = (value: number | null): string => (value === null ? '–' : value.toFixed(4))
const points = (change: number | null): string =>
  change === null ? '–' : `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(2)}`
const plain = (value: number): string => grouped(Math.round(value * 100) / 100)

export const wayNames: Readonly<Record<Way, string>> = {
  rules: 'rules alone',
  model: 'model alone',
  both: 'both',
}

/** Rounded down: a threshold that is rounded up would let through what it was chosen to catch. */
export function thresholdText(way: Way, at: number | null): string {
  if (at === null) return 'never'
  // A playbook states the scores of its rules from 0 to 100.
  return way === 'rules'
    ? String(Math.round(at * 100))
    : (Math.floor(at * 1e4 + 1e-9) / 1e4).toFixed(4)
}

export const costsText = ({ missedFraud, blockedUser, review }: Costs): string =>
  `a missed fraud ${plain(missedFraud)}, a wrongly blocked user ${plain(blockedUser)}, a review ${plain(review)}`

/** Amounts are minor units, and how many make a unit depends on the currency. */
const moneyText = (money: Money): string => {
  const sums = Object.entries(money).map(
    ([currency, amount]) => `${grouped(amount)} ${shortened(currency)}`,
  )
  return sums.length === 0 ? '–' : sums.join(', ')
}

type Line = readonly [heading: string, cell: (way: WayReport) => string]

const qualityLines: readonly Line[] = [
  ['precision', ({ precision }) => percent(precision)],
  ['recall', ({ recall }) => percent(recall)],
  ['flagged', ({ flagged }) => grouped(flagged)],
  ['blocked', ({ blocked }) => grouped(blocked)],
  ['honest users blocked', ({ outlay }) => grouped(outlay.blockedUsers)],
  ['ROC-AUC', ({ rocAuc }) => decimal(rocAuc)],
  ['PR-AUC', ({ prAuc }) => decimal(prAuc)],
  ...falsePositiveShares.map(
    (share, at): Line => [
      `recall at ${share * 100} % false positives`,
      ({ recallAt }) => percent(recallAt[at]?.recall ?? null),
    ],
  ),
  [
    `precision at the top ${topSize} a day`,
    ({ topOfDays }) => percent(topOfDays?.precision ?? null),
  ],
  ['  the most that is possible', ({ topOfDays }) => percent(topOfDays?.possible ?? null)],
  ['Brier score', ({ calibration }) => decimal(calibration?.brier ?? null)],
  [
    '  of saying the share of fraud',
    ({ calibration }) => decimal(calibration?.brierOfShare ?? null),
  ],
  ['calibration error', ({ calibration }) => decimal(calibration?.error ?? null)],
  ['at stake, caught', ({ money }) => moneyText(money.caught)],
  ['at stake, missed', ({ money }) => moneyText(money.missed)],
  ['at stake, flagged wrongly', ({ money }) => moneyText(money.troubled)],
]

export function qualityTable({ ways }: Report): Table {
  return {
    title: 'How good',
    note: 'Flagged is reviewed or blocked; the unit is the event. Money is in minor units.',
    head: ['', ...ways.map(({ way }) => wayNames[way])],
    rows: qualityLines.map(([heading, cell]) => [heading, ...ways.map(cell)]),
  }
}

export function costTable({ ways, costs }: Report): Table {
  const least = (cell: (of: LeastCost, way: Way) => string) =>
    ways.map((one) => cell(one.least, one.way))
  return {
    title: 'What it costs',
    note:
      `Costs: ${costsText(costs)}. Least: the thresholds that cost least on these very events; for ` +
      'rules alone those of its score, else those of the model. Try them on another recording.',
    head: ['', ...ways.map(({ way }) => wayNames[way])],
    rows: [
      ['cost as decided', ...ways.map(({ outlay }) => plain(outlay.cost))],
      ['  missed frauds', ...ways.map(({ outlay }) => grouped(outlay.missed))],
      ['  reviews', ...ways.map(({ outlay }) => grouped(outlay.reviews))],
      ['  honest users blocked', ...ways.map(({ outlay }) => grouped(outlay.blockedUsers))],
      ['least cost', ...least(({ cost }) => plain(cost))],
      ['  review at', ...least(({ reviewAt }, way) => thresholdText(way, reviewAt))],
      ['  block at', ...least(({ blockAt }, way) => thresholdText(way, blockAt))],
      ['  missed frauds', ...least(({ missed }) => grouped(missed))],
      ['  reviews', ...least(({ reviews }) => grouped(reviews))],
      ['  honest users blocked', ...least(({ blockedUsers }) => grouped(blockedUsers))],
    ],
  }
}

/** Null without a model. */
export function proposalTable({ proposal, costs, limits }: Report): Table | null {
  if (proposal === null) return null
  const { precision, recall, outlay, honestUsersBlockedShare, playbookLine } = proposal
  const keeping = `precision of at least ${percent(limits.precisionMin)} and at most ${percent(limits.blockedShareMax)} of honest users blocked`
  if (playbookLine === null)
    return {
      title: 'For the playbook',
      note: `No thresholds of this model pay beside the rules with ${keeping}.`,
      head: ['', ''],
      rows: [],
    }
  return {
    title: 'For the playbook',
    note: `Thresholds of least cost (${costsText(costs)}) for rules and model together, with ${keeping}. Try them on another recording.`,
    paste: printable(playbookLine),
    head: ['', ''],
    rows: [
      ['precision', percent(precision)],
      ['recall', percent(recall)],
      ['cost', plain(outlay.cost)],
      ['honest users blocked', percent(honestUsersBlockedShare)],
    ],
  }
}

export function kindTable({ ways }: Report): Table {
  const [first] = ways
  return {
    title: 'By kind of actor',
    note: 'Share of events flagged: recall for fraud, false alarms for the honest.',
    head: ['kind', 'is', 'events', ...ways.map(({ way }) => wayNames[way])],
    rows: first!.byKind.map(({ kind, fraud, events }, at) => [
      shortened(kind),
      fraud ? 'fraud' : 'honest',
      grouped(events),
      ...ways.map((way) => percent(way.byKind[at]!.flaggedShare)),
    ]),
  }
}

export function dayTables({ ways }: Report): readonly Table[] {
  return ways.map(({ way, byDay }) => ({
    title: `By day, ${wayNames[way]}`,
    head: ['day', 'events', 'fraud', 'precision', 'recall', 'PR-AUC', 'ROC-AUC'],
    rows: byDay.map(({ day, events, frauds, precision, recall, prAuc, rocAuc }) => [
      day,
      grouped(events),
      grouped(frauds),
      percent(precision),
      percent(recall),
      decimal(prAuc),
      decimal(rocAuc),
    ]),
  }))
}

/** Null where there are too few days. */
export function decayTable({ ways }: Report): Table | null {
  const telling = ways.filter(({ decay }) => decay !== null)
  if (telling.length === 0) return null
  return {
    title: 'How fast it decays',
    note: `Percentage points a day, by least squares over ${telling[0]!.decay!.days} days weighed by their frauds.`,
    head: ['', ...telling.map(({ way }) => wayNames[way])],
    rows: [
      ['precision', ...telling.map(({ decay }) => points(decay!.precision))],
      ['recall', ...telling.map(({ decay }) => points(decay!.recall))],
      ['PR-AUC', ...telling.map(({ decay }) => points(decay!.prAuc))],
      ['ROC-AUC', ...telling.map(({ decay }) => points(decay!.rocAuc))],
    ],
  }
}

export function calibrationTables({ ways }: Report): readonly Table[] {
  return ways.map(({ way, calibration }) => ({
    title: `Calibration, ${wayNames[way]}`,
    ...(way === 'model' ? {} : { note: 'A score of rules orders; it is no probability.' }),
    head: ['score', 'events', 'mean score', 'share of fraud'],
    rows: (calibration?.bins ?? [])
      .filter(({ events }) => events > 0)
      .map(({ from, to, events, meanScore, fraudShare }) => [
        `${from.toFixed(2)} to ${to.toFixed(2)}`,
        grouped(events),
        decimal(meanScore),
        decimal(fraudShare),
      ]),
  }))
}

/** Null without verdicts of reviewers. */
export function ruleTable({ rules }: Report): Table | null {
  if (rules === null) return null
  return {
    title: 'How often reviewers agree with each rule',
    note: 'Precision is fraud among the hits that have a verdict; hits that nobody judged do not count.',
    head: ['rule', 'mode', 'hits', 'with a verdict', 'fraud', 'precision'],
    rows: rules.map(({ rule, mode, hits, reviewed, frauds, precision }) => [
      shortened(rule),
      mode,
      ...[hits, reviewed, frauds].map(grouped),
      percent(precision),
    ]),
  }
}

/** Null without a model's statistics. */
export function driftTable({ drift }: Report): Table | null {
  if (drift === null) return null
  return {
    title: 'How far the features have moved',
    note: 'Population stability against training: below 0.1 none, above 0.25 a shift that matters.',
    head: ['feature', 'stability'],
    rows: [
      ['the score', decimal(drift.score)],
      ...drift.features.map(({ feature, stability }) => [shortened(feature), decimal(stability)]),
    ],
  }
}
