/**
 * What the unseen campaigns showed, as tables of Markdown, and whether it is what was asked: the
 * card and the terminal tell the same lines.
 */
import type { Thresholds } from '../../src/evaluation/ways.ts'
import { asked, heldOut, mixText } from './plan.ts'
import { type KindResult, type Result, resultOf, type Tried } from './results.ts'

/** What was tried, by what it was for. */
export interface Trials {
  readonly unseen: readonly Tried[]
  readonly unseenKind: readonly Tried[]
  readonly clean: readonly Tried[]
}

export interface Told {
  readonly lines: readonly string[]
  /** What was asked and not reached, a sentence each. */
  readonly short: readonly string[]
}

const percent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(2)} %`)
const points = (change: number) => `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(1)}`
const grouped = (count: number) => count.toLocaleString('en-US')
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]) => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
]

export function toldOf(trials: Trials, thresholds: Thresholds): Told {
  const result = ({ scored }: Tried) => resultOf(scored, thresholds)
  const all = (tried: readonly Tried[]) =>
    resultOf(
      tried.flatMap(({ scored }) => scored),
      thresholds,
    )
  const [unseen, unseenKind] = [trials.unseen.map(result), trials.unseenKind.map(result)]
  const [whole, wholeKind] = [all(trials.unseen), all(trials.unseenKind)]
  const names = (tried: readonly Tried[]) => tried.map(({ campaign }) => String(campaign.seed))
  return {
    lines: [
      '### The usual mix, seeds that it never saw',
      '',
      ...table(headOfResults, [
        ...unseen.map((one, at) => resultRow(names(trials.unseen)[at]!, one)),
        resultRow('all', whole),
      ]),
      '',
      '### By kind, the same seeds together',
      '',
      'Share of events flagged: recall for fraud, false alarms for the honest.',
      '',
      ...kindTable(whole.kinds),
      '',
      `### With ${heldOut}, which was held out`,
      '',
      `Mix: ${[...new Set(trials.unseenKind.map(({ campaign }) => mixText(campaign)))].join('; ')}.`,
      '',
      ...table(headOfResults, [
        ...unseenKind.map((one, at) => resultRow(names(trials.unseenKind)[at]!, one)),
        resultRow('all', wholeKind),
      ]),
      '',
      `Of the events of ${heldOut} alone:`,
      '',
      ...table(headOfHeldOut, [
        ...unseenKind.map((one, at) => heldOutRow(names(trials.unseenKind)[at]!, one)),
        heldOutRow('all', wholeKind),
      ]),
      '',
      ...cleanLines(trials.clean, thresholds),
    ],
    short: [
      ...unseen.flatMap((one, at) => shortOf(`seed ${names(trials.unseen)[at]}`, one)),
      ...heldOutShort(wholeKind),
    ],
  }
}

const headOfResults = [
  'seed',
  'dishonest events',
  'rules: precision',
  'rules: recall',
  'rules let down to the precision of both: recall',
  'both: precision',
  'both: recall',
  'more than the rules at that precision, points',
  'honest users blocked, rules → both',
]

function resultRow(name: string, one: Result): readonly string[] {
  const { rules, rulesLetDown, both, honestUsers, honestUsersBlocked: blocked } = one
  return [
    name,
    grouped(rules.frauds),
    percent(rules.precision),
    percent(rules.recall),
    percent(rulesLetDown.recall),
    percent(both.precision),
    percent(both.recall),
    points((both.recall ?? 0) - (rulesLetDown.recall ?? 0)),
    `${blocked.rules} → ${blocked.both} of ${grouped(honestUsers)}`,
  ]
}

const kindTable = (kinds: readonly KindResult[]) =>
  table(
    ['kind', 'is', 'events', 'rules', 'both'],
    kinds.map(({ kind, fraud, events, rules, both }) => [
      kind,
      fraud ? 'fraud' : 'honest',
      grouped(events),
      percent(rules / events),
      percent(both / events),
    ]),
  )

const headOfHeldOut = [
  'seed',
  'events',
  'rules: recall',
  'rules let down to the precision of both: recall',
  'both: recall',
  'more than the rules at that precision, points',
]

const ofHeldOut = ({ kinds }: Result): KindResult =>
  kinds.find(({ kind }) => kind === heldOut) ?? {
    kind: heldOut,
    fraud: true,
    events: 0,
    rules: 0,
    rulesLetDown: 0,
    both: 0,
  }

function heldOutRow(name: string, one: Result): readonly string[] {
  const { events, rules, rulesLetDown, both } = ofHeldOut(one)
  return [
    name,
    grouped(events),
    percent(rules / events),
    percent(rulesLetDown / events),
    percent(both / events),
    points((both - rulesLetDown) / events),
  ]
}

function cleanLines(clean: readonly Tried[], thresholds: Thresholds): readonly string[] {
  return clean.flatMap(({ campaign, scored }) => {
    const { rules, both, honestUsers, honestUsersBlocked: blocked } = resultOf(scored, thresholds)
    return [
      `On a run where nobody is dishonest (seed ${campaign.seed}) the rules flag ${grouped(rules.flagged)} of ${grouped(rules.events)} events, both ${grouped(both.flagged)};`,
      `they block ${blocked.rules} and ${blocked.both} of ${grouped(honestUsers)} users.`,
    ]
  })
}

function shortOf(name: string, one: Result): readonly string[] {
  const { both, rulesLetDown, honestUsers, honestUsersBlocked } = one
  const [precision, recall] = [both.precision ?? 0, both.recall ?? 0]
  const more = recall - (rulesLetDown.recall ?? 0)
  const problems: string[] = []
  if (precision < asked.precision)
    problems.push(`${name}: precision ${percent(precision)}, asked ${percent(asked.precision)}`)
  if (recall < asked.recall && more < asked.pointsOverRules)
    problems.push(
      `${name}: recall ${percent(recall)}, ${points(more)} points on the rules; asked ${percent(asked.recall)} or ${points(asked.pointsOverRules)}`,
    )
  if (honestUsersBlocked.both >= asked.blockedShareMax * honestUsers)
    problems.push(`${name}: ${honestUsersBlocked.both} of ${honestUsers} honest users are blocked`)
  return problems
}

function heldOutShort(one: Result): readonly string[] {
  const { events, rulesLetDown, both } = ofHeldOut(one)
  const more = (both - rulesLetDown) / Math.max(1, events)
  if (events > 0 && more >= asked.pointsOnHeldOut) return []
  return [`${heldOut}: ${points(more)} points on the rules; asked ${points(asked.pointsOnHeldOut)}`]
}
