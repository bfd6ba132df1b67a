/** Cases like this one, and what was said of all with the same first rule. */
import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { Link, useLocation } from 'react-router'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { OutcomeTag, VerdictTag } from '../parts/outcome.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import classes from './around.module.css'
import shared from './case.module.css'

type Answer = AnswerOf<'similarCases'>

export function Similar({ caseKey }: { readonly caseKey: string }) {
  const { similar: texts } = useTexts().case
  const api = useApi()
  const query = useQuery({
    queryKey: keys.similar(caseKey),
    queryFn: ({ signal }) => api.call('similarCases', { params: { key: caseKey } }, signal),
  })
  if (query.isPending) return <Loading lines={8} height={20} />
  if (query.isError) return <Failed error={query.error} retry={() => letRun(query.refetch())} />
  return (
    <>
      <History verdicts={query.data.verdicts} />
      {query.data.rows.length === 0 && <p className={shared.soft}>{texts.none}</p>}
      <ul className={classes.similar}>
        {query.data.rows.map((similar) => (
          <SimilarRow key={similar.row.key} similar={similar} />
        ))}
      </ul>
    </>
  )
}

const words = ['fraud', 'legitimate', 'inconclusive'] as const

function History({ verdicts }: { readonly verdicts: Answer['verdicts'] }) {
  const texts = useTexts()
  const format = useFormat()
  const all = verdicts.fraud + verdicts.legitimate + verdicts.inconclusive
  return (
    <div className={classes.history}>
      <span className={shared.soft}>{texts.case.similar.verdicts}</span>
      {all > 0 && (
        <span className={classes.historyBar} aria-hidden>
          {words.map((word) => (
            <span
              key={word}
              className={classes[`part-${word}`]}
              style={{ width: `${(verdicts[word] / all) * 100}%` }}
            />
          ))}
        </span>
      )}
      <span className={classes.historyCounts}>
        {words.map((word) => (
          <span key={word}>
            <VerdictTag verdict={word} /> {format.number(verdicts[word])}
          </span>
        ))}
      </span>
    </div>
  )
}

function SimilarRow({ similar }: { readonly similar: Answer['rows'][number] }) {
  const format = useFormat()
  const { search } = useLocation()
  const { row } = similar
  return (
    <li>
      <Link to={{ pathname: `/case/${row.key}`, search }} className={classes.similarRow}>
        <span className={classes.similarScore}>{row.score}</span>
        <Value text={row.user} />
        <span className={classes.sightEnd}>
          {row.verdict === null ? (
            <OutcomeTag outcome={row.outcome} />
          ) : (
            <VerdictTag verdict={row.verdict} />
          )}
          <span className={shared.soft}>{format.moment(row.occurredAt)}</span>
        </span>
        <Shared of={similar.shared} />
      </Link>
    </li>
  )
}

/** Entities and the campaign by their words, rules by their names. */
function Shared({ of }: { readonly of: readonly string[] }) {
  const { shared: known } = useTexts().case.similar
  const parts = of.map((one) => (Object.hasOwn(known, one) ? wordFor(known, one) : one))
  return (
    <span className={classes.similarShared} title={parts.join(' · ')}>
      {of.map((one, at) => (
        <Fragment key={one}>
          {at > 0 && ' · '}
          {Object.hasOwn(known, one) ? wordFor(known, one) : <bdi>{one}</bdi>}
        </Fragment>
      ))}
    </span>
  )
}
