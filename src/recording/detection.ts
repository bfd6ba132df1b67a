/**
 * How good the decisions are where the truth is known: positive is block or review, the unit is the
 * event. A user is honest if no event of theirs was dishonest.
 */
import type { Decision, Labels } from '../core/schema.gen.ts'

export interface KindDetection {
  readonly events: number
  readonly flagged: number
  readonly blocked: number
  /**
   * Share of the kind's events that were flagged: recall for a dishonest kind, else false alarms.
   */
  readonly flaggedShare: number
}

export interface Detection {
  readonly labelled: number
  readonly dishonest: number
  readonly precision: number
  readonly recall: number
  /** Share of flagged events among the dishonest, and among the honest, by kind of actor. */
  readonly byKind: Readonly<Record<string, KindDetection & { readonly fraud: boolean }>>
  readonly honestUsers: number
  readonly honestUsersBlocked: number
  readonly honestUsersBlockedShare: number
}

interface Kind {
  readonly fraud: boolean
  events: number
  flagged: number
  blocked: number
}

export interface DetectionCount {
  add(decision: Decision, labels: Labels): void
  /** Null where nothing was labelled. */
  result(): Detection | null
}

export function newDetectionCount(): DetectionCount {
  const kinds = new Map<string, Kind>()
  const dishonestUsers = new Set<string>()
  const honestUsers = new Set<string>()
  const blockedUsers = new Set<string>()
  const flagged = { honest: 0, dishonest: 0 }
  const total = { honest: 0, dishonest: 0 }
  return {
    add({ outcome, user }, { fraud, kind }) {
      const side = fraud ? 'dishonest' : 'honest'
      const of = kindOf(kinds, kind ?? side, fraud)
      of.events += 1
      total[side] += 1
      ;(fraud ? dishonestUsers : honestUsers).add(user)
      if (outcome === 'allow') return
      of.flagged += 1
      flagged[side] += 1
      if (outcome !== 'block') return
      of.blocked += 1
      if (!fraud) blockedUsers.add(user)
    },
    result() {
      if (total.honest + total.dishonest === 0) return null
      for (const user of dishonestUsers) {
        honestUsers.delete(user)
        blockedUsers.delete(user)
      }
      return {
        labelled: total.honest + total.dishonest,
        dishonest: total.dishonest,
        precision: share(flagged.dishonest, flagged.dishonest + flagged.honest),
        recall: share(flagged.dishonest, total.dishonest),
        byKind: Object.fromEntries(
          [...kinds]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, kind]) => [
              name,
              { ...kind, flaggedShare: share(kind.flagged, kind.events) },
            ]),
        ),
        honestUsers: honestUsers.size,
        honestUsersBlocked: blockedUsers.size,
        honestUsersBlockedShare: share(blockedUsers.size, honestUsers.size),
      }
    },
  }
}

function kindOf(kinds: Map<string, Kind>, name: string, fraud: boolean): Kind {
  const key =
    kinds.has(name) && kinds.get(name)!.fraud !== fraud
      ? `${name} (${fraud ? 'dishonest' : 'honest'})`
      : name
  let kind = kinds.get(key)
  if (kind === undefined) {
    kind = { fraud, events: 0, flagged: 0, blocked: 0 }
    kinds.set(key, kind)
  }
  return kind
}

/** Four decimals; 0 of 0 is 0. */
const share = (part: number, whole: number) =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
