/**
 * A model held beside the rules on campaigns that it never saw: what both catch, what the rules
 * alone catch, and what the rules alone would catch if their score were let down until they are no
 * more precise than both. Only the last is a fair comparison: precision can be had for recall.
 */
import type { Model } from '../../src/core/model/model.ts'
import type { ActedOutcome } from '../../src/core/rules/playbook.ts'
import { type Counts, countsOf } from '../../src/evaluation/by-group.ts'
import { honestUsersOf, outlayOf } from '../../src/evaluation/costs.ts'
import type { ScoredEvent } from '../../src/evaluation/scored-events.ts'
import { judgementsOf, type Thresholds } from '../../src/evaluation/ways.ts'
import { judgeCampaign } from './judge-campaign.ts'
import { type Campaign, costs } from './plan.ts'

export interface KindResult {
  readonly kind: string
  readonly fraud: boolean
  readonly events: number
  /** Events flagged: by the rules, by the rules at the precision of both, by both. */
  readonly rules: number
  readonly rulesLetDown: number
  readonly both: number
}

export interface Result {
  readonly rules: Counts
  readonly rulesLetDown: Counts
  readonly both: Counts
  readonly honestUsers: number
  readonly honestUsersBlocked: { readonly rules: number; readonly both: number }
  readonly kinds: readonly KindResult[]
}

export interface Tried {
  readonly campaign: Campaign
  /** Users of other campaigns have other numbers. */
  readonly scored: readonly ScoredEvent[]
}

export interface TryOptions {
  readonly campaigns: readonly Campaign[]
  /** Rows of each. */
  readonly events: number
  say(line: string): void
}

export async function tryOn(model: Model, options: TryOptions): Promise<readonly Tried[]> {
  const tried: Tried[] = []
  let users = 0
  for (const campaign of options.campaigns) {
    const scored: ScoredEvent[] = []
    const before = users
    const { name } = await judgeCampaign({
      campaign,
      events: options.events,
      model,
      take({ scored: event }) {
        const user = before + event.user
        users = Math.max(users, user + 1)
        scored.push({ ...event, user })
      },
    })
    tried.push({ campaign, scored })
    options.say(`tried on ${name}`)
  }
  return tried
}

export function resultOf(scored: readonly ScoredEvent[], thresholds: Thresholds): Result {
  const rules = scored.map(({ outcome }) => outcome)
  const both = judgementsOf(scored, 'both', thresholds).outcomes
  const letDown = rulesLetDown(scored, countsOf(scored, both).precision ?? 1)
  const blocked = (outcomes: readonly ActedOutcome[]) =>
    outlayOf(scored, outcomes, costs).blockedUsers
  return {
    rules: countsOf(scored, rules),
    rulesLetDown: countsOf(scored, letDown),
    both: countsOf(scored, both),
    honestUsers: honestUsersOf(scored).size,
    honestUsersBlocked: { rules: blocked(rules), both: blocked(both) },
    kinds: kindsOf(scored, [rules, letDown, both]),
  }
}

/** Reviews also what scores highest of what the rules let go, while that is precise enough. */
export function rulesLetDown(
  scored: readonly ScoredEvent[],
  precision: number,
): readonly ActedOutcome[] {
  const order = scored
    .map(({ score }, at) => ({ score, at }))
    .filter(({ at }) => scored[at]!.outcome === 'allow' && !scored[at]!.allowListed)
    .sort((a, b) => b.score - a.score || a.at - b.at)
  let { flagged, caught } = countsOf(
    scored,
    scored.map(({ outcome }) => outcome),
  )
  let taken = 0
  for (const [place, { score, at }] of order.entries()) {
    flagged += 1
    if (scored[at]!.fraud) caught += 1
    // Equal scores stand or fall together.
    if (order[place + 1]?.score === score) continue
    if (caught >= precision * flagged) taken = place + 1
  }
  const more = new Set(order.slice(0, taken).map(({ at }) => at))
  return scored.map(({ outcome }, at) => (more.has(at) ? 'review' : outcome))
}

function kindsOf(
  scored: readonly ScoredEvent[],
  [rules, letDown, both]: readonly [
    rules: readonly ActedOutcome[],
    letDown: readonly ActedOutcome[],
    both: readonly ActedOutcome[],
  ],
): readonly KindResult[] {
  const kinds = new Map<string, KindResult>()
  const one = (outcome: ActedOutcome | undefined) => (outcome === 'allow' ? 0 : 1)
  for (const [at, { kind, fraud }] of scored.entries()) {
    const name = `${fraud ? 0 : 1} ${kind}`
    const before = kinds.get(name) ?? { kind, fraud, events: 0, rules: 0, rulesLetDown: 0, both: 0 }
    kinds.set(name, {
      ...before,
      events: before.events + 1,
      rules: before.rules + one(rules[at]),
      rulesLetDown: before.rulesLetDown + one(letDown[at]),
      both: before.both + one(both[at]),
    })
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind)
}
