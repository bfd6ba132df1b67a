/**
 * Rows of the queue: pages by keyset, the first small so that it is there at once. Once loaded they
 * neither move nor vanish by themselves: what was decided stays in place, marked, and what is new
 * is only counted until somebody asks to see it.
 */
import {
  type InfiniteData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useMemo } from 'react'
import type { CaseRow } from '../../api/case-shapes.ts'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import type { CaseQuery } from './filter.ts'

type Page = AnswerOf<'listCases'>
export type Pages = InfiniteData<Page, string | null>

const firstRows = 100
const furtherRows = 500

export interface Rows {
  readonly rows: readonly CaseRow[]
  readonly isPending: boolean
  readonly error: unknown
  readonly hasMore: boolean
  readonly loadMore: () => void
  readonly reload: () => void
}

export function useRows(filter: CaseQuery): Rows {
  const api = useApi()
  const queries = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: keys.rows(filter),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        'listCases',
        {
          query: {
            ...filter,
            limit: pageParam === null ? firstRows : furtherRows,
            ...(pageParam === null ? {} : { after: pageParam }),
          },
        },
        signal,
      ),
    getNextPageParam: ({ next }) => next,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  return {
    rows,
    isPending: query.isPending,
    error: query.isError && data === undefined ? query.error : null,
    hasMore: hasNextPage,
    loadMore: () => {
      if (hasNextPage && !isFetchingNextPage) letRun(fetchNextPage())
    },
    reload: () => {
      letRun(queries.resetQueries({ queryKey: keys.rows(filter) }))
      letRun(queries.resetQueries({ queryKey: keys.newest(filter) }))
    },
  }
}

/** How many cases came in since the rows were loaded. */
export function useFreshCount(filter: CaseQuery): number {
  const api = useApi()
  const newest = useQuery({
    queryKey: keys.newest(filter),
    queryFn: async ({ signal }) => {
      const query = { ...filter, order: 'newest' as const, limit: 1 }
      const { rows } = await api.call('listCases', { query }, signal)
      return rows[0]?.recordedAt ?? 0
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  const since = (newest.data ?? 0) + 1
  const fresh = useQuery({
    queryKey: keys.fresh(filter, since),
    queryFn: async ({ signal }) => {
      const from = Math.max(since, filter.from ?? 0)
      return (await api.call('countCases', { query: { ...filter, from } }, signal)).total
    },
    enabled: newest.isSuccess,
  })
  return fresh.data ?? 0
}

export function useCaseCounts(filter: CaseQuery) {
  const api = useApi()
  return useQuery({
    queryKey: keys.counts(filter),
    queryFn: ({ signal }) => api.call('countCases', { query: filter }, signal),
    placeholderData: (before) => before,
  })
}
