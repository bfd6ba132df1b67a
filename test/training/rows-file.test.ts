/** The rows as CSV: each with the part that the split gives it, whatever its kind is called. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { featureNames } from '../../src/core/model/features.ts'
import type { RowFacts } from '../../src/training/feature-table.ts'
import { RowsFile, rowColumns } from '../../src/training/rows-file.ts'
import { splitRows } from '../../src/training/split.ts'
import { scratchFolder } from '../support/run-cli.ts'

const odd = 'a "ring", or\r\nwhat =it= is'
const facts: readonly RowFacts[] = Array.from({ length: 40_000 }, (_, at) => ({
  fraud: at % 50 === 0,
  kind: at % 50 === 0 ? (at % 100 === 0 ? odd : 'bot') : null,
  user: `u${(at * 7919) % 3_000}`,
  occurredAt: at * 1_000,
}))
const valuesOf = (at: number) => Float64Array.of(at, at % 3 === 0 ? Number.NaN : at / 7, -0.5)

async function written(heldOut: readonly string[], rows: readonly RowFacts[] = facts) {
  const path = join(scratchFolder(), 'rows.csv')
  const file = await RowsFile.create(path, { features: ['a', 'b', 'c'], heldOut })
  for (const [at, one] of rows.entries()) await file.add(one, valuesOf(at))
  const told = await file.finish()
  await file.remove()
  const [head, ...lines] = parse(readFileSync(path), { bom: false })
  return { path, told, head, lines }
}

test('a row a line in the order in which they came, empty where there is no value', async () => {
  const { head, lines, path } = await written([])
  expect(head).toEqual([...rowColumns, 'a', 'b', 'c'])
  expect(lines).toHaveLength(facts.length)
  const came = lines.map(([, label, kind, , time, ...values]) => [label, kind, time, ...values])
  const expected = facts.map(({ fraud, kind, occurredAt }, at) => [
    ...[fraud ? '1' : '0', kind ?? '', String(occurredAt)],
    ...Array.from(valuesOf(at), (value) => (Number.isNaN(value) ? '' : String(value))),
  ])
  expect(came).toEqual(expected)
  expect(readdirSync(join(path, '..'))).toEqual(['rows.csv'])
})

test.each([[[]], [[odd]]])('its parts are those of the split, %j held out', async (heldOut) => {
  const { told, lines } = await written(heldOut)
  const { rows, cutAt } = splitRows(facts, heldOut)
  const parts = { train: [], calibrate: [], test: [], unused: [] } as Record<string, number[]>
  for (const [at, [part]] of lines.entries()) parts[part!]!.push(at)
  for (const part of ['train', 'calibrate', 'test'] as const)
    expect(parts[part]).toEqual([...rows[part]])
  const counts = Object.fromEntries(Object.entries(parts).map(([part, of]) => [part, of.length]))
  expect(told).toEqual({ rows: 40_000, frauds: 800, users: 3_000, parts: counts, cutAt })
})

test('a user is a number, the same in all rows and no one else', async () => {
  const { lines } = await written([])
  const numbers = new Map<string, string>()
  const others = lines.filter(([, , , number], at) => {
    const { user } = facts[at]!
    const known = numbers.get(user) ?? number
    numbers.set(user, known!)
    return known !== number
  })
  expect(others).toEqual([])
  expect(new Set(numbers.values()).size).toBe(numbers.size)
})

test('no signal is called as a column before the signals', () => {
  expect(rowColumns.filter((name) => featureNames.includes(name))).toEqual([])
})

test('a place that is no file is refused, and a folder that is not there', async () => {
  const folder = scratchFolder()
  mkdirSync(join(folder, 'taken'))
  const columns = { features: ['a'], heldOut: [] }
  await expect(RowsFile.create(join(folder, 'taken'), columns)).rejects.toThrow(
    /taken: exists and is not a plain file/,
  )
  await expect(RowsFile.create(join(folder, 'no', 'rows.csv'), columns)).rejects.toThrow(
    /no such file or folder/,
  )
})
