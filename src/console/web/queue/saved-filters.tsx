/** Filters saved under a name, and a link to share the one that is set. */
import { ActionIcon, Button, CopyButton, Group, Popover, Text, TextInput } from '@mantine/core'
import { IconBookmark, IconCheck, IconLink, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { sayFailed } from '../parts/say.ts'
import { errorText, Loading } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import { type CaseQuery, writeFilter } from './filter.ts'
import classes from './queue.module.css'

type Saved = AnswerOf<'listFilters'>
const nameLongest = 60

export function SavedFilters({ filter }: { readonly filter: CaseQuery }) {
  const { saved } = useTexts().queue
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover position="bottom-end" width={300} trapFocus opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={saved.title}
          title={saved.title}
          onClick={() => setOpen(!isOpen)}
        >
          <IconBookmark size={16} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={saved.title}>
        <SavedList query={writeFilter(filter)} close={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function SavedList({ query, close }: { readonly query: string; readonly close: () => void }) {
  const { queue, shell } = useTexts()
  const { saved } = queue
  const api = useApi()
  const queries = useQueryClient()
  const held = useQuery({
    queryKey: keys.filters,
    queryFn: ({ signal }) => api.call('listFilters', {}, signal),
  })
  const save = useMutation({
    mutationFn: (body: { name: string; query: string }) => api.call('saveFilter', { body }),
    onSuccess: (answer) => queries.setQueryData<Saved>(keys.filters, answer),
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
  })
  return (
    <>
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        {saved.title}
      </Text>
      {held.isPending && <Loading lines={3} />}
      {held.data?.rows.length === 0 && <Text size="sm">{saved.none}</Text>}
      {held.data?.rows.map((row) => (
        <Group key={row.name} gap={4} wrap="nowrap" className={classes.option}>
          <Link className={classes.optionText} to={`/queue?${row.query}`} onClick={close}>
            <bdi>{row.name}</bdi>
          </Link>
          <ActionIcon
            size="sm"
            aria-label={saved.remove(row.name)}
            onClick={() => save.mutate({ name: row.name, query: '' })}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      ))}
      <SaveForm save={(name) => save.mutate({ name, query: query || 'state=open' })} />
      <CopyButton value={`${location.origin}/queue?${query}`}>
        {({ copied, copy }) => (
          <Button
            fullWidth
            mt="xs"
            variant="default"
            leftSection={copied ? <IconCheck size={14} /> : <IconLink size={14} />}
            onClick={copy}
          >
            {copied ? shell.copied : saved.copyLink}
          </Button>
        )}
      </CopyButton>
    </>
  )
}

function SaveForm({ save }: { readonly save: (name: string) => void }) {
  const { saved } = useTexts().queue
  const [name, setName] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') save(name.trim())
        setName('')
      }}
    >
      <Group gap="xs" mt="xs" wrap="nowrap">
        <TextInput
          flex={1}
          aria-label={saved.name}
          placeholder={saved.name}
          maxLength={nameLongest}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          {saved.save}
        </Button>
      </Group>
    </form>
  )
}
