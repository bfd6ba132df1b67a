/**
 * A recording held against what the payment side says: every redemption and every settlement in a
 * ledger (core/reconciliation), then one finding after another, counted and handed on. Redemptions
 * are those that succeeded and that we did not block; an event that comes again counts once.
 */
import { CommandError } from '../cli/exit.ts'
import { timeRejection } from '../core/event/decode.ts'
import { currencyUnit, type Money } from '../core/money.ts'
import { Ledger, type LedgerFinding, ledgerRowsMax } from '../core/reconciliation/ledger.ts'
import {
  anomalyKinds,
  type Coverage,
  type FindingKind,
  type FindingNote,
  findingKinds,
  type Redemption,
  type SettlementStatus,
} from '../core/reconciliation/match.ts'
import type { Event, RecordingRow } from '../core/schema.gen.ts'
import { attemptFailed } from '../core/signals/observe.ts'
import type { Recording } from './read.ts'
import { readSettlements, type SettlementFiles, type SettlementsRead } from './settlement-file.ts'

/** What a settlement pays: the coupon, or the whole order. */
export type AmountOf = 'coupon' | 'order'

export interface ReconcileRequest {
  readonly recording: Recording
  readonly settlements: SettlementFiles
  readonly afterMs: number
  /** Until when the settlements are complete; null: until the latest of them. */
  readonly until: number | null
  readonly amountOf: AmountOf
  /** Takes every finding in order; a promise where it has to be waited for. */
  readonly take: (finding: LedgerFinding) => Promise<void> | undefined
}

export interface KindTotal {
  events: number
  users: number
  /** In minor units by currency: what was settled, or else what was redeemed. */
  readonly amounts: Money
}

export interface Reconciliation {
  readonly coverage: Coverage
  readonly redemptions: number
  /** Redemptions that count as none, and events that came again. */
  readonly attemptsFailed: number
  readonly blocked: number
  readonly repeated: number
  readonly settlements: Readonly<Record<SettlementStatus, number>>
  readonly read: SettlementsRead
  readonly kinds: Readonly<Record<FindingKind, KindTotal>>
  readonly notes: Readonly<Record<FindingNote, number>>
  /** Users with a redemption or a settlement, and those with an anomaly of D15. */
  readonly users: number
  readonly anomalousUsers: number
  /** When all that is too young will be old enough; null where nothing is. */
  readonly lookAgainAt: number | null
}

/** Throws CommandError where a side holds nothing that could be matched. */
export async function reconcile(request: ReconcileRequest): Promise<Reconciliation> {
  const { recording, afterMs, take } = request
  const ledger = new Ledger()
  const recorded = await addRecording(ledger, recording, request.amountOf)
  const paid = await addSettlements(ledger, request.settlements)
  if (recorded.counts.redemptions === 0)
    throw new CommandError(`${recording.path}: holds no redemption that succeeded`)
  const { span } = paid
  if (request.until !== null && request.until < span.from && Number.isFinite(span.from))
    throw new CommandError(
      `--until: is before the first settlement, of ${new Date(span.from).toISOString()}`,
    )
  const settlements = { from: span.from, until: request.until ?? span.until }
  const coverage: Coverage = { afterMs, redemptions: recorded.span, settlements }
  const tally = newTally(ledger.users)
  for (const one of ledger.findings(coverage)) {
    tally.add(one)
    const full = take(one)
    if (full !== undefined) await full
  }
  const { statuses, read } = paid
  return { coverage, ...recorded.counts, settlements: statuses, read, ...tally.result() }
}

interface Span {
  from: number
  until: number
}
const newSpan = (): Span => ({ from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY })

function widen(span: Span, at: number): void {
  if (at < span.from) span.from = at
  if (at > span.until) span.until = at
}

