/** Scores become shares of fraud, never change places, and are believed only where many agree. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { calibrated, fitCalibration, identity } from '../../../src/core/model/calibration.ts'

const seed = 20_260_302
const many = (count: number, score: number, frauds: number) =>
  Array.from({ length: count }, (_, at) => ({ score, label: at < frauds ? 1 : 0 }))
const fitted = (rows: readonly { score: number; label: number }[]) =>
  fitCalibration(
    rows.map(({ score }) => score),
    rows.map(({ label }) => label),
  )

test('a score means the share of fraud among events of that score', () => {
  const calibration = fitted([...many(100, 0.2, 1), ...many(100, 0.4, 30), ...many(100, 0.9, 90)])
  expect(calibration.from.map((score) => score.toFixed(6))).toEqual([
    '0.200000',
    '0.400000',
    '0.900000',
  ])
  expect(calibration.to).toEqual([0.01, 0.3, 0.9])
  expect(calibrated(calibration, 0.3)).toBeCloseTo(0.155)
})

test('where a higher score has less fraud the two are one step', () => {
  const { to } = fitted([...many(100, 0.2, 30), ...many(100, 0.4, 10)])
  expect(to).toEqual([0.2])
})

test('a handful of rows is no step of its own', () => {
  expect(fitted([...many(5, 0.1, 5), ...many(100, 0.5, 0)]).to).toHaveLength(1)
})

test('beyond the ends it stays level', () => {
  const calibration = fitted([...many(100, 0.2, 1), ...many(100, 0.6, 50)])
  expect([calibrated(calibration, 0), calibrated(calibration, 1)]).toEqual([0.01, 0.5])
})

test('without rows a score is taken as it is', () => {
  expect(fitted([])).toEqual(identity)
  expect(calibrated(identity, 0.37)).toBeCloseTo(0.37)
})

test('the order of two events never changes', () => {
  const row = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.nat(1) })
  const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 })
  const property = fc.property(fc.array(row, { maxLength: 300 }), scores, (rows, asked) => {
    const calibration = fitted(rows)
    const shares = asked.sort((a, b) => a - b).map((score) => calibrated(calibration, score))
    for (const [at, share] of shares.entries()) {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
      if (at > 0) expect(share).toBeGreaterThanOrEqual(shares[at - 1]! - 1e-12)
    }
  })
  fc.assert(property, { seed })
})
