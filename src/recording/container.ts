/**
 * Avro object container files, as bytes: header, blocks, and a scan that says where and how a file
 * ends. Recordings and the directory log stand on this, so both are readable by any Avro tool.
 *
 *   header = 'Obj' 1 | map of metadata (avro.schema, avro.codec = null, ours) | sync
 *   block  = rows (long) | bytes of payload (long) | payload | sync
 *
 * The sync marker is the head of SHA-256 over the metadata bytes, so equal input gives equal files.
 * Lengths are read by hand and checked before anything is allocated: a block that claims 2^40 bytes
 * costs nothing. A scan holds one block and one read-ahead of 1 MiB.
 */
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

export const syncBytes = 16
/** Largest header and block that are read; writers stay far below. */
export const headerBytesMax = 4 * 1_048_576
export const blockBytesMax = 64 * 1_048_576
const chunkBytes = 1_048_576
const magic = Buffer.from([0x4f, 0x62, 0x6a, 0x01])

export interface ContainerHeader {
  /** The writer's schema, parsed from its JSON. */
  readonly schema: unknown
  /** Our own entries; avro.schema and avro.codec are left out. */
  readonly metadata: Readonly<Record<string, string>>
  readonly sync: Buffer
  /** Bytes of the header: where the first block starts. */
  readonly length: number
}

/** `cut` says that the bytes merely end too early. */
export interface ContainerProblem {
  readonly problem: string
  readonly cut: boolean
}

export interface Block {
  readonly kind: 'block'
  readonly count: number
  readonly payload: Buffer
  /** Where the block starts in the file, and where the next one does. */
  readonly position: number
  readonly end: number
}

/**
 * How a scan ends. `position` is the end of the last whole block: cut the file there to repair it.
 * end: exactly at the end of the file. truncated: the file ends inside a block. damaged: the sync
 * marker is not where it should be, or a length cannot be true.
 */
export interface ScanEnd {
  readonly kind: 'end' | 'truncated' | 'damaged'
  readonly position: number
  readonly problem: string
}

export type Scanned = Block | ScanEnd

export function encodeHeader(
  schema: unknown,
  metadata: Readonly<Record<string, string>>,
): { bytes: Buffer; sync: Buffer } {
  const entries: [string, string][] = [
    ['avro.codec', 'null'],
    ['avro.schema', JSON.stringify(schema)],
    ...Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]
  const parts = [longBytes(entries.length)]
  for (const [key, value] of entries) parts.push(textBytes(key), textBytes(value))
  parts.push(longBytes(0))
  const map = Buffer.concat(parts)
  const sync = createHash('sha256').update(map).digest().subarray(0, syncBytes)
  return { bytes: Buffer.concat([magic, map, sync]), sync }
}

export function encodeBlock(count: number, payload: Uint8Array, sync: Uint8Array): Buffer {
  return Buffer.concat([longBytes(count), longBytes(payload.length), payload, sync])
}

/** Reads the header at the start of `bytes`; `cut` asks for more bytes than were given. */
export function readHeader(bytes: Uint8Array): ContainerHeader | ContainerProblem {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!given.subarray(0, 4).equals(magic.subarray(0, given.length)))
    return { problem: 'not an Avro object container file', cut: false }
  const cursor: Cursor = { bytes: given, at: 4 }
  const metadata: Record<string, string> = {}
  const problem = readMetadata(cursor, metadata)
  if (problem !== null) return problem
  if (given.length < cursor.at + syncBytes) return cutHeader
  const { 'avro.schema': schemaText, 'avro.codec': codec = 'null', ...ours } = metadata
  if (codec !== 'null') return { problem: `codec is ${codec}; only null is read`, cut: false }
  const schema = parseJson(schemaText ?? '')
  if (schema === undefined) return { problem: 'the header holds no schema', cut: false }
  const sync = Buffer.from(given.subarray(cursor.at, cursor.at + syncBytes))
  return { schema, metadata: ours, sync, length: cursor.at + syncBytes }
}

