/** Events as the coupon platform publishes them: every field named once, here. */
import type { Attempt, CouponEvent, Geo, NumberKind, StackedCoupon } from '../core/schema.gen.ts'
import type { Channel, Offer, Store } from './market.ts'
import type { Account } from './population.ts'

/** How a coupon came from one user to another. */
export interface Transfer {
  readonly id: string
  readonly sender: string
  readonly hop: number
  readonly at: number
}

export interface Coupon {
  readonly offer: Offer
  readonly channel: Channel
  readonly code: string
  readonly issuedAt: number
  readonly expiresAt: number
  readonly merchant: string
  /** Where it was claimed or may be spent; null online or where not yet known. */
  readonly store: Store | null
  /** What it is worth, in fen. */
  readonly worth: number
  readonly transfer: Transfer | null
  readonly batchId: string | null
  readonly packageAmount: number | null
}

/** Device, address and place of one act. */
export interface Setting {
  readonly device: string | null
  /** Clients without the SDK send these instead of a fingerprint. */
  readonly attributes: Readonly<Record<string, string>> | null
  readonly ip: string | null
  readonly geo: Geo | null
}

export interface Order {
  readonly amount: number
  readonly couponPays: number
  readonly tier: string | null
  readonly stacked: readonly StackedCoupon[]
  readonly phone: string | null
  readonly numberKind: NumberKind | null
  readonly portedAt: number | null
  readonly attempt: Attempt
}

export interface Act {
  readonly id: string
  readonly at: number
  readonly account: Account
  readonly setting: Setting
  readonly coupon: Coupon
}

const none: readonly StackedCoupon[] = []

export const claimEvent = (act: Act, referrer: string | null): CouponEvent =>
  toEvent(act, referrer, null)

export const redemptionEvent = (act: Act, order: Order): CouponEvent => toEvent(act, null, order)

/**
 * A redemption is taken back: what was bought with which coupon and for how much, and who asks for
 * the money; nothing else of the redemption.
 */
export const reversalEvent = (act: Act, order: Order): CouponEvent => ({
  ...toEvent({ ...act, coupon: { ...act.coupon, transfer: null } }, null, order),
  kind: 'reversal',
  codeIssuedAt: null,
  codeExpiresAt: null,
  recipientPhone: null,
  numberKind: null,
  portedAt: null,
  stacked: none,
  orderTier: null,
  batchId: null,
  packageAmount: null,
})

/** A claim where there is no order, else a redemption. Marks the account as active. */
function toEvent(act: Act, referrer: string | null, order: Order | null): CouponEvent {
  const { account, setting, coupon } = act
  const lastActiveAt = Math.min(account.lastAt, act.at)
  account.lastAt = act.at
  return {
    id: act.id,
    kind: order === null ? 'claim' : 'redemption',
    occurredAt: act.at,
    resolutionMs: 0,
    user: account.openid,
    campaign: coupon.offer.id,
    deviceFingerprint: setting.device,
    deviceAttributes: setting.attributes,
    ip: setting.ip,
    couponType: coupon.offer.couponType,
    code: coupon.code,
    codeIssuedAt: coupon.issuedAt,
    codeExpiresAt: coupon.expiresAt,
    merchant: coupon.merchant,
    store: coupon.store === null ? null : coupon.store.id,
    category: coupon.offer.category,
    channel: coupon.channel,
    referrer,
    currency: 'CNY',
    orderAmount: order === null ? null : order.amount,
    couponAmount: order === null ? coupon.worth : order.couponPays,
    attempt: order === null ? 'succeeded' : order.attempt,
    geo: setting.geo,
    registeredAt: account.registeredAt,
    lastActiveAt,
    recipientPhone: order === null ? null : order.phone,
    numberKind: order === null ? null : order.numberKind,
    portedAt: order === null ? null : order.portedAt,
    transferId: coupon.transfer === null ? null : coupon.transfer.id,
    transferSender: coupon.transfer === null ? null : coupon.transfer.sender,
    transferHop: coupon.transfer === null ? null : coupon.transfer.hop,
    transferredAt: coupon.transfer === null ? null : coupon.transfer.at,
    stacked: order === null ? none : order.stacked,
    orderTier: order === null ? null : order.tier,
    identityVerified: account.verified,
    batchId: coupon.batchId,
    packageAmount: coupon.packageAmount,
  }
}
