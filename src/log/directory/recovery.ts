/**
 * Brings the files of a directory log in line with its checkpoint, whatever killed the last
 * process.
 *
 *   outputs   …committed…│ uncommitted tail      cut back to the checkpoint; a new file is removed
 *   events    …whole blocks…│ torn last block     whole blocks are kept; the rest is cut
 *
 * Only one append and one commit are ever in flight, and each writes one block a file. So at most
 * one block can be torn or uncommitted, and it is the last. Anything else is damage that no crash
 * makes, or a checkpoint that belongs to other files: it is refused, since cutting there would lose
 * rows that count. All topics are looked at before the first one is mended.
 */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { schema } from 'avsc'
import { CommandError } from '../../cli/exit.ts'
import { readUpTo, scanBlocks, syncBytes } from '../../recording/container.ts'
import { removeIfAny, syncFolder } from '../../runtime/durable-file.ts'
import type { Mark } from './checkpoint.ts'
import { isIntact } from './rows.ts'
import {
  damaged,
  headerOf,
  listSegments,
  type Segment,
  segmentHeader,
  segmentPath,
} from './segment.ts'
import type { TopicState } from './topic-files.ts'

/** What a topic will be opened with, once it is mended; a mend says in one line what it did. */
export interface Recovery {
  readonly state: TopicState
  readonly mends: readonly (() => Promise<string>)[]
}

/** An output topic, to be cut back to what was committed. */
export async function lookAtOutputs(folder: string, mark: Mark): Promise<Recovery> {
  const firsts = await listSegments(folder)
  const isCommitted = (first: number) =>
    mark.segment === null ? first < mark.records : first <= mark.segment
  const beyond = firsts.filter((first) => !isCommitted(first))
  if (beyond.length > 1) throw newerThanCheckpoint(segmentPath(folder, beyond[1]!))
  const mends = beyond.map((first) => remove(segmentPath(folder, first), 'it was never committed'))
  const kept = firsts.filter(isCommitted)
  const sealed = await segmentsOf(
    folder,
    kept.filter((first) => first !== mark.segment),
  )
  if (mark.segment === null)
    return { state: { sealed, active: null, records: mark.records }, mends }
  const path = segmentPath(folder, mark.segment)
  if (!kept.includes(mark.segment))
    throw new CommandError(`${path}: missing, but checkpoint.json names it; restore it`)
  const excess = await bytesBeyond(path, mark.bytes)
  if (excess > 0) mends.push(cut(path, mark.bytes, `${excess} bytes that were never committed`))
  const active = { first: mark.segment, path, bytes: mark.bytes }
  return { state: { sealed, active, records: mark.records }, mends }
}

/** Bytes that a stopped commit left behind the committed ones. */
async function bytesBeyond(path: string, committed: number): Promise<number> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size < committed)
      throw damaged(path, size, `it ends here, but ${committed} bytes were committed`)
    const header = await headerOf(path, file)
    const end = await readUpTo(file, committed - syncBytes, syncBytes)
    if (!end.equals(header.sync)) throw damaged(path, committed, 'no block ends here')
    const rest = { from: committed, size, sync: header.sync }
    if (size > committed && (await hasMoreThanOneBlock(file, rest))) throw newerThanCheckpoint(path)
    return size - committed
  } finally {
    await file.close()
  }
}

/** The events, to be cut behind the last whole block; refused where judged ones are missing. */
export async function lookAtEvents(
  folder: string,
  schema: schema.RecordType,
  judged: { readonly nextOffset: number; readonly droppedEvents: number },
): Promise<Recovery> {
  const firsts = await listSegments(folder)
  const tail = await tailOf(folder, schema, firsts.at(-1) ?? null)
  const start = firsts.at(-1) ?? judged.droppedEvents
  const end = start + tail.rows
  if (end < judged.nextOffset || (firsts[0] ?? start) > judged.droppedEvents)
    throw new CommandError(
      `${folder}: holds offsets ${firsts[0] ?? start} to ${end}, but ${judged.droppedEvents} to ` +
        `${judged.nextOffset} were judged; restore what is missing from a backup`,
    )
  const active = tail.rows === 0 ? null : { first: start, path: tail.path, bytes: tail.bytes }
  const sealed = await segmentsOf(folder, firsts.slice(0, -1))
  return { state: { sealed, active, records: end }, mends: tail.mends }
}

interface Tail {
  readonly path: string
  readonly rows: number
  /** Bytes up to the end of the last whole block. */
  readonly bytes: number
  readonly mends: readonly (() => Promise<string>)[]
}

/** What is good of the newest segment, and how to be rid of the rest. */
async function tailOf(
  folder: string,
  schema: schema.RecordType,
  newest: number | null,
): Promise<Tail> {
  if (newest === null) return { path: folder, rows: 0, bytes: 0, mends: [] }
  const path = segmentPath(folder, newest)
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const begun = remove(path, 'it was begun and held no event')
    // The header is synced before the first row, so a file this short never held one.
    const headerBytes = segmentHeader(schema, 0).bytes.length
    if (size <= headerBytes) return { path, rows: 0, bytes: 0, mends: [begun] }
    const { rows, bytes } = await readWholeBlocks(path, file, size)
    if (rows === 0) return { path, rows, bytes, mends: [begun] }
    const torn = cut(path, bytes, `${size - bytes} bytes of an append that never ended`)
    return { path, rows, bytes, mends: bytes < size ? [torn] : [] }
  } finally {
    await file.close()
  }
}

async function readWholeBlocks(
  path: string,
  file: FileHandle,
  size: number,
): Promise<{ rows: number; bytes: number }> {
  const { sync, length } = await headerOf(path, file)
  let rows = 0
  let bytes = length
  for await (const scanned of scanBlocks(file, sync, length)) {
    if (scanned.kind !== 'block' || !isIntact(scanned.payload)) break
    rows += scanned.count
    bytes = scanned.end
  }
  if (bytes < size && (await hasMoreThanOneBlock(file, { from: bytes, size, sync })))
    throw damaged(path, bytes, 'a block is broken and others follow it')
  return { rows, bytes }
}

/** A single block, whole or torn, may end in its sync marker; nothing stands behind that. */
async function hasMoreThanOneBlock(
  file: FileHandle,
  { from, size, sync }: { from: number; size: number; sync: Buffer },
): Promise<boolean> {
  const rest = await readUpTo(file, from, size - from)
  const marker = rest.indexOf(sync)
  return marker >= 0 && marker + syncBytes < rest.length
}

function newerThanCheckpoint(path: string): CommandError {
  return new CommandError(
    `${path}: newer than checkpoint.json; restore the checkpoint that belongs to it`,
  )
}

const remove = (path: string, why: string) => async () => {
  await removeIfAny(path)
  await syncFolder(dirname(path))
  return `${path}: removed, ${why}`
}

const cut = (path: string, bytes: number, what: string) => async () => {
  const file = await open(path, 'r+')
  try {
    await file.truncate(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  return `${path}: cut back by ${what}`
}

function segmentsOf(folder: string, firsts: readonly number[]): Promise<Segment[]> {
  return Promise.all(
    firsts.map(async (first) => {
      const path = segmentPath(folder, first)
      const { size } = await stat(path)
      return { first, path, bytes: size }
    }),
  )
}
