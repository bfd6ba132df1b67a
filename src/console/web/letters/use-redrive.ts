/** Sends one letter in again, or all of a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { SentBody } from '../../api/operations.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { say, sayFailed } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'

export function useRedrive() {
  const api = useApi()
  const queries = useQueryClient()
  const { registers, shell } = useTexts()
  return useMutation({
    mutationFn: (body: SentBody<'redrive'>) => api.call('redrive', { body }),
    onSuccess: ({ redriven, leftOut }) => {
      say(registers.letters.done(redriven, leftOut))
      letRun(queries.invalidateQueries({ queryKey: ['letters'] }))
    },
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
  })
}
