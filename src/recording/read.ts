/**
 * Reads a recording block by block, in bounded memory. Rows that are good are handed out even where
 * the file is cut off, damaged or was changed after it was sealed; `problem()` then has the one
 * line to end with. A file of another schema version is resolved against ours.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type avro from 'avsc'
import { CommandError } from '../cli/exit.ts'
import { boundedType } from '../core/event/bounded-type.ts'
import { type RecordingRow, schemas } from '../core/schema.gen.ts'
import {
  type Block,
  type ContainerHeader,
  readHeaderOf,
  type ScanEnd,
  scanBlocks,
} from './container.ts'
import { fileProblem } from './file-problem.ts'
import {
  formatVersion,
  isIntact,
  type RecordingHeader,
  readMetadata,
  recordingRowType,
  type Sealed,
} from './header.ts'

export interface Recording {
  readonly path: string
  readonly header: RecordingHeader & Sealed
  /** One batch per block, from the start; may be called again. */
  rows(): AsyncGenerator<RecordingRow[]>
  /** What the last `rows()` met, once it has ended; null where all is well. */
  problem(): string | null
}

export async function openRecording(path: string): Promise<Recording> {
  const container = await readContainerHeader(path)
  const header = readMetadata(container.metadata)
  const reader = rowReader(path, container.schema)
  let problem: string | null = null
  async function* rows(): AsyncGenerator<RecordingRow[]> {
    problem = null
    const file = await open(path, 'r').catch((error: unknown) => {
      throw fileProblem(path, error)
    })
    const hash = createHash('sha256')
    let rowsRead = 0
    try {
      for await (const scanned of scanBlocks(file, container.sync, container.length)) {
        if (scanned.kind !== 'block') {
          problem = endProblem(path, scanned, header, { rows: rowsRead, seal: hash.digest('hex') })
          return
        }
        hash.update(scanned.payload)
        const batch = decodeBlock(scanned, reader)
        rowsRead += batch.length
        if (batch.length > 0) yield batch
        if (batch.length === scanned.count) continue
        problem =
          `${path}: damaged after row ${shown(rowsRead)}, in the block at byte ` +
          `${scanned.position}; the rest is not read: take the original`
        return
      }
    } catch (error) {
      throw fileProblem(path, error)
    } finally {
      await file.close()
    }
  }
  return { path, header, rows, problem: () => problem }
}

/** Throws the problem of the last `rows()`, where there was one. */
export function assertWhole(recording: Recording): void {
  const problem = recording.problem()
  if (problem !== null) throw new CommandError(problem)
}

async function readContainerHeader(path: string): Promise<ContainerHeader> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw fileProblem(path, error)
  })
  try {
    const header = await readHeaderOf(file)
    const refuse = (why: string) => new CommandError(`${path}: ${why}`)
    if ('problem' in header) {
      const { size } = await file.stat()
      throw refuse(
        size === 0
          ? 'empty: no recording was written here'
          : `not a recording: ${header.problem}; make one with import, generate or replay --out`,
      )
    }
    const format = header.metadata['couponguard.format']
    if (format === undefined)
      throw refuse(
        'an Avro file, but not a recording; make one with import, generate or replay --out',
      )
    if (format !== formatVersion)
      throw refuse(
        `recording format ${format}, this version reads ${formatVersion}: use a newer couponguard`,
      )
    if (!isIntact(header))
      throw refuse('its header was changed after it was written: take the original')
    return header
  } catch (error) {
    throw fileProblem(path, error)
  } finally {
    await file.close()
  }
}

type RowReader = (
  payload: Buffer,
  at: number,
) => { value: RecordingRow | undefined; offset: number }

function rowReader(path: string, schema: unknown): RowReader {
  if (JSON.stringify(schema) === JSON.stringify(schemas.RecordingRow))
    return (payload, at) => recordingRowType.decode(payload, at)
  try {
    if (!isRecordSchema(schema)) throw new TypeError('it is not a record')
    const writerType = boundedType(schema)
    const resolver: avro.Resolver = recordingRowType.createResolver(writerType)
    return (payload, at) => recordingRowType.decode(payload, at, resolver)
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new CommandError(`${path}: its schema cannot be read as ours (${why})`)
  }
}

/** avsc checks the rest while it builds the type. */
function isRecordSchema(schema: unknown): schema is avro.Schema {
  return (
    typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'record'
  )
}

/** The rows of a block, fewer than it claims where its bytes are no rows. */
function decodeBlock({ count, payload }: Block, reader: RowReader): RecordingRow[] {
  const rows: RecordingRow[] = []
  let at = 0
  try {
    while (rows.length < count) {
      const { value, offset } = reader(payload, at)
      if (value === undefined || offset < 0) return rows
      rows.push(value)
      at = offset
    }
  } catch {
    // A byte that names no branch or symbol: what came before it is good.
  }
  return rows
}

function endProblem(path: string, end: ScanEnd, header: Sealed, read: Sealed): string | null {
  const after = `after row ${shown(read.rows)}`
  const remedy = 'the rest is missing: record it again or take the original'
  if (end.kind === 'damaged')
    return `${path}: ${end.problem}, ${after}; the rest is not read: take the original`
  if (end.kind === 'truncated' || read.rows < header.rows)
    return `${path}: cut off ${after} of ${shown(header.rows)} at byte ${end.position}; ${remedy}`
  if (read.seal === header.seal && read.rows === header.rows) return null
  return `${path}: tampered with: its rows are not those that it was sealed with; take the original`
}

const shown = (count: number) => count.toLocaleString('en-US')
