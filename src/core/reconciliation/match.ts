/**
 * What the payment side says of one event, held against what the recording says: whether a coupon
 * that was marked used was also spent, and whether what was paid was also credited. A mismatch that
 * time may still mend is too young; one that lies outside of what either side covers is no
 * mismatch.
 * serves: D15
 */

export const settlementStatuses = ['settled', 'failed', 'refunded'] as const
export type SettlementStatus = (typeof settlementStatuses)[number]

/** A row of the payment side. Times in milliseconds, amounts in minor units of the currency. */
export interface Settlement {
  readonly at: number
  readonly status: SettlementStatus
  readonly amount: number | null
  readonly currency: string | null
  /** Where it was read; of rows with equal times the lower place counts as the earlier. */
  readonly place: number
}

/** What the recording says of the event. */
export interface Redemption {
  readonly at: number
  /** When it happened at the latest: later than `at` where its times are coarse. */
  readonly latestAt: number
  readonly amount: number | null
  readonly currency: string | null
  /** Why it is no redemption after all: the attempt failed upstream, or we blocked it. */
  readonly refused: 'attempt-failed' | 'blocked' | null
}

/** From when until when each side is complete, both included, in milliseconds. */
export interface Coverage {
  /** How long after the one the other may come. */
  readonly afterMs: number
  readonly redemptions: { readonly from: number; readonly until: number }
  readonly settlements: { readonly from: number; readonly until: number }
}

export const findingKinds = [
  'settled',
  'used-but-not-spent',
  'paid-but-not-credited',
  'amount-differs',
  'duplicate-settlement',
  'too-young',
  'refunded',
  'uncovered',
] as const
export type FindingKind = (typeof findingKinds)[number]

/** The two anomalies of D15. */
export const anomalyKinds = ['used-but-not-spent', 'paid-but-not-credited'] as const

/**
 * Why it is so, or what else is known: the redemption was refused; the last payment failed; what
 * differs; an amount is not there to be compared; the payment came later than it should.
 */
export type FindingNote =
  | 'attempt-failed'
  | 'blocked'
  | 'payment-failed'
  | 'amount'
  | 'currency'
  | 'amount-not-known'
  | 'late'

export interface Finding {
  readonly kind: FindingKind
  /** The row that it is about; null where there is none. */
  readonly settlement: Settlement | null
  /** Of what is too young: the moment that both sides must cover. */
  readonly lookAgainAt: number | null
  readonly notes: readonly FindingNote[]
}

/**
 * Nothing where there is nothing to match, such as a failed payment of a failed attempt; else one
 * finding, and one more for each time that the event was settled again. A refund takes back the
 * latest settlement that still stands, whatever its amount.
 */
export function findingsOf(
  redemption: Redemption | null,
  rows: readonly Settlement[],
  coverage: Coverage,
): Finding[] {
  const ordered = [...rows].sort((a, b) => a.at - b.at || a.place - b.place)
  const settled = ordered.filter(({ status }) => status === 'settled')
  const refunds = ordered.filter(({ status }) => status === 'refunded')
  const [first, ...again] = settled.slice(0, Math.max(0, settled.length - refunds.length))
  if (first !== undefined)
    return [
      redemption === null || redemption.refused !== null
        ? uncredited(redemption, first, coverage)
        : matched(redemption, first, coverage),
      ...again.map((settlement) => finding('duplicate-settlement', settlement)),
    ]
  const refund = refunds.at(-1)
  if (refund !== undefined) return [finding('refunded', refund)]
  if (redemption === null || redemption.refused !== null) return []
  return [unspent(redemption, ordered.at(-1) ?? null, coverage)]
}

function finding(
  kind: FindingKind,
  settlement: Settlement | null,
  notes: readonly FindingNote[] = [],
  lookAgainAt: number | null = null,
): Finding {
  return { kind, settlement, lookAgainAt, notes }
}

function matched(redemption: Redemption, settlement: Settlement, { afterMs }: Coverage): Finding {
  const notes: FindingNote[] = []
  const differ = <T>(a: T | null, b: T | null) => a !== null && b !== null && a !== b
  if (differ(redemption.amount, settlement.amount)) notes.push('amount')
  if (differ(redemption.currency, settlement.currency)) notes.push('currency')
  const kind = notes.length > 0 ? 'amount-differs' : 'settled'
  if (redemption.amount === null || settlement.amount === null) notes.push('amount-not-known')
  if (settlement.at > redemption.latestAt + afterMs) notes.push('late')
  return finding(kind, settlement, notes)
}

/** Paid, and not redeemed. What the recording says was refused needs no second look. */
function uncredited(
  redemption: Redemption | null,
  settlement: Settlement,
  { afterMs, redemptions }: Coverage,
): Finding {
  const { refused } = redemption ?? { refused: null }
  if (refused !== null) return finding('paid-but-not-credited', settlement, [refused])
  if (settlement.at - afterMs < redemptions.from) return finding('uncovered', settlement)
  const dueAt = settlement.at + afterMs
  if (dueAt > redemptions.until) return finding('too-young', settlement, [], dueAt)
  return finding('paid-but-not-credited', settlement)
}

/** Redeemed, and not paid; `failed` is the last payment that was tried. */
function unspent(
  { at, latestAt }: Redemption,
  failed: Settlement | null,
  { afterMs, settlements }: Coverage,
): Finding {
  const notes: FindingNote[] = failed === null ? [] : ['payment-failed']
  if (at < settlements.from) return finding('uncovered', failed, notes)
  const dueAt = latestAt + afterMs
  if (dueAt > settlements.until) return finding('too-young', failed, notes, dueAt)
  return finding('used-but-not-spent', failed, notes)
}
