/**
 * A generated row in the form of a recording: decoded as any message is, its bytes kept if broken.
 */
import { type DecodeKeys, decodeEvent } from '../core/event/decode.ts'
import { decodeJsonBytes } from '../core/event/decode-json.ts'
import { sha256Hex } from '../core/event/keyed-hash.ts'
import type { CouponEvent, RecordingRow } from '../core/schema.gen.ts'
import { emptyRow } from '../recording/header.ts'
import type { GeneratedRow } from './faults.ts'

/** Name of the log that generated rows come from. */
export const generatedSource = 'generate'

export function toRecordingRow(row: GeneratedRow, offset: number, keys: DecodeKeys): RecordingRow {
  const { recordedAt, labels } = row
  const empty = { ...emptyRow(recordedAt, generatedSource, 0, offset), labels }
  const published = row.published ?? decodeJsonBytes(bytesOf(row))
  const event = 'rejected' in published ? published : decodeEvent(published, keys)
  if (!('rejected' in event)) return { ...empty, event }
  // The Avro library takes bytes only as a Buffer.
  const bytes = Buffer.from(row.bytes ?? bytesOfEvent(row.published))
  return { ...empty, rejected: { reason: event.reason, bytes, sha256: sha256Hex(bytes) } }
}

function bytesOf({ bytes }: GeneratedRow): Uint8Array {
  if (bytes === null) throw new Error('a generated row holds an event or bytes')
  return bytes
}

const bytesOfEvent = (event: CouponEvent | null): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(event))
