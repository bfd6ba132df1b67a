/** Keys of the queue. Verdicts go to what is selected, or to the current row where nothing is. */
import type { VerdictWord } from '../../api/case-shapes.ts'
import { useMay, usePerson } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import { useKeys } from '../keys/use-keys.tsx'
import { say } from '../parts/say.ts'
import { useTexts } from '../shell/settings.tsx'
import type { CaseQuery } from './filter.ts'
import { holderOf } from './lock.ts'
import { nothingSelected, type Selection, selectAll, selectRange, toggleRow } from './selection.ts'
import { useBulkUndo } from './use-bulk-undo.ts'
import type { Rows } from './use-rows.ts'
import { useDecide, useTake, useUndo } from './use-verdicts.ts'
import { useWork } from './work.tsx'

export function useQueueKeys(given: {
  readonly filter: CaseQuery
  readonly rows: Rows
  readonly index: number
  readonly setIndex: (index: number) => void
  readonly open: (index: number) => void
  readonly selection: Selection
  readonly select: (selection: Selection) => void
  readonly askBulk: (verdict: VerdictWord) => void
}): void {
  const { index, setIndex, selection, select } = given
  const { rows } = given.rows
  const mayDecide = useMay('reviewer')
  const decide = useRowVerdict(given)
  const take = useTake()
  const undo = useUndoLast()
  const move = (to: number) => setIndex(Math.max(0, Math.min(rows.length - 1, to)))
  const row = rows[index]
  const onVerdict = (verdict: VerdictWord) => () =>
    selection.keys.size > 0 ? given.askBulk(verdict) : decide(verdict)
  useKeys({
    next: () => move(index + 1),
    previous: () => move(index - 1),
    first: () => move(0),
    last: () => move(rows.length - 1),
    open: () => given.open(index),
    refresh: given.rows.reload,
    back: () => select(nothingSelected),
    search: () => document.getElementById('queue-search')?.focus(),
    ...(mayDecide
      ? {
          fraud: onVerdict('fraud'),
          legitimate: onVerdict('legitimate'),
          inconclusive: onVerdict('inconclusive'),
          take: () => row !== undefined && row.state === 'open' && take.mutate(row),
          note: () => given.open(index),
          undo,
          select: () => {
            select(toggleRow(selection, rows, index))
            move(index + 1)
          },
          'select-range': () => select(selectRange(selection, rows, index)),
          'select-all': () => select(selectAll(rows)),
        }
      : {}),
  })
}

function useRowVerdict({ filter, rows, index, setIndex }: Parameters<typeof useQueueKeys>[0]) {
  const decide = useDecide(filter)
  const person = usePerson()
  const { queue } = useTexts()
  return (verdict: VerdictWord) => {
    const row = rows.rows[index]
    if (row === undefined || row.state !== 'open') return
    const holder = holderOf(row, now())
    if (holder !== null && holder !== person.name) {
      say(queue.lockedByOther(holder))
      return
    }
    decide.mutate({ row, body: { verdict } })
    const next = rows.rows.findIndex(({ state }, at) => at > index && state === 'open')
    if (next >= 0) setIndex(next)
  }
}

/** The bulk verdict that can still be taken back, else the last single one. */
export function useUndoLast(): () => void {
  const work = useWork()
  const undo = useUndo()
  const undoBulk = useBulkUndo()
  const { queue } = useTexts()
  return () => {
    const last = work.memory.decided[0]
    if (work.bulk !== null) undoBulk.mutate(work.bulk)
    else if (last !== undefined) undo.mutate(last)
    else say(queue.nothingToUndo)
  }
}
