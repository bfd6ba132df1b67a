/**
 * The ledger against a list that is searched from end to end for every event: on random histories
 * with repeats, refusals, refunds and settlements in any order, both find the same.
 *
 * proves: D15
 */
import { expect, test } from 'vitest'
import { Ledger } from '../../../src/core/reconciliation/ledger.ts'
import type { Coverage, Redemption, Settlement } from '../../../src/core/reconciliation/match.ts'
import { type Chance, seeded } from '../../support/seeded.ts'

interface Told {
  readonly user: string
  readonly id: string
}
type Row =
  | (Told & { readonly side: 'recording'; readonly redemption: Redemption })
  | (Told & { readonly side: 'payment'; readonly settlement: Settlement })

const afterMs = 30
const coverage: Coverage = {
  afterMs,
  redemptions: { from: 100, until: 900 },
  settlements: { from: 120, until: 880 },
}

function history(chance: Chance, length: number): Row[] {
  return Array.from({ length }, (_, place): Row => {
    // `1 2` of user 1 and `2` of user `1 1` must not meet.
    const told = { user: chance.pick(['1', '1 1', 'u']), id: chance.pick(['2', '1 2', 'e', 'f g']) }
    const at = chance.between(80, 920)
    const amount = chance.pick([null, 5, 5, 6])
    const currency = chance.pick([null, 'CNY', 'CNY', 'HKD'])
    if (chance.in(0.4)) {
      const refused = chance.pick([null, null, null, 'attempt-failed', 'blocked'] as const)
      const latestAt = at + chance.pick([0, 0, 20])
      return { ...told, side: 'recording', redemption: { at, latestAt, amount, currency, refused } }
    }
    const status = chance.pick(['settled', 'settled', 'failed', 'refunded'] as const)
    return { ...told, side: 'payment', settlement: { at, status, amount, currency, place } }
  })
}

/** By the words of docs/reconciliation.md, an event at a time. */
function naive(rows: readonly Row[]): string[] {
  const lines: string[] = []
  for (const [at, { user, id }] of rows.entries()) {
    const same = (row: Row) => row.user === user && row.id === id
    if (rows.findIndex(same) === at) lines.push(...naiveOf(`${user}/${id}`, rows.filter(same)))
  }
  return lines.sort()
}

function naiveOf(name: string, rows: readonly Row[]): string[] {
  const used = rows.flatMap((row) => (row.side === 'recording' ? [row.redemption] : []))[0]
  const rest = rows.flatMap((row) => (row.side === 'payment' ? [row.settlement] : []))
  const standing = rest.filter(({ status }) => status === 'settled')
  standing.sort((a, b) => (a.at === b.at ? a.place - b.place : a.at - b.at))
  const refunds = rest.filter(({ status }) => status === 'refunded').length
  for (let left = refunds; left > 0; left -= 1) standing.pop()
  const isUsed = used !== undefined && used.refused === null
  const first = standing[0]
  const line = (kind: string, place: number | null) => `${name} ${kind} ${place}`
  if (first === undefined) {
    if (refunds > 0) return [`${name} refunded`]
    if (!isUsed) return []
    if (used.at < coverage.settlements.from) return [`${name} uncovered`]
    const isDue = used.latestAt + afterMs <= coverage.settlements.until
    return [`${name} ${isDue ? 'used-but-not-spent' : 'too-young'}`]
  }
  const again = standing.slice(1).map(({ place }) => line('duplicate-settlement', place))
  if (isUsed) {
    const differs =
      (used.amount !== null && first.amount !== null && used.amount !== first.amount) ||
      (used.currency !== null && first.currency !== null && used.currency !== first.currency)
    return [line(differs ? 'amount-differs' : 'settled', first.place), ...again]
  }
  if (used !== undefined) return [line('paid-but-not-credited', first.place), ...again]
  if (first.at < coverage.redemptions.from + afterMs)
    return [line('uncovered', first.place), ...again]
  const isDue = first.at + afterMs <= coverage.redemptions.until
  return [line(isDue ? 'paid-but-not-credited' : 'too-young', first.place), ...again]
}

function fill(rows: readonly Row[]): Ledger {
  const ledger = new Ledger()
  for (const row of rows) {
    if (row.side === 'recording') ledger.addRedemption(row.user, row.id, row.redemption)
    else ledger.addSettlement(row.user, row.id, row.settlement)
  }
  return ledger
}

/** The row is told where it was settled: of failed and refunded ones only that they are there. */
function found(rows: readonly Row[]): string[] {
  return [...fill(rows).findings(coverage)].map(({ user, id, finding: { kind, settlement } }) =>
    settlement?.status === 'settled'
      ? `${user}/${id} ${kind} ${settlement.place}`
      : `${user}/${id} ${kind}`,
  )
}

const seeds = Array.from({ length: 400 }, (_, at) => at + 1)

test('finds what a naive search finds', () => {
  for (const seed of seeds) {
    const chance = seeded(seed)
    const rows = history(chance, chance.between(1, 60))
    expect(found(rows).sort(), `seed ${seed}`).toEqual(naive(rows))
  }
})

test('whatever comes first, recording or payments', () => {
  for (const seed of seeds) {
    const rows = history(seeded(seed), 40)
    const sides = ['payment', 'recording'].flatMap((side) =>
      rows.filter((row) => row.side === side),
    )
    expect(found(sides).sort(), `seed ${seed}`).toEqual(found(rows).sort())
  }
})

test('gives findings in order of time, and grows beyond its first columns', () => {
  const ledger = new Ledger()
  const count = 10_000
  const redemptionOf = (at: number): Redemption => ({
    ...{ at: 800 - (at % 700), latestAt: 801 + at, amount: at + 1, currency: 'CNY' },
    refused: at % 3 === 0 ? 'blocked' : null,
  })
  const settlementOf = (at: number): Settlement => ({
    ...{ at: 200 + (at % 500), status: 'settled', amount: at + 2, currency: `C${at % 5}` },
    place: at,
  })
  for (let at = 0; at < count; at += 1) {
    ledger.addRedemption(`u${at % 99}`, `e${at}`, redemptionOf(at))
    ledger.addSettlement(`u${at % 99}`, `e${at}`, settlementOf(at))
  }
  const all = [...ledger.findings(coverage)]
  const times = all.map(({ redemption }) => redemption!.at)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(all.map(({ id }) => id).sort()).toEqual(times.map((_, at) => `e${at}`).sort())
  for (const { id, redemption, finding } of all) {
    const at = Number(id.slice(1))
    const said = { redemption, settlement: finding.settlement }
    expect(said).toEqual({ redemption: redemptionOf(at), settlement: settlementOf(at) })
  }
  expect(ledger.users).toBe(99)
})
