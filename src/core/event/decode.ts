/**
 * Published event → kept event or rejection; never a throw. Every field is chosen by somebody who
 * may want our coupons, so each is bounded in length and range here, once, and trusted afterwards.
 * Nothing personal gets past this file: see personal.ts.
 * serves: D7, D23
 */
import type { CouponEvent, DeviceOrigin, Event } from '../schema.gen.ts'
import { futureMaxMs, staleMaxMs } from '../signals/observation.ts'
import { dayMs } from '../signals/readings.ts'
import { canonicalAddress } from './address.ts'
import { deriveKeys, type Keys, md5Hex } from './keyed-hash.ts'
import {
  attributesMd5,
  hashCode,
  hashPhone,
  isSdkFingerprint,
  keepName,
  referrerDomain,
} from './personal.ts'
import { type Rejection, reject } from './rejection.ts'
import { lookOf, looks } from './text-look.ts'

export type DecodeKeys = Keys
export const decodeKeys = deriveKeys
export { hashCode, hashPhone }

export const nameCharsMax = 128
export const textCharsMax = 2_048
export const listItemsMax = 64
export const amountMax = 1e13
/** Coarsest time that is taken: a month. */
export const resolutionMaxMs = 31 * dayMs
const timeMax = 8.64e15

const names = [
  'id',
  'user',
  'campaign',
  'couponType',
  'merchant',
  'store',
  'category',
  'channel',
  'currency',
  'transferId',
  'transferSender',
  'orderTier',
  'batchId',
] as const
const texts = ['deviceFingerprint', 'ip', 'code', 'referrer', 'recipientPhone'] as const
const times = [
  'occurredAt',
  'codeIssuedAt',
  'codeExpiresAt',
  'registeredAt',
  'lastActiveAt',
  'portedAt',
  'transferredAt',
] as const
const amounts = ['orderAmount', 'couponAmount', 'packageAmount'] as const

export function decodeEvent(published: CouponEvent, keys: DecodeKeys): Event | Rejection {
  const look = lookOfNames(published)
  const wrong = badText(published, look) ?? badNumber(published) ?? badList(published)
  if (wrong !== null) return wrong
  const ip = isGiven(published.ip) ? canonicalAddress(published.ip) : null
  if (ip === null && isGiven(published.ip))
    return reject('bad-field', 'ip is no IPv4 or IPv6 address')
  const keep = look === looks.ordinary ? asItIs : (name: string) => keepName(name, keys)
  return keptForm(published, ip, { keys, keep })
}

const asItIs = (name: string) => name

/** Holds the event's date against the time at which the log took it. */
export function timeRejection(occurredAt: number, recordedAt: number): Rejection | null {
  if (occurredAt > recordedAt + futureMaxMs)
    return reject('future-time', 'occurredAt is more than 5 minutes ahead')
  if (occurredAt < recordedAt - staleMaxMs)
    return reject('stale-time', 'occurredAt is more than 7 days behind')
  return null
}

/**
 * Many publishers write an empty text where they have none: it would be an entity shared by all.
 */
const isGiven = (text: string | null): text is string => text !== null && text !== ''

interface Keeping {
  readonly keys: Keys
  /** A name in the form in which it is kept. */
  readonly keep: (name: string) => string
}

