/**
 * Headers of what we write, by the CloudEvents binding for Kafka in its binary mode: a subscriber
 * filters on them without decoding. `traceparent` of an event is carried to what follows from it,
 * if it has the form that W3C Trace Context gives it; anything else is dropped rather than passed
 * on, because whoever publishes chooses its bytes.
 */

/** As kafkajs gives headers: a name may come several times. */
export type ReadHeaders = Readonly<
  Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>
>
export type WrittenHeaders = Record<string, string | Buffer>

export const ceTypes = {
  decision: 'couponguard.decision.v1',
  audit: 'couponguard.audit.v1',
  tally: 'couponguard.tally.v1',
  progress: 'couponguard.progress.v1',
  alert: 'couponguard.alert.v1',
  report: 'couponguard.report.v1',
  deadLetter: 'couponguard.dead-letter.v1',
  listEntry: 'couponguard.list-entry.v1',
  campaign: 'couponguard.campaign.v1',
  review: 'couponguard.review.v1',
} as const
export type CeType = (typeof ceTypes)[keyof typeof ceTypes]

/** `ce_source`: which engine said so, as a URI reference. */
export const ceSource = '/couponguard'
const specVersion = '1.0'
/** What CloudEvents and the registries call Avro in binary form. */
const contentType = 'application/avro'

export interface CloudEvent {
  readonly type: CeType
  /** Unique for its source and type; a repeat has the same. */
  readonly id: string
  /** When it happened, in milliseconds. */
  readonly time: number
  /** Of the event that it follows from; see traceparentOf. */
  readonly traceparent?: string | null
}

export function cloudEventHeaders({ type, id, time, traceparent }: CloudEvent): WrittenHeaders {
  const headers: WrittenHeaders = {
    ce_specversion: specVersion,
    ce_type: type,
    ce_source: ceSource,
    ce_id: asHeaderText(id),
    ce_time: new Date(time).toISOString(),
    'content-type': contentType,
  }
  if (traceparent !== undefined && traceparent !== null) headers.traceparent = traceparent
  return headers
}

/** version - trace id - parent id - flags; version ff and ids of zeros are invalid. */
const traceparentForm =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const traceparentChars = 55

/** The event's traceparent; null where it has none, or none of the W3C form. */
export function traceparentOf(headers: ReadHeaders | undefined): string | null {
  const given = firstOf(headers?.traceparent)
  if (given === null || given.length !== traceparentChars) return null
  const text = typeof given === 'string' ? given : given.toString('latin1')
  return traceparentForm.test(text) ? text : null
}

function firstOf(
  value: Buffer | string | readonly (Buffer | string)[] | undefined,
): Buffer | string | null {
  if (value === undefined) return null
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  // Two of them contradict each other: which one is meant cannot be known.
  return value.length === 1 ? value[0]! : null
}

/** Printable ASCII; the rest, and the percent sign, percent-encoded as CloudEvents asks. */
function asHeaderText(text: string): string {
  return /^[\x20-\x24\x26-\x7e]*$/.test(text)
    ? text
    : encodeURIComponent(text.toWellFormed()).replace(/%20/g, ' ')
}

export const headersMax = 64
export const headerBytesMax = 4_096
const headerNameCharsMax = 256

/** Headers as a dead letter keeps them: at most 64 of at most 4 KiB, the first of each name. */
export function keptHeaders(headers: ReadHeaders | undefined): Record<string, Buffer> {
  const kept: [name: string, bytes: Buffer][] = []
  for (const [name, value] of Object.entries(headers ?? {}).slice(0, headersMax)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first === undefined || name.length > headerNameCharsMax) continue
    const bytes = Buffer.isBuffer(first) ? first : Buffer.from(String(first))
    kept.push([name, bytes.subarray(0, headerBytesMax)])
  }
  // Not by assignment: a name may be __proto__.
  return Object.fromEntries(kept)
}
