/**
 * What the header of a recording says, and its form as metadata of the container.
 *
 * Two entries have a fixed width and are filled in when the recording is finished: how many rows it
 * holds, and its seal, the SHA-256 of all payloads. The sync marker is that of the header with both
 * still blank. So a row that was changed, and an end that is missing, are noticed when it is read.
 */

import { writtenType } from '../core/event/bounded-type.ts'
import { type RecordingRow, schemas } from '../core/schema.gen.ts'
import { type ContainerHeader, encodeHeader } from './container.ts'

export interface RecordingHeader {
  /** The playbook that made the decisions; null where there are none. */
  readonly playbook: {
    readonly name: string
    readonly version: string
    readonly hash: string
  } | null
  /** SHA-256 of the model, and of the lists, in hexadecimal; null without. */
  readonly model: string | null
  readonly lists: string | null
  /** Id of the key that hashed phones and codes. */
  readonly keyId: string
}

export interface Sealed {
  readonly rows: number
  readonly seal: string
}

export const formatVersion = '1'
export const recordingRowType = writtenType(schemas.RecordingRow)

/** Largest row that is written. */
export const rowBytesMax = 1_048_576
/** Rows and bytes at which a block is closed. */
export const blockRowsMax = 1_000
export const blockBytesAim = 1_048_576

export const blank: Sealed = { rows: 0, seal: '0'.repeat(64) }
const rowsDigits = 12

/** Bytes of the header; its length does not depend on `sealed`. */
export function headerBytes(
  header: RecordingHeader,
  sealed: Sealed,
): { bytes: Buffer; sync: Buffer } {
  return sealedBytes(schemas.RecordingRow, metadataOf(header), sealed)
}

/** Whether the header is as it was written: its sync marker is made of it. */
export function isIntact({ schema, metadata, sync }: ContainerHeader): boolean {
  return sealedBytes(schema, metadata, blank).sync.equals(sync)
}

export function readMetadata(metadata: Readonly<Record<string, string>>): RecordingHeader & Sealed {
  const name = metadata['couponguard.playbook']
  const version = metadata['couponguard.playbook.version'] ?? ''
  const hash = metadata['couponguard.playbook.hash'] ?? ''
  return {
    playbook: name === undefined ? null : { name, version, hash },
    model: metadata['couponguard.model'] ?? null,
    lists: metadata['couponguard.lists'] ?? null,
    keyId: metadata['couponguard.key'] ?? '',
    rows: Number(metadata['couponguard.rows'] ?? 0),
    seal: metadata['couponguard.seal'] ?? '',
  }
}

/** An empty row at its place, for whoever builds one. */
export function emptyRow(
  recordedAt: number,
  source: string,
  partition: number,
  offset: number,
): RecordingRow {
  const nothing = { event: null, rejected: null, inputs: null, decision: null, labels: null }
  return { recordedAt, source, partition, offset, ...nothing }
}

function sealedBytes(
  schema: unknown,
  metadata: Readonly<Record<string, string>>,
  sealed: Sealed,
): { bytes: Buffer; sync: Buffer } {
  const { sync } = encodeHeader(schema, { ...metadata, ...sealEntries(blank) })
  const { bytes } = encodeHeader(schema, { ...metadata, ...sealEntries(sealed) })
  sync.copy(bytes, bytes.length - sync.length)
  return { bytes, sync }
}

function sealEntries({ rows, seal }: Sealed): Record<string, string> {
  return {
    'couponguard.rows': String(rows).padStart(rowsDigits, '0'),
    'couponguard.seal': seal,
  }
}

function metadataOf({ playbook, model, lists, keyId }: RecordingHeader): Record<string, string> {
  return {
    'couponguard.format': formatVersion,
    'couponguard.key': keyId,
    ...(playbook === null
      ? {}
      : {
          'couponguard.playbook': playbook.name,
          'couponguard.playbook.version': playbook.version,
          'couponguard.playbook.hash': playbook.hash,
        }),
    ...(model === null ? {} : { 'couponguard.model': model }),
    ...(lists === null ? {} : { 'couponguard.lists': lists }),
  }
}
