/**
 * CSV or JSON lines → recording, by a mapping. Rows that cannot be read become rejected rows of the
 * recording and are counted; an input that ends too early keeps what came before. Rows are held
 * encoded until all are read (import-rows.ts), because a recording is in order of record time.
 */
import { basename } from 'node:path'
import { type DecodeKeys, decodeEvent, timeRejection } from '../core/event/decode.ts'
import { type Rejection, reject } from '../core/event/rejection.ts'
import { futureMaxMs } from '../core/signals/observation.ts'
import { emptyRow } from './header.ts'
import { ImportRows } from './import-rows.ts'
import { type InputFile, inputChunks, openInput } from './input-bytes.ts'
import { type InputRecord, RecordCutter, sha256Of } from './input-records.ts'
import {
  countRejected,
  headerColumns,
  type RejectedReason,
  rowValues,
  withoutMark,
} from './input-values.ts'
import type { MappedEvent, RowMapping } from './mapped-row.ts'
import { compileMapping } from './mapping.ts'
import type { MappingFile } from './mapping-file.ts'
import { earliestAt } from './mapping-functions.ts'
import { createRecordingWriter } from './write.ts'

export interface ImportRequest {
  readonly files: readonly string[]
  readonly mapping: MappingFile
  readonly out: string
  readonly keys: DecodeKeys
  /** The time now, in milliseconds: nothing recorded can be dated after it. */
  readonly now: number
  /** Told how many bytes of all input files have been read. */
  readonly onBytes: (bytes: number) => void
}

export interface ImportSummary {
  /** Rows of the input, blank lines and headers not counted. */
  rows: number
  claims: number
  redemptions: number
  reversals: number
  labelled: number
  /** Rows that the mapping makes no event of. */
  skipped: number
  rejected: number
  readonly reasons: Map<string, RejectedReason>
  /** Files that ended too early or hold nothing, one line each. */
  readonly problems: string[]
  bytes: number
}

/** Everything that one import carries along. */
interface Run {
  readonly request: ImportRequest
  readonly rows: ImportRows
  readonly summary: ImportSummary
  /** Record time of the last row that has one: a rejected row takes its place after it. */
  lastAt: number | null
}

/** Sizes of the inputs, refusing at once what cannot be read. */
export async function openInputs(files: readonly string[]): Promise<InputFile[]> {
  const inputs: InputFile[] = []
  for (const path of files) inputs.push(await openInput(path))
  return inputs
}

export async function importFiles(
  request: ImportRequest,
  inputs: readonly InputFile[],
): Promise<ImportSummary> {
  const { out, keys } = request
  const header = { playbook: null, model: null, lists: null, keyId: keys.id }
  const writer = await createRecordingWriter(out, header)
  try {
    const run: Run = { request, rows: new ImportRows(), summary: newSummary(), lastAt: null }
    let bytesBefore = 0
    for (const input of inputs) {
      await importFile(run, input, bytesBefore)
      bytesBefore += input.bytes
    }
    for (const row of run.rows.inOrder()) {
      const full = writer.write(row)
      if (full !== undefined) await full
    }
    const { bytes } = await writer.close()
    run.summary.bytes = bytes
    return run.summary
  } catch (error) {
    await writer.abort()
    throw error
  }
}

const newSummary = (): ImportSummary => ({
  rows: 0,
  claims: 0,
  redemptions: 0,
  reversals: 0,
  labelled: 0,
  skipped: 0,
  rejected: 0,
  reasons: new Map(),
  problems: [],
  bytes: 0,
})

/** One file's state: its mapping is compiled when its columns are known. */
interface FileRun {
  readonly run: Run
  readonly path: string
  readonly name: string
  columns: readonly string[]
  toEvents: RowMapping | null
  /** Rows of this file so far: with its name they make the ids. */
  rows: number
  lastLine: number
}

