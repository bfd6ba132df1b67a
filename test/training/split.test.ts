/** Nobody who trains also tests, and the test lies after the training. */
import { expect, test } from 'vitest'
import type { RowFacts } from '../../src/training/feature-table.ts'
import { splitRows } from '../../src/training/split.ts'

const facts: readonly RowFacts[] = Array.from({ length: 20_000 }, (_, at) => ({
  fraud: at % 50 === 0,
  kind: at % 50 === 0 ? (at % 100 === 0 ? 'ring' : 'bot') : null,
  user: `u${(at * 7919) % 3_000}`,
  occurredAt: at * 1_000,
}))
const usersOf = (rows: Uint32Array) => new Set(Array.from(rows, (row) => facts[row]!.user))

test('by people and by time', () => {
  const { cutAt, rows } = splitRows(facts)
  const [train, calibrate, tested] = [rows.train, rows.calibrate, rows.test].map(usersOf)
  for (const user of tested!) {
    expect(train!.has(user)).toBe(false)
    expect(calibrate!.has(user)).toBe(false)
  }
  for (const user of calibrate!) expect(train!.has(user)).toBe(false)
  for (const row of [...rows.train, ...rows.calibrate])
    expect(facts[row]!.occurredAt).toBeLessThan(cutAt)
  for (const row of rows.test) expect(facts[row]!.occurredAt).toBeGreaterThanOrEqual(cutAt)
  for (const part of Object.values(rows)) expect(part.length).toBeGreaterThan(500)
})

test('a kind that is held out only tests, whenever it acted', () => {
  const { rows } = splitRows(facts, ['ring'])
  const isRing = (row: number) => facts[row]!.kind === 'ring'
  expect(rows.train.some(isRing) || rows.calibrate.some(isRing)).toBe(false)
  expect(rows.test.filter(isRing)).toHaveLength(facts.filter(({ kind }) => kind === 'ring').length)
})
