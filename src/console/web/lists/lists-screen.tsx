/** The lists: looking something up, adding it, taking it off again. */
import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconListSearch, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerOf, QueryOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { letRun } from '../live/let-run.ts'
import { Page } from '../parts/page.tsx'
import { type Column, Register } from '../parts/register.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { AddEntry } from './add-entry.tsx'
import { kinds, listNames } from './kinds.ts'
import { useRemoveEntry } from './use-remove-entry.tsx'

type Entry = AnswerOf<'listEntries'>['rows'][number]
type Filter = Pick<QueryOf<'listEntries'>, 'list' | 'kind' | 'search'>

export function ListsScreen() {
  const { registers } = useTexts()
  const texts = registers.lists
  const format = useFormat()
  const mayChange = useMay('reviewer')
  const [filter, setFilter] = useState<Filter>({})
  const [isAdding, setAdding] = useState(false)
  const query = useEntries(filter)
  const columns = useColumns(mayChange)
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? []
  const total = query.data?.pages[0]?.total
  useKeys({ search: () => document.getElementById('list-search')?.focus() })
  return (
    <Page
      title={texts.title}
      note={total === undefined ? undefined : texts.total(format.number(total))}
      actions={
        <>
          <Filters filter={filter} setFilter={setFilter} />
          {mayChange && (
            <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
              {texts.add}
            </Button>
          )}
        </>
      }
    >
      {query.isPending && <Loading lines={12} height={18} />}
      {query.isError && <Failed error={query.error} retry={() => letRun(query.refetch())} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconListSearch} title={texts.empty.title} text={texts.empty.text} />
      )}
      {rows.length > 0 && (
        <Register
          label={texts.title}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          more={
            query.hasNextPage
              ? { load: () => letRun(query.fetchNextPage()), isLoading: query.isFetchingNextPage }
              : null
          }
        />
      )}
      {isAdding && <AddEntry close={() => setAdding(false)} />}
    </Page>
  )
}

function useEntries(filter: Filter) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: keys.entries(filter),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        'listEntries',
        { query: { ...filter, limit: 100, ...(pageParam === null ? {} : { after: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  })
}

function Filters(given: { readonly filter: Filter; readonly setFilter: (filter: Filter) => void }) {
  const { filter, setFilter } = given
  const { registers, words } = useTexts()
  const texts = registers.lists
  const list = (chosen: string | null) => {
    const { list: _, ...rest } = filter
    const known = listNames.find((one) => one === chosen)
    setFilter(known === undefined ? rest : { ...rest, list: known })
  }
  const kind = (chosen: string | null) => {
    const { kind: _, ...rest } = filter
    const known = kinds.find((one) => one === chosen)
    setFilter(known === undefined ? rest : { ...rest, kind: known })
  }
  return (
    <>
      <TextInput
        id="list-search"
        w={220}
        maxLength={200}
        aria-label={texts.search}
        placeholder={texts.search}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter.search ?? ''}
        onChange={(event) => {
          const { search: _, ...rest } = filter
          const text = event.currentTarget.value
          setFilter(text === '' ? rest : { ...rest, search: text })
        }}
      />
      <Select
        w={130}
        aria-label={texts.list}
        allowDeselect={false}
        value={filter.list ?? 'all'}
        onChange={list}
        data={[
          { value: 'all', label: texts.all },
          ...listNames.map((value) => ({ value, label: words.list[value] })),
        ]}
      />
      <Select
        w={130}
        aria-label={texts.kind}
        allowDeselect={false}
        value={filter.kind ?? 'all'}
        onChange={kind}
        data={[
          { value: 'all', label: texts.allKinds },
          ...kinds.map((value) => ({ value, label: words.entity[value] })),
        ]}
      />
    </>
  )
}

function useColumns(mayChange: boolean): readonly Column<Entry>[] {
  const { registers, words, shell } = useTexts()
  const texts = registers.lists
  const format = useFormat()
  const remove = useRemoveEntry()
  return [
    { title: texts.list, cell: ({ list }) => words.list[list] },
    { title: texts.kind, cell: ({ kind }) => words.entity[kind] },
    {
      title: texts.value,
      isWide: true,
      cell: ({ value, kind }) => (
        <Value text={value} longest={56} mono={kind !== 'user'} copyAs={words.entity[kind]} />
      ),
    },
    { title: texts.noted, cell: ({ note }) => note !== null && <Value text={note} longest={30} /> },
    {
      title: texts.source,
      cell: ({ source, addedBy }) => <Value text={addedBy ?? source} longest={22} />,
    },
    { title: texts.added, cell: ({ addedAt }) => format.moment(addedAt) },
    {
      title: texts.expires,
      cell: ({ expiresAt }) => (expiresAt === null ? texts.never : format.moment(expiresAt)),
    },
    ...(mayChange
      ? [
          {
            title: shell.remove,
            cell: (entry: Entry) => (
              <ActionIcon
                aria-label={shell.pair(shell.remove, entry.value)}
                onClick={() => remove.mutate(entry)}
              >
                <IconTrash size={15} />
              </ActionIcon>
            ),
          },
        ]
      : []),
  ]
}
