/**
 * Rankings on scores so few that every measure can be worked out by hand, and on random ones
 * against a count over all pairs.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  curvePointsMax,
  type Level,
  levelsOf,
  prAuc,
  prCurve,
  recallAt,
  rocAuc,
  rocCurve,
  topOfDays,
} from '../../src/evaluation/ranking.ts'
import { seeded } from '../support/seeded.ts'

/** "0.9f 0.4h": a score and what the event is, fraud or honest. */
function levels(text: string): readonly Level[] {
  const parts = text.split(' ')
  const scores = Float64Array.from(parts, (part) => Number(part.slice(0, -1)))
  return levelsOf(
    scores,
    parts.map((part) => ({ fraud: part.endsWith('f') })),
  )
}

test('equal scores are one level, in whatever order they came', () => {
  const expected = [
    { score: 0.9, frauds: 1, honest: 0 },
    { score: 0.5, frauds: 1, honest: 2 },
    { score: 0, frauds: 0, honest: 1 },
  ]
  expect(levels('0.5h 0h 0.9f 0.5f 0.5h')).toEqual(expected)
  expect(levels('0.9f 0.5f 0.5h 0.5h 0h')).toEqual(expected)
})

describe('areas', () => {
  const table: [what: string, scores: string, roc: number | null, pr: number | null][] = [
    ['a perfect order', '0.9f 0.8f 0.3h 0.1h', 1, 1],
    // Of fraud the ranks are 3 and 4: precision 1/3, then 2/4, at half of the recall each.
    ['the order upside down', '0.9h 0.8h 0.3f 0.1f', 0, 1 / 6 + 1 / 4],
    ['one score for all is chance', '0.5f 0.5h 0.5h 0.5h', 0.5, 0.25],
    // Pairs won: 0.9 beats both; 0.4 ties one and loses none: 2 + 1.5 of 4.
    ['a tie counts half', '0.9f 0.4f 0.4h 0.1h', 3.5 / 4, 1 / 2 + (1 / 2) * (2 / 3)],
    ['one fraud between the honest', '0.9h 0.5f 0.1h', 0.5, 0.5],
    ['no fraud', '0.9h 0.1h', null, null],
    ['nothing but fraud', '0.9f 0.1f', null, 1],
  ]
  test.each(table)('%s: %s', (_, scores, roc, pr) => {
    const of = levels(scores)
    for (const [is, wanted] of [
      [rocAuc(of), roc],
      [prAuc(of), pr],
    ] as const)
      if (wanted === null) expect(is).toBeNull()
      else expect(is).toBeCloseTo(wanted, 12)
  })
})

describe('recall at a share of false positives', () => {
  const four = '0.9f 0.8h 0.7f 0.6h 0.5f 0.4h 0.3f 0.2h'
  const table: [scores: string, share: number, recall: number, from: number | null][] = [
    [four, 0, 0.25, 0.9],
    // One of four honest is a quarter: the threshold may go down to just above the second.
    [four, 0.25, 0.5, 0.7],
    [four, 0.24, 0.25, 0.9],
    [four, 1, 1, 0.2],
    // The fraud at 0.9 cannot be had without the honest one that ties with it.
    ['0.9f 0.9h 0.1h', 0.1, 0, null],
    ['0.9f 0.9h 0.1h', 0.5, 1, 0.9],
  ]
  test.each(table)('%s at %d', (scores, share, recall, score) => {
    expect(recallAt(levels(scores), share)).toEqual({ falsePositiveShare: share, recall, score })
  })

  test('is not there without both classes', () => {
    expect(recallAt(levels('0.9f'), 0.1)).toBeNull()
    expect(recallAt(levels('0.9h'), 0.1)).toBeNull()
  })
})

describe('precision at the top of each day', () => {
  const table: [days: string[], size: number, precision: number | null, possible: number][] = [
    [['0.9f 0.8h 0.7f'], 2, 1 / 2, 1],
    // Two places on the second day, three events; the one fraud would fill one of two.
    [['0.9f 0.8f', '0.9h 0.8f 0.1h'], 2, 3 / 4, 3 / 4],
    // One place is left for three equal scores, two of them fraud: two thirds of a fraud.
    [['0.9f 0.5f 0.5f 0.5h'], 2, (1 + 2 / 3) / 2, 1],
    // A day shorter than the list counts as long as it is.
    [['0.9f 0.1h'], 100, 1 / 2, 1 / 2],
  ]
  test.each(table)('%j, top %d', (days, size, precision, possible) => {
    const top = topOfDays(days.map(levels), size)
    expect(top?.precision).toBeCloseTo(precision!, 12)
    expect(top?.possible).toBeCloseTo(possible, 12)
  })

  test('is not there without events', () => expect(topOfDays([], 100)).toBeNull())
})

test('curves go through every level', () => {
  const of = levels('0.9f 0.4f 0.4h 0.1h')
  expect(rocCurve(of)).toEqual([
    { x: 0, y: 0 },
    { x: 0, y: 0.5 },
    { x: 0.5, y: 1 },
    { x: 1, y: 1 },
  ])
  expect(prCurve(of)).toEqual([
    { x: 0.5, y: 1 },
    { x: 1, y: 2 / 3 },
    { x: 1, y: 1 / 2 },
  ])
})

test('long curves keep their ends and at most so many points', () => {
  const chance = seeded(5)
  const events = Array.from({ length: 5_000 }, () => ({ fraud: chance.in(0.1) }))
  const of = levelsOf(
    Float64Array.from(events, () => chance.next()),
    events,
  )
  for (const curve of [rocCurve(of), prCurve(of)]) {
    expect(curve.length).toBeLessThanOrEqual(curvePointsMax)
    expect(curve.length).toBeGreaterThan(100)
    expect(curve.at(-1)!.x).toBe(1)
  }
  expect(rocCurve(of)[0]).toEqual({ x: 0, y: 0 })
})

test('the area under the ROC curve is the share of pairs that are won, ties half', () => {
  const seed = 20_261_126
  console.info(`seed ${seed}`)
  const event = fc.record({ score: fc.integer({ min: 0, max: 12 }), fraud: fc.boolean() })
  const property = fc.property(fc.array(event, { minLength: 1, maxLength: 60 }), (events) => {
    const scores = Float64Array.from(events, ({ score }) => score / 12)
    const frauds = events.filter(({ fraud }) => fraud)
    const honest = events.filter(({ fraud }) => !fraud)
    let won = 0
    for (const bad of frauds)
      for (const good of honest)
        won += bad.score > good.score ? 1 : bad.score === good.score ? 0.5 : 0
    const area = rocAuc(levelsOf(scores, events))
    if (frauds.length === 0 || honest.length === 0) expect(area).toBeNull()
    else expect(area).toBeCloseTo(won / (frauds.length * honest.length), 12)
  })
  fc.assert(property, { seed, numRuns: 500 })
})
