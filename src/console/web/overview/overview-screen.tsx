/** The day as a whole: flow, share, rules, campaigns, and how far the reviewers are. */
import { SegmentedControl } from '@mantine/core'
import { IconChartAreaLine } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Overview } from '../../api/programme-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { FlowChart } from '../charts/flow-chart.tsx'
import { letRun } from '../live/let-run.ts'
import { Card, Page } from '../parts/page.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { Campaigns } from './campaigns.tsx'
import { DayChoice } from './day-choice.tsx'
import { Figures } from './figures.tsx'
import classes from './overview.module.css'
import { PeakNotice } from './peak-notice.tsx'
import { Shares } from './shares.tsx'
import { TopRules } from './top-rules.tsx'

const windows = [60, 240, 1_440] as const
type Minutes = (typeof windows)[number]
/** The newest minutes move even when nobody says so. */
const refreshMs = 10_000

export function OverviewScreen() {
  const { alerts } = useTexts()
  const format = useFormat()
  const texts = alerts.overview
  const api = useApi()
  const [minutes, setMinutes] = useState<Minutes | null>(null)
  const [day, setDay] = useState<number | null>(null)
  const asked = { ...(minutes === null ? {} : { minutes }), ...(day === null ? {} : { day }) }
  const query = useQuery({
    queryKey: keys.overview(day, minutes),
    queryFn: ({ signal }) => api.call('showOverview', { query: asked }, signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  })
  const asOf = query.data?.asOf ?? null
  return (
    <Page
      title={texts.title}
      note={asOf === null ? undefined : texts.asOf(format.time(asOf))}
      actions={
        <SegmentedControl
          aria-label={texts.window}
          value={String(minutes ?? query.data?.minutes ?? 60)}
          onChange={(chosen) => setMinutes(windows.find((one) => String(one) === chosen) ?? null)}
          data={windows.map((one) => ({ value: String(one), label: texts.minutes[one] }))}
        />
      }
    >
      {query.isPending && <Loading lines={12} height={26} />}
      {query.isError && query.data === undefined && (
        <Failed error={query.error} retry={() => letRun(query.refetch())} />
      )}
      {query.data !== undefined && <Day overview={query.data} choose={setDay} />}
    </Page>
  )
}

function Day(given: {
  readonly overview: Overview
  readonly choose: (day: number | null) => void
}) {
  const { overview } = given
  const texts = useTexts().alerts.overview
  if (overview.asOf === null)
    return <Empty icon={IconChartAreaLine} title={texts.nothing} text={texts.nothingText} />
  return (
    <div className={classes.screen}>
      {overview.notice !== null && (
        <PeakNotice notice={overview.notice} limit={overview.today.announcedAbove} />
      )}
      <DayChoice {...given} />
      <Figures overview={overview} />
      <div className={classes.charts}>
        <Card title={texts.flow}>
          <FlowChart flow={overview.flow} bucketMs={overview.bucketMs} height={190} />
        </Card>
        <Shares threshold={overview.today.threshold} day={overview.today.day} />
      </div>
      <div className={classes.tables}>
        <TopRules rules={overview.rules} />
        <Campaigns campaigns={overview.campaigns} />
      </div>
    </div>
  )
}
