/**
 * Who is reported to the regulator: the one event of a user's day that reaches the limit.
 *
 * proves: D22
 */
import { describe, expect, it } from 'vitest'
import { reportOf } from '../../../src/core/decision/report.ts'
import type { Event, Inputs } from '../../../src/core/schema.gen.ts'
import { makeUserReadings } from '../../../src/core/signals/readings.gen.ts'
import { logSpecs } from '../../../src/core/signals/readings.ts'
import { plainEvent } from '../../support/plain-event.ts'

const userLog = logSpecs.find(({ name }) => name === 'user')!
const nothing = {
  device: null,
  ip: null,
  subnet: null,
  code: null,
  phone: null,
  sender: null,
  returned: null,
  campaign: null,
  merchant: null,
  category: null,
  channel: null,
}

/** Inputs in which the user's money of the day, this event included, is `amount`; null: unread. */
function inputsWith(amount: number | null): Inputs {
  const values = Float64Array.from(userLog.readings, ({ name }) =>
    name === 'amount_day' ? (amount ?? 0) : 0,
  )
  const user = amount === null ? null : makeUserReadings(values, null)
  const readings = { ...nothing, user }
  const rest = { lists: [], address: null, campaign: null, switch: 'none', alerts: [] } as const
  return { readings, ...rest, late: amount === null, repeatsSaturated: false }
}

const paid = (orderAmount: number, about: Partial<Event> = {}) =>
  plainEvent({ kind: 'redemption', orderAmount, ...about })
const context = { eventKey: 'k', day: 9, reportAmountMin: 1_000 }

describe('a report', () => {
  it.each<readonly [string, Event, number | null, boolean]>([
    ['below the limit', paid(999), 999, false],
    ['reaches it at once', paid(1_000), 1_000, true],
    ['reaches it with others', paid(1), 1_000, true],
    ['goes far beyond it', paid(5_000), 5_999, true],
    ['was beyond it before', paid(1), 1_001, false],
    ['was at it before', paid(500), 1_500, false],
    ['a claim of a day beyond it', plainEvent({ kind: 'claim' }), 2_000, false],
    ['an attempt that failed', paid(1_000, { attempt: 'declined' }), 1_000, false],
    ['too late to be read', paid(9_000), null, false],
  ])('%s', (_, event, amount, told) => {
    const report = reportOf(event, inputsWith(amount), context)
    expect(report !== null).toBe(told)
    if (report !== null)
      expect(report).toEqual({
        user: event.user,
        day: 9,
        amount,
        threshold: 1_000,
        eventKey: 'k',
        at: event.occurredAt,
      })
  })

  it('is one a day, whatever the amounts', () => {
    const amounts = [300, 300, 300, 300, 5_000, 1]
    let sum = 0
    const told = amounts.map((amount) => {
      sum += amount
      return reportOf(paid(amount), inputsWith(sum), context) !== null
    })
    expect(told).toEqual([false, false, false, true, false, false])
  })
})
