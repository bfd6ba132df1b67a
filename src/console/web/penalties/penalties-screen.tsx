/** The register of penalties, and how many appeals succeeded beside how many are expected to. */
import { IconGavel } from '@tabler/icons-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { AnswerOf, QueryOf } from '../../api/operations.ts'
import type { Penalty } from '../../api/penalty-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx'
import { Figure } from '../parts/page.tsx'
import type { Column } from '../parts/register.tsx'
import { RegisterPage } from '../parts/register-page.tsx'
import { usePages } from '../parts/use-pages.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './penalties.module.css'
import { penaltyStates, violations } from './penalty-kinds.ts'
import { PenaltyTag, useStepText } from './penalty-words.tsx'

type Filter = Pick<QueryOf<'listPenalties'>, 'state' | 'violation' | 'subject'>

export function PenaltiesScreen() {
  const { page: texts } = useTexts().penalties
  const api = useApi()
  const [filter, setFilter] = useState<Filter>({})
  const navigate = useNavigate()
  const found = usePages({
    key: keys.penalties(filter),
    page: (after: string | undefined, signal) =>
      api.call('listPenalties', { query: { ...filter, limit: 100, after } }, signal),
    next: ({ next }) => next,
  })
  return (
    <RegisterPage
      title={texts.title}
      actions={<Filters filter={filter} setFilter={setFilter} />}
      found={found}
      columns={useColumns()}
      keyOf={({ id }) => id}
      open={({ caseKey }) => {
        Promise.resolve(navigate(`/case/${caseKey}`)).catch(() => undefined)
      }}
      empty={{ icon: IconGavel, ...texts.empty }}
      above={found.first !== undefined && <Report report={found.first.report} />}
    />
  )
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
      <TextFilter
        isSearch
        hasKey
        label={texts.search}
        width={200}
        value={filter.subject}
        set={(subject) => setFilter({ ...filter, subject })}
      />
      <ChoiceFilter
        label={texts.violation}
        width={170}
        all={texts.anyViolation}
        values={violations}
        words={(violation) => penalties.violation[violation]}
        value={filter.violation}
        set={(violation) => setFilter({ ...filter, violation })}
      />
      <ChoiceFilter
        label={texts.state}
        width={130}
        all={texts.anyState}
        values={penaltyStates}
        words={(state) => penalties.state[state]}
        value={filter.state}
        set={(state) => setFilter({ ...filter, state })}
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
