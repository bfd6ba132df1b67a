/**
 * The line to paste into a playbook: a model's thresholds, chosen for what rules and model decide
 * together. They cost least of all that keep the limits. Scores are first rounded down to the four
 * decimals that are told, so that what is pasted decides exactly what was counted.
 */
import type { ActedOutcome } from '../core/rules/playbook.ts'
import { type Counts, countsOf } from './by-group.ts'
import {
  type Costs,
  honestUsersOf,
  type Limits,
  leastCost,
  type Outlay,
  outlayOf,
} from './costs.ts'
import type { ScoredEvent } from './scored-events.ts'
import { besideRules, judgementsOf, type Thresholds } from './ways.ts'

/** What the proposed thresholds decide beside the rules, on the events that they are chosen on. */
export interface Proposal extends Counts {
  readonly thresholds: Thresholds
  readonly outlay: Outlay
  /** Of the users without fraud; null where there is none. */
  readonly honestUsersBlockedShare: number | null
  /** For `model:` of a playbook; null where no threshold pays within the limits. */
  readonly playbookLine: string | null
}

const decimals = 4
const scale = 10 ** decimals
/** The division of a product that should be whole may come out a little below it. */
const roundOff = 1e-9

export const roundedDown = (score: number): number => Math.floor(score * scale + roundOff) / scale

export function proposalOf(
  events: readonly ScoredEvent[],
  name: string,
  costs: Costs,
  limits: Limits,
): Proposal {
  const rounded = events.map(
    (event): ScoredEvent =>
      event.probability === null
        ? event
        : { ...event, probability: roundedDown(event.probability) },
  )
  const atLeast = rounded.map(({ outcome }): ActedOutcome => outcome)
  const scores = Float64Array.from(rounded, besideRules)
  const { reviewAt, blockAt } = leastCost({ events: rounded, scores, atLeast }, costs, limits)
  const { outcomes } = judgementsOf(rounded, 'both', { reviewAt, blockAt })
  const outlay = outlayOf(events, outcomes, costs)
  const honest = honestUsersOf(events).size
  return {
    ...countsOf(events, outcomes),
    thresholds: { reviewAt, blockAt },
    outlay,
    honestUsersBlockedShare: honest === 0 ? null : outlay.blockedUsers / honest,
    playbookLine: playbookLine(name, { reviewAt, blockAt }),
  }
}

/** In shadow, where every model should begin. A model that never blocks names no `blockAt`. */
export function playbookLine(name: string, { reviewAt, blockAt }: Thresholds): string | null {
  if (reviewAt === null) return null
  const block = blockAt === null ? '' : `, blockAt: ${blockAt.toFixed(decimals)}`
  return `model: { name: ${name}, reviewAt: ${reviewAt.toFixed(decimals)}${block}, mode: shadow }`
}
