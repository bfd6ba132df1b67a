/**
 * The files of the payment side, row by row: CSV or JSON lines, gzip told by the first bytes. A row
 * that cannot be read is counted by reason and line, and the others are kept; a file that ends too
 * early keeps what came before.
 */
import { basename } from 'node:path'
import type { Keys } from '../core/event/keyed-hash.ts'
import { formatOf, type InputFile, inputChunks } from './input-bytes.ts'
import { type InputRecord, RecordCutter } from './input-records.ts'
import {
  countRejected,
  headerColumns,
  type RejectedReason,
  rowValues,
  withoutMark,
} from './input-values.ts'
import type { RowsFormat } from './mapping-file.ts'
import {
  compileSettlements,
  defaultSettlementMapping,
  type MappedSettlement,
  refuseHeader,
  type SettlementRow,
} from './settlement-mapping.ts'

export interface SettlementFiles {
  readonly files: readonly InputFile[]
  /** Null: the default columns, in whichever format a file begins. */
  readonly mapping: RowsFormat | null
  readonly keys: Keys
  /** The time now, in milliseconds. */
  readonly now: number
}

export interface SettlementsRead {
  /** Blank lines and headers not counted. */
  rows: number
  rejected: number
  readonly reasons: Map<string, RejectedReason>
  /** Files that ended too early or hold nothing, one line each. */
  readonly problems: string[]
}

/** `place` says file and line: `placeText` turns it back. */
export type TakeSettlement = (mapped: MappedSettlement, place: number) => void

const linesMax = 2 ** 32

export function placeText(files: readonly InputFile[], place: number): string {
  return `${files[Math.floor(place / linesMax)]!.path}:${place % linesMax}`
}

/** Throws CommandError for a header, or a mapping, that does not fit. */
export async function readSettlements(
  request: SettlementFiles,
  take: TakeSettlement,
): Promise<SettlementsRead> {
  const read: SettlementsRead = { rows: 0, rejected: 0, reasons: new Map(), problems: [] }
  for (const [index, file] of request.files.entries()) {
    const mapping = request.mapping ?? defaultSettlementMapping(await formatOf(file))
    const isDefault = request.mapping === null
    const run = { ...request, mapping, isDefault, file, firstPlace: index * linesMax, read }
    await readFile(run, take)
  }
  return read
}

interface FileRun extends SettlementFiles {
  readonly mapping: RowsFormat
  /** Nobody gave a mapping: the header has to have the default columns. */
  readonly isDefault: boolean
  readonly file: InputFile
  readonly firstPlace: number
  readonly read: SettlementsRead
}

async function readFile(run: FileRun, take: TakeSettlement): Promise<void> {
  const { mapping, file, read } = run
  const cutter = new RecordCutter(mapping.format === 'csv' ? mapping.delimiter : null)
  const takeRecord = recordTaker(run, take)
  const source = inputChunks(file)
  const rowsBefore = read.rows
  let first = true
  for await (const chunk of source.chunks()) {
    for (const record of cutter.push(first ? withoutMark(chunk) : chunk)) takeRecord(record)
    first = false
  }
  const problem = source.problem()
  for (const record of cutter.end(problem !== null)) takeRecord(record)
  const rows = read.rows - rowsBefore
  if (problem !== null)
    read.problems.push(
      `${file.path}: ${problem} after ${rows.toLocaleString('en-US')} rows, and what is missing counts as not settled: fetch the file again`,
    )
  else if (rows === 0) read.problems.push(`${file.path}: empty; there is no settlement in it`)
}

function recordTaker(run: FileRun, take: TakeSettlement): (record: InputRecord) => void {
  const { mapping, isDefault, file, firstPlace, read, keys, now } = run
  const about = { origin: basename(file.path), keys, now }
  let columns: readonly string[] | null = mapping.format === 'jsonl' ? mapping.columns : null
  let rowOf: SettlementRow | null =
    columns === null ? null : compileSettlements(mapping, columns, about)
  return (record) => {
    if (columns === null || rowOf === null) {
      columns = headerColumns(file.path, record, mapping.delimiter)
      if (isDefault) refuseHeader(`${file.path}:${record.line}`, columns)
      rowOf = compileSettlements(mapping, columns, about)
      return
    }
    read.rows += 1
    const values = record.text === null ? record.fault : rowValues(record.text, mapping, columns)
    if (values === null) return
    const mapped = 'rejected' in values ? values : rowOf(values)
    if (!('rejected' in mapped)) return take(mapped, firstPlace + record.line)
    read.rejected += 1
    const where = `${file.path}:${record.line}: ${mapped.detail}`
    countRejected(read.reasons, mapped.reason, where)
  }
}
