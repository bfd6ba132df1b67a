/**
 * The domain table, row by row: something serves each row, and a test that is run proves it. Which
 * ones is said where src/cli/domain-rows.ts looks for it, and printed by `couponguard domain`.
 */
import { relative } from 'node:path'
import { expect, test } from 'vitest'
import { createVitest } from 'vitest/node'
import { readDomain, readMarks } from '../src/cli/domain-rows.ts'
import { repositoryRoot } from './tidy/source.ts'

const rows = readDomain(repositoryRoot)
const ids = rows.map(({ id }) => id)
const marks = readMarks(repositoryRoot)

test('the table is whole', () => {
  expect(ids).toEqual(Array.from({ length: 24 }, (_, at) => `D${at + 1}`))
})

test('no mark names a row that is not in the table', () => {
  expect(marks.filter(({ row }) => !ids.includes(row))).toEqual([])
})

test.each(rows)('$id is served', ({ id, servedBy }) => {
  expect(servedBy.length, `nothing says that it serves ${id}`).toBeGreaterThan(0)
})

test.each(rows)('$id is proved', ({ id, tests }) => {
  expect(tests.length, `no test says that it proves ${id}`).toBeGreaterThan(0)
})

test('what proves is run by a project of vitest, and what serves is no test', async () => {
  const vitest = await createVitest('test', { root: repositoryRoot, watch: false })
  const run = (await vitest.globTestSpecifications()).map(({ moduleId }) =>
    relative(repositoryRoot, moduleId),
  )
  await vitest.close()
  expect(run).toContain('test/domain.test.ts')
  const stray = marks.filter(({ word, path }) =>
    word === 'proves' ? !run.includes(path) : path.startsWith('test/'),
  )
  expect(stray.map(({ word, row, path }) => `${path} ${word} ${row}`)).toEqual([])
})
