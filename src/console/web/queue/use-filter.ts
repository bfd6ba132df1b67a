/** The filter that the URL has, and setting it there. */
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { type CaseQuery, readFilter, writeFilter } from './filter.ts'

export function useFilter(): readonly [CaseQuery, (filter: CaseQuery) => void] {
  const [params, setParams] = useSearchParams()
  const written = writeFilter(readFilter(params))
  // The same query string is the same filter, so that answers kept for it are found.
  const filter = useMemo(() => readFilter(new URLSearchParams(written)), [written])
  return [filter, (next) => setParams(new URLSearchParams(writeFilter(next)))]
}