function keptForm(published: CouponEvent, ip: string | null, { keys, keep }: Keeping): Event {
  const keepAny = (name: string | null) => (isGiven(name) ? keep(name) : null)
  const { device, deviceOrigin } = deviceOf(published)
  const code = isGiven(published.code) ? hashCode(published.code, keys) : null
  return {
    id: keep(published.id),
    kind: published.kind,
    occurredAt: published.occurredAt,
    resolutionMs: published.resolutionMs,
    user: keep(published.user),
    campaign: keep(published.campaign),
    device,
    deviceOrigin,
    ip,
    couponType: keepAny(published.couponType),
    codeHash: code === null ? null : code.codeHash,
    codeBlock: code === null ? null : code.codeBlock,
    codeTail: code === null ? null : code.codeTail,
    codeIssuedAt: published.codeIssuedAt,
    codeExpiresAt: published.codeExpiresAt,
    merchant: keepAny(published.merchant),
    store: keepAny(published.store),
    category: keepAny(published.category),
    channel: keepAny(published.channel),
    referrerDomain: isGiven(published.referrer)
      ? keepName(referrerDomain(published.referrer), keys)
      : null,
    currency: keepAny(published.currency),
    orderAmount: published.orderAmount,
    couponAmount: published.couponAmount,
    attempt: published.attempt,
    geo: published.geo === null ? null : { lat: published.geo.lat, lon: published.geo.lon },
    registeredAt: published.registeredAt,
    lastActiveAt: published.lastActiveAt,
    phone: isGiven(published.recipientPhone) ? hashPhone(published.recipientPhone, keys) : null,
    numberKind: published.numberKind,
    portedAt: published.portedAt,
    transferId: keepAny(published.transferId),
    transferSender: keepAny(published.transferSender),
    transferHop: published.transferHop,
    transferredAt: published.transferredAt,
    stacked: published.stacked.map(({ source, amount }) => ({
      source: keepName(source, keys),
      amount,
    })),
    orderTier: keepAny(published.orderTier),
    identityVerified: published.identityVerified,
    batchId: keepAny(published.batchId),
    packageAmount: published.packageAmount,
  }
}

/** What a first look at all names finds, the worst of it. Written out: a loop costs thrice. */
function lookOfNames(published: CouponEvent): number {
  const { id, user, campaign, couponType, merchant, store, category, channel } = published
  const { currency, transferId, transferSender, orderTier, batchId } = published
  return Math.max(
    lookOfName(id),
    lookOfName(user),
    lookOfName(campaign),
    lookOfName(couponType),
    lookOfName(merchant),
    lookOfName(store),
    lookOfName(category),
    lookOfName(channel),
    lookOfName(currency),
    lookOfName(transferId),
    lookOfName(transferSender),
    lookOfName(orderTier),
    lookOfName(batchId),
  )
}

function lookOfName(name: string | null): number {
  if (name === null) return looks.ordinary
  return name.length > nameCharsMax ? looks.unprintable : lookOf(name)
}

function deviceOf(published: CouponEvent): { device: string | null; deviceOrigin: DeviceOrigin } {
  const { deviceFingerprint, deviceAttributes } = published
  if (isGiven(deviceFingerprint)) {
    return isSdkFingerprint(deviceFingerprint)
      ? { device: deviceFingerprint.toLowerCase(), deviceOrigin: 'fingerprint' }
      : { device: md5Hex(deviceFingerprint), deviceOrigin: 'handmade' }
  }
  return hasAttributes(deviceAttributes)
    ? { device: attributesMd5(deviceAttributes), deviceOrigin: 'attributes' }
    : { device: null, deviceOrigin: 'none' }
}

type Attributes = Readonly<Record<string, string>>
const hasAttributes = (attributes: Attributes | null): attributes is Attributes =>
  attributes !== null && Object.keys(attributes).length > 0

// U+FFFD stands where a reader met bytes that are no UTF-8.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unprintable = /[\u0000-\u001f\u007f\u2028\u2029\ufffd]/

function textFault(field: string, text: string, charsMax: number): Rejection | null {
  if (text.length > charsMax)
    return reject('bad-field', `${field} is longer than ${charsMax} characters`)
  if (!unprintable.test(text) && text.isWellFormed()) return null
  return text.includes('\ufffd') || !text.isWellFormed()
    ? reject('invalid-utf8', `${field} is not valid UTF-8`)
    : reject('bad-field', `${field} holds control characters`)
}

/** Whether all texts are short and printable ASCII, as those of nearly every event are. */
function isPlain(published: CouponEvent, namesLook: number): boolean {
  const { deviceFingerprint, ip, code, referrer, recipientPhone } = published
  return (
    namesLook !== looks.unprintable &&
    isPlainText(deviceFingerprint) &&
    isPlainText(ip) &&
    isPlainText(code) &&
    isPlainText(referrer) &&
    isPlainText(recipientPhone)
  )
}

const isPlainText = (text: string | null) =>
  text === null || (text.length <= textCharsMax && lookOf(text) !== looks.unprintable)

