/** The share of abnormal redemptions of any scope over the day shown. */
import { Select } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { scopeText } from '../alerts/scope.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { ShareChart } from '../charts/share-chart.tsx'
import { Card } from '../parts/page.tsx'
import { Waiting } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './overview.module.css'

export function Shares(given: { readonly threshold: number; readonly day: number | null }) {
  const { threshold, day } = given
  const dictionary = useTexts()
  const texts = dictionary.alerts
  const api = useApi()
  const [scope, setScope] = useState('all')
  const query = useQuery({
    queryKey: keys.shares(scope, day),
    queryFn: ({ signal }) =>
      api.call('showShares', { query: { scope, ...(day === null ? {} : { day }) } }, signal),
    placeholderData: keepPreviousData,
  })
  const scopes = new Set(['all', scope, ...(query.data?.scopes ?? [])])
  return (
    <Card
      title={texts.overview.shares}
      note={
        <Select
          aria-label={texts.overview.scope}
          w={220}
          searchable
          allowDeselect={false}
          value={scope}
          onChange={(chosen) => setScope(chosen ?? 'all')}
          data={[...scopes].map((value) => ({ value, label: scopeText(dictionary, value) }))}
        />
      }
    >
      <Waiting query={query} lines={6} height={18} />
      {query.data?.points.length === 0 && <p className={classes.soft}>{texts.chart.nothing}</p>}
      {query.data !== undefined && query.data.points.length > 0 && (
        <ShareChart
          points={query.data.points}
          threshold={threshold}
          height={190}
          marks={[]}
          minimum={query.data.minimum}
        />
      )}
    </Card>
  )
}
