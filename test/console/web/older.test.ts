/** The audit log goes on where a page ended: entries of one moment are neither lost nor doubled. */
import { expect, test } from 'vitest'
import { nextBefore } from '../../../src/console/web/audit/older.ts'

const row = (id: number) => ({
  ...{ id, at: 1_700_000_000_000, person: 'p', action: 'showCase' },
  ...{ subject: null, detail: null, address: null },
})

test.each([
  ['more', [row(9), row(8)], true, 8],
  ['no more', [row(9)], false, null],
  ['nothing', [], false, null],
] as const)('%s', (_, rows, isMore, before) => {
  expect(nextBefore({ rows: [...rows], isMore })).toBe(before)
})