async function importFile(run: Run, input: InputFile, bytesBefore: number): Promise<void> {
  const { mapping, onBytes } = run.request
  const name = basename(input.path)
  const file: FileRun = {
    run,
    path: input.path,
    name,
    columns: [],
    toEvents: null,
    rows: 0,
    lastLine: 0,
  }
  if (mapping.format === 'jsonl') takeColumns(file, mapping.columns)
  const cutter = new RecordCutter(mapping.format === 'csv' ? mapping.delimiter : null)
  const source = inputChunks(input)
  let first = true
  for await (const chunk of source.chunks()) {
    const bytes = first ? withoutMark(chunk) : chunk
    first = false
    for (const record of cutter.push(bytes)) takeRecord(file, record)
    onBytes(bytesBefore + source.bytesRead())
  }
  const problem = source.problem()
  for (const record of cutter.end(problem !== null)) takeRecord(file, record)
  if (problem !== null)
    run.summary.problems.push(
      `${input.path}: ${problem} after line ${file.lastLine}; ` +
        `${file.rows.toLocaleString('en-US')} rows were read: fetch the file again`,
    )
  else if (file.toEvents === null)
    run.summary.problems.push(`${input.path}: empty; there is not even a header line`)
  else if (file.lastLine === 0)
    run.summary.problems.push(`${input.path}: empty; there is nothing to import`)
}

function takeColumns(file: FileRun, columns: readonly string[]): void {
  file.columns = columns
  file.toEvents = compileMapping(file.run.request.mapping, columns, file.name)
}

function takeRecord(file: FileRun, record: InputRecord): void {
  const { run } = file
  file.lastLine = record.line
  if (file.toEvents === null) {
    takeHeader(file, record)
    return
  }
  file.rows += 1
  run.summary.rows += 1
  const rowNumber = file.rows
  const values =
    record.text === null
      ? record.fault
      : rowValues(record.text, file.run.request.mapping, file.columns)
  if (values === null) return
  if ('rejected' in values) {
    addRejected(file, record, values)
    return
  }
  const made = file.toEvents(values, (expansion) => eventId(file.name, rowNumber, expansion))
  if (made.length === 0) run.summary.skipped += 1
  for (const event of made) {
    const failure = 'rejected' in event ? event : addEvent(run, event)
    if (failure !== null) addRejected(file, record, failure)
  }
}

function takeHeader(file: FileRun, record: InputRecord): void {
  takeColumns(file, headerColumns(file.path, record, file.run.request.mapping.delimiter))
}

function eventId(file: string, row: number, expansion: number): string {
  const place = expansion === 0 ? `${file}:${row}` : `${file}:${row}:${expansion}`
  return sha256Of(place).slice(0, 32)
}

function addEvent(run: Run, { published, recordedAt, labels }: MappedEvent): Rejection | null {
  const event = decodeEvent(published, run.request.keys)
  if ('rejected' in event) return event
  const at = recordedAt ?? event.occurredAt + event.resolutionMs
  if (!Number.isSafeInteger(at)) return reject('bad-field', 'recordedAt is no time in milliseconds')
  const untimely = untimelyEvent(event.occurredAt, recordedAt, run.request.now)
  if (untimely !== null) return untimely
  run.lastAt = at
  run.rows.add({ ...emptyRow(at, run.request.mapping.name, 0, 0), event, labels })
  if (event.kind === 'claim') run.summary.claims += 1
  else if (event.kind === 'redemption') run.summary.redemptions += 1
  else run.summary.reversals += 1
  if (labels !== null) run.summary.labelled += 1
  return null
}

function untimelyEvent(
  occurredAt: number,
  recordedAt: number | null,
  now: number,
): Rejection | null {
  if (occurredAt < earliestAt) return reject('stale-time', 'occurredAt is before the year 2000')
  if (occurredAt > now + futureMaxMs) return reject('future-time', 'occurredAt is still to come')
  return recordedAt === null ? null : timeRejection(occurredAt, recordedAt)
}

function addRejected(file: FileRun, record: InputRecord, { reason, detail }: Rejection): void {
  const { run } = file
  const { reasons } = run.summary
  run.summary.rejected += 1
  countRejected(reasons, reason, `${file.path}:${record.line}: ${detail}`)
  const sha256 = record.sha256 ?? sha256Of(record.text ?? '')
  const row = emptyRow(run.lastAt ?? 0, run.request.mapping.name, 0, 0)
  run.rows.add({ ...row, rejected: { reason, bytes: null, sha256 } })
}
