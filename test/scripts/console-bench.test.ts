/** What `npm run console-bench` says of its figures, and the records that it fills with. */
import { describe, expect, test } from 'vitest'
import { figureOf, isMissed, rateOf, tableOf } from '../../scripts/console-bench/figures.ts'
import { deviceOf, newCrowd } from '../../scripts/console-bench/synthetic-audits.ts'
import { aCase } from '../console/an-audit.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

describe('figures', () => {
  test('give the median and the 95th percentile, however the values come', () => {
    expect(figureOf('pages', upTo(100).reverse())).toMatchObject({ p50: 51, p95: 96, count: 100 })
    expect(figureOf('one', [7])).toMatchObject({ p50: 7, p95: 7 })
    expect(figureOf('odd', [9, 100, 20])).toMatchObject({ p50: 20, p95: 100 })
  })

  test.each([
    ['a percentile below its limit', figureOf('x', upTo(100), { of: 'p95', limit: 96 }), false],
    ['a percentile above it', figureOf('x', upTo(100), { of: 'p95', limit: 95 }), true],
    ['only the median is asked for', figureOf('x', upTo(100), { of: 'p50', limit: 60 }), false],
    [
      'a rate that is reached',
      rateOf('x', 1, 2_000, { of: 'p50', limit: 2_000, atLeast: true }),
      false,
    ],
    ['a rate that is not', rateOf('x', 1, 1_999, { of: 'p50', limit: 2_000, atLeast: true }), true],
    ['nothing is asked', figureOf('x', upTo(100)), false],
  ])('%s: missed %#', (_, figure, missed) => {
    expect(isMissed(figure)).toBe(missed)
    expect(tableOf([figure]).includes('MISSED')).toBe(missed)
  })

  test('stand in a table with what is asked of them; a rate has no percentiles', () => {
    const figures = [
      figureOf('a page', [1_234, 2_345.6, 3_456], { of: 'p95', limit: 3_000 }),
      figureOf('a key', [1.26, 19.9], { of: 'p50', limit: 20 }),
      rateOf('verdicts', 9_000, 2_500, { of: 'p50', limit: 2_000, atLeast: true }),
      figureOf('nothing asked', [5]),
    ]
    expect(tableOf(figures).split('\n')).toEqual([
      '                   n    p50    p95      asked',
      'a page             3  2,346  3,456  ms  p95 ≤ 3,000  MISSED',
      'a key              2   19.9   19.9  ms  p50 ≤ 20',
      'verdicts       9,000  2,500         /s  ≥ 2,000',
      'nothing asked      1    5.0    5.0  ms',
    ])
  })
})

describe('the records of the fill', () => {
  const from = 1_800_000_000_000
  const crowd = { population: 10_000, records: 10_000, from, to: from + 86_400_000, seed: 3 }
  const templates = upTo(20).map((n) => aCase(n, 'review'))
  const made = (seed = crowd.seed) => {
    const make = newCrowd({ ...crowd, seed })
    return upTo(10_000).map((n) => make(templates[n % templates.length]!, n))
  }

  test('are the same for the same seed, and each an event of its own', () => {
    const first = made()
    expect(made()).toEqual(first)
    for (const one of ['eventKey', 'eventId', 'id'] as const)
      expect(new Set(first.map(({ decision }) => decision[one])).size, one).toBe(first.length)
    expect(new Set(first.map(({ offset }) => offset)).size).toBe(first.length)
    const devices = (records: typeof first) => records.map(({ event }) => event.device)
    expect(devices(made(4))).not.toEqual(devices(first))
  })

  test('have a decision that is about their event, and of the same playbook', () => {
    for (const { event, decision, recordedAt } of made().slice(0, 200)) {
      const { user, campaign, occurredAt } = event
      expect(decision).toMatchObject({ user, campaign, occurredAt, recordedAt, eventId: event.id })
      expect(decision.id).toBe(`${decision.eventKey}@${templates[0]!.decision.playbookVersion}`)
    }
  })

  test('name nothing that their template does not', () => {
    const bare = { device: null, ip: null, merchant: null, codeHash: null }
    const make = newCrowd(crowd)
    expect(make(aCase(1, 'review', { event: bare }), 1).event).toMatchObject(bare)
  })

  test('name the heaviest device hundreds of times, and most of them once or never', () => {
    const counts = new Map<string, number>()
    for (const { event } of made()) counts.set(event.device!, (counts.get(event.device!) ?? 0) + 1)
    expect(counts.get(deviceOf(0))).toBeGreaterThan(500)
    expect([...counts.values()].filter((count) => count === 1).length).toBeGreaterThan(50)
  })

  test('follow each other in time, recorded no earlier than they happened', () => {
    const records = made()
    expect(records[0]!.recordedAt).toBeGreaterThanOrEqual(crowd.from)
    expect(records.at(-1)!.recordedAt).toBe(crowd.to)
    for (const [at, { recordedAt, event }] of records.entries()) {
      expect(event.occurredAt).toBeLessThanOrEqual(recordedAt)
      if (at > 0) expect(recordedAt).toBeGreaterThanOrEqual(records[at - 1]!.recordedAt)
    }
  })
})
