/** Which cases come before and after one, among the rows that are loaded; pure. */
import type { CaseRow } from '../../api/case-shapes.ts'
import { holderOf } from '../queue/lock.ts'

export interface Neighbours {
  readonly next: CaseRow | null
  readonly previous: CaseRow | null
  /** Where the case stands among those loaded, from 1; null where it is not among them. */
  readonly position: number | null
}

export function neighboursOf(
  rows: readonly CaseRow[],
  key: string,
  person: { readonly name: string; readonly at: number },
): Neighbours {
  const here = rows.findIndex((row) => row.key === key)
  const isFree = (row: CaseRow) => {
    const holder = holderOf(row, person.at)
    return row.key !== key && row.state === 'open' && (holder === null || holder === person.name)
  }
  const next = rows.find((row, index) => index > here && isFree(row)) ?? rows.find(isFree) ?? null
  return {
    next,
    previous: here > 0 ? (rows[here - 1] ?? null) : null,
    position: here < 0 ? null : here + 1,
  }
}
