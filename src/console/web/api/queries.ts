/**
 * How answers are kept: fresh for a while, since live updates say what became old; a refusal is not
 * asked again, a server that is away is.
 */
import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './call.ts'

const mayPass = (error: unknown) =>
  error instanceof ApiError &&
  (error.status === 0 || (error.status === 503 && error.reason !== 'absent'))

export const makeQueries = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 300_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => mayPass(error) && failures < 3,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
