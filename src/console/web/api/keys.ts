/** Names under which answers are kept in the browser, and which of them a change makes old. */
import type { StreamTopic } from '../../api/operations.ts'
import type { CaseQuery } from '../queue/filter.ts'

export const keys = {
  rows: (filter: CaseQuery) => ['rows', filter] as const,
  newest: (filter: CaseQuery) => ['newest', filter] as const,
  fresh: (filter: CaseQuery, since: number) => ['fresh', filter, since] as const,
  counts: (filter: CaseQuery) => ['counts', filter] as const,
  case: (key: string) => ['case', key] as const,
  nearMisses: (key: string) => ['near-misses', key] as const,
  similar: (key: string) => ['similar', key] as const,
  timeline: (kind: string, value: string) => ['timeline', kind, value] as const,
  links: (kind: string, value: string) => ['links', kind, value] as const,
  alerts: ['alerts'] as const,
  alert: (id: string) => ['alerts', id] as const,
  shares: (scope: string, day: number | null) => ['shares', scope, day] as const,
  overview: (day: number | null, minutes: number | null) => ['overview', day, minutes] as const,
  entries: (query: object) => ['entries', query] as const,
  proposals: (key: string) => ['proposals', key] as const,
  penalties: (query: object) => ['penalties', query] as const,
  letters: (reason: string | null) => ['letters', reason] as const,
  letter: (id: string) => ['letter', id] as const,
  audit: (query: object) => ['audit', query] as const,
  people: ['people'] as const,
  tokens: ['tokens'] as const,
  filters: ['filters'] as const,
}

/** Rows of the queue are left out on purpose: they never move by themselves. */
export const staleBy: Readonly<Record<StreamTopic, readonly string[]>> = {
  cases: ['counts', 'fresh', 'case', 'proposals', 'penalties'],
  alerts: ['alerts', 'shares'],
  overview: ['overview'],
  lists: ['entries'],
  'dead-letters': ['letters'],
}
