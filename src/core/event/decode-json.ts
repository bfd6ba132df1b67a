/**
 * JSON → published event. Fields that this version does not know are ignored and symbols that it
 * does not know read as unknown, so that a publisher of any v1.x is understood; a known field of
 * the wrong type is a rejection that names it.
 */
import type {
  Attempt,
  CouponEvent,
  EventKind,
  Geo,
  NumberKind,
  StackedCoupon,
} from '../schema.gen.ts'
import { listItemsMax } from './decode.ts'
import { type Rejection, reject } from './rejection.ts'

/** Largest message that is read; a larger one is a dead letter. */
export const messageBytesMax = 1_048_576

const kinds: readonly EventKind[] = ['claim', 'redemption', 'reversal']
const attempts: readonly Attempt[] = [
  'succeeded',
  'wrong_code',
  'wrong_input',
  'expired',
  'declined',
]
const numberKinds: readonly NumberKind[] = [
  'mobile',
  'virtual',
  'iot',
  'hongkong',
  'macau',
  'taiwan',
  'roaming',
]

type Fields = Readonly<Record<string, unknown>>

/** Bytes of one JSON object. */
export function decodeJsonBytes(bytes: Uint8Array): CouponEvent | Rejection {
  if (bytes.length > messageBytesMax)
    return reject('too-large', `message is larger than ${messageBytesMax} bytes`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return reject('invalid-utf8', 'message is not valid UTF-8')
  }
  try {
    return publishedFromJson(JSON.parse(text))
  } catch {
    return reject('not-json', 'message is not JSON')
  }
}

/** A parsed JSON value. */
export function publishedFromJson(value: unknown): CouponEvent | Rejection {
  if (!isObject(value)) return reject('not-json', 'message is not a JSON object')
  for (const field of ['id', 'kind', 'occurredAt', 'user', 'campaign']) {
    if (value[field] === undefined || value[field] === null)
      return reject('missing-field', `${field} is missing`)
  }
  const fault: Fault = { field: null, wanted: '' }
  const read = reader(value, fault)
  const published: CouponEvent = {
    id: read.text('id') ?? '',
    kind: symbol(read.text('kind'), kinds) ?? 'unknown',
    occurredAt: read.number('occurredAt') ?? -1,
    resolutionMs: read.number('resolutionMs') ?? 0,
    user: read.text('user') ?? '',
    campaign: read.text('campaign') ?? '',
    deviceFingerprint: read.text('deviceFingerprint'),
    deviceAttributes: read.map('deviceAttributes'),
    ip: read.text('ip'),
    couponType: read.text('couponType'),
    code: read.text('code'),
    codeIssuedAt: read.number('codeIssuedAt'),
    codeExpiresAt: read.number('codeExpiresAt'),
    merchant: read.text('merchant'),
    store: read.text('store'),
    category: read.text('category'),
    channel: read.text('channel'),
    referrer: read.text('referrer'),
    currency: read.text('currency'),
    orderAmount: read.number('orderAmount'),
    couponAmount: read.number('couponAmount'),
    attempt: symbol(read.text('attempt'), attempts) ?? 'unknown',
    geo: read.geo('geo'),
    registeredAt: read.number('registeredAt'),
    lastActiveAt: read.number('lastActiveAt'),
    recipientPhone: read.text('recipientPhone'),
    numberKind: symbol(read.text('numberKind'), numberKinds),
    portedAt: read.number('portedAt'),
    transferId: read.text('transferId'),
    transferSender: read.text('transferSender'),
    transferHop: read.number('transferHop'),
    transferredAt: read.number('transferredAt'),
    stacked: read.stacked('stacked'),
    orderTier: read.text('orderTier'),
    identityVerified: read.flag('identityVerified'),
    batchId: read.text('batchId'),
    packageAmount: read.number('packageAmount'),
  }
  if (fault.field === null) return published
  return reject('bad-field', `${fault.field} has the wrong type; it must be ${fault.wanted}`)
}

/** The first field of a wrong type, and what it must be. */
interface Fault {
  field: string | null
  wanted: string
}

const stackedWanted = `a list of at most ${listItemsMax} of source, a text, and amount, a number`

/** Readers of one field each: null where it is absent; the first of a wrong type is remembered. */
function reader(fields: Fields, fault: Fault) {
  const typed = <T>(
    field: string,
    wanted: string,
    fits: (value: unknown) => value is T,
  ): T | null => {
    const value = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (value === undefined || value === null) return null
    if (fits(value)) return value
    if (fault.field === null) Object.assign(fault, { field, wanted })
    return null
  }
  return {
    text: (field: string) => typed(field, 'a text', (value) => typeof value === 'string'),
    number: (field: string) =>
      withoutNegativeZero(typed(field, 'a number', (v) => typeof v === 'number')),
    flag: (field: string) => typed(field, 'true or false', (value) => typeof value === 'boolean'),
    map: (field: string) => typed(field, 'an object of texts', isTextMap),
    geo: (field: string) => typed(field, 'an object of the numbers lat and lon', isGeo),
    stacked: (field: string) =>
      (typed(field, stackedWanted, isStacked) ?? []).map(({ source, amount }) => ({
        source,
        amount: withoutNegativeZero(amount),
      })),
  }
}

/** JSON can say -0, Avro cannot: a decision must be the same before and after it was written. */
const withoutNegativeZero = <T extends number | null>(value: T) => (value === 0 ? 0 : value)

/** null stays null; a symbol of a later version reads as unknown. */
function symbol<T extends string>(text: string | null, known: readonly T[]): T | 'unknown' | null {
  return text === null ? null : (known.find((name) => name === text) ?? 'unknown')
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTextMap = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string')

const isGeo = (value: unknown): value is Geo =>
  isObject(value) && typeof value.lat === 'number' && typeof value.lon === 'number'

const isStacked = (value: unknown): value is StackedCoupon[] =>
  Array.isArray(value) &&
  value.length <= listItemsMax &&
  value.every(
    (item) => isObject(item) && typeof item.source === 'string' && typeof item.amount === 'number',
  )
