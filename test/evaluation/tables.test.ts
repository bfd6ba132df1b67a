/** Calibration, kinds, days, decay, drift and the three ways, on few events counted by hand. */
import { describe, expect, test } from 'vitest'
import { newBins } from '../../src/core/model/drift.ts'
import type { ActedOutcome } from '../../src/core/rules/playbook.ts'
import { byKind, countsOf, type DayRow, decayOf, kindsMax } from '../../src/evaluation/by-group.ts'
import { calibrationTable } from '../../src/evaluation/calibration-table.ts'
import { newDriftCount } from '../../src/evaluation/drift-table.ts'
import { evaluate, labelProblem } from '../../src/evaluation/evaluate.ts'
import { judgementsOf, outcomeAt } from '../../src/evaluation/ways.ts'
import { evaluated, scoredEvent } from './scored.ts'

describe('calibration', () => {
  test('bins hold their mean score and share of fraud; the Brier score is the mean square', () => {
    const events = [true, false, true, false].map((fraud) => ({ fraud }))
    const table = calibrationTable(Float64Array.of(0.95, 0.93, 1, 0), events)!
    expect(table.brier).toBeCloseTo((0.05 ** 2 + 0.93 ** 2) / 4, 12)
    expect(table.brierOfShare).toBe(0.25)
    const full = table.bins.filter((bin) => bin.events > 0)
    expect(full).toEqual([
      { from: 0, to: 0.01, events: 1, meanScore: 0, fraudShare: 0 },
      // 1 itself is in the last bin.
      { from: 0.9, to: 1, events: 3, meanScore: expect.closeTo(0.96, 12), fraudShare: 2 / 3 },
    ])
    expect(table.error).toBeCloseTo(((0.96 - 2 / 3) * 3) / 4, 12)
    expect(table.bins[1]).toMatchObject({ events: 0, meanScore: null, fraudShare: null })
  })

  test('a score on an edge is in the bin above', () => {
    const { bins } = calibrationTable(Float64Array.of(0.1), [{ fraud: true }])!
    expect(bins.find(({ events }) => events > 0)).toMatchObject({ from: 0.1, to: 0.2 })
  })
})

describe('what the model does at its thresholds', () => {
  const table: [
    score: number,
    reviewAt: number | null,
    blockAt: number | null,
    is: ActedOutcome,
  ][] = [
    [0.5, 0.5, 0.9, 'review'],
    [0.49, 0.5, 0.9, 'allow'],
    [0.9, 0.5, 0.9, 'block'],
    [1, null, null, 'allow'],
    [1, 0.5, null, 'review'],
    [1, null, 0.5, 'block'],
  ]
  test.each(table)('%d under %s and %s: %s', (score, reviewAt, blockAt, is) => {
    expect(outcomeAt(score, { reviewAt, blockAt })).toBe(is)
  })
})

describe('the three ways', () => {
  const events = [
    scoredEvent({ outcome: 'block', score: 0.9, probability: 0.1 }),
    scoredEvent({ outcome: 'allow', score: 0, probability: 0.95 }),
    scoredEvent({ outcome: 'review', score: 0.4, probability: 0.6 }),
    scoredEvent({ allowListed: true, score: 0.2, probability: 0.99 }),
  ]
  const thresholds = { reviewAt: 0.5, blockAt: 0.9 }
  test.each([
    ['rules', ['block', 'allow', 'review', 'allow'], [0.9, 0, 0.4, 0.2]],
    ['model', ['allow', 'block', 'review', 'block'], [0.1, 0.95, 0.6, 0.99]],
    // An allow-list entry undoes a block, the model's too.
    ['both', ['block', 'block', 'review', 'allow'], [0.9, 0.95, 0.6, 0.2]],
  ] as const)('%s', (way, outcomes, scores) => {
    const judged = judgementsOf(events, way, thresholds)
    expect([judged.outcomes, [...judged.scores]]).toEqual([outcomes, scores])
  })

  test('without a model only the rules are told', () => {
    expect(evaluate(events, evaluated({ model: null })).ways.map(({ way }) => way)).toEqual([
      'rules',
    ])
    expect(evaluate(events, evaluated()).ways.map(({ way }) => way)).toEqual([
      'rules',
      'model',
      'both',
    ])
  })
})

test('precision and recall are null, not 0, where nothing was flagged or nothing is fraud', () => {
  expect(countsOf([{ fraud: false }], ['allow'])).toMatchObject({ precision: null, recall: null })
  expect(countsOf([{ fraud: true }, { fraud: false }], ['review', 'block'])).toEqual({
    events: 2,
    frauds: 1,
    flagged: 2,
    caught: 1,
    blocked: 1,
    precision: 0.5,
    recall: 1,
  })
})

