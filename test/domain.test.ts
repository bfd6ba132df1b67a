/**
 * The domain table, row by row: what serves a row says so, as `serves: D7` in source and
 * `serves: [D1, D4]` in a playbook. A row that nothing serves fails unless it is pending here, and
 * a pending row that something serves fails too, so the list only shrinks.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, repositoryRoot } from './tidy/source.ts'

/** Rows that no file serves yet. */
const pending: readonly string[] = []

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8')
const rows = [...read('docs/domain.md').matchAll(/^\| (D\d+) \|/gm)].map(([, row]) => row!)
const served = new Map<string, string[]>()
for (const path of listFiles(repositoryRoot)) {
  if (!/^(?:src|scripts|playbooks|mappings)\/.*\.(?:ts|yaml|lua)$/.test(path)) continue
  for (const [, list] of read(path).matchAll(/\b\w*[sS]erves:\s*\[?((?:D\d+[,\s]*)+)/g)) {
    for (const [row] of list!.matchAll(/D\d+/g)) served.set(row, [...(served.get(row) ?? []), path])
  }
}

test('the table is whole', () => {
  expect(rows).toEqual(Array.from({ length: 24 }, (_, at) => `D${at + 1}`))
})

test('nothing serves a row that is not in the table', () => {
  expect([...served.keys()].filter((row) => !rows.includes(row))).toEqual([])
})

test.each(rows)('%s is served, or pending', (row) => {
  const by = served.get(row) ?? []
  if (pending.includes(row)) expect(by, `${row} is served now: take it off the list`).toEqual([])
  else expect(by.length, `nothing says that it serves ${row}`).toBeGreaterThan(0)
})
