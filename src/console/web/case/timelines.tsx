/** What the user, the device and the address of a case did, newest first, each on its own tab. */
import { Button, SegmentedControl } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './around.module.css'
import shared from './case.module.css'
import { SightingRow } from './sighting-row.tsx'

type Kind = 'user' | 'device' | 'ip'
type Timeline = AnswerOf<'showTimeline'>

const kinds = ['user', 'device', 'ip'] as const
const pageRows = 50
const nothingYet: readonly Timeline[] = []

export function Timelines({ whole }: { readonly whole: CaseWhole }) {
  const { words, case: texts } = useTexts()
  const { row } = whole
  const values = { user: row.user, device: row.device, ip: row.ip }
  const there = kinds.filter((kind) => values[kind] !== null)
  const [chosen, choose] = useState<Kind>('device')
  const kind = values[chosen] === null ? 'user' : chosen
  const value = values[kind] ?? row.user
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label={texts.entities.tabs.timeline}
        value={kind}
        onChange={(picked) => choose(kinds.find((one) => one === picked) ?? 'user')}
        data={there.map((one) => ({ value: one, label: words.entity[one] }))}
      />
      <EntityTimeline key={`${kind} ${value}`} kind={kind} value={value} caseKey={row.key} />
    </>
  )
}

function EntityTimeline(given: {
  readonly kind: Kind
  readonly value: string
  readonly caseKey: string
}) {
  const { kind, value } = given
  const { case: texts, words } = useTexts()
  const query = useTimeline(kind, value)
  // Drawn after the case itself, which must not wait for it.
  const pages = useDeferredValue(query.data?.pages, nothingYet)
  if (query.isPending || pages === nothingYet) return <Loading lines={9} height={22} />
  if (query.isError) return <Failed error={query.error} retry={() => letRun(query.refetch())} />
  const events = (pages ?? nothingYet).flatMap((page) => page.events)
  if (events.length <= 1) return <p className={shared.soft}>{texts.entities.nothing}</p>
  return (
    <>
      <ol
        className={classes.timeline}
        aria-label={texts.entities.timelineOf(words.entity[kind], value)}
      >
        {events.map((event, at) => (
          <SightingRow
            key={event.key}
            event={event}
            before={events[at - 1]}
            of={kind}
            isThis={event.key === given.caseKey}
          />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button
          variant="subtle"
          color="gray"
          loading={query.isFetchingNextPage}
          onClick={() => letRun(query.fetchNextPage())}
        >
          {texts.entities.more}
        </Button>
      )}
    </>
  )
}

function useTimeline(kind: Kind, value: string) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: keys.timeline(kind, value),
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        'showTimeline',
        {
          query: {
            kind,
            value,
            limit: pageRows,
            ...(pageParam === null ? {} : { before: pageParam }),
          },
        },
        signal,
      ),
    getNextPageParam: (page: Timeline) =>
      page.isMore ? (page.events.at(-1)?.occurredAt ?? null) : null,
  })
}
