/** Links. */
import type { CaseRow } from '../../../api/case-shapes.ts'
export function Links({ row }: { readonly row: CaseRow }) {
  return <div>{row.key}</div>
}