describe('by kind', () => {
  test('fraud first; a kind that is labelled both ways is two', () => {
    const events = [
      scoredEvent({ kind: 'shared', fraud: false }),
      scoredEvent({ kind: 'shared', fraud: true }),
      scoredEvent({ kind: 'farm', fraud: true }),
      scoredEvent({ kind: 'farm', fraud: true }),
    ]
    const rows = byKind(events, ['allow', 'review', 'block', 'allow'])
    expect(rows).toEqual([
      { kind: 'farm', fraud: true, events: 2, flagged: 1, blocked: 1, flaggedShare: 0.5 },
      { kind: 'shared', fraud: true, events: 1, flagged: 1, blocked: 0, flaggedShare: 1 },
      { kind: 'shared', fraud: false, events: 1, flagged: 0, blocked: 0, flaggedShare: 0 },
    ])
  })

  test('of very many kinds those with few events become one', () => {
    const names = Array.from({ length: kindsMax + 5 }, (_, at) => `k${at}`)
    const events = [...names, 'k0'].map((kind) => scoredEvent({ kind }))
    const rows = byKind(
      events,
      events.map(() => 'allow'),
    )
    expect(rows).toHaveLength(kindsMax + 1)
    expect(rows.find(({ kind }) => kind === 'all other kinds')).toMatchObject({ events: 5 })
  })
})

describe('decay', () => {
  const day = (date: string, recall: number | null, frauds = 10): DayRow => ({
    ...countsOf([], []),
    day: date,
    events: 100,
    frauds,
    recall,
    rocAuc: null,
    prAuc: 0.5,
  })

  test('is the slope over the days, by the calendar and not by their place', () => {
    const days = [day('2026-02-27', 0.9), day('2026-02-28', 0.8), day('2026-03-02', 0.6)]
    const decay = decayOf(days)!
    expect(decay.days).toBe(3)
    expect(decay.recall).toBeCloseTo(-0.1, 9)
    expect(decay.prAuc).toBeCloseTo(0, 9)
    expect(decay.rocAuc).toBeNull()
  })

  test('a day with few frauds weighs little', () => {
    const even = [day('2026-03-01', 0.9), day('2026-03-02', 0.9), day('2026-03-03', 0, 1)]
    expect(decayOf(even)!.recall).toBeGreaterThan(-0.3)
  })

  test('needs three days with both classes', () => {
    const days = [day('2026-03-01', 0.9), day('2026-03-02', 0.8), day('2026-03-03', null, 0)]
    expect(decayOf(days)).toBeNull()
  })
})

test('drift: what stayed is near 0, what moved comes first', () => {
  const before = Array.from({ length: 100 }, (_, at) => at)
  const bins = newBins(before)
  const drift = newDriftCount(['same', 'moved'], { features: [bins, bins], score: bins })
  for (const value of before) drift.add(Float64Array.of(value, 99), value)
  const { score, features } = drift.result()
  expect(score).toBeCloseTo(0, 9)
  expect(features.map(({ feature }) => feature)).toEqual(['moved', 'same'])
  expect(features[0]!.stability).toBeGreaterThan(1)
})

test('money at stake is told by currency: caught, missed, and flagged wrongly', () => {
  const events = [
    scoredEvent({ fraud: true, outcome: 'block', atStake: 500, currency: 'CNY' }),
    scoredEvent({ fraud: true, outcome: 'allow', atStake: 300, currency: 'CNY' }),
    scoredEvent({ fraud: true, outcome: 'allow', atStake: 7, currency: null }),
    scoredEvent({ fraud: false, outcome: 'review', atStake: 20, currency: 'EUR' }),
    scoredEvent({ fraud: false, outcome: 'allow', atStake: 900, currency: 'EUR' }),
    scoredEvent({ fraud: true, outcome: 'block', atStake: null }),
  ]
  const [rules] = evaluate(events, evaluated({ model: null })).ways
  expect(rules!.money).toEqual({
    caught: { CNY: 500 },
    missed: { CNY: 300, unknown: 7 },
    troubled: { EUR: 20 },
  })
})

describe('labels that nothing can be measured by', () => {
  test.each([
    [0, 0, 'has no labels to evaluate by'],
    [5, 0, 'none of its 5 labelled events is fraud'],
    [5, 5, 'all of its 5 labelled events are fraud'],
    [5, 1, null],
  ])('%d labelled, %d fraud', (labelled, frauds, problem) => {
    const is = labelProblem({ labelled, frauds })
    if (problem === null) expect(is).toBeNull()
    else expect(is).toContain(problem)
  })
})
