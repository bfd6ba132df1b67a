/** What goes on the block list together with a verdict; pure. */
import type {
  CaseWhole,
  EntityKind,
  LinkGraph,
  VerdictBody,
  VerdictWord,
} from '../../api/case-shapes.ts'

export const expiries = ['day', 'week', 'month', 'quarter', 'never'] as const
export type Expiry = (typeof expiries)[number]
const days = { day: 1, week: 7, month: 30, quarter: 90 } as const

export interface Blocking {
  readonly kinds: ReadonlySet<EntityKind>
  readonly ring: boolean
  readonly expiry: Expiry
}
export const nothingBlocked: Blocking = { kinds: new Set(), ring: false, expiry: 'month' }

export type RingMember = NonNullable<VerdictBody['ring']>[number]
export const ringMax = 200

export function toggleKind(blocking: Blocking, kind: EntityKind): Blocking {
  const kinds = new Set(blocking.kinds)
  if (!kinds.delete(kind)) kinds.add(kind)
  return { ...blocking, kinds }
}

export const nextExpiry = (expiry: Expiry): Expiry =>
  expiries[(expiries.indexOf(expiry) + 1) % expiries.length]!

export const expiresAt = (expiry: Expiry, at: number): number | null =>
  expiry === 'never' ? null : at + days[expiry] * 86_400_000

/** Kinds of entities that the case has. */
export const blockKinds = ({ entities }: CaseWhole): ReadonlySet<EntityKind> =>
  new Set(entities.map(({ kind }) => kind))

/**
 * Users and devices that a graph links, nearest first as the server gives them. Addresses are left
 * out: thousands of honest people may share one.
 */
export const membersOf = (graph: LinkGraph | undefined): readonly RingMember[] =>
  (graph?.nodes ?? [])
    .filter(({ kind }) => kind !== 'ip')
    .slice(0, ringMax)
    .map(({ kind, value }) => ({ kind, value }))

export function bodyOf(
  verdict: VerdictWord,
  given: {
    readonly reason: string
    readonly blocking: Blocking
    readonly ring: readonly RingMember[]
    readonly at: number
  },
): VerdictBody {
  const { blocking } = given
  const expires = expiresAt(blocking.expiry, given.at)
  const reason = given.reason.trim()
  const isFraud = verdict === 'fraud'
  return {
    verdict,
    ...(reason === '' ? {} : { reason }),
    // Only fraud puts anything on the block list.
    ...(isFraud && blocking.kinds.size > 0
      ? { block: [...blocking.kinds].map((kind) => ({ kind, expiresAt: expires })) }
      : {}),
    ...(isFraud && blocking.ring && given.ring.length > 0
      ? { ring: [...given.ring], ringExpiresAt: expires }
      : {}),
  }
}
