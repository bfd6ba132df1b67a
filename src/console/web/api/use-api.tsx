/** The API for components, and who is signed in. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { Role } from '../../api/operation.ts'
import type { AnswerOf } from '../../api/operations.ts'
import { type Api, makeApi } from './call.ts'

export type Session = AnswerOf<'showSession'>
export type Person = NonNullable<Session['person']>

const ApiContext = createContext<Api>(makeApi(() => {}))
const PersonContext = createContext<Person>({ name: '', role: 'viewer' })
export const sessionKey = ['session'] as const

export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient()
  const api = useMemo(
    () =>
      makeApi(() =>
        queries.setQueryData<Session>(sessionKey, (session) =>
          session === undefined ? session : { ...session, person: null, csrf: null },
        ),
      ),
    [queries],
  )
  return <ApiContext value={api}>{children}</ApiContext>
}

export const PersonProvider = PersonContext.Provider
export const useApi = (): Api => useContext(ApiContext)
export const usePerson = (): Person => useContext(PersonContext)

export function useSession() {
  const api = useApi()
  return useQuery({
    queryKey: sessionKey,
    queryFn: async () => {
      const session = await api.call('showSession', {})
      api.setCsrf(session.csrf)
      return session
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

const ranks: Readonly<Record<Role, number>> = { viewer: 0, reviewer: 1, lead: 2, administrator: 3 }
export const mayAs = (role: Role, least: Role): boolean => ranks[role] >= ranks[least]

/** Whether the person who is signed in may do what asks for a role. */
export function useMay(least: Role): boolean {
  return mayAs(usePerson().role, least)
}