async function addRecording(ledger: Ledger, recording: Recording, amountOf: AmountOf) {
  const counts = { redemptions: 0, attemptsFailed: 0, blocked: 0, repeated: 0 }
  const span = newSpan()
  for await (const rows of recording.rows()) {
    for (const { event, recordedAt, decision } of rows) {
      // What the engine refuses for its date is no event, and says nothing of what is covered.
      if (event === null || timeRejection(event.occurredAt, recordedAt) !== null) continue
      widen(span, event.occurredAt)
      if (event.kind !== 'redemption') continue
      refuseFull(ledger)
      const redemption = redemptionOf(event, decision, amountOf)
      if (!ledger.addRedemption(event.user, event.id, redemption)) counts.repeated += 1
      else if (redemption.refused === 'attempt-failed') counts.attemptsFailed += 1
      else if (redemption.refused === 'blocked') counts.blocked += 1
      else counts.redemptions += 1
    }
  }
  return { counts, span }
}

function redemptionOf(
  event: Event,
  decision: RecordingRow['decision'],
  amountOf: AmountOf,
): Redemption {
  const refused = attemptFailed(event)
    ? 'attempt-failed'
    : decision?.outcome === 'block'
      ? 'blocked'
      : null
  return {
    at: event.occurredAt,
    latestAt: event.occurredAt + event.resolutionMs,
    amount: amountOf === 'coupon' ? event.couponAmount : event.orderAmount,
    currency: event.currency?.toUpperCase() ?? null,
    refused,
  }
}

async function addSettlements(ledger: Ledger, files: SettlementFiles) {
  const statuses: Record<SettlementStatus, number> = { settled: 0, failed: 0, refunded: 0 }
  const span = newSpan()
  const read = await readSettlements(files, ({ user, id, settlement }, place) => {
    refuseFull(ledger)
    widen(span, settlement.at)
    statuses[settlement.status] += 1
    ledger.addSettlement(user, id, { ...settlement, place })
  })
  return { statuses, span, read }
}

function refuseFull(ledger: Ledger): void {
  if (!ledger.isFull) return
  const shown = ledgerRowsMax.toLocaleString('en-US')
  throw new CommandError(
    `more than ${shown} redemptions and settlements at once; reconcile day by day`,
  )
}

/** Bits of a user are the kinds that it met. */
function newTally(users: number) {
  const met = new Uint16Array(users)
  const total = (): KindTotal => ({ events: 0, users: 0, amounts: {} })
  const kinds: Record<FindingKind, KindTotal> = {
    settled: total(),
    'used-but-not-spent': total(),
    'paid-but-not-credited': total(),
    'amount-differs': total(),
    'duplicate-settlement': total(),
    'too-young': total(),
    refunded: total(),
    uncovered: total(),
  }
  const notes: Record<FindingNote, number> = {
    'attempt-failed': 0,
    blocked: 0,
    'payment-failed': 0,
    amount: 0,
    currency: 0,
    'amount-not-known': 0,
    late: 0,
  }
  const anomalies = anomalyKinds.reduce((bits, kind) => bits | bitOf(kind), 0)
  let lookAgainAt: number | null = null
  return {
    add({ userAt, redemption, finding }: LedgerFinding): void {
      const { kind, settlement } = finding
      const of = kinds[kind]
      of.events += 1
      if ((met[userAt]! & bitOf(kind)) === 0) of.users += 1
      met[userAt]! |= bitOf(kind)
      for (const note of finding.notes) notes[note] += 1
      const paid = settlement?.status === 'failed' ? null : settlement
      const { amount, currency } = paid ?? redemption ?? { amount: null, currency: null }
      const unit = currencyUnit(currency)
      if (amount !== null) of.amounts[unit] = (of.amounts[unit] ?? 0) + amount
      if (finding.lookAgainAt !== null)
        lookAgainAt = Math.max(lookAgainAt ?? 0, finding.lookAgainAt)
    },
    result: () => ({
      kinds,
      notes,
      users,
      anomalousUsers: met.reduce((sum, bits) => sum + ((bits & anomalies) === 0 ? 0 : 1), 0),
      lookAgainAt,
    }),
  }
}

const bitOf = (kind: FindingKind) => 1 << findingKinds.indexOf(kind)
