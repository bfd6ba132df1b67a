/** Takes an entry off its list; the message that says so can put it back. */
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { AnswerOf } from '../../api/operations.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { sayFailed } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useTexts } from '../shell/settings.tsx'

type Entry = AnswerOf<'listEntries'>['rows'][number]
const undoMs = 10_000

export function useRemoveEntry() {
  const api = useApi()
  const queries = useQueryClient()
  const { shell, registers } = useTexts()
  const fresh = () => letRun(queries.invalidateQueries({ queryKey: ['entries'] }))
  const onError = (error: unknown) => sayFailed(shell.failedAction, errorText(error, shell.state))
  const putBack = useMutation({
    mutationFn: ({ list, kind, value, note, expiresAt }: Entry) =>
      api.call('addEntry', {
        body: { list, kind, value, expiresAt, ...(note === null ? {} : { note }) },
      }),
    onSuccess: fresh,
    onError,
  })
  return useMutation({
    mutationFn: ({ id }: Entry) => api.call('removeEntry', { body: { id } }),
    onSuccess: (_, entry) => {
      fresh()
      const id = `removed ${entry.id}`
      const undo = () => {
        notifications.hide(id)
        putBack.mutate(entry)
      }
      notifications.show({
        id,
        autoClose: undoMs,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <Value text={registers.lists.removed(entry.value)} longest={60} />
            <Button variant="light" size="compact-xs" onClick={undo}>
              {shell.undo}
            </Button>
          </Group>
        ),
      })
    },
    onError,
  })
}
