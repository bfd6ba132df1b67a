/** The ring of a case: everybody in the link graph that is drawn beside it. */
import type { QueryClient } from '@tanstack/react-query'
import type { CaseRow, LinkGraph } from '../../api/case-shapes.ts'
import { keys } from '../api/keys.ts'
import { membersOf, type RingMember } from './blocking.ts'

/** What the graph grows from: the device shows most, else the address, else the user. */
export function rootOf(row: CaseRow): {
  readonly kind: 'user' | 'device' | 'ip'
  readonly value: string
} {
  if (row.device !== null) return { kind: 'device', value: row.device }
  return { kind: 'user', value: row.user }
}

export function ringOf(queries: QueryClient, row: CaseRow): readonly RingMember[] {
  const { kind, value } = rootOf(row)
  return membersOf(queries.getQueryData<LinkGraph>(keys.links(kind, value)))
}
