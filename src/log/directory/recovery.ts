/**
 * Brings the files of a directory log in line with its checkpoint, whatever killed the last process.
 *
 *   outputs   …committed…│ uncommitted tail      cut back to the checkpoint; a new file is removed
 *   events    …whole blocks…│ torn last block     whole blocks are kept, judged or not; the rest is cut
 *
 * Only one append is ever in flight, so at most one block can be torn, and it is the last. A bad block
 * with a whole one behind it is damage that no crash makes, and it is refused: cutting there would lose
 * rows that were acknowledged.
 */
import { type FileHandle, open, stat } from 'node:fs/promises'
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

/** Cuts an output topic back to what was committed. */
export async function recoverOutputs(
  folder: string,
  mark: Mark,
  repairs: string[],
): Promise<TopicState> {
  const firsts = await listSegments(folder)
  const isCommitted = (first: number) =>
    mark.segment === null ? first < mark.records : first <= mark.segment
  const beyond = firsts.filter((first) => !isCommitted(first)).map((f) => segmentPath(folder, f))
  if (beyond.length > 1)
    throw new CommandError(
      `${beyond[1]}: newer than checkpoint.json; restore the checkpoint that belongs to it`,
    )
  for (const path of beyond) {
    await removeIfAny(path)
    await syncFolder(folder)
    repairs.push(`${path}: removed, it was never committed`)
  }
  const kept = firsts.filter(isCommitted)
  const sealed = await segmentsOf(
    folder,
    kept.filter((first) => first !== mark.segment),
  )
  if (mark.segment === null) return { sealed, active: null, records: mark.records }
  const path = segmentPath(folder, mark.segment)
  if (!kept.includes(mark.segment))
    throw new CommandError(`${path}: missing, but checkpoint.json names it; restore it`)
  await cutToMark(path, mark.bytes, repairs)
  const active = { first: mark.segment, path, bytes: mark.bytes }
  return { sealed, active, records: mark.records }
}

async function cutToMark(path: string, bytes: number, repairs: string[]): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size < bytes) throw damaged(path, size, `it ends here, but ${bytes} bytes were committed`)
    const header = await headerOf(path, file)
    const end = await readUpTo(file, bytes - syncBytes, syncBytes)
    if (!end.equals(header.sync)) throw damaged(path, bytes, 'no block ends here')
    if (size === bytes) return
    await cut(path, bytes)
    repairs.push(`${path}: cut back by ${size - bytes} bytes that were never committed`)
  } finally {
    await file.close()
  }
}

/** Mends the end of the events, once it is clear that nothing else is wrong with them. */
export async function recoverEvents(
  folder: string,
  schema: schema.RecordType,
  { nextOffset, droppedEvents }: { nextOffset: number; droppedEvents: number },
  repairs: string[],
): Promise<TopicState> {
  const firsts = await listSegments(folder)
  const oldest = firsts[0] ?? droppedEvents
  const newest = firsts.pop()
  if (newest === undefined && droppedEvents === nextOffset)
    return { sealed: [], active: null, records: nextOffset }
  const path = segmentPath(folder, newest ?? droppedEvents)
  const headerBytes = segmentHeader(schema, 0).bytes.length
  const tail = newest === undefined ? null : await readTail(path, headerBytes)
  const end = (newest ?? droppedEvents) + (tail?.rows ?? 0)
  if (end < nextOffset || oldest > droppedEvents)
    throw new CommandError(
      `${folder}: holds offsets ${oldest} to ${end}, but ${droppedEvents} to ${nextOffset} ` +
        'were judged; restore what is missing from a backup',
    )
  const sealed = await segmentsOf(folder, firsts)
  if (tail === null) return { sealed, active: null, records: end }
  if (tail.rows === 0) {
    await removeIfAny(path)
    await syncFolder(folder)
    repairs.push(`${path}: removed, it was begun and held no event`)
    return { sealed, active: null, records: end }
  }
  if (tail.bytes < tail.size) {
    await cut(path, tail.bytes)
    repairs.push(
      `${path}: cut back by ${tail.size - tail.bytes} bytes of an append that never ended`,
    )
  }
  return { sealed, active: { first: end - tail.rows, path, bytes: tail.bytes }, records: end }
}

interface Tail {
  readonly rows: number
  /** Bytes up to the end of the last whole block. */
  readonly bytes: number
  readonly size: number
}

/** What is good of the newest segment. */
async function readTail(path: string, headerBytes: number): Promise<Tail> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    // The header is synced before the first row, so a file this short never held one.
    if (size <= headerBytes) return { rows: 0, bytes: 0, size }
    const header = await headerOf(path, file)
    let rows = 0
    let good = header.length
    for await (const scanned of scanBlocks(file, header.sync, header.length)) {
      if (scanned.kind !== 'block' || !isIntact(scanned.payload)) break
      rows += scanned.count
      good = scanned.end
    }
    if (good < size) await refuseDamageInside(path, file, { good, size, sync: header.sync })
    return { rows, bytes: good, size }
  } finally {
    await file.close()
  }
}

/** A torn append may end in its sync marker, but nothing can stand behind it. */
async function refuseDamageInside(
  path: string,
  file: FileHandle,
  { good, size, sync }: { good: number; size: number; sync: Buffer },
): Promise<void> {
  const rest = await readUpTo(file, good, size - good)
  const marker = rest.indexOf(sync)
  if (marker >= 0 && marker + syncBytes < rest.length)
    throw damaged(path, good, 'a block is broken and others follow it')
}

async function cut(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.truncate(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
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
