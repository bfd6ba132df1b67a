/** The narrow navigation on the left, with how much waits where. */
import { UnstyledButton } from '@mantine/core'
import {
  IconBell,
  IconChartAreaLine,
  IconGavel,
  IconHistory,
  IconInbox,
  IconListCheck,
  IconMailX,
  IconShieldCheckFilled,
  IconUsers,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { NavLink, useLocation } from 'react-router'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { useFormat, useTexts } from './settings.tsx'
import classes from './shell.module.css'
import { waitingQueue } from './waiting-queue.ts'

const screens = [
  ['queue', '/queue', IconInbox, 'viewer'],
  ['alerts', '/alerts', IconBell, 'viewer'],
  ['overview', '/overview', IconChartAreaLine, 'viewer'],
  ['lists', '/lists', IconListCheck, 'viewer'],
  ['penalties', '/penalties', IconGavel, 'viewer'],
  ['letters', '/dead-letters', IconMailX, 'viewer'],
  ['audit', '/audit', IconHistory, 'lead'],
  ['people', '/people', IconUsers, 'lead'],
] as const

export function Navigation() {
  const { shell } = useTexts()
  const isLead = useMay('lead')
  const counts = useCounts()
  const { pathname } = useLocation()
  return (
    <nav className={classes.nav} aria-label={shell.nav.label}>
      <UnstyledButton
        component={NavLink}
        to={waitingQueue}
        className={classes.mark}
        title={shell.product}
      >
        <IconShieldCheckFilled size={26} aria-hidden />
        <span className={classes.hidden}>{shell.product}</span>
      </UnstyledButton>
      {screens
        .filter(([, , , least]) => least === 'viewer' || isLead)
        .map(([name, path, Icon]) => {
          const isHere =
            pathname.startsWith(path) || (name === 'queue' && pathname.startsWith('/case'))
          return (
            <NavLink
              key={name}
              to={name === 'queue' ? waitingQueue : path}
              className={`${classes.link} ${isHere ? classes.here : ''}`}
              aria-current={isHere ? 'page' : undefined}
            >
              <span className={classes.iconBox}>
                <Icon size={20} stroke={1.6} aria-hidden />
                <Count of={counts[name] ?? 0} isLoud={name === 'alerts'} />
              </span>
              {shell.nav[name]}
            </NavLink>
          )
        })}
    </nav>
  )
}

function Count({ of, isLoud }: { readonly of: number; readonly isLoud: boolean }) {
  const { shell } = useTexts()
  const format = useFormat()
  if (of === 0) return null
  const short = of > 999 ? `${(of / 1_000).toFixed(of > 9_999 ? 0 : 1)}k` : String(of)
  return (
    <span className={`${classes.count} ${isLoud ? classes.loud : ''}`}>
      <span aria-hidden>{short}</span>
      <span className={classes.hidden}>{shell.waiting(format.number(of))}</span>
    </span>
  )
}

/** What waits: open cases, alerts that stand and nobody looks after, dead letters. */
function useCounts(): Readonly<Record<string, number>> {
  const api = useApi()
  const cases = useQuery({
    queryKey: keys.counts({}),
    queryFn: ({ signal }) => api.call('countCases', { query: {} }, signal),
  })
  const alerts = useQuery({
    queryKey: keys.alerts,
    queryFn: ({ signal }) => api.call('listAlerts', {}, signal),
  })
  return {
    queue: cases.data?.waiting ?? 0,
    alerts:
      alerts.data?.rows.filter(
        ({ state, acknowledgedAt }) => state === 'raised' && acknowledgedAt === null,
      ).length ?? 0,
  }
}
