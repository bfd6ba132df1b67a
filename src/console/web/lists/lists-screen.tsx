/** The lists: looking something up, adding it, taking it off again. */
import { ActionIcon, Button } from '@mantine/core'
import { IconListSearch, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { AnswerOf, QueryOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx'
import type { Column } from '../parts/register.tsx'
import { RegisterPage } from '../parts/register-page.tsx'
import { usePages } from '../parts/use-pages.ts'
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
  const api = useApi()
  const mayChange = useMay('reviewer')
  const [filter, setFilter] = useState<Filter>({})
  const [isAdding, setAdding] = useState(false)
  const found = usePages({
    key: keys.entries(filter),
    page: (after: string | undefined, signal) =>
      api.call('listEntries', { query: { ...filter, limit: 100, after } }, signal),
    next: ({ next }) => next,
  })
  const total = found.first?.total
  return (
    <RegisterPage
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
      found={found}
      columns={useColumns(mayChange)}
      keyOf={({ id }) => id}
      empty={{ icon: IconListSearch, ...texts.empty }}
    >
      {isAdding && <AddEntry close={() => setAdding(false)} />}
    </RegisterPage>
  )
}

function Filters(given: { readonly filter: Filter; readonly setFilter: (filter: Filter) => void }) {
  const { filter, setFilter } = given
  const { registers, words } = useTexts()
  const texts = registers.lists
  return (
    <>
      <TextFilter
        isSearch
        hasKey
        label={texts.search}
        width={220}
        value={filter.search}
        set={(search) => setFilter({ ...filter, search })}
      />
      <ChoiceFilter
        label={texts.list}
        width={130}
        all={texts.all}
        values={listNames}
        words={(list) => words.list[list]}
        value={filter.list}
        set={(list) => setFilter({ ...filter, list })}
      />
      <ChoiceFilter
        label={texts.kind}
        width={130}
        all={texts.allKinds}
        values={kinds}
        words={(kind) => words.entity[kind]}
        value={filter.kind}
        set={(kind) => setFilter({ ...filter, kind })}
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
