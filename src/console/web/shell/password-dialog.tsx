/** Changing one's own password. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useApi } from '../api/use-api.tsx'
import { PasswordField } from '../parts/password-field.tsx'
import { say } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { useTexts } from './settings.tsx'

export const passwordShortest = 12

export function PasswordDialog({ close }: { readonly close: () => void }) {
  const { shell } = useTexts()
  const { password } = shell
  const api = useApi()
  const [typed, setTyped] = useState({ current: '', next: '', again: '' })
  const change = useMutation({
    mutationFn: () =>
      api.call('changePassword', { body: { current: typed.current, next: typed.next } }),
    onSuccess: () => {
      say(password.done)
      close()
    },
  })
  const isReady = typed.next.length >= passwordShortest && typed.again === typed.next
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady) change.mutate()
  }
  const set = (field: keyof typeof typed) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget
    setTyped((before) => ({ ...before, [field]: value }))
  }
  return (
    <Modal
      opened
      onClose={close}
      title={password.title}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <PasswordField
            label={password.current}
            autoComplete="current-password"
            value={typed.current}
            onChange={set('current')}
            data-autofocus
          />
          <PasswordField
            label={password.next}
            description={password.rule}
            autoComplete="new-password"
            value={typed.next}
            onChange={set('next')}
          />
          <PasswordField
            label={password.again}
            autoComplete="new-password"
            value={typed.again}
            onChange={set('again')}
            error={typed.again !== '' && typed.again !== typed.next && password.differs}
          />
          {change.isError && (
            <Text c="red" role="alert">
              {errorText(change.error, shell.state)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {shell.cancel}
            </Button>
            <Button type="submit" disabled={!isReady} loading={change.isPending}>
              {password.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
