/** Who is signed in: role, change of password, signing out. */
import { Avatar, Menu, UnstyledButton } from '@mantine/core'
import { IconKey, IconLogout } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Session, sessionKey, useApi, usePerson } from '../api/use-api.tsx'
import { PasswordDialog } from './password-dialog.tsx'
import { useTexts } from './settings.tsx'

export function PersonMenu() {
  const { shell, words } = useTexts()
  const person = usePerson()
  const api = useApi()
  const queries = useQueryClient()
  const [isChanging, setChanging] = useState(false)
  const signOut = useMutation({
    mutationFn: () => api.call('signOut', { body: {} }),
    onSuccess: () => {
      const session = queries.getQueryData<Session>(sessionKey)
      queries.clear()
      if (session !== undefined)
        queries.setQueryData<Session>(sessionKey, { ...session, person: null, csrf: null })
    },
  })
  return (
    <>
      <Menu position="bottom-end" width={210}>
        <Menu.Target>
          <UnstyledButton aria-label={shell.pair(shell.person.menu, person.name)}>
            <Avatar size={28} radius="xl" color="ink" variant="filled" aria-hidden>
              {[...person.name][0]?.toUpperCase()}
            </Avatar>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label c="dimmed">
            {person.name} · {words.role[person.role]}
          </Menu.Label>
          <Menu.Item leftSection={<IconKey size={15} />} onClick={() => setChanging(true)}>
            {shell.person.password}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut.mutate()}>
            {shell.person.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isChanging && <PasswordDialog close={() => setChanging(false)} />}
    </>
  )
}
