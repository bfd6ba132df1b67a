/**
 * The auditor of chaos finds what it is there to find: a sound day passes, and of a day with one
 * thing wrong it says what. Each name that it knows is planted here at least once.
 */
import { describe, expect, test } from 'vitest'
import { audit } from '../../scripts/chaos/audit/auditor.ts'
import type { Evidence, ProblemName } from '../../scripts/chaos/audit/evidence.ts'
import {
  auditOf,
  claims,
  day,
  eventOf,
  inputOf,
  nextNight,
  redemptions,
  rows,
  sound,
  tallyOf,
  tenOClock,
} from './sound-evidence.ts'

const found = (evidence: Evidence) => [...new Set(audit(evidence).map(({ name }) => name))]

/** The rows of one kind without the one at a place of the list. */
const without = <K extends keyof Evidence>(kind: K, at: number) => ({
  [kind]: (sound[kind] as readonly unknown[]).filter((_, index) => index !== at),
})
/** The rows of one kind with the one at a place of the list changed. */
const withChanged = <K extends keyof Evidence>(kind: K, at: number, changed: object) => ({
  [kind]: (sound[kind] as readonly object[]).map((row, index) =>
    index === at ? { ...row, ...changed } : row,
  ),
})
/** The rows of one kind with one more. */
const withOneMore = <K extends keyof Evidence>(kind: K, row: object) => ({
  [kind]: [...(sound[kind] as readonly object[]), row],
})

type Planted = readonly [what: string, change: Partial<Evidence>, ...names: ProblemName[]]

const first = sound.audits[0]!
const blocked = sound.decisions[0]!
const raisedAll = sound.alerts[0]!

