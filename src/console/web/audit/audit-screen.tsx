/** The audit log: what everybody did and looked up, newest first. */
import { IconHistoryOff } from '@tabler/icons-react'
import { useState } from 'react'
import type { AnswerOf, QueryOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx'
import type { Column } from '../parts/register.tsx'
import { RegisterPage } from '../parts/register-page.tsx'
import { usePages } from '../parts/use-pages.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import { detailText } from './detail.ts'
import { nextBefore } from './older.ts'

type Row = AnswerOf<'listAudit'>['rows'][number]
type Filter = Pick<QueryOf<'listAudit'>, 'person' | 'action' | 'subject'>

const rowsAtOnce = 200

export function AuditScreen() {
  const { registers } = useTexts()
  const texts = registers.audit
  const format = useFormat()
  const api = useApi()
  const [filter, setFilter] = useState<Filter>({})
  const asked = trimmed(filter)
  const found = usePages({
    key: keys.audit(asked),
    page: (before: number | undefined, signal) =>
      api.call('listAudit', { query: { ...asked, limit: rowsAtOnce, before } }, signal),
    next: nextBefore,
  })
  const oldestAt = found.first?.oldestAt ?? null
  return (
    <RegisterPage
      title={texts.title}
      note={oldestAt === null ? undefined : texts.reaches(format.day(oldestAt))}
      actions={<Filters filter={filter} setFilter={setFilter} />}
      found={found}
      columns={useColumns()}
      keyOf={({ id }) => id}
      lines={14}
      empty={{ icon: IconHistoryOff, ...texts.empty }}
    />
  )
}

function trimmed(filter: Filter): Filter {
  const fields = Object.entries(filter).map(([field, text]) => [field, text?.trim()] as const)
  return Object.fromEntries(fields.filter(([, text]) => text !== ''))
}

function Filters(given: { readonly filter: Filter; readonly setFilter: (filter: Filter) => void }) {
  const { filter, setFilter } = given
  const texts = useTexts().registers.audit
  const deeds: Readonly<Record<string, string>> = texts.deeds
  return (
    <>
      <TextFilter
        hasKey
        label={texts.filterPerson}
        width={140}
        longest={60}
        value={filter.person}
        set={(person) => setFilter({ ...filter, person })}
      />
      <TextFilter
        label={texts.filterSubject}
        width={220}
        value={filter.subject}
        set={(subject) => setFilter({ ...filter, subject })}
      />
      <ChoiceFilter
        isLong
        label={texts.filterAction}
        width={190}
        all={texts.anyDeed}
        values={Object.keys(deeds)}
        words={(action) => deeds[action] ?? action}
        value={filter.action}
        set={(action) => setFilter({ ...filter, action })}
      />
    </>
  )
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
