/** The audit log: what everybody did and looked up, newest first. */
import { Select, TextInput } from '@mantine/core'
import { IconHistoryOff } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { letRun } from '../live/let-run.ts'
import { Page } from '../parts/page.tsx'
import { type Column, Register } from '../parts/register.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import { detailText } from './detail.ts'
import { nextBefore } from './older.ts'

type Row = AnswerOf<'listAudit'>['rows'][number]
type Filter = { readonly person: string; readonly action: string; readonly subject: string }

const rowsAtOnce = 200
const fields = [
  ['person', 60],
  ['subject', 200],
] as const

export function AuditScreen() {
  const { registers } = useTexts()
  const texts = registers.audit
  const format = useFormat()
  const [filter, setFilter] = useState<Filter>({ person: '', action: '', subject: '' })
  const query = useAudit(filter)
  const columns = useColumns()
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? []
  const oldestAt = query.data?.pages[0]?.oldestAt ?? null
  useKeys({ search: () => document.getElementById('audit-person')?.focus() })
  const labels = {
    person: texts.filterPerson,
    subject: texts.filterSubject,
  }
  return (
    <Page
      title={texts.title}
      note={oldestAt === null ? undefined : texts.reaches(format.day(oldestAt))}
      actions={
        <>
          {fields.map(([field, maxLength]) => (
            <TextInput
              key={field}
              id={`audit-${field}`}
              w={field === 'subject' ? 220 : 140}
              maxLength={maxLength}
              aria-label={labels[field]}
              placeholder={labels[field]}
              value={filter[field]}
              onChange={(event) => setFilter({ ...filter, [field]: event.currentTarget.value })}
            />
          ))}
          <Select
            w={190}
            searchable
            allowDeselect={false}
            aria-label={texts.filterAction}
            value={filter.action}
            onChange={(action) => setFilter({ ...filter, action: action ?? '' })}
            data={[
              { value: '', label: texts.anyDeed },
              ...Object.entries(texts.deeds).map(([value, label]) => ({ value, label })),
            ]}
          />
        </>
      }
    >
      {query.isPending && <Loading lines={14} height={18} />}
      {query.isError && <Failed error={query.error} retry={() => letRun(query.refetch())} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconHistoryOff} title={texts.empty.title} text={texts.empty.text} />
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
    </Page>
  )
}

function useAudit(filter: Filter) {
  const api = useApi()
  const asked = Object.fromEntries(
    Object.entries(filter)
      .map(([field, text]) => [field, text.trim()])
      .filter(([, text]) => text !== ''),
  )
  return useInfiniteQuery({
    queryKey: keys.audit(asked),
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        'listAudit',
        {
          query: {
            ...asked,
            limit: rowsAtOnce,
            ...(pageParam === null ? {} : { before: pageParam }),
          },
        },
        signal,
      ),
    getNextPageParam: nextBefore,
    placeholderData: (before) => before,
  })
}

function useColumns(): readonly Column<Row>[] {
  const all = useTexts()
  const texts = all.registers.audit
  const format = useFormat()
  return [
    { title: texts.at, cell: ({ at }) => format.time(at) },
    { title: texts.person, cell: ({ person }) => <Value text={person} longest={30} /> },
    {
      title: texts.action,
      cell: ({ action }) => wordFor(texts.deeds, action),
    },
    {
      title: texts.subject,
      cell: ({ subject }) =>
        subject !== null && <Value text={subject} longest={44} copyAs={texts.subject} />,
    },
    {
      title: texts.detail,
      isWide: true,
      cell: ({ detail }) =>
        detail !== null && <Value text={detailText(detail, all, format)} longest={160} />,
    },
    {
      title: texts.address,
      cell: ({ address }) => address !== null && <Value text={address} mono />,
    },
  ]
}
