/**
 * What a batch adds to the money of campaigns (D9): whole orders and coupons of redemptions that
 * the engine did not block, per currency, where an event names both. A verdict of later changes
 * nothing here. Costs a row per campaign, day and currency.
 */
import { otherScope } from '../../core/alerting/scopes.ts'
import { newCalendar, type TimeZone } from '../../core/event/time-zone.ts'
import type { Audit } from '../../core/schema.gen.ts'
import { attemptFailed } from '../../core/signals/observe.ts'
import { currencyOf, scopeMax } from './audit-counts.ts'
import { actedOf } from './audit-rows.ts'
import { keptText } from './kept-text.ts'

export interface CampaignMoney {
  readonly scope: string
  readonly day: number
  readonly currency: string
  redemptions: number
  orders: number
  coupons: number
}

/** `known`: `day scope` of all that the days of this batch count by name, this batch included. */
export function campaignMoneyOf(
  audits: readonly Audit[],
  zone: TimeZone,
  known: ReadonlySet<string>,
): readonly CampaignMoney[] {
  const calendar = newCalendar(zone)
  const money = new Map<string, CampaignMoney>()
  for (const { event, decision } of audits) {
    const { orderAmount, couponAmount } = event
    if (orderAmount === null || couponAmount === null) continue
    if (event.kind !== 'redemption' || attemptFailed(event)) continue
    if (actedOf(decision.outcome) === 'block') continue
    const { day } = calendar(event.occurredAt)
    const own = keptText(`campaign:${event.campaign}`, scopeMax)
    const scope = known.has(`${day} ${own}`) ? own : otherScope(own)
    const currency = currencyOf(event.currency)
    const key = `${day} ${currency} ${scope}`
    const entry = money.get(key) ?? {
      ...{ scope, day, currency },
      ...{ redemptions: 0, orders: 0, coupons: 0 },
    }
    entry.redemptions += 1
    entry.orders = Math.min(Number.MAX_SAFE_INTEGER, entry.orders + orderAmount)
    entry.coupons = Math.min(Number.MAX_SAFE_INTEGER, entry.coupons + couponAmount)
    money.set(key, entry)
  }
  return [...money.values()]
}

const upToMax = (column: string) =>
  `${column} = least(m.${column} + excluded.${column}, ${Number.MAX_SAFE_INTEGER})`

export const addCampaignMoney = `INSERT INTO campaign_money AS m
    (scope, day, currency, redemptions, orders, coupons)
  SELECT scope, day, currency, redemptions, orders, coupons
  FROM json_to_recordset($1::json) AS r(
    scope text, day integer, currency text, redemptions bigint, orders bigint, coupons bigint)
  ORDER BY scope, day, currency
  ON CONFLICT (scope, day, currency) DO UPDATE SET
    redemptions = m.redemptions + excluded.redemptions,
    ${upToMax('orders')}, ${upToMax('coupons')}`
