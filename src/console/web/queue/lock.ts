/** Who holds a case: a lock that was left behind runs out by itself; pure. */
import type { CaseRow } from '../../api/case-shapes.ts'

/** A lock that has not run out. */
export const holderOf = (row: CaseRow, at: number): string | null =>
  row.assignee !== null && row.lockedUntil !== null && row.lockedUntil > at ? row.assignee : null

export const isHeldBy = (row: CaseRow, name: string, at: number): boolean =>
  holderOf(row, at) === name
