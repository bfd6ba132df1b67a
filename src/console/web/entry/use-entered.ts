/** What happens once somebody is signed in: the token is kept, and everything is asked anew. */
import { useQueryClient } from '@tanstack/react-query'
import { type Session, sessionKey, useApi } from '../api/use-api.tsx'

export function useEntered(): (session: Session) => void {
  const api = useApi()
  const queries = useQueryClient()
  return (session) => {
    api.setCsrf(session.csrf)
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
    queries.setQueryData(sessionKey, session)
  }
}
