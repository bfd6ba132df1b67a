/** Changing somebody's role or password, or shutting them out. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { SentBody } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { PasswordField } from '../parts/password-field.tsx'
import { say } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { passwordShortest } from '../shell/password-dialog.tsx'
import { useTexts } from '../shell/settings.tsx'
import type { PersonRow } from './person-row.ts'
import { RoleChoice } from './role-choice.tsx'

export function ChangePerson(given: { readonly person: PersonRow; readonly close: () => void }) {
  const { person, close } = given
  const { registers, shell } = useTexts()
  const texts = registers.people
  const [role, setRole] = useState(person.role)
  const [password, setPassword] = useState('')
  const change = useChange(person.name, close)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate({
      ...(role === person.role ? {} : { role }),
      ...(password === '' ? {} : { password }),
    })
  }
  return (
    <Modal
      opened
      onClose={close}
      title={texts.change(person.name)}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <RoleChoice role={role} setRole={setRole} />
          <PasswordField
            size="xs"
            label={texts.setPassword}
            description={shell.password.rule}
            autoComplete="new-password"
            minLength={passwordShortest}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {change.isError && (
            <Text c="red" role="alert">
              {errorText(change.error, shell.state)}
            </Text>
          )}
          <Group justify="space-between">
            <Button
              variant="light"
              color={person.isDisabled ? 'teal' : 'red'}
              onClick={() => change.mutate({ isDisabled: !person.isDisabled })}
            >
              {person.isDisabled ? texts.enable : texts.disable}
            </Button>
            <Button
              type="submit"
              disabled={role === person.role && password === ''}
              loading={change.isPending}
            >
              {shell.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function useChange(name: string, close: () => void) {
  const api = useApi()
  const queries = useQueryClient()
  const { registers } = useTexts()
  return useMutation({
    mutationFn: (body: SentBody<'changePerson'>) =>
      api.call('changePerson', { params: { name }, body }),
    onSuccess: () => {
      say(registers.people.changed(name))
      letRun(queries.invalidateQueries({ queryKey: keys.people }))
      close()
    },
  })
}
