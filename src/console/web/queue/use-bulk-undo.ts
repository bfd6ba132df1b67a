/** Takes a bulk verdict back while nothing of it is published. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { say, sayFailed } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import { patchRows } from './patch-row.ts'
import { type PendingBulk, useWork } from './work.tsx'

export function useBulkUndo() {
  const api = useApi()
  const queries = useQueryClient()
  const work = useWork()
  const { queue, shell } = useTexts()
  return useMutation({
    mutationFn: (bulk: PendingBulk) => api.call('undoBulk', { params: { id: bulk.id }, body: {} }),
    onSuccess: ({ reopened }, bulk) => {
      patchRows(queries, new Set(bulk.keys), (row) => ({
        ...row,
        state: 'open',
        verdict: null,
        decidedBy: null,
        decidedAt: null,
      }))
      say(queue.bulk.undone(reopened))
      letRun(queries.invalidateQueries({ queryKey: ['counts'] }))
    },
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
    onSettled: () => work.setBulk(null),
  })
}
