/**
 * Giving a verdict, taking it back, taking a case. All of them show at once and are put right again
 * where the server refuses: the next case must be there before it has answered.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { CaseRow, VerdictBody, VerdictWord } from '../../api/case-shapes.ts'
import { useApi, usePerson } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import { letRun } from '../live/let-run.ts'
import { sayFailed } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import type { CaseQuery } from './filter.ts'
import { isHeldBy } from './lock.ts'
import { patchRow } from './patch-row.ts'
import { useWork } from './work.tsx'

export interface Decide {
  readonly row: CaseRow
  readonly body: VerdictBody
  /** Told the next open case as the server sees it. */
  readonly onNext?: (next: CaseRow | null) => void
}

export const decidedRow = (
  row: CaseRow,
  verdict: VerdictWord,
  by: { readonly name: string; readonly at: number },
): CaseRow => ({
  ...row,
  state: 'decided',
  verdict,
  decidedBy: by.name,
  decidedAt: by.at,
  assignee: null,
  lockedUntil: null,
})

/** The filter that a verdict sends along, so that the answer names what comes next by it. */
export const nextFilter = (filter: CaseQuery): CaseQuery => ({ ...filter, state: 'open' })

export function useDecide(filter: CaseQuery) {
  const api = useApi()
  const queries = useQueryClient()
  const person = usePerson()
  const work = useWork()
  const texts = useTexts()
  return useMutation({
    mutationFn: ({ row, body }: Decide) =>
      api.call('decideCase', { params: { key: row.key }, query: nextFilter(filter), body }),
    onMutate: ({ row, body }) => {
      patchRow(queries, row.key, (held) =>
        decidedRow(held, body.verdict, { name: person.name, at: now() }),
      )
      work.memory.decided.unshift(row)
      work.setLast({ row, verdict: body.verdict, state: 'kept' })
    },
    onSuccess: ({ next }, { row, onNext }) => {
      onNext?.(next)
      letRun(queries.invalidateQueries({ queryKey: ['counts'] }))
      letRun(queries.invalidateQueries({ queryKey: ['case', row.key], refetchType: 'none' }))
    },
    onError: (error, { row }) => {
      patchRow(queries, row.key, () => row)
      work.memory.decided.splice(work.memory.decided.indexOf(row), 1)
      work.setLast(null)
      sayFailed(texts.case.verdict.failed(row.user), errorText(error, texts.shell.state))
      letRun(queries.invalidateQueries({ queryKey: ['case', row.key] }))
    },
  })
}

export function useUndo() {
  const api = useApi()
  const queries = useQueryClient()
  const work = useWork()
  const texts = useTexts()
  return useMutation({
    mutationFn: (row: CaseRow) => api.call('undoVerdict', { params: { key: row.key }, body: {} }),
    onSuccess: (row) => {
      patchRow(queries, row.key, () => row)
      const at = work.memory.decided.findIndex(({ key }) => key === row.key)
      if (at >= 0) work.memory.decided.splice(at, 1)
      work.setLast({ row, verdict: 'inconclusive', state: 'undone' })
      letRun(queries.invalidateQueries({ queryKey: ['counts'] }))
      letRun(queries.invalidateQueries({ queryKey: ['case', row.key] }))
    },
    onError: (error) => sayFailed(texts.shell.failedAction, errorText(error, texts.shell.state)),
  })
}

/** Takes a case, or gives it back where it is one's own. */
export function useTake() {
  const api = useApi()
  const queries = useQueryClient()
  const person = usePerson()
  const texts = useTexts()
  return useMutation({
    mutationFn: (row: CaseRow) => {
      const name = isHeldBy(row, person.name, now()) ? 'releaseCase' : 'takeCase'
      return api.call(name, { params: { key: row.key }, body: {} })
    },
    onSuccess: (row) => {
      patchRow(queries, row.key, () => row)
      letRun(queries.invalidateQueries({ queryKey: ['counts'] }))
    },
    onError: (error, row) => {
      sayFailed(texts.shell.failedAction, errorText(error, texts.shell.state))
      letRun(queries.invalidateQueries({ queryKey: ['case', row.key] }))
    },
  })
}
