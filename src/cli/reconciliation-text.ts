/** What a reconciliation came to, as a person reads it and as a program does. */

import type { Money } from '../core/money.ts'
import { findingKinds } from '../core/reconciliation/match.ts'
import { timeText } from '../recording/findings-file.ts'
import type { Reconciliation } from '../recording/reconcile.ts'

/** Share of users who meet an anomaly, as programmes report it: D15 of docs/domain.md. */
export const usualAnomalyShare = 0.063

const grouped = (count: number) => count.toLocaleString('en-US')
const percent = (share: number) => `${(share * 100).toFixed(2)} %`

const shareOf = ({ users, anomalousUsers }: Reconciliation) =>
  users === 0 ? 0 : anomalousUsers / users

export function reconciliationText(result: Reconciliation): string {
  const { coverage, settlements, kinds, notes, read } = result
  const { afterMs } = coverage
  const minutes = Number((afterMs / 60_000).toFixed(1))
  const also = (count: number, words: string) => (count === 0 ? [] : [`${grouped(count)} ${words}`])
  const left = [
    ...also(result.attemptsFailed, 'attempts that failed'),
    ...also(result.blocked, 'blocked'),
    ...also(result.repeated, 'repeated'),
  ]
  const paid = [
    ...also(settlements.settled, 'settled'),
    ...also(settlements.failed, 'failed'),
    ...also(settlements.refunded, 'refunded'),
    ...also(read.rejected, 'that could not be read'),
  ]
  const settledAlso = [
    ...also(notes.late, `later than ${minutes} minutes`),
    ...also(notes['amount-not-known'], 'without an amount'),
  ]
  const rows = findingKinds.map((kind) => {
    const { events, users, amounts } = kinds[kind]
    const about = [
      ...(events === 0 ? [] : [`${grouped(users)} ${users === 1 ? 'user' : 'users'}`]),
      ...moneyOf(amounts),
      ...(kind === 'settled' ? settledAlso : []),
    ]
    return `${kind.padEnd(22)}${grouped(events).padStart(11)}  ${about.join(', ')}`.trimEnd()
  })
  return [
    `redemptions  ${grouped(result.redemptions)}, ${spanText(coverage.redemptions)}`,
    ...(left.length === 0 ? [] : [`             not counted: ${left.join(', ')}`]),
    `settlements  ${paid.join(', ') || 'none'}, ${spanText(coverage.settlements)}`,
    ...rows,
    `users with an anomaly: ${grouped(result.anomalousUsers)} of ${grouped(result.users)}, ${percent(shareOf(result))}; about ${usualAnomalyShare * 100} % is usual`,
    ...(result.lookAgainAt === null ? [] : [`look again at ${timeText(result.lookAgainAt)}`]),
  ].join('\n')
}

/** Minor units of a currency are not always hundredths, so they stay as they are. */
const moneyOf = (amounts: Money) =>
  Object.entries(amounts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, amount]) => `${grouped(amount)} ${currency}`)

function spanText({ from, until }: { readonly from: number; readonly until: number }): string {
  return Number.isFinite(from) && Number.isFinite(until)
    ? `${timeText(from)} to ${timeText(until)}`
    : 'nothing covered'
}

export function reconciliationJson(result: Reconciliation, paths: object): string {
  const { read, coverage, ...counts } = result
  const ended = ({ from, until }: Reconciliation['coverage']['settlements']) => ({
    from: Number.isFinite(from) ? from : null,
    until: Number.isFinite(until) ? until : null,
  })
  return JSON.stringify({
    ...paths,
    afterMs: coverage.afterMs,
    covered: {
      redemptions: ended(coverage.redemptions),
      settlements: ended(coverage.settlements),
    },
    ...counts,
    anomalousShare: shareOf(result),
    usualAnomalousShare: usualAnomalyShare,
    rows: read.rows,
    rejected: read.rejected,
    reasons: Object.fromEntries(read.reasons),
    problems: read.problems,
  })
}
