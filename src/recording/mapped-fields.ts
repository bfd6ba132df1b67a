/**
 * The fields that a mapping may fill, what each takes, and the published event that comes of them.
 * An empty text and null both mean that the field is absent.
 */
import type { Attempt, CouponEvent, EventKind, NumberKind } from '../core/schema.gen.ts'
import { ValueProblem } from './mapping-functions.ts'

export type FieldKind = 'text' | 'number' | 'flag' | 'attributes'

const kindsOf = (kind: FieldKind, ...names: string[]) => names.map((name) => [name, kind] as const)

/** `lat` and `lon` together make geo; a list of stacked coupons cannot be mapped. */
export const fieldKinds: ReadonlyMap<string, FieldKind> = new Map([
  ...kindsOf('text', 'user', 'campaign', 'deviceFingerprint', 'ip', 'couponType', 'code'),
  ...kindsOf('text', 'merchant', 'store', 'category', 'channel', 'referrer', 'currency', 'attempt'),
  ...kindsOf('text', 'recipientPhone', 'numberKind', 'transferId', 'transferSender', 'orderTier'),
  ...kindsOf('text', 'batchId'),
  ...kindsOf('number', 'occurredAt', 'resolutionMs', 'codeIssuedAt', 'codeExpiresAt', 'lat', 'lon'),
  ...kindsOf('number', 'orderAmount', 'couponAmount', 'registeredAt', 'lastActiveAt', 'portedAt'),
  ...kindsOf('number', 'transferHop', 'transferredAt', 'packageAmount'),
  ...kindsOf('flag', 'identityVerified'),
  ...kindsOf('attributes', 'deviceAttributes'),
])
export const requiredFields = ['occurredAt', 'user', 'campaign'] as const

/** What the type checker may say of an expression for a field of this kind. */
export const celTypesOf: Readonly<Record<FieldKind, RegExp>> = {
  text: /^(string|int|dyn|null)$/,
  number: /^(int|uint|double|dyn|null)$/,
  flag: /^(bool|dyn|null)$/,
  attributes: /^(map|dyn|null)/,
}

/** Values of one event's fields, by kind. */
export interface FieldValues {
  readonly texts: Record<string, string | null>
  readonly numbers: Record<string, number | null>
  readonly flags: Record<string, boolean | null>
  attributes: Record<string, string> | null
}

export const newFieldValues = (): FieldValues => ({
  texts: {},
  numbers: {},
  flags: {},
  attributes: null,
})

/** Takes what an expression gave; ValueProblem where it is nothing that the field takes. */
export function setField(values: FieldValues, name: string, kind: FieldKind, value: unknown): void {
  if (kind === 'text') values.texts[name] = textOf(value)
  else if (kind === 'number') values.numbers[name] = numberOf(value)
  else if (kind === 'flag') values.flags[name] = flagOf(value)
  else values.attributes = attributesOf(value)
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  if (value === null) return null
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new ValueProblem('not a text')
}

export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value === null) return null
  throw new ValueProblem('not a number; turn a text into one with whole(), minor() or time()')
}

export function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean' || value === null) return value
  throw new ValueProblem('neither true nor false')
}

function attributesOf(value: unknown): Record<string, string> | null {
  if (value === null) return null
  if (typeof value !== 'object') throw new ValueProblem('not a map of texts')
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(entries.map(([name, text]) => [String(name), textOf(text) ?? '']))
}

const attempts: readonly Attempt[] = [
  'unknown',
  'succeeded',
  'wrong_code',
  'wrong_input',
  'expired',
  'declined',
]
const numberKinds: readonly NumberKind[] = [
  'unknown',
  'mobile',
  'virtual',
  'iot',
  'hongkong',
  'macau',
  'taiwan',
  'roaming',
]

function oneOf<Name extends string>(names: readonly Name[], text: string, field: string): Name {
  const found = names.find((name) => name === text)
  if (found === undefined) throw new ValueProblem(`${field} is none of ${names.join(', ')}`)
  return found
}

/** The published event; the required fields are the caller's to check. */
export function publishedEvent(
  id: string,
  kind: EventKind,
  { texts, numbers, flags, attributes }: FieldValues,
): CouponEvent {
  const text = (name: string) => texts[name] ?? null
  const number = (name: string) => numbers[name] ?? null
  const { attempt, numberKind } = texts
  const { lat = null, lon = null } = numbers
  return {
    id,
    kind,
    occurredAt: numbers.occurredAt ?? Number.NaN,
    resolutionMs: numbers.resolutionMs ?? 0,
    user: texts.user ?? '',
    campaign: texts.campaign ?? '',
    deviceFingerprint: text('deviceFingerprint'),
    deviceAttributes: attributes,
    ip: text('ip'),
    couponType: text('couponType'),
    code: text('code'),
    codeIssuedAt: number('codeIssuedAt'),
    codeExpiresAt: number('codeExpiresAt'),
    merchant: text('merchant'),
    store: text('store'),
    category: text('category'),
    channel: text('channel'),
    referrer: text('referrer'),
    currency: text('currency'),
    orderAmount: number('orderAmount'),
    couponAmount: number('couponAmount'),
    attempt: attempt == null ? 'unknown' : oneOf(attempts, attempt, 'attempt'),
    geo: lat === null || lon === null ? null : { lat, lon },
    registeredAt: number('registeredAt'),
    lastActiveAt: number('lastActiveAt'),
    recipientPhone: text('recipientPhone'),
    numberKind: numberKind == null ? null : oneOf(numberKinds, numberKind, 'numberKind'),
    portedAt: number('portedAt'),
    transferId: text('transferId'),
    transferSender: text('transferSender'),
    transferHop: number('transferHop'),
    transferredAt: number('transferredAt'),
    stacked: [],
    orderTier: text('orderTier'),
    identityVerified: flags.identityVerified ?? null,
    batchId: text('batchId'),
    packageAmount: number('packageAmount'),
  }
}
