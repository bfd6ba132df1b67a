/**
 * One file of a topic, a segment: named by the ordinal of its first row, readable as any Avro
 * object container file. Reading goes up to the bytes that are settled and never sees what lies
 * beyond.
 */
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { schema } from 'avsc'
import { CommandError } from '../../cli/exit.ts'
import {
  type Block,
  type ContainerHeader,
  encodeHeader,
  readHeaderOf,
  readUpTo,
  scanBlocks,
  takeBlock,
} from '../../recording/container.ts'

export interface Segment {
  /** Ordinal of its first row; for events, the first offset. */
  readonly first: number
  readonly path: string
  /** Settled bytes. */
  readonly bytes: number
}

const readAheadBytes = 65_536
const firstKey = 'couponguard.first'

const nameOf = (first: number) => String(first).padStart(16, '0')

export const segmentPath = (folder: string, first: number) => join(folder, `${nameOf(first)}.avro`)

/** First ordinals of a folder's segments, ascending. Files with other names are not ours. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{16}\.avro$/.test(name))
  return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b)
}

export const segmentHeader = (schema: schema.RecordType, first: number) =>
  encodeHeader(schema, { [firstKey]: nameOf(first) })

/** One line for a file that is not as it was written, which only a backup can mend. */
export function damaged(path: string, position: number, problem: string): CommandError {
  return new CommandError(
    `${path}: damaged at byte ${position}: ${problem}; restore it from a backup`,
  )
}

/**
 * The header of a segment, which MUST be as it was written, under the name that it was written to.
 */
export async function headerOf(path: string, file: FileHandle): Promise<ContainerHeader> {
  const header = await readHeaderOf(file)
  if ('problem' in header) throw damaged(path, 0, header.problem)
  const { sync } = encodeHeader(objectOf(header.schema), header.metadata)
  if (!sync.equals(header.sync)) throw damaged(path, 0, 'its header was changed')
  if (`${header.metadata[firstKey]}.avro` !== basename(path))
    throw damaged(path, 0, `it was written as ${header.metadata[firstKey]}.avro`)
  return header
}

/** A segment opened for reading. Close it. */
export interface OpenSegment {
  readonly header: ContainerHeader
  /** Its blocks in order, from a block's start (or the first) up to `bytes`. */
  blocks(bytes: number, from?: number): AsyncGenerator<Block>
  /** The block that starts at `position`. */
  blockAt(position: number): Promise<Block>
  close(): Promise<void>
}

export async function openSegment(path: string): Promise<OpenSegment> {
  const file = await open(path, 'r')
  try {
    const header = await headerOf(path, file)
    return {
      header,
      blocks: (bytes, from = header.length) => settledBlocks(path, file, header, { from, bytes }),
      blockAt: (position) => blockAt(path, file, header, position),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function* settledBlocks(
  path: string,
  file: FileHandle,
  header: ContainerHeader,
  range: { from: number; bytes: number },
): AsyncGenerator<Block> {
  if (range.from >= range.bytes) return
  for await (const scanned of scanBlocks(file, header.sync, range.from)) {
    if (scanned.kind !== 'block') throw damaged(path, scanned.position, scanned.problem)
    if (scanned.end > range.bytes) throw damaged(path, scanned.position, 'a block is too long')
    yield scanned
    if (scanned.end === range.bytes) return
  }
}

async function blockAt(
  path: string,
  file: FileHandle,
  header: ContainerHeader,
  position: number,
): Promise<Block> {
  for (let size = readAheadBytes; ; ) {
    const bytes = await readUpTo(file, position, size)
    const taken = takeBlock(bytes, header.sync, position)
    if (typeof taken === 'number') {
      if (bytes.length < size) throw damaged(path, position, 'the file ends inside a block')
      size = Math.max(taken, size * 2)
    } else if (taken.kind === 'block') return taken
    else throw damaged(path, position, taken.problem)
  }
}

/** Bytes that are no rows are damage, in one line; decoders say nothing that a person could use. */
export function readOrRefuse<T>(path: string, position: number, read: () => T): T {
  try {
    return read()
  } catch {
    throw damaged(path, position, 'its bytes are not rows')
  }
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
