/** Tokens of programs: made, shown once, taken back. */
import { ActionIcon, Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconKey, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Role } from '../../api/operation.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { sayFailed } from '../parts/say.ts'
import { errorText, Loading } from '../parts/states.tsx'
import { Copy, Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './people.module.css'
import { RoleChoice } from './role-choice.tsx'

export function Tokens() {
  const { registers, words, shell } = useTexts()
  const texts = registers.people.tokens
  const format = useFormat()
  const api = useApi()
  const remove = useRemove()
  const [isAdding, setAdding] = useState(false)
  const query = useQuery({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => api.call('listTokens', {}, signal),
  })
  return (
    <section className={classes.tokens} aria-label={texts.title}>
      <Group justify="space-between">
        <h2 className={classes.title}>{texts.title}</h2>
        <Button
          variant="default"
          leftSection={<IconKey size={15} />}
          onClick={() => setAdding(true)}
        >
          {texts.add}
        </Button>
      </Group>
      {query.isPending && <Loading lines={2} />}
      {query.data?.rows.length === 0 && <Text c="dimmed">{texts.none}</Text>}
      <ul className={classes.list}>
        {query.data?.rows.map((token) => (
          <li key={token.id} className={classes.token}>
            <strong>
              <Value text={token.name} longest={40} />
            </strong>
            <span>{words.role[token.role]}</span>
            <span className={classes.soft}>
              {texts.made} {format.day(token.createdAt)} · {token.createdBy}
            </span>
            <span className={classes.soft}>
              {texts.used}{' '}
              {token.lastUsedAt === null ? shell.never : format.moment(token.lastUsedAt)}
            </span>
            <ActionIcon
              aria-label={texts.remove(token.name)}
              onClick={() => remove.mutate(token.id)}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {isAdding && <AddToken close={() => setAdding(false)} />}
    </section>
  )
}

function useRemove() {
  const api = useApi()
  const queries = useQueryClient()
  const { shell } = useTexts()
  return useMutation({
    mutationFn: (id: string) => api.call('removeToken', { params: { id } }),
    onSuccess: () => letRun(queries.invalidateQueries({ queryKey: keys.tokens })),
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
  })
}

function AddToken({ close }: { readonly close: () => void }) {
  const { registers, shell } = useTexts()
  const texts = registers.people
  const api = useApi()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const add = useMutation({
    mutationFn: () => api.call('addToken', { body: { name: name.trim(), role } }),
    onSuccess: () => letRun(queries.invalidateQueries({ queryKey: keys.tokens })),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const label = { 'aria-label': shell.close }
  return (
    <Modal opened onClose={close} title={texts.tokens.add} closeButtonProps={label}>
      {add.data === undefined ? (
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
            <RoleChoice role={role} setRole={setRole} />
            {add.isError && (
              <Text c="red" role="alert">
                {errorText(add.error, shell.state)}
              </Text>
            )}
            <Button type="submit" loading={add.isPending}>
              {texts.tokens.add}
            </Button>
          </Stack>
        </form>
      ) : (
        <Stack>
          <Text>{texts.tokens.once}</Text>
          <Group wrap="nowrap" gap={6}>
            <Code className={classes.secret}>{add.data.token}</Code>
            <Copy text={add.data.token} what={texts.tokens.title} />
          </Group>
          <Button onClick={close}>{texts.tokens.done}</Button>
        </Stack>
      )}
    </Modal>
  )
}
