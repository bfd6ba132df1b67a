/** Which cases come before and after one, among the rows that are loaded; pure. */
import type { CaseRow } from '../../api/case-shapes.ts'
import { holderOf } from '../queue/lock.ts'

export interface Neighbours {
  readonly next: CaseRow | null
  /** The one after the next. */
  readonly later: CaseRow | null
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
  const after = (from: number, but: CaseRow | null) =>
    rows.find((row, index) => index > from && isFree(row) && row !== but) ??
    rows.find((row) => isFree(row) && row !== but) ??
    null
  const next = after(here, null)
  return {
    next,
    later: next === null ? null : after(here, next),
    previous: here > 0 ? (rows[here - 1] ?? null) : null,
    position: here < 0 ? null : here + 1,
  }
}
