/** The queue: what waits, highest risk and money first. */
import { useCallback, useState } from 'react'
import { useNavigate } from 'react-router'
import type { CaseRow, VerdictWord } from '../../api/case-shapes.ts'
import { useMay } from '../api/use-api.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { BulkDialog } from './bulk-dialog.tsx'
import { writeFilter } from './filter.ts'
import { FilterBar } from './filter-bar.tsx'
import classes from './queue.module.css'
import { QueueEmpty } from './queue-empty.tsx'
import { QueueHead } from './queue-head.tsx'
import { QueueTable } from './queue-table.tsx'
import { nothingSelected, type Selection, selectRange, toggleRow } from './selection.ts'
import { useFilter } from './use-filter.ts'
import { useQueueKeys } from './use-queue-keys.ts'
import { useRows } from './use-rows.ts'
import { useWork } from './work.tsx'

export function QueueScreen() {
  const [filter, setFilter] = useFilter()
  const query = useRows(filter)
  const work = useWork()
  const [index, setIndex] = useCurrent(query.rows, work.memory.current)
  const [selection, select] = useState<Selection>(nothingSelected)
  const [bulk, setBulk] = useState<VerdictWord | null>(null)
  const mayDecide = useMay('reviewer')
  const navigate = useNavigate()
  const { rows } = query
  const open = useCallback(
    (at: number) => {
      const row = rows[at]
      if (row === undefined) return
      work.memory.current = row.key
      const search = writeFilter(filter)
      Promise.resolve(navigate({ pathname: `/case/${row.key}`, search })).catch(() => undefined)
    },
    [rows, filter, navigate, work.memory],
  )
  const onSelect = useCallback(
    (at: number, isRange: boolean) => {
      select((held) => (isRange ? selectRange(held, rows, at) : toggleRow(held, rows, at)))
      setIndex(at)
    },
    [rows, setIndex],
  )
  useQueueKeys({ filter, rows: query, index, setIndex, open, selection, select, askBulk: setBulk })
  return (
    <div className={classes.screen}>
      <QueueHead filter={filter} setFilter={setFilter} reload={query.reload} />
      <FilterBar filter={filter} setFilter={setFilter} />
      {query.error !== null ? (
        <Failed error={query.error} retry={query.reload} />
      ) : query.isPending ? (
        <Loading lines={18} height={16} />
      ) : rows.length === 0 ? (
        <QueueEmpty filter={filter} setFilter={setFilter} reload={query.reload} />
      ) : (
        <QueueTable {...{ query, index, open, selection, onSelect, mayDecide }} />
      )}
      <BulkBar selection={selection} select={select} ask={setBulk} />
      {bulk !== null && (
        <BulkDialog
          verdict={bulk}
          keys={[...selection.keys]}
          close={() => setBulk(null)}
          done={() => select(nothingSelected)}
        />
      )}
    </div>
  )
}

/** The row that keys act on; found again by its key when the reviewer comes back. */
function useCurrent(rows: readonly CaseRow[], remembered: string | null) {
  const [index, setIndex] = useState<number | null>(null)
  const found =
    index ??
    Math.max(
      0,
      rows.findIndex(({ key }) => key === remembered),
    )
  return [Math.min(found, Math.max(0, rows.length - 1)), setIndex] as const
}
