/**
 * Audit records → rows: a sighting each, and a case for every review or block. Pure; every text
 * goes through keptText, since whoever sent the event chose it.
 */
import { outcomeRank, type Playbook } from '../../core/rules/playbook.ts'
import type { Audit, Decision, Outcome } from '../../core/schema.gen.ts'
import { tagsOf } from '../cases/tags.ts'
import { keptOrNull, keptText } from './kept-text.ts'

export type Acted = 'allow' | 'review' | 'block'

/** An outcome that a later version may add is a review here, as for every subscriber. */
export const actedOf = (outcome: Outcome): Acted => (outcome === 'unknown' ? 'review' : outcome)

export interface SightingRow {
  readonly key: string
  readonly kind: string
  readonly occurred_at: number
  readonly recorded_at: number
  readonly outcome: Acted
  readonly score: number
  readonly user_name: string
  readonly device: string | null
  readonly ip: string | null
  readonly phone: string | null
  readonly code: string | null
  readonly referrer: string | null
  readonly campaign: string
  readonly amount: number | null
  readonly currency: string | null
}

export function sightingOf({ event, decision }: Audit): SightingRow {
  return {
    key: decision.eventKey,
    kind: event.kind,
    occurred_at: event.occurredAt,
    recorded_at: decision.recordedAt,
    outcome: actedOf(decision.outcome),
    score: decision.score,
    user_name: keptText(event.user),
    device: keptOrNull(event.device),
    ip: keptOrNull(event.ip),
    phone: keptOrNull(event.phone),
    code: keptOrNull(event.codeHash),
    referrer: keptOrNull(event.referrerDomain),
    campaign: keptText(event.campaign),
    amount: decision.amountAtStake,
    currency: keptOrNull(event.currency),
  }
}

/** `rules` and `alert_ids` are arrays of text in the table. */
export interface CaseRecord extends Omit<SightingRow, 'phone' | 'code' | 'referrer'> {
  readonly decision_id: string
  readonly merchant: string | null
  readonly channel: string | null
  readonly category: string | null
  readonly money: number
  readonly rules: readonly string[]
  readonly reason: { readonly code: string; readonly zh: string; readonly en: string } | null
  readonly alert_ids: readonly string[]
  readonly tags: readonly string[]
}

export function caseOf(audit: Audit, playbook: Playbook): CaseRecord {
  const { event, decision } = audit
  const { phone, code, referrer, ...seen } = sightingOf(audit)
  const ruledBy = ruledByOf(decision, playbook)
  const [reason] = decision.reasons
  return {
    ...seen,
    decision_id: keptText(decision.id, 400),
    merchant: keptOrNull(event.merchant),
    channel: keptOrNull(event.channel),
    category: keptOrNull(event.category),
    money: decision.amountAtStake ?? 0,
    rules: ruledBy.rules,
    reason: reason === undefined ? null : reasonOf(reason),
    alert_ids: decision.alertIds.map((id) => keptText(id, 400)),
    tags: tagsOf(audit, ruledBy),
  }
}

const reasonMax = 1_024
export const reasonOf = ({ code, zh, en }: Decision['reasons'][number]) => ({
  code: keptText(code),
  zh: keptText(zh, reasonMax),
  en: keptText(en, reasonMax),
})

/** Live rules that hit, strongest first, and their tiers; the playbook at hand knows weights. */
function ruledByOf(decision: Decision, playbook: Playbook) {
  const known = new Map(playbook.rules.map((rule) => [rule.id, rule]))
  const rank = ({ rule, outcome }: Decision['results'][number]) =>
    1_000 * outcomeRank[actedOf(outcome)] + (known.get(rule)?.weight ?? 0)
  const hits = decision.results
    .filter(({ mode, result }) => mode === 'live' && result === 'hit')
    .sort((a, b) => rank(b) - rank(a))
  const tiers = new Set<string>()
  for (const { rule } of hits) {
    const tier = known.get(rule)?.tier
    if (tier !== undefined) tiers.add(tier)
  }
  return { rules: hits.map(({ rule }) => keptText(rule)), tiers: [...tiers] }
}
