/** One case whole, and what comes after it in the queue, fetched before it is asked for. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { Api } from '../api/call.ts'
import { keys } from '../api/keys.ts'
import { useApi, usePerson } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import { letRun } from '../live/let-run.ts'
import type { CaseQuery } from '../queue/filter.ts'
import { useRows } from '../queue/use-rows.ts'
import { type Neighbours, neighboursOf } from './neighbours.ts'

const caseQuery = (api: Api, key: string) => ({
  queryKey: keys.case(key),
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.call('showCase', { params: { key } }, signal),
})

export function useCase(key: string) {
  const api = useApi()
  return useQuery(caseQuery(api, key))
}

export function prefetchCase(queries: QueryClient, api: Api, key: string): void {
  letRun(queries.prefetchQuery({ ...caseQuery(api, key), staleTime: 60_000 }))
}

/** Who comes before and after by the filter that the URL carries. */
export function useNeighbours(key: string, filter: CaseQuery): Neighbours {
  const api = useApi()
  const queries = useQueryClient()
  const { name } = usePerson()
  const { rows, loadMore, hasMore } = useRows(filter)
  const neighbours = useMemo(() => neighboursOf(rows, key, { name, at: now() }), [rows, key, name])
  const { next, later } = neighbours
  // Two, so that whoever is faster than the server still finds the next one there.
  useEffect(() => {
    for (const row of [next, later]) if (row !== null) prefetchCase(queries, api, row.key)
  }, [queries, api, next, later])
  useEffect(() => {
    if (next === null && hasMore) loadMore()
  })
  return neighbours
}
