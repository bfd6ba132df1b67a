/** Head of the queue: how many, search, state, order, what is new, saved filters. */
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconArrowUp, IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { type CaseQuery, type Order, withField } from './filter.ts'
import classes from './queue.module.css'
import { SavedFilters } from './saved-filters.tsx'
import { useCaseCounts, useFreshCount } from './use-rows.ts'

const states = ['open', 'decided', 'any'] as const
const orders = ['risk', 'money', 'newest', 'oldest'] as const

export function QueueHead(given: {
  readonly filter: CaseQuery
  readonly setFilter: (filter: CaseQuery) => void
  readonly reload: () => void
}) {
  const { filter, setFilter } = given
  const { queue, words } = useTexts()
  const format = useFormat()
  const counts = useCaseCounts(filter)
  return (
    <header className={classes.head}>
      <h1 className={classes.title}>{queue.title}</h1>
      <span className={classes.total} role="status">
        {counts.data === undefined
          ? ''
          : queue.total(
              `${format.number(counts.data.total)}${counts.data.isCapped === true ? '+' : ''}`,
            )}
      </span>
      <Fresh filter={filter} reload={given.reload} />
      <span className={classes.grow} />
      <Search
        value={filter.search ?? ''}
        set={(search) => setFilter(withField(filter, 'search', search))}
      />
      <SegmentedControl
        aria-label={queue.fields.state}
        value={filter.state ?? 'open'}
        onChange={(state) =>
          setFilter(
            withField(
              filter,
              'state',
              states.find((known) => known === state),
            ),
          )
        }
        data={states.map((value) => ({ value, label: words.state[value] }))}
      />
      <Select
        aria-label={queue.fields.order}
        w={158}
        allowDeselect={false}
        value={filter.order ?? 'risk'}
        onChange={(order) => setFilter(withField(filter, 'order', orderOf(order)))}
        data={orders.map((value) => ({ value, label: queue.orders[value] }))}
      />
      <SavedFilters filter={filter} />
    </header>
  )
}

const orderOf = (text: string | null): Order | undefined =>
  orders.find((known) => known === text && known !== 'risk')

function Fresh(given: { readonly filter: CaseQuery; readonly reload: () => void }) {
  const { queue } = useTexts()
  const format = useFormat()
  const fresh = useFreshCount(given.filter)
  if (fresh === 0) return null
  return (
    <Button
      size="compact-xs"
      radius="xl"
      leftSection={<IconArrowUp size={13} />}
      title={queue.freshHint}
      onClick={given.reload}
    >
      {queue.fresh(format.number(fresh))}
    </Button>
  )
}

/** Looks once typing has paused, at once on Enter. */
function Search(given: { readonly value: string; readonly set: (text: string) => void }) {
  const { value, set } = given
  const { queue } = useTexts()
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return undefined
    const timer = setTimeout(() => set(text.trim()), 350)
    return () => clearTimeout(timer)
  })
  return (
    <TextInput
      id="queue-search"
      w={250}
      maxLength={200}
      aria-label={queue.searchLabel}
      placeholder={queue.search}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') set(text.trim())
        if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur()
      }}
    />
  )
}