/** Reads the header of an open file. */
export async function readHeaderOf(file: FileHandle): Promise<ContainerHeader | ContainerProblem> {
  for (let size = 65_536; ; size *= 4) {
    const bytes = await readUpTo(file, 0, Math.min(size, headerBytesMax))
    const header = readHeader(bytes)
    if (!('problem' in header) || !header.cut || bytes.length < size) return header
    if (size >= headerBytesMax) return { problem: 'the header is larger than 4 MiB', cut: false }
  }
}

/** Blocks from `from` (a header's length, or a block's start) on; the last item is no block. */
export async function* scanBlocks(
  file: FileHandle,
  sync: Buffer,
  from: number,
): AsyncGenerator<Scanned> {
  let position = from
  let held: Buffer = Buffer.alloc(0)
  for (;;) {
    const taken = takeBlock(held, sync, position)
    if (typeof taken !== 'number') {
      yield taken
      if (taken.kind !== 'block') return
      held = held.subarray(taken.end - position)
      position = taken.end
      continue
    }
    const missing = Math.max(chunkBytes, taken - held.length)
    const more = await readUpTo(file, position + held.length, missing)
    if (more.length === 0) {
      yield held.length === 0
        ? { kind: 'end', position, problem: '' }
        : { kind: 'truncated', position, problem: `cut off inside the block at byte ${position}` }
      return
    }
    held = held.length === 0 ? more : Buffer.concat([held, more])
  }
}

/** The block at the start of `bytes`, what is wrong with it, or how many bytes it needs. */
export function takeBlock(bytes: Buffer, sync: Buffer, position: number): Scanned | number {
  const cursor: Cursor = { bytes, at: 0 }
  const count = takeLong(cursor)
  const size = takeLong(cursor)
  const damaged = (problem: string): ScanEnd => ({
    kind: 'damaged',
    position,
    problem: `${problem} at byte ${position}`,
  })
  if (Number.isNaN(count) || Number.isNaN(size)) return bytes.length + 1
  if (size < 0 || size > blockBytesMax) return damaged('a block claims more than 64 MiB')
  if (count < 0 || count > size) return damaged('a block claims more rows than it has bytes')
  const payloadEnd = cursor.at + size
  const end = payloadEnd + syncBytes
  if (bytes.length < end) return end
  if (sync.compare(bytes, payloadEnd, end) !== 0)
    return damaged('damaged: no sync marker after the block')
  const payload = bytes.subarray(cursor.at, payloadEnd)
  return { kind: 'block', count, payload, position, end: position + end }
}

/** Up to `size` bytes from `position`; fewer only at the end of the file. */
export async function readUpTo(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await file.read(buffer, filled, size - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

const cutHeader: ContainerProblem = { problem: 'cut off inside its header', cut: true }

function readMetadata(cursor: Cursor, into: Record<string, string>): ContainerProblem | null {
  for (;;) {
    let count = takeLong(cursor)
    if (Number.isNaN(count)) return cutHeader
    if (count === 0) return null
    if (count < 0) {
      takeLong(cursor)
      count = -count
    }
    if (count > 1_000) return { problem: 'the header claims too many entries', cut: false }
    for (let entry = 0; entry < count; entry += 1) {
      const key = takeText(cursor)
      const value = takeText(cursor)
      if (key === null || value === null) return cutHeader
      into[key] = value
    }
  }
}

function takeText(cursor: Cursor): string | null {
  const size = takeLong(cursor)
  if (!(size >= 0) || cursor.at + size > cursor.bytes.length) return null
  const text = cursor.bytes.toString('utf8', cursor.at, cursor.at + size)
  cursor.at += size
  return text
}

/** A zigzag long; NaN where the bytes end inside it, Infinity where it is beyond any we accept. */
function takeLong(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 56; shift += 7) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) return Number.NaN
    cursor.at += 1
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  return Number.POSITIVE_INFINITY
}

function longBytes(value: number): Buffer {
  const bytes: number[] = []
  let rest = value >= 0 ? value * 2 : -value * 2 - 1
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

function textBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  return Buffer.concat([longBytes(bytes.length), bytes])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
