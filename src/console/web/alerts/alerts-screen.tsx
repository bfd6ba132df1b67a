/** Alerts: all of them on the left, the chosen one on the right. */
import { IconBellOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from 'react-router'
import type { AlertShape } from '../../api/programme-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { AlertDetail } from './alert-detail.tsx'
import classes from './alerts.module.css'
import { scopeText } from './scope.ts'

export function AlertsScreen() {
  const { alerts: texts } = useTexts()
  const api = useApi()
  const query = useQuery({
    queryKey: keys.alerts,
    queryFn: ({ signal }) => api.call('listAlerts', {}, signal),
  })
  return (
    <Page title={texts.title}>
      <Waiting query={query} lines={10} height={24} />
      {query.data?.rows.length === 0 && <Empty icon={IconBellOff} {...texts.empty} />}
      {query.data !== undefined && query.data.rows.length > 0 && (
        <AlertList alerts={query.data.rows} />
      )}
    </Page>
  )
}

function AlertList({ alerts }: { readonly alerts: readonly AlertShape[] }) {
  const { '*': chosen = '' } = useParams()
  const { alerts: texts } = useTexts()
  const navigate = useNavigate()
  const index = Math.max(
    0,
    alerts.findIndex(({ id }) => id === chosen),
  )
  const alert = alerts[index]
  const choose = (at: number) => {
    const next = alerts[Math.max(0, Math.min(alerts.length - 1, at))]
    if (next === undefined) return
    const path = `/alerts/${encodeURIComponent(next.id)}`
    Promise.resolve(navigate(path, { replace: true })).catch(() => undefined)
  }
  useKeys({
    next: () => choose(index + 1),
    previous: () => choose(index - 1),
    first: () => choose(0),
    open: () => choose(index),
  })
  return (
    <div className={classes.split}>
      <ul className={classes.list} aria-label={texts.title}>
        {alerts.map((one, at) => (
          <li key={one.id}>
            <button
              type="button"
              className={`${classes.item} ${at === index ? classes.here : ''}`}
              aria-current={at === index ? 'true' : undefined}
              onClick={() => choose(at)}
            >
              <AlertItem alert={one} />
            </button>
          </li>
        ))}
      </ul>
      {alert !== undefined && <AlertDetail key={alert.id} id={alert.id} />}
    </div>
  )
}

function AlertItem({ alert }: { readonly alert: AlertShape }) {
  const texts = useTexts()
  const format = useFormat()
  return (
    <>
      <span className={classes.itemLine}>
        <AlertState state={alert.state} />
        <strong className={classes.itemShare}>{format.percent(alert.share)}</strong>
      </span>
      <span className={classes.itemScope}>
        <Value text={scopeText(texts, alert.scope)} longest={34} />
      </span>
      <span className={classes.soft}>
        {format.date(alert.day)} · {format.clock(alert.raisedAt)}
        {alert.acknowledgedBy !== null && ` · ${alert.acknowledgedBy}`}
      </span>
    </>
  )
}

export function AlertState({ state }: { readonly state: AlertShape['state'] }) {
  const { words } = useTexts()
  return <span className={`${classes.state} ${classes[state]}`}>{words.alertState[state]}</span>
}
