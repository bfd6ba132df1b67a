/** Rows of the table of cases as the API gives them. */
import type { CaseRow, caseStates, outcomes, verdicts } from '../api/case-shapes.ts'

/** Columns of cases, as the driver gives them. */
export interface StoredCase {
  readonly key: string
  readonly decision_id: string
  readonly outcome: (typeof outcomes)[number]
  readonly score: number
  readonly kind: CaseRow['kind']
  readonly occurred_at: number
  readonly recorded_at: number
  readonly user_name: string
  readonly device: string | null
  readonly ip: string | null
  readonly campaign: string
  readonly merchant: string | null
  readonly channel: string | null
  readonly category: string | null
  readonly amount: number | null
  readonly money: number
  readonly currency: string | null
  readonly rules: readonly string[]
  readonly reason: CaseRow['reason']
  readonly alert_ids: readonly string[]
  readonly state: (typeof caseStates)[number]
  readonly round: number
  readonly verdict: (typeof verdicts)[number] | null
  readonly decided_by: string | null
  readonly decided_at: number | null
  readonly assignee: string | null
  readonly locked_until: number | null
  readonly second_opinion: boolean
  readonly notes: number
}

export const caseColumns = `key, decision_id, outcome, score, kind, occurred_at, recorded_at,
  user_name, device, ip, campaign, merchant, channel, category, amount, money, currency, rules,
  reason, alert_ids, state, round, verdict, decided_by, decided_at, assignee, locked_until,
  second_opinion, notes`

/** Whether somebody else holds it. */
export const isHeld = (row: StoredCase, by: string, at: number): boolean =>
  holderOf(row, at) !== null && row.assignee !== by

/** Who holds it; a lock that has expired does not count. */
export const holderOf = ({ assignee, locked_until }: StoredCase, at: number): string | null =>
  locked_until !== null && locked_until > at ? assignee : null

export function caseRowOf(row: StoredCase, at: number): CaseRow {
  const holder = holderOf(row, at)
  return {
    key: row.key,
    decisionId: row.decision_id,
    outcome: row.outcome,
    score: row.score,
    kind: row.kind,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    user: row.user_name,
    device: row.device,
    ip: row.ip,
    campaign: row.campaign,
    merchant: row.merchant,
    channel: row.channel,
    category: row.category,
    amountAtStake: row.amount,
    currency: row.currency,
    rules: [...row.rules],
    reason: row.reason,
    state: row.state,
    verdict: row.verdict,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    assignee: holder,
    lockedUntil: holder === null ? null : row.locked_until,
    secondOpinion: row.second_opinion,
    notes: row.notes,
  }
}