function badText(published: CouponEvent, namesLook: number): Rejection | null {
  if (published.id === '') return reject('missing-field', 'id is empty')
  if (published.user === '') return reject('missing-field', 'user is empty')
  if (published.campaign === '') return reject('missing-field', 'campaign is empty')
  if (published.kind === 'unknown')
    return reject('bad-field', 'kind is none of claim, redemption and reversal')
  if (isPlain(published, namesLook)) return null
  for (const field of names) {
    const text = published[field]
    const fault = text === null ? null : textFault(field, text, nameCharsMax)
    if (fault !== null) return fault
  }
  for (const field of texts) {
    const text = published[field]
    const fault = text === null ? null : textFault(field, text, textCharsMax)
    if (fault !== null) return fault
  }
  return null
}

/** Whether all times and amounts are as they should be, as those of nearly every event are. */
function hasPlainNumbers(published: CouponEvent): boolean {
  const { orderAmount, couponAmount, packageAmount } = published
  return (
    isTime(published.occurredAt) &&
    isTime(published.codeIssuedAt) &&
    isTime(published.codeExpiresAt) &&
    isTime(published.registeredAt) &&
    isTime(published.lastActiveAt) &&
    isTime(published.portedAt) &&
    isTime(published.transferredAt) &&
    isAmount(orderAmount) &&
    isAmount(couponAmount) &&
    isAmount(packageAmount)
  )
}

const isTime = (at: number | null) =>
  at === null || (Number.isInteger(at) && at >= 0 && at <= timeMax)
const isAmount = (amount: number | null) =>
  amount === null || (Number.isInteger(amount) && amount >= 0 && amount <= amountMax)

function badNumber(published: CouponEvent): Rejection | null {
  return hasPlainNumbers(published) ? badPlace(published) : badField(published)
}

/** Names the first number that is wrong. */
function badField(published: CouponEvent): Rejection | null {
  for (const field of times) {
    const at = published[field]
    if (!isTime(at)) {
      return reject('bad-field', `${field} is no time in milliseconds since 1970`)
    }
  }
  for (const field of amounts) {
    const fault = published[field] === null ? null : amountFault(field, published[field])
    if (fault !== null) return fault
  }
  return badPlace(published)
}

function badPlace({ resolutionMs, transferHop, geo }: CouponEvent): Rejection | null {
  if (!(Number.isInteger(resolutionMs) && resolutionMs >= 0 && resolutionMs <= resolutionMaxMs)) {
    return reject('bad-field', 'resolutionMs is not between 0 and 31 days')
  }
  if (
    transferHop !== null &&
    !(Number.isInteger(transferHop) && transferHop >= 0 && transferHop <= 1_000)
  ) {
    return reject('bad-field', 'transferHop is not between 0 and 1000')
  }
  if (geo !== null && !(Math.abs(geo.lat) <= 90 && Math.abs(geo.lon) <= 180)) {
    return reject('bad-field', 'geo is not a place on earth')
  }
  return null
}

function amountFault(field: string, amount: number): Rejection | null {
  if (!Number.isInteger(amount) || amount > amountMax) {
    return reject('bad-field', `${field} is no whole number of minor units up to ${amountMax}`)
  }
  return amount < 0 ? reject('negative-amount', `${field} is negative`) : null
}

function badList({ stacked, deviceAttributes }: CouponEvent): Rejection | null {
  if (stacked.length > listItemsMax)
    return reject('bad-field', `stacked has more than ${listItemsMax} coupons`)
  for (const { source, amount } of stacked) {
    const fault =
      textFault('stacked.source', source, nameCharsMax) ?? amountFault('stacked.amount', amount)
    if (fault !== null) return fault
  }
  if (deviceAttributes === null) return null
  const attributes = Object.entries(deviceAttributes)
  if (attributes.length > listItemsMax)
    return reject('bad-field', `deviceAttributes has more than ${listItemsMax}`)
  const long = attributes.some(
    ([name, value]) => name.length > nameCharsMax || value.length > textCharsMax,
  )
  if (long) return reject('bad-field', 'deviceAttributes holds a text that is too long')
  return attributes.some((pair) =>
    pair.some((text) => text.includes('\ufffd') || !text.isWellFormed()),
  )
    ? reject('invalid-utf8', 'deviceAttributes is not valid UTF-8')
    : null
}
