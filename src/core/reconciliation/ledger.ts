/**
 * Every event that was redeemed or paid, by user and id, with what both sides say of it: columns of
 * numbers, and one text for user and id each, so that millions fit into memory. An event has one
 * redemption, the first that comes, and any number of settlements.
 *
 * Costs some 190 bytes an event, and of each repeated settlement about as much.
 */
import type { Coverage, Finding, Redemption, Settlement } from './match.ts'
import { findingsOf, settlementStatuses } from './match.ts'

/** Most events and settlements of one ledger. */
export const ledgerRowsMax = 8_000_000

export interface LedgerFinding {
  readonly user: string
  /** Number of the user, from 0 in order of appearance. */
  readonly userAt: number
  readonly id: string
  /** What the recording says, refused redemptions included. */
  readonly redemption: Redemption | null
  readonly finding: Finding
}

const refusals = [null, 'attempt-failed', 'blocked'] as const
const none = 255

export class Ledger {
  readonly #users = new Map<string, number>()
  /** `<number of the user> <id>` → place in the columns. */
  readonly #events = new Map<string, number>()
  readonly #currencies = new Map<string, number>()
  readonly #currencyNames: string[] = []
  /** Settlements of an event after the first that came. */
  readonly #more = new Map<number, Settlement[]>()
  #columns = newColumns(4_096)
  #rows = 0

  get users(): number {
    return this.#users.size
  }

  /** No room for another row. */
  get isFull(): boolean {
    return this.#rows >= ledgerRowsMax
  }

  /** False where the event has a redemption already; the first one stays. MUST NOT be full. */
  addRedemption(user: string, id: string, redemption: Redemption): boolean {
    const at = this.#placeOf(user, id)
    const columns = this.#columns
    if (columns.refused[at] !== none) return false
    columns.refused[at] = refusals.indexOf(redemption.refused)
    columns.redeemedAt[at] = redemption.at
    columns.latestAt[at] = redemption.latestAt
    columns.redeemedAmount[at] = redemption.amount ?? Number.NaN
    columns.redeemedCurrency[at] = this.#numberOf(redemption.currency)
    return true
  }

  /** MUST NOT be full. */
  addSettlement(user: string, id: string, settlement: Settlement): void {
    const at = this.#placeOf(user, id)
    const columns = this.#columns
    if (columns.status[at] !== none) {
      const more = this.#more.get(at)
      if (more === undefined) this.#more.set(at, [settlement])
      else more.push(settlement)
      this.#rows += 1
      return
    }
    columns.status[at] = settlementStatuses.indexOf(settlement.status)
    columns.settledAt[at] = settlement.at
    columns.settledAmount[at] = settlement.amount ?? Number.NaN
    columns.settledCurrency[at] = this.#numberOf(settlement.currency)
    columns.place[at] = settlement.place
  }

  /** By time, that of the redemption where there is one; of equal times as the events came. */
  *findings(coverage: Coverage): Generator<LedgerFinding> {
    const users = [...this.#users.keys()]
    const keys = [...this.#events.keys()]
    const { refused, redeemedAt, settledAt } = this.#columns
    const times = Float64Array.from(keys, (_, at) =>
      refused[at] === none ? settledAt[at]! : redeemedAt[at]!,
    )
    const order = Uint32Array.from(keys, (_, at) => at)
    order.sort((a, b) => times[a]! - times[b]! || a - b)
    for (const at of order) {
      const redemption = this.#redemptionAt(at)
      const key = keys[at]!
      const space = key.indexOf(' ')
      const userAt = Number(key.slice(0, space))
      const about = { user: users[userAt]!, userAt, id: key.slice(space + 1), redemption }
      for (const finding of findingsOf(redemption, this.#settlementsAt(at), coverage))
        yield { ...about, finding }
    }
  }

  #redemptionAt(at: number): Redemption | null {
    const { refused, redeemedAt, latestAt, redeemedAmount, redeemedCurrency } = this.#columns
    if (refused[at] === none) return null
    return {
      at: redeemedAt[at]!,
      latestAt: latestAt[at]!,
      amount: orNull(redeemedAmount[at]!),
      currency: this.#currencyOf(redeemedCurrency[at]!),
      refused: refusals[refused[at]!]!,
    }
  }

  #settlementsAt(at: number): Settlement[] {
    const { status, settledAt, settledAmount, settledCurrency, place } = this.#columns
    if (status[at] === none) return []
    const first: Settlement = {
      at: settledAt[at]!,
      status: settlementStatuses[status[at]!]!,
      amount: orNull(settledAmount[at]!),
      currency: this.#currencyOf(settledCurrency[at]!),
      place: place[at]!,
    }
    return [first, ...(this.#more.get(at) ?? [])]
  }

  /** Of the event, which is new if it has to be. */
  #placeOf(user: string, id: string): number {
    const userAt = this.#users.get(user) ?? this.#users.size
    if (userAt === this.#users.size) this.#users.set(user, userAt)
    const key = `${userAt} ${id}`
    const known = this.#events.get(key)
    if (known !== undefined) return known
    const at = this.#events.size
    if (at === this.#columns.refused.length) this.#columns = grown(this.#columns)
    this.#events.set(key, at)
    this.#rows += 1
    return at
  }

  /** 0 for null. */
  #numberOf(currency: string | null): number {
    if (currency === null) return 0
    const known = this.#currencies.get(currency)
    if (known !== undefined) return known
    this.#currencyNames.push(currency)
    this.#currencies.set(currency, this.#currencyNames.length)
    return this.#currencyNames.length
  }

  #currencyOf(number: number): string | null {
    return number === 0 ? null : this.#currencyNames[number - 1]!
  }
}

const orNull = (amount: number) => (Number.isNaN(amount) ? null : amount)

function newColumns(size: number) {
  return {
    /** Place in `refusals`, or none. */
    refused: new Uint8Array(size).fill(none),
    redeemedAt: new Float64Array(size),
    latestAt: new Float64Array(size),
    redeemedAmount: new Float64Array(size),
    redeemedCurrency: new Uint32Array(size),
    /** Place in `settlementStatuses`, or none; with it the first settlement that came. */
    status: new Uint8Array(size).fill(none),
    settledAt: new Float64Array(size),
    settledAmount: new Float64Array(size),
    settledCurrency: new Uint32Array(size),
    place: new Float64Array(size),
  }
}

/** Twice as large, with the same content. */
function grown(columns: ReturnType<typeof newColumns>): ReturnType<typeof newColumns> {
  const larger = newColumns(columns.refused.length * 2)
  larger.refused.set(columns.refused)
  larger.redeemedAt.set(columns.redeemedAt)
  larger.latestAt.set(columns.latestAt)
  larger.redeemedAmount.set(columns.redeemedAmount)
  larger.redeemedCurrency.set(columns.redeemedCurrency)
  larger.status.set(columns.status)
  larger.settledAt.set(columns.settledAt)
  larger.settledAmount.set(columns.settledAmount)
  larger.settledCurrency.set(columns.settledCurrency)
  larger.place.set(columns.place)
  return larger
}
