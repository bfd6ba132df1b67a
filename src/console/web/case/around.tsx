/** What is around a case, one tab each: timelines, the link graph, similar cases, all signals. */
import { Tabs } from '@mantine/core'
import { lazy, memo, Suspense, useState } from 'react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import { useKeys } from '../keys/use-keys.tsx'
import { Loading } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './around.module.css'
import shared from './case.module.css'
import { Signals } from './signals.tsx'
import { Similar } from './similar.tsx'
import { Timelines } from './timelines.tsx'

const Links = lazy(async () => {
  const { Links: part } = await import('./links/links.tsx')
  return { default: part }
})

const tabs = ['timeline', 'links', 'similar', 'signals'] as const
type Tab = (typeof tabs)[number]
const storageKey = 'couponguard.tab'

const keptTab = (): Tab =>
  tabs.find((tab) => tab === sessionStorage.getItem(storageKey)) ?? 'timeline'

export const Around = memo(function Around({ whole }: { readonly whole: CaseWhole }) {
  const { entities } = useTexts().case
  const [tab, setTab] = useState<Tab>(keptTab)
  const choose = (chosen: string | null) => {
    const known = tabs.find((one) => one === chosen)
    if (known === undefined) return
    sessionStorage.setItem(storageKey, known)
    setTab(known)
  }
  useKeys({
    'next-tab': () => choose(tabs[(tabs.indexOf(tab) + 1) % tabs.length] ?? null),
    'filter-signals': () => {
      choose('signals')
      setTimeout(() => document.getElementById('signal-search')?.focus())
    },
  })
  return (
    <section className={`${shared.column} ${classes.around}`} aria-label={entities.title}>
      <Tabs value={tab} onChange={choose} keepMounted={false} className={classes.tabs}>
        <Tabs.List>
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {entities.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="timeline" className={classes.panel}>
          <Timelines whole={whole} />
        </Tabs.Panel>
        <Tabs.Panel value="links" className={classes.panel}>
          <Suspense fallback={<Loading />}>
            <Links row={whole.row} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="similar" className={classes.panel}>
          <Similar key={whole.row.key} caseKey={whole.row.key} />
        </Tabs.Panel>
        <Tabs.Panel value="signals" className={classes.panel}>
          <Signals key={whole.row.key} signals={whole.signals} />
        </Tabs.Panel>
      </Tabs>
    </section>
  )
})
