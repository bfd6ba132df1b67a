/**
 * The frame: navigation on the left, bar on top, the screen in between; keys that work anywhere.
 */
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '../api/use-api.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { useLive } from '../live/use-live.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { Navigation } from './navigation.tsx'
import { useTexts } from './settings.tsx'
import classes from './shell.module.css'
import { TopBar } from './top-bar.tsx'
import { waitingQueue } from './waiting-queue.ts'

const Palette = lazy(async () => {
  const { Palette: part } = await import('./palette.tsx')
  return { default: part }
})
const KeyHelp = lazy(async () => {
  const { KeyHelp: part } = await import('./key-help.tsx')
  return { default: part }
})

export function Shell({ children }: { readonly children: ReactNode }) {
  const { shell } = useTexts()
  const isLive = useLive()
  const [open, setOpen] = useState<'palette' | 'help' | null>(null)
  useAnywhereKeys(setOpen)
  return (
    <div className={classes.frame}>
      <a href="#main" className={classes.skip}>
        {shell.skip}
      </a>
      <Navigation />
      <TopBar
        isLive={isLive}
        openPalette={() => setOpen('palette')}
        openHelp={() => setOpen('help')}
      />
      <main id="main" className={classes.main} tabIndex={-1}>
        <ErrorBoundary texts={shell}>{children}</ErrorBoundary>
      </main>
      <Suspense fallback={null}>
        {open === 'palette' && (
          <Palette close={() => setOpen(null)} openHelp={() => setOpen('help')} />
        )}
        {open === 'help' && <KeyHelp close={() => setOpen(null)} />}
      </Suspense>
    </div>
  )
}

function useAnywhereKeys(setOpen: (open: 'palette' | 'help') => void): void {
  const navigate = useNavigate()
  const isLead = useMay('lead')
  const go = (path: string) => () => {
    Promise.resolve(navigate(path)).catch(() => undefined)
  }
  useKeys({
    'go-queue': go(waitingQueue),
    'go-alerts': go('/alerts'),
    'go-overview': go('/overview'),
    'go-lists': go('/lists'),
    'go-penalties': go('/penalties'),
    'go-letters': go('/dead-letters'),
    ...(isLead ? { 'go-audit': go('/audit'), 'go-people': go('/people') } : {}),
    help: () => setOpen('help'),
    palette: () => setOpen('palette'),
  })
}
