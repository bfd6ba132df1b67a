/** The register of penalties, and how many appeals succeeded beside how many are expected to. */
import { Select, TextInput } from '@mantine/core'
import { IconGavel, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { AnswerOf, QueryOf } from '../../api/operations.ts'
import type { Penalty } from '../../api/penalty-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { letRun } from '../live/let-run.ts'
import { Figure, Page } from '../parts/page.tsx'
import { type Column, Register } from '../parts/register.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './penalties.module.css'
import { penaltyStates, violations } from './penalty-kinds.ts'
import { PenaltyTag, useStepText } from './penalty-words.tsx'

type Filter = Pick<QueryOf<'listPenalties'>, 'state' | 'violation' | 'subject'>

export function PenaltiesScreen() {
  const { page: texts } = useTexts().penalties
  const [filter, setFilter] = useState<Filter>({})
  const navigate = useNavigate()
  const query = usePenalties(filter)
  const columns = useColumns()
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? []
  const report = query.data?.pages[0]?.report
  useKeys({ search: () => document.getElementById('penalty-search')?.focus() })
  return (
    <Page title={texts.title} actions={<Filters filter={filter} setFilter={setFilter} />}>
      {query.isPending && <Loading lines={12} height={18} />}
      {query.isError && <Failed error={query.error} retry={() => letRun(query.refetch())} />}
      {report !== undefined && <Report report={report} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconGavel} title={texts.empty.title} text={texts.empty.text} />
      )}
      {rows.length > 0 && (
        <Register
          label={texts.title}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          open={({ caseKey }) => {
            Promise.resolve(navigate(`/case/${caseKey}`)).catch(() => undefined)
          }}
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

function usePenalties(filter: Filter) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: keys.penalties(filter),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        'listPenalties',
        { query: { ...filter, limit: 100, ...(pageParam === null ? {} : { after: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  })
}

function Report({ report }: { readonly report: AnswerOf<'listPenalties'>['report'] }) {
  const { penalties } = useTexts()
  const { page: texts } = penalties
  const format = useFormat()
  return (
    <section className={classes.report} aria-label={texts.report}>
      <h2 className={classes.reportTitle}>{texts.report}</h2>
      <dl className={classes.figures}>
        {report.map(({ violation, imposed, appealed, upheld, overturned, success, expected }) => {
          const settled = upheld + overturned
          const notes = [
            texts.expected(format.percent(expected)),
            ...(settled > 0
              ? [texts.appeals(format.number(overturned), format.number(settled))]
              : []),
            ...(appealed > settled ? [texts.waiting(appealed - settled)] : []),
            texts.imposed(format.number(imposed)),
          ]
          return (
            <Figure
              key={violation}
              label={penalties.violation[violation]}
              value={success === null ? '–' : format.percent(success)}
              note={notes.join(' · ')}
              isBad={success !== null && success > expected}
            />
          )
        })}
      </dl>
    </section>
  )
}

function Filters(given: { readonly filter: Filter; readonly setFilter: (filter: Filter) => void }) {
  const { filter, setFilter } = given
  const { penalties } = useTexts()
  const { page: texts } = penalties
  return (
    <>
      <TextInput
        id="penalty-search"
        w={200}
        maxLength={200}
        aria-label={texts.search}
        placeholder={texts.search}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter.subject ?? ''}
        onChange={(event) => {
          const { subject: _, ...rest } = filter
          const text = event.currentTarget.value
          setFilter(text === '' ? rest : { ...rest, subject: text })
        }}
      />
      <Select
        w={170}
        aria-label={texts.violation}
        allowDeselect={false}
        value={filter.violation ?? 'all'}
        onChange={(chosen) => {
          const { violation: _, ...rest } = filter
          const known = violations.find((one) => one === chosen)
          setFilter(known === undefined ? rest : { ...rest, violation: known })
        }}
        data={[
          { value: 'all', label: texts.anyViolation },
          ...violations.map((value) => ({ value, label: penalties.violation[value] })),
        ]}
      />
      <Select
        w={130}
        aria-label={texts.state}
        allowDeselect={false}
        value={filter.state ?? 'all'}
        onChange={(chosen) => {
          const { state: _, ...rest } = filter
          const known = penaltyStates.find((one) => one === chosen)
          setFilter(known === undefined ? rest : { ...rest, state: known })
        }}
        data={[
          { value: 'all', label: texts.anyState },
          ...penaltyStates.map((value) => ({ value, label: penalties.state[value] })),
        ]}
      />
    </>
  )
}

function useColumns(): readonly Column<Penalty>[] {
  const { penalties } = useTexts()
  const { page: texts } = penalties
  const format = useFormat()
  const stepText = useStepText()
  return [
    { title: texts.at, cell: ({ imposedAt }) => format.moment(imposedAt) },
    { title: texts.violation, cell: ({ violation }) => penalties.violation[violation] },
    { title: texts.offence, isNumber: true, cell: ({ offence }) => format.number(offence) },
    { title: texts.step, cell: (penalty) => stepText(penalty, penalty.imposedAt) },
    {
      title: texts.subject,
      isWide: true,
      cell: ({ subject, subjectKind }) => (
        <>
          {penalties.subject[subjectKind]} <Value text={subject} longest={40} />
        </>
      ),
    },
    {
      title: texts.until,
      cell: ({ until }) => (until === null ? '–' : format.moment(until)),
    },
    { title: texts.by, cell: ({ imposedBy }) => <Value text={imposedBy} longest={22} /> },
    { title: texts.state, cell: ({ state }) => <PenaltyTag state={state} /> },
  ]
}
