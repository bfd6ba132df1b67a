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
})

describe('the records of the fill', () => {
  const from = 1_800_000_000_000
  const crowd = { population: 10_000, records: 10_000, from, to: from + 86_400_000, seed: 3 }
  const templates = upTo(20).map((n) => aCase(n, 'review'))
  const made = () => {
    const make = newCrowd(crowd)
    return upTo(10_000).map((n) => make(templates[n % templates.length]!, n))
  }

  test('are the same for the same seed, and each an event of its own', () => {
    const first = made()
    expect(made()).toEqual(first)
    expect(new Set(first.map(({ decision }) => decision.eventKey)).size).toBe(first.length)
  })

  test('name the heaviest device hundreds of times, and most of them once or never', () => {
    const counts = new Map<string, number>()
    for (const { event } of made()) counts.set(event.device!, (counts.get(event.device!) ?? 0) + 1)
    expect(counts.get(deviceOf(0))).toBeGreaterThan(500)
    expect([...counts.values()].filter((count) => count === 1).length).toBeGreaterThan(50)
  })

  test('follow each other in time, recorded no earlier than they happened', () => {
    const records = made()
    for (const [at, { recordedAt, event }] of records.entries()) {
      expect(event.occurredAt).toBeLessThanOrEqual(recordedAt)
      if (at > 0) expect(recordedAt).toBeGreaterThanOrEqual(records[at - 1]!.recordedAt)
    }
  })
})
