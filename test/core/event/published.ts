/** A published event that names as little as it may, and the keys that the tests decode with. */
import { publishedTestKey } from '../../../src/config/key-file.ts'
import { decodeEvent, decodeKeys } from '../../../src/core/event/decode.ts'
import { type Rejection, rejectionReasons } from '../../../src/core/event/rejection.ts'
import type { CouponEvent, Event } from '../../../src/core/schema.gen.ts'

export const keys = decodeKeys(publishedTestKey)
export const someTime = Date.UTC(2026, 2, 1, 4)

const bare: CouponEvent = {
  id: 'e1',
  kind: 'claim',
  occurredAt: someTime,
  resolutionMs: 0,
  user: 'u1',
  campaign: 'c1',
  deviceFingerprint: null,
  deviceAttributes: null,
  ip: null,
  couponType: null,
  code: null,
  codeIssuedAt: null,
  codeExpiresAt: null,
  merchant: null,
  store: null,
  category: null,
  channel: null,
  referrer: null,
  currency: null,
  orderAmount: null,
  couponAmount: null,
  attempt: 'unknown',
  geo: null,
  registeredAt: null,
  lastActiveAt: null,
  recipientPhone: null,
  numberKind: null,
  portedAt: null,
  transferId: null,
  transferSender: null,
  transferHop: null,
  transferredAt: null,
  stacked: [],
  orderTier: null,
  identityVerified: null,
  batchId: null,
  packageAmount: null,
}

export const published = (about: Partial<CouponEvent> = {}): CouponEvent => ({ ...bare, ...about })

export const decodeWith = (about: Partial<CouponEvent>): Event | Rejection =>
  decodeEvent(published(about), keys)

/** `reason: detail` of a rejection, or what is wrong with calling it one. */
export function said(result: Event | CouponEvent | Rejection): string {
  if (!('rejected' in result)) return 'taken'
  const known: readonly string[] = rejectionReasons
  return known.includes(result.reason)
    ? `${result.reason}: ${result.detail}`
    : `no reason: ${result.reason}`
}

/** The kept event; fails where there is none. */
export function kept(result: Event | Rejection): Event {
  if ('rejected' in result) throw new Error(`rejected as ${said(result)}`)
  return result
}
