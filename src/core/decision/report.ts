/**
 * What the regulator must be told (D22): a user's money of the calendar day reached the limit. The
 * sum runs over the day in order of arrival, so exactly one event crosses the limit, late ones
 * included; the record is keyed by user and day besides.
 */
import type { Event, Inputs, Report } from '../schema.gen.ts'
import { attemptFailed, moneyOf } from '../signals/observe.ts'

export interface ReportContext {
  readonly eventKey: string
  readonly day: number
  readonly reportAmountMin: number
}

export function reportOf(
  event: Event,
  inputs: Inputs,
  { eventKey, day, reportAmountMin }: ReportContext,
): Report | null {
  const amount = inputs.readings.user?.amount_day
  if (amount === undefined || amount < reportAmountMin || attemptFailed(event)) return null
  if (amount - moneyOf(event) >= reportAmountMin) return null
  return {
    user: event.user,
    day,
    amount,
    threshold: reportAmountMin,
    eventKey,
    at: event.occurredAt,
  }
}
