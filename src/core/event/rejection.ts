/** Why an input could not be read: the closed list of reasons, and the value that carries one. */

export const rejectionReasons = [
  'not-json',
  'not-avro',
  'bad-frame',
  'unknown-schema',
  'incompatible-schema',
  'invalid-utf8',
  'too-large',
  'missing-field',
  'bad-field',
  'negative-amount',
  'future-time',
  'stale-time',
  'conflicting-id',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

/** A rejection is a value, never thrown. `detail` names field and rule, never the value. */
export interface Rejection {
  readonly rejected: true
  readonly reason: RejectionReason
  readonly detail: string
}

export function reject(reason: RejectionReason, detail: string): Rejection {
  return { rejected: true, reason, detail }
}

const reasons: ReadonlySet<string> = new Set(rejectionReasons)

/** A reason as recorded by this or a later version; one that is not known reads as bad-field. */
export function asReason(text: string): RejectionReason {
  return isReason(text) ? text : 'bad-field'
}

const isReason = (text: string): text is RejectionReason => reasons.has(text)
