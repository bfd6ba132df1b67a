/**
 * What a reviewer's work leaves behind between screens: where in the queue they stand, what they
 * decided last (for undo), and a bulk verdict that can still be taken back.
 */
import { createContext, type ReactNode, useContext, useMemo, useRef, useState } from 'react'
import type { CaseRow, VerdictWord } from '../../api/case-shapes.ts'

export interface PendingBulk {
  readonly id: string
  readonly verdict: VerdictWord
  readonly decided: number
  readonly keys: readonly string[]
  /** By this page's clock. */
  readonly until: number
}

export interface LastVerdict {
  readonly row: CaseRow
  readonly verdict: VerdictWord
  readonly state: 'kept' | 'undone'
}

interface Memory {
  /** Row of the queue that was current. */
  current: string | null
  /** Rows decided here, last first. */
  readonly decided: CaseRow[]
}

interface Work {
  readonly memory: Memory
  readonly bulk: PendingBulk | null
  readonly setBulk: (bulk: PendingBulk | null) => void
  readonly last: LastVerdict | null
  readonly setLast: (last: LastVerdict | null) => void
}

const WorkContext = createContext<Work | null>(null)

export function WorkProvider({ children }: { readonly children: ReactNode }) {
  const memory = useRef<Memory>({ current: null, decided: [] })
  const [bulk, setBulk] = useState<PendingBulk | null>(null)
  const [last, setLast] = useState<LastVerdict | null>(null)
  const work = useMemo(
    () => ({ memory: memory.current, bulk, setBulk, last, setLast }),
    [bulk, last],
  )
  return <WorkContext value={work}>{children}</WorkContext>
}

export function useWork(): Work {
  const work = useContext(WorkContext)
  if (work === null) throw new Error('no WorkProvider around this')
  return work
}
