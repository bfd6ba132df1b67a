/**
 * Rows of the queue as a grid. Only those in sight and a few around them are in the document,
 * however many there are; further pages come before the end is reached.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { useTexts } from '../shell/settings.tsx'
import { useNow } from '../time/use-now.ts'
import classes from './queue.module.css'
import { QueueRow, rowId } from './queue-row.tsx'
import type { Selection } from './selection.ts'
import type { Rows } from './use-rows.ts'

const rowHeight = 38
/** So many rows before the end the next page is asked for. */
const aheadRows = 250
/** Rows in the document share so many elements, or a multiple where a screen shows more. */
const slotsAtOnce = 64
const columns = ['score', 'outcome', 'why', 'who', 'where', 'money', 'age', 'state'] as const

export function QueueTable(given: {
  readonly query: Rows
  readonly index: number
  readonly open: (index: number) => void
  readonly selection: Selection
  readonly onSelect: (index: number, isRange: boolean) => void
  readonly mayDecide: boolean
}) {
  const { query, index } = given
  const { rows, hasMore, loadMore } = query
  const { queue } = useTexts()
  const scroller = useRef<HTMLDivElement>(null)
  const at = useNow(30_000)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    useFlushSync: false,
    overscan: 14,
    scrollPaddingStart: 34,
    scrollPaddingEnd: 12,
  })
  const items = virtual.getVirtualItems()
  const slots = slotsAtOnce * Math.ceil(items.length / slotsAtOnce)
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - aheadRows) loadMore()
  })
  useEffect(() => virtual.scrollToIndex(index), [virtual, index])
  useEffect(() => scroller.current?.focus({ preventScroll: true }), [])
  const current = rows[index]
  return (
    <div
      ref={scroller}
      className={classes.grid}
      role="grid"
      tabIndex={0}
      aria-label={queue.title}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-multiselectable={given.mayDecide}
      aria-activedescendant={current === undefined ? undefined : rowId(current.key)}
    >
      <Head />
      <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index: row, start }) => (
          <QueueRow
            // A row that leaves is filled anew instead of being made again.
            key={row % slots}
            row={rows[row]!}
            index={row}
            top={start}
            at={at}
            isCurrent={row === index}
            isSelected={given.selection.keys.has(rows[row]!.key)}
            maySelect={given.mayDecide}
            open={given.open}
            onSelect={given.onSelect}
          />
        ))}
      </div>
      {!hasMore && <p className={classes.end}>{queue.end}</p>}
    </div>
  )
}

function Head() {
  const { queue } = useTexts()
  return (
    <div role="rowgroup" className={classes.headRows}>
      <div role="row" className={classes.headRow} aria-rowindex={1}>
        <span role="columnheader" className={classes.check}>
          <span className={classes.unseen}>{queue.columns.select}</span>
        </span>
        {columns.map((column) => (
          <span key={column} role="columnheader" className={classes[column]}>
            {queue.columns[column]}
          </span>
        ))}
      </div>
    </div>
  )
}
