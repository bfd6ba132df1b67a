/**
 * What a reviewer does with the case in front of them: reason, what to block with it, the verdict,
 * and on to the next. The next case is drawn at once, from what was fetched before; the verdict
 * follows behind and comes back as a message if the server refuses it.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type {
  CaseRow,
  CaseWhole,
  EntityKind,
  VerdictBody,
  VerdictWord,
} from '../../api/case-shapes.ts'
import { useApi, useMay, usePerson } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import { useKeys } from '../keys/use-keys.tsx'
import { letRun } from '../live/let-run.ts'
import { say, sayFailed } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { type CaseQuery, writeFilter } from '../queue/filter.ts'
import { holderOf } from '../queue/lock.ts'
import { patchRow } from '../queue/patch-row.ts'
import { useUndoLast } from '../queue/use-queue-keys.ts'
import { useDecide, useTake, useUndo } from '../queue/use-verdicts.ts'
import { useWork } from '../queue/work.tsx'
import { useTexts } from '../shell/settings.tsx'
import {
  type Blocking,
  blockKinds,
  bodyOf,
  nextExpiry,
  nothingBlocked,
  toggleKind,
} from './blocking.ts'
import type { Neighbours } from './neighbours.ts'
import { ringOf } from './ring.ts'
import { prefetchCase } from './use-case.ts'

export interface CaseWork {
  readonly reason: string
  readonly setReason: (reason: string) => void
  readonly blocking: Blocking
  readonly setBlocking: (blocking: Blocking) => void
  readonly decide: (verdict: VerdictWord) => void
  readonly take: () => void
  readonly undo: () => void
  readonly askSecond: () => void
  readonly goTo: (row: CaseRow | null) => void
  /** Somebody else's lock; null where there is none. */
  readonly lockedBy: string | null
  readonly mayDecide: boolean
  readonly back: () => void
  readonly search: string
}

interface Given {
  readonly whole: CaseWhole
  readonly filter: CaseQuery
  readonly neighbours: Neighbours
}

export function useCaseWork(given: Given): CaseWork {
  const { row } = given.whole
  const { name } = usePerson()
  const isReviewer = useMay('reviewer')
  const { reason, setReason, blocking, setBlocking } = useDraft(row.key)
  const { goTo, back, search } = useGoing(given.filter)
  const holder = holderOf(row, now())
  const lockedBy = holder === null || holder === name ? null : holder
  const mayDecide = isReviewer && row.state === 'open' && lockedBy === null
  const decide = useDecideAndGo(given, goTo)
  const take = useTake()
  const undo = useUndo()
  const undoLast = useUndoLast()
  const askSecond = useAskSecond(row)
  const queries = useQueryClient()
  const work: CaseWork = {
    reason,
    setReason,
    blocking,
    setBlocking,
    decide: (verdict) => {
      if (mayDecide)
        decide(bodyOf(verdict, { reason, blocking, ring: ringOf(queries, row), at: now() }))
    },
    take: () => {
      if (isReviewer && row.state === 'open' && lockedBy === null) take.mutate(row)
    },
    undo: () => {
      if (row.state === 'decided' && row.decidedBy === name) undo.mutate(row)
      else undoLast()
    },
    askSecond,
    goTo,
    lockedBy,
    mayDecide,
    back,
    search,
  }
  useCaseKeys(work, given)
  return work
}

/** What is being prepared for one case; another case begins with nothing. */
function useDraft(key: string) {
  const [held, hold] = useState({ key, reason: '', blocking: nothingBlocked })
  const draft = held.key === key ? held : { key, reason: '', blocking: nothingBlocked }
  return {
    reason: draft.reason,
    blocking: draft.blocking,
    setReason: (reason: string) => hold({ ...draft, reason }),
    setBlocking: (blocking: Blocking) => hold({ ...draft, blocking }),
  }
}

function useGoing(filter: CaseQuery) {
  const navigate = useNavigate()
  const memory = useWork().memory
  const search = writeFilter(filter)
  const go = (pathname: string) => {
    Promise.resolve(navigate({ pathname, search })).catch(() => undefined)
  }
  return {
    search,
    back: () => go('/queue'),
    goTo: (row: CaseRow | null) => {
      if (row === null) return
      memory.current = row.key
      go(`/case/${row.key}`)
    },
  }
}

function useDecideAndGo({ whole, filter, neighbours }: Given, goTo: CaseWork['goTo']) {
  const decide = useDecide(filter)
  const api = useApi()
  const queries = useQueryClient()
  const { verdict: texts } = useTexts().case
  return (body: VerdictBody) => {
    const here = neighbours.next
    decide.mutate({
      row: whole.row,
      body,
      onNext: (next) => {
        if (next !== null) prefetchCase(queries, api, next.key)
        if (here !== null) return
        if (next === null) say(texts.lastDone)
        else goTo(next)
      },
    })
    goTo(here)
  }
}

function useAskSecond(row: CaseRow): () => void {
  const api = useApi()
  const queries = useQueryClient()
  const texts = useTexts()
  const isLead = useMay('lead')
  const ask = useMutation({
    mutationFn: () => api.call('askSecondOpinion', { params: { key: row.key }, body: {} }),
    onSuccess: (changed) => {
      patchRow(queries, row.key, () => changed)
      letRun(queries.invalidateQueries({ queryKey: ['case', row.key] }))
      say(texts.case.verdict.asked)
    },
    onError: (error) => sayFailed(texts.shell.failedAction, errorText(error, texts.shell.state)),
  })
  return () => {
    if (isLead && row.state === 'decided') ask.mutate()
  }
}

const blockKeys = {
  'block-user': 'user',
  'block-device': 'device',
  'block-ip': 'ip',
  'block-phone': 'phone',
  'block-code': 'code',
  'block-referrer': 'referrer',
} as const satisfies Record<string, EntityKind>

function useCaseKeys(work: CaseWork, { whole, neighbours }: Given): void {
  const focus = (id: string) => () => document.getElementById(id)?.focus()
  const { blocking, setBlocking, mayDecide } = work
  const kinds = blockKinds(whole)
  const toggle = (kind: EntityKind) => () => {
    if (mayDecide && kinds.has(kind)) setBlocking(toggleKind(blocking, kind))
  }
  useKeys({
    next: () => work.goTo(neighbours.next),
    previous: () => work.goTo(neighbours.previous),
    back: work.back,
    fraud: () => work.decide('fraud'),
    legitimate: () => work.decide('legitimate'),
    inconclusive: () => work.decide('inconclusive'),
    reason: focus('verdict-reason'),
    note: focus('case-note'),
    take: work.take,
    undo: work.undo,
    'second-opinion': work.askSecond,
    'block-expiry': () => setBlocking({ ...blocking, expiry: nextExpiry(blocking.expiry) }),
    ring: () => setBlocking({ ...blocking, ring: !blocking.ring }),
    'block-user': toggle(blockKeys['block-user']),
    'block-device': toggle(blockKeys['block-device']),
    'block-ip': toggle(blockKeys['block-ip']),
    'block-phone': toggle(blockKeys['block-phone']),
    'block-code': toggle(blockKeys['block-code']),
    'block-referrer': toggle(blockKeys['block-referrer']),
  })
}