const planted: readonly Planted[] = [
  ['an event that was not decided', without('audits', 0), 'lost audit', 'wrong tally'],
  ['an event decided twice', withOneMore('audits', first), 'doubled audit', 'wrong tally'],
  [
    'a duplicate decided too',
    withOneMore('audits', auditOf(rows.annAgain)),
    'doubled audit',
    'wrong tally',
  ],
  [
    'a duplicate decided instead of the first',
    { audits: [auditOf(rows.annAgain), ...sound.audits.slice(1)] },
    'lost audit',
  ],
  [
    'a conflicting event decided too',
    withOneMore('audits', auditOf(rows.annOther)),
    'doubled audit',
    'wrong tally',
  ],
  [
    'a misdated event decided',
    withOneMore('audits', auditOf(rows.misdated)),
    'needless audit',
    'wrong tally',
  ],
  [
    'an event decided that was never published',
    withOneMore('audits', {
      ...auditOf(inputOf(claims(0, 9), eventOf({ user: 'eve', id: 'e1', attempt: 'expired' }))),
    }),
    'needless audit',
  ],
  [
    'an audit of another event',
    withChanged('audits', 0, { event: { ...first.event, couponAmount: 501 } }),
    'wrong audit',
  ],
  ['an audit of another time', withChanged('audits', 0, { recordedAt: 1 }), 'wrong audit'],
  [
    'a decision under another key',
    withChanged('audits', 0, { decision: { ...first.decision, eventKey: 'f00d' } }),
    'wrong audit',
  ],
  [
    'a user forgotten without need',
    withChanged('audits', 3, { repeatsSaturated: true }),
    'wrong audit',
  ],
  ['a decision that was not published', without('decisions', 0), 'lost decision'],
  ['a decision published twice', withOneMore('decisions', blocked), 'doubled decision'],
  [
    'a decision published that says allow',
    withOneMore('decisions', first.decision),
    'wrong decision',
  ],
  [
    'a decision published otherwise than audited',
    withChanged('decisions', 0, { content: '{}' }),
    'wrong decision',
  ],
  ['no dead letter for what nobody can read', without('letters', 2), 'lost dead letter'],
  ['no dead letter for a wrong date', without('letters', 1), 'lost dead letter'],
  ['no dead letter for a conflict', without('letters', 0), 'lost dead letter'],
  [
    'a dead letter twice',
    withOneMore('letters', { ...claims(1, 1), reason: 'bad-frame' }),
    'doubled dead letter',
  ],
  [
    'a conflict told twice',
    withOneMore('letters', { ...claims(0, 2), reason: 'conflicting-id' }),
    'doubled dead letter',
  ],
  [
    'a dead letter for a duplicate',
    withOneMore('letters', { ...claims(0, 1), reason: 'conflicting-id' }),
    'needless dead letter',
  ],
  [
    'a dead letter for nothing',
    withOneMore('letters', { ...redemptions(1, 7), reason: 'bad-frame' }),
    'needless dead letter',
  ],
  [
    'a dead letter for another reason',
    withChanged('letters', 2, { reason: 'not-avro' }),
    'wrong dead letter',
  ],
  [
    'a good event among the dead letters',
    {
      ...without('audits', 3),
      ...withOneMore('letters', { ...redemptions(1, 0), reason: 'bad-field' }),
    },
    'lost audit',
  ],
  [
    'a message that nobody can read and nobody planted',
    withChanged('inputs', 7, { planted: null }),
    'unreadable input',
  ],
  ['a tally one too high', withChanged('tallies', 0, { claims: 2 }), 'wrong tally', 'wrong alert'],
  ['a tally missing', without('tallies', 1), 'wrong tally', 'needless alert'],
  ['a tally twice', withOneMore('tallies', tallyOf('all', [1, 0, 0], nextNight)), 'wrong tally'],
  ['a tally of another day', withChanged('tallies', 4, { day: day + 1 }), 'wrong tally'],
  ['an alert that was not raised', without('alerts', 0), 'lost alert'],
  ['an alert that was not closed', without('alerts', 5), 'lost alert'],
  ['an alert raised twice', withOneMore('alerts', raisedAll), 'doubled alert'],
  [
    'an alert that the tallies do not give',
    withOneMore('alerts', { ...raisedAll, id: `all/${day}/2/raised` }),
    'needless alert',
  ],
  ['an alert with other sums', withChanged('alerts', 0, { redemptions: 3 }), 'wrong alert'],
  ['alerts out of order', { alerts: sound.alerts.toReversed() }, 'wrong alert'],
  [
    'an alert cited that was never raised',
    withChanged('audits', 2, { alerts: [`all/${day}/7/raised`] }),
    'needless alert',
  ],
  ['a report that was not written', without('reports', 0), 'lost report'],
  ['a report written twice', withOneMore('reports', sound.reports[0]!), 'doubled report'],
  ['a report of another amount', withChanged('reports', 0, { amount: 9_001 }), 'wrong report'],
  [
    'a report of a day below the limit',
    withOneMore('reports', { ...sound.reports[0]!, user: 'bea' }),
    'wrong report',
  ],
  [
    'a report of money that came too late',
    withChanged('audits', 1, { late: true }),
    'wrong report',
  ],
  [
    'progress that goes back',
    withOneMore('progress', { ...sound.progress[0]!, recordedAt: nextNight }),
    'wrong progress',
  ],
  [
    'progress that goes back in time',
    withChanged('progress', 2, { recordedAt: tenOClock }),
    'wrong progress',
  ],
  ['progress told twice', withOneMore('progress', sound.progress[3]!), 'wrong progress'],
  [
    'progress past the end',
    withChanged('progress', 2, { places: [claims(0, 4), redemptions(0, 2)] }),
    'wrong progress',
  ],
  [
    'progress of a partition of another shard',
    withChanged('progress', 3, { places: [claims(1, 3), redemptions(1, 1), claims(2, 0)] }),
    'wrong progress',
  ],
  ['progress that stops short', without('progress', 3), 'lost progress'],
  ['offsets that stop short', withChanged('committed', 0, { offset: 2 }), 'lost offset'],
  ['offsets that were never committed', without('committed', 3), 'lost offset'],
  ['a transaction without an end', { open: [claims(0, 3)] }, 'open transaction'],
]

const cases = planted.map(([what, change, ...names]) => ({ what, change, names }))

test('a sound day passes', () => {
  expect(audit(sound)).toEqual([])
})

