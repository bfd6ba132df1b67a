/**
 * What decisions cost, and the thresholds that cost least. Each fraud that is allowed costs one
 * amount, each honest user who has an event blocked another, once, and each review a third. A
 * review is taken to find the truth.
 *
 * The cost of thresholds r ≤ b is a sum of one part that depends on r and one that depends on b. So
 * one walk down the scores finds the least of all pairs: at each r it knows the best b above it.
 */
import type { ActedOutcome } from '../core/rules/playbook.ts'
import type { Thresholds } from './ways.ts'

/** In any one unit, each 0 or more. */
export interface Costs {
  readonly missedFraud: number
  readonly blockedUser: number
  readonly review: number
}

export interface CostedEvent {
  readonly fraud: boolean
  readonly user: number
}

export interface Outlay {
  readonly cost: number
  readonly missed: number
  readonly reviews: number
  readonly blockedUsers: number
}

/** Users with no event of fraud: only they can be blocked wrongly, as `replay` counts them too. */
export function honestUsersOf(events: readonly CostedEvent[]): ReadonlySet<number> {
  const users = new Set(events.map(({ user }) => user))
  for (const { fraud, user } of events) if (fraud) users.delete(user)
  return users
}

export function outlayOf(
  events: readonly CostedEvent[],
  outcomes: readonly ActedOutcome[],
  costs: Costs,
): Outlay {
  const honest = honestUsersOf(events)
  const blocked = new Set<number>()
  let [missed, reviews] = [0, 0]
  for (const [at, { fraud, user }] of events.entries()) {
    const outcome = outcomes[at]!
    if (outcome === 'review') reviews += 1
    else if (outcome === 'block' && honest.has(user)) blocked.add(user)
    else if (outcome === 'allow' && fraud) missed += 1
  }
  return withCost({ missed, reviews, blockedUsers: blocked.size }, costs)
}

const withCost = (counts: Omit<Outlay, 'cost'>, costs: Costs): Outlay => ({
  cost:
    costs.missedFraud * counts.missed +
    costs.blockedUser * counts.blockedUsers +
    costs.review * counts.reviews,
  ...counts,
})

export interface ThresholdQuestion {
  readonly events: readonly CostedEvent[]
  /** Scores that the thresholds are for. */
  readonly scores: Float64Array
  /** What each event gets at least, whatever its score: the rules' word beside a model. */
  readonly atLeast: readonly ActedOutcome[]
}

/** What thresholds must keep to besides costing little. Where none do, none are given. */
export interface Limits {
  /** Share of what is reviewed or blocked that is fraud, at least. */
  readonly precisionMin: number
  /** Share of the honest users who have an event blocked, at most. */
  readonly blockedShareMax: number
}

export const noLimits: Limits = { precisionMin: 0, blockedShareMax: 1 }

export type LeastCost = Thresholds & Outlay

interface Blocking {
  readonly at: number | null
  readonly fewerReviews: number
  readonly blockedUsers: number
}

/** Where several cost the same, the highest thresholds: they trouble the fewest. */
export function leastCost(
  question: ThresholdQuestion,
  costs: Costs,
  { precisionMin, blockedShareMax }: Limits = noLimits,
): LeastCost {
  const { events, scores, atLeast } = question
  const order = Uint32Array.from(scores, (_, at) => at).sort((a, b) => scores[b]! - scores[a]!)
  const start = outlayOf(events, atLeast, costs)
  const spared = new Set(honestUsersOf(events))
  const blockedUsersMax = blockedShareMax * spared.size
  for (const [at, { user }] of events.entries()) if (atLeast[at] === 'block') spared.delete(user)
  // Counts if reviewing began at the level, and what blocking from it on changes of them.
  let [missed, reviews, fewerReviews, blockedUsers] = [
    start.missed,
    start.reviews,
    0,
    start.blockedUsers,
  ]
  const frauds = events.reduce((sum, { fraud }) => sum + (fraud ? 1 : 0), 0)
  let flagged = atLeast.reduce((sum, outcome) => sum + (outcome === 'allow' ? 0 : 1), 0)
  let block: Blocking = { at: null, fewerReviews, blockedUsers }
  const loss = (one: Blocking) =>
    costs.blockedUser * one.blockedUsers - costs.review * one.fewerReviews
  let best: LeastCost = { reviewAt: null, blockAt: null, ...start }
  for (let from = 0; from < order.length; ) {
    const score = scores[order[from]!]!
    for (; from < order.length && scores[order[from]!] === score; from += 1) {
      const at = order[from]!
      const { fraud, user } = events[at]!
      if (atLeast[at] === 'block') continue
      fewerReviews += 1
      if (spared.delete(user)) blockedUsers += 1
      if (atLeast[at] === 'review') continue
      reviews += 1
      flagged += 1
      if (fraud) missed -= 1
    }
    const here = { at: score, fewerReviews, blockedUsers }
    if (blockedUsers <= blockedUsersMax && loss(here) < loss(block)) block = here
    if (frauds - missed < precisionMin * flagged) continue
    const counts = {
      missed,
      reviews: reviews - block.fewerReviews,
      blockedUsers: block.blockedUsers,
    }
    const outlay = withCost(counts, costs)
    if (outlay.cost < best.cost) best = { reviewAt: score, blockAt: block.at, ...outlay }
  }
  return best
}
