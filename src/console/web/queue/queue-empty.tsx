/**
 * An empty queue says why it is, and what can be done. It fills by itself: there is no row under
 * anybody's eyes that could move.
 */
import { Button } from '@mantine/core'
import { IconConfetti, IconFilterOff } from '@tabler/icons-react'
import { useEffect } from 'react'
import { Empty } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import { waitingQueue } from '../shell/waiting-queue.ts'
import { type CaseQuery, isNarrowed, writeFilter } from './filter.ts'
import { useFreshCount } from './use-rows.ts'

export function QueueEmpty(given: {
  readonly filter: CaseQuery
  readonly setFilter: (filter: CaseQuery) => void
  readonly reload: () => void
}) {
  const { filter, setFilter, reload } = given
  const isFilled = useFreshCount(filter) > 0
  useEffect(() => {
    if (isFilled) reload()
  })
  const { empty, clear } = useTexts().queue
  const isWaiting = waitingQueue.endsWith(`?${writeFilter(filter)}`)
  if (isWaiting || (!isNarrowed(filter) && (filter.state ?? 'open') === 'open'))
    return <Empty icon={IconConfetti} title={empty.title} text={empty.text} />
  return (
    <Empty icon={IconFilterOff} title={empty.filtered} text={empty.filteredText}>
      <Button.Group>
        {isNarrowed(filter) && (
          <Button variant="default" onClick={() => setFilter({ state: filter.state ?? 'open' })}>
            {clear}
          </Button>
        )}
        {filter.state !== 'any' && (
          <Button variant="default" onClick={() => setFilter({ ...filter, state: 'any' })}>
            {empty.showAll}
          </Button>
        )}
      </Button.Group>
    </Empty>
  )
}
