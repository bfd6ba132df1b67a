/** Puts changed rows in wherever answers that are kept have them, without asking the server. */
import type { QueryClient } from '@tanstack/react-query'
import type { CaseRow, CaseWhole } from '../../api/case-shapes.ts'
import { keys } from '../api/keys.ts'
import type { Pages } from './use-rows.ts'

type Change = (row: CaseRow) => CaseRow

export const patchRow = (queries: QueryClient, key: string, change: Change): void =>
  patchRows(queries, new Set([key]), change)

export function patchRows(
  queries: QueryClient,
  changed: ReadonlySet<string>,
  change: Change,
): void {
  queries.setQueriesData<Pages>({ queryKey: ['rows'] }, (held) => patchPages(held, changed, change))
  for (const key of changed)
    queries.setQueryData<CaseWhole>(keys.case(key), (held) =>
      held === undefined ? held : { ...held, row: change(held.row) },
    )
}

/** Pages that have none of the rows stay the very same. */
export function patchPages(
  held: Pages | undefined,
  changed: ReadonlySet<string>,
  change: Change,
): Pages | undefined {
  if (held === undefined) return held
  const has = ({ key }: CaseRow) => changed.has(key)
  if (!held.pages.some(({ rows }) => rows.some(has))) return held
  return {
    ...held,
    pages: held.pages.map((page) =>
      page.rows.some(has)
        ? { ...page, rows: page.rows.map((row) => (has(row) ? change(row) : row)) }
        : page,
    ),
  }
}
