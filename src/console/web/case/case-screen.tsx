/**
 * One case on one screen: what happened, why it was flagged, what is around it, and the verdict.
 */
import { useEffect, useRef } from 'react'
import { useParams } from 'react-router'
import { letRun } from '../live/let-run.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { useFilter } from '../queue/use-filter.ts'
import { useTexts } from '../shell/settings.tsx'
import { Around } from './around.tsx'
import classes from './case.module.css'
import { CaseHead } from './case-head.tsx'
import { useCase, useNeighbours } from './use-case.ts'
import { useCaseWork } from './use-case-work.ts'
import { VerdictBar } from './verdict-bar.tsx'
import { What } from './what.tsx'
import { Why } from './why.tsx'

export function CaseScreen() {
  const { key = '' } = useParams()
  const [filter] = useFilter()
  const query = useCase(key)
  const neighbours = useNeighbours(key, filter)
  if (query.isPending) return <CaseLoading />
  if (query.isError)
    return <Failed error={query.error} retry={() => letRun(query.refetch())} isAlone />
  return <CaseWork {...{ whole: query.data, filter, neighbours }} />
}

function CaseWork(given: Parameters<typeof useCaseWork>[0]) {
  const { whole } = given
  const { case: texts } = useTexts()
  const work = useCaseWork(given)
  const heading = useRef<HTMLHeadingElement>(null)
  const { key } = whole.row
  // What reads aloud begins with the new case.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what says that it is new
  useEffect(() => heading.current?.focus({ preventScroll: true }), [key])
  return (
    <div className={classes.screen} data-case={whole.row.key}>
      <h1 ref={heading} tabIndex={-1} className={classes.unseen}>
        {texts.caseNamed(whole.row.user)}
      </h1>
      <CaseHead whole={whole} neighbours={given.neighbours} work={work} />
      <div className={classes.columns}>
        <What whole={whole} />
        <Why whole={whole} />
        <Around whole={whole} />
      </div>
      <VerdictBar whole={whole} neighbours={given.neighbours} work={work} />
    </div>
  )
}

function CaseLoading() {
  return (
    <div className={classes.screen}>
      <div className={classes.columns}>
        <Loading lines={12} />
        <Loading lines={16} />
        <Loading lines={14} />
      </div>
    </div>
  )
}