describe('found by name', () => {
  test.each(cases)('$what', ({ change, names }) => {
    expect(found({ ...sound, ...change })).toEqual(expect.arrayContaining(names))
  })

  test('nothing else is named', () => {
    const astray = cases.map(({ what, change, names }) => ({
      what,
      also: found({ ...sound, ...change }).filter((name) => !names.includes(name)),
    }))
    expect(astray.filter(({ also }) => also.length > 0)).toEqual([])
  })

  test('each name is planted', () => {
    const names: Record<ProblemName, true> = {
      'lost audit': true,
      'doubled audit': true,
      'needless audit': true,
      'wrong audit': true,
      'lost decision': true,
      'doubled decision': true,
      'wrong decision': true,
      'lost dead letter': true,
      'doubled dead letter': true,
      'needless dead letter': true,
      'wrong dead letter': true,
      'wrong tally': true,
      'lost alert': true,
      'doubled alert': true,
      'needless alert': true,
      'wrong alert': true,
      'lost report': true,
      'doubled report': true,
      'wrong report': true,
      'wrong progress': true,
      'lost progress': true,
      'lost offset': true,
      'open transaction': true,
      'unreadable input': true,
    }
    const shown = new Set<string>(cases.flatMap((one) => one.names))
    expect(Object.keys(names).filter((name) => !shown.has(name))).toEqual([])
  })
})

describe('what is open is left open', () => {
  const claim = inputOf(claims(3, 0), eventOf({ user: 'fay', id: 'f1', attempt: 'expired' }))
  const spent = inputOf(
    redemptions(3, 0),
    eventOf({ user: 'fay', id: 'f1', kind: 'redemption', attempt: 'expired' }),
  )
  const both = {
    inputs: [...sound.inputs, claim, spent],
    ends: [...sound.ends, claims(3, 1), redemptions(3, 1)],
    committed: [...sound.committed, claims(3, 1), redemptions(3, 1)],
    progress: [
      ...sound.progress,
      { shard: 3, places: [claims(3, 1), redemptions(3, 1)], recordedAt: tenOClock },
    ],
  }
  const dead = (row: typeof claim) => ({
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    reason: 'conflicting-id',
  })

  test.each([
    ['claim', claim, spent],
    ['redemption', spent, claim],
  ])('of twins under one id either may be first: the %s', (_, head, other) => {
    const audits = [...sound.audits, auditOf(head)]
    const letters = [...sound.letters, dead(other)]
    expect(audit({ ...sound, ...both, audits, letters })).toEqual([])
  })

  test('but not both', () => {
    const audits = [...sound.audits, auditOf(claim), auditOf(spent)]
    expect(found({ ...sound, ...both, audits })).toContain('doubled audit')
  })

  test('an id that comes again after more than 26 hours and ten minutes is a new event', () => {
    const recordedAt = tenOClock + 27 * 3_600_000
    const late = { ...inputOf(claims(0, 3), eventOf({ user: 'ann', id: 'a1' })), recordedAt }
    const inputs = [...sound.inputs, late]
    expect(found({ ...sound, inputs })).toContain('lost audit')
  })
})

describe('a reversal', () => {
  const taken = inputOf(
    redemptions(3, 0),
    eventOf({ user: 'ann', id: 'a3', kind: 'reversal', orderAmount: 9_000 }),
  )
  const withReversal = {
    ...sound,
    inputs: [...sound.inputs, taken],
    ends: [...sound.ends, redemptions(3, 1)],
    committed: [...sound.committed, redemptions(3, 1)],
    progress: [...sound.progress, { shard: 3, places: [redemptions(3, 1)], recordedAt: tenOClock }],
    audits: [...sound.audits, auditOf(taken)],
  }

  test('is judged, and counts for nothing', () => {
    expect(audit(withReversal)).toEqual([])
    expect(found({ ...withReversal, audits: sound.audits })).toContain('lost audit')
  })

  test.each([
    ['claim', [1, 0, 0]],
    ['redemption', [0, 1, 0]],
  ] as const)('is no %s to a tally', (_, sums) => {
    const tallies = [...sound.tallies, tallyOf('all', sums)]
    expect(found({ ...withReversal, tallies })).toContain('wrong tally')
  })

  test('is no money to report', () => {
    const { eventKey } = auditOf(taken).decision
    const reports = [{ ...sound.reports[0]!, amount: 18_000, eventKey }]
    expect(found({ ...withReversal, reports })).toContain('wrong report')
  })
})
