/**
 * Rows that come in pages, each asked for when somebody wants more. While the first page of another
 * filter is on its way, the rows before stay.
 */
import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import { letRun } from '../live/let-run.ts'
import type { Asked } from './states.tsx'

export interface More {
  readonly load: () => void
  readonly isLoading: boolean
}

/** Rows, how the question for them stands, and what gets more; null where there are no more. */
export interface Found<Row> {
  readonly query: Asked
  readonly rows: readonly Row[]
  readonly more: More | null
}

interface Source<Page, Cursor> {
  readonly key: QueryKey
  /** The page after a place, the first where there is none. */
  readonly page: (after: Cursor | undefined, signal: AbortSignal) => Promise<Page>
  /** The place where a page ends; null for the last. */
  readonly next: (page: Page) => Cursor | null
}

/** Where a page begins: after what. Wrapped, because the library has to know that it is there. */
interface Place<Cursor> {
  readonly after: Cursor | undefined
}

/** Also gives the first page, which says what is true of all rows. */
export function usePages<Row, Page, Cursor>(
  source: Source<Page & { readonly rows: readonly Row[] }, Cursor>,
): Found<Row> & { readonly first: Page | undefined } {
  const first: Place<Cursor> = { after: undefined }
  const query = useInfiniteQuery({
    queryKey: source.key,
    initialPageParam: first,
    queryFn: ({ pageParam: { after }, signal }) => source.page(after, signal),
    getNextPageParam(page): Place<Cursor> | null {
      const after = source.next(page)
      return after === null ? null : { after }
    },
    placeholderData: keepPreviousData,
  })
  const pages = query.data?.pages ?? []
  return {
    query,
    rows: pages.flatMap(({ rows }) => rows),
    first: pages[0],
    more: query.hasNextPage
      ? { load: () => letRun(query.fetchNextPage()), isLoading: query.isFetchingNextPage }
      : null,
  }
}
