/**
 * What a screen shows when there is nothing to show yet, nothing at all, or something went wrong.
 */
import { Button, Skeleton } from '@mantine/core'
import { IconAlertTriangle, type IconInbox } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ApiError } from '../api/call.ts'
import { letRun } from '../live/let-run.ts'
import { useTexts } from '../shell/settings.tsx'
import classes from './states.module.css'

/** Bars where lines will be. */
export function Loading(given: { readonly lines?: number; readonly height?: number }) {
  const { shell } = useTexts()
  const { lines = 6, height = 14 } = given
  return (
    <div className={classes.loading} role="status" aria-busy aria-label={shell.state.loading}>
      {Array.from({ length: lines }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars never move
        <Skeleton key={at} height={height} width={`${92 - ((at * 17) % 45)}%`} radius="sm" />
      ))}
    </div>
  )
}

/** How a question stands whose answer is to be shown. */
export interface Asked {
  readonly isPending: boolean
  readonly isError: boolean
  readonly isSuccess: boolean
  readonly error: unknown
  readonly refetch: () => Promise<unknown>
}

/** Bars until there is an answer, and what failed; nothing once all is well. */
export function Waiting(given: {
  readonly query: Asked
  readonly lines?: number
  readonly height?: number
}) {
  const { query, ...bars } = given
  if (query.isPending) return <Loading {...bars} />
  return query.isError && <Failed error={query.error} retry={() => letRun(query.refetch())} />
}

/** What is said where there is nothing. */
export interface Nothing {
  readonly icon: typeof IconInbox
  readonly title: string
  readonly text?: string
}

interface GivenNothing extends Nothing {
  /** Nothing else on the screen is its heading. */
  readonly isAlone?: boolean
  readonly children?: ReactNode
}

export function Empty(given: GivenNothing) {
  const Icon = given.icon
  const Title = given.isAlone === true ? 'h1' : 'p'
  return (
    <div className={classes.middle}>
      <Icon size={34} stroke={1.3} aria-hidden className={classes.icon} />
      <Title className={classes.title}>{given.title}</Title>
      {given.text !== undefined && <p className={classes.text}>{given.text}</p>}
      {given.children}
    </div>
  )
}

/** Says what failed in words for people, and offers to try again. */
export function Failed(given: {
  readonly error: unknown
  readonly retry: () => void
  /** Nothing else on the screen is its heading. */
  readonly isAlone?: boolean
}) {
  const { shell } = useTexts()
  const Title = given.isAlone === true ? 'h1' : 'p'
  return (
    <div className={classes.middle} role="alert">
      <IconAlertTriangle size={34} stroke={1.3} aria-hidden className={classes.warn} />
      <Title className={classes.title}>{shell.state.failed}</Title>
      <p className={classes.text}>{useErrorText(given.error)}</p>
      <Button variant="default" onClick={given.retry}>
        {shell.state.retry}
      </Button>
    </div>
  )
}

export function useErrorText(error: unknown): string {
  const { state } = useTexts().shell
  if (!(error instanceof ApiError)) return state.failed
  return errorText(error, state)
}

export function errorText(
  error: unknown,
  state: {
    readonly away: string
    readonly forbidden: string
    readonly failed: string
    readonly refused: Readonly<Record<string, string>>
  },
): string {
  if (!(error instanceof ApiError)) return state.failed
  if (error.status === 0) return state.away
  const { refused } = state
  if (Object.hasOwn(refused, error.reason)) return refused[error.reason] ?? state.failed
  if (error.status === 403) return state.forbidden
  return error.message === '' ? state.failed : error.message
}
