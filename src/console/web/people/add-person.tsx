/** Adding a person with a first password, which they can change. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Role } from '../../api/operation.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { PasswordField } from '../parts/password-field.tsx'
import { say } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { passwordShortest } from '../shell/password-dialog.tsx'
import { useTexts } from '../shell/settings.tsx'
import { RoleChoice } from './role-choice.tsx'

export function AddPerson({ close }: { readonly close: () => void }) {
  const { registers, shell } = useTexts()
  const texts = registers.people
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('reviewer')
  const add = useAdd(close)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate({ name: name.trim(), role, password })
  }
  return (
    <Modal
      opened
      onClose={close}
      title={texts.add}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={texts.name}
            maxLength={60}
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordField
            size="xs"
            label={texts.password}
            description={shell.password.rule}
            autoComplete="new-password"
            required
            withAsterisk={false}
            minLength={passwordShortest}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <RoleChoice role={role} setRole={setRole} />
          {add.isError && (
            <Text c="red" role="alert">
              {errorText(add.error, shell.state)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {shell.cancel}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {texts.add}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function useAdd(close: () => void) {
  const api = useApi()
  const queries = useQueryClient()
  const { registers } = useTexts()
  return useMutation({
    mutationFn: (body: { name: string; role: Role; password: string }) =>
      api.call('addPerson', { body }),
    onSuccess: ({ name }) => {
      say(registers.people.addedNow(name))
      letRun(queries.invalidateQueries({ queryKey: keys.people }))
      close()
    },
  })
}
