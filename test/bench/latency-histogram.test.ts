/** Quantiles of the histogram are those of the sorted list, within the width of a bucket. */
import { describe, expect, test } from 'vitest'
import { newLatencyHistogram, summaryOf } from '../../src/bench/latency-histogram.ts'
import { seeded } from '../support/seeded.ts'

const shares = [0.001, 0.5, 0.9, 0.99, 0.999, 1]

describe('a quantile', () => {
  test.each([
    ['even, below a millisecond', 1, (chance: number) => chance],
    ['over nine powers of ten', 2, (chance: number) => 10 ** (chance * 9 - 3)],
    [
      'mostly quick, rarely slow',
      3,
      (chance: number) => (chance < 0.995 ? 2 + chance : 900 * chance),
    ],
  ])('%s: is never below the true one, and at most 0.8 %% above', (_, seed, latency) => {
    const chance = seeded(seed)
    const all = Array.from({ length: 20_000 }, () => latency(chance.next())).sort((a, b) => a - b)
    const histogram = newLatencyHistogram()
    for (const ms of all) histogram.record(ms)
    for (const share of shares) {
      const exact = all[Math.ceil(share * all.length) - 1]!
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(Math.min(exact, all.at(-1)!))
      expect(histogram.quantile(share)).toBeLessThanOrEqual(exact * 1.008 + 0.001)
    }
    expect(histogram.maxMs).toBe(all.at(-1))
  })

  test.each([
    ['nothing', [], { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }],
    ['one', [7], { count: 1, p50: 7, p90: 7, p99: 7, p999: 7, max: 7 }],
    [
      'a hundred, one of them slow',
      [...Array.from({ length: 99 }, () => 0.2), 30],
      { count: 100, p50: 0.2, p90: 0.2, p99: 0.2, p999: 30, max: 30 },
    ],
    ['less than nothing', [-5], { count: 1, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }],
  ])('of %s', (_, given, expected) => {
    const histogram = newLatencyHistogram()
    for (const ms of given) histogram.record(ms)
    expect(summaryOf(histogram)).toEqual(expected)
  })

  test('of what is longer than it can tell is the longest that it can', () => {
    const histogram = newLatencyHistogram()
    histogram.record(1e12)
    expect(histogram.quantile(0.5)).toBeCloseTo(2 ** 36 / 1_000, -1)
    expect(histogram.maxMs).toBe(1e12)
  })
})
