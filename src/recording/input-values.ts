/**
 * A record of an input file → the values of its columns, as texts: a line of CSV under a header, or
 * a JSON object of which some keys are read. What cannot be read is a rejection of that record.
 */
import { type CsvError, parse as parseCsv } from 'csv-parse/sync'
import { CommandError } from '../cli/exit.ts'
import { isTooDeep, jsonDepthMax } from '../core/event/json-depth.ts'
import { type Rejection, reject } from '../core/event/rejection.ts'
import type { InputRecord } from './input-records.ts'
import { columnsMax } from './mapping.ts'
import type { RowsFormat } from './mapping-file.ts'

export interface RejectedReason {
  count: number
  /** The first few, as `file:line: detail`. */
  readonly examples: string[]
}

const examplesMax = 3

export function countRejected(
  reasons: Map<string, RejectedReason>,
  reason: string,
  example: string,
): void {
  const known = reasons.get(reason) ?? { count: 0, examples: [] }
  known.count += 1
  if (known.examples.length < examplesMax) known.examples.push(example)
  reasons.set(reason, known)
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** The first bytes of a file without the mark that some editors put there. */
export const withoutMark = (chunk: Buffer) =>
  chunk.subarray(0, 3).equals(byteOrderMark) ? chunk.subarray(3) : chunk

/** Names of the columns, each once. Throws CommandError. */
export function headerColumns(
  path: string,
  { text, fault, line }: InputRecord,
  delimiter: string,
): readonly string[] {
  const refuse = (why: string) => new CommandError(`${path}:${line}: ${why}`)
  if (text === null) throw refuse(`the header line cannot be read: ${fault?.detail ?? 'no text'}`)
  const columns = csvValues(text, delimiter)
  if ('rejected' in columns) throw refuse(`the header line cannot be read: ${columns.detail}`)
  if (columns.length > columnsMax) throw refuse(`the header has more than ${columnsMax} columns`)
  const twice = columns.find((name, at) => columns.indexOf(name) !== at)
  if (twice !== undefined) throw refuse(`the header names ${twice.slice(0, 60)} twice`)
  return columns
}

/** One value for each column. */
export function rowValues(
  text: string,
  { format, delimiter }: Pick<RowsFormat, 'format' | 'delimiter'>,
  columns: readonly string[],
): readonly string[] | Rejection {
  if (format === 'jsonl') return jsonValues(text, columns)
  const values = csvValues(text, delimiter)
  if ('rejected' in values || values.length === columns.length) return values
  return reject('bad-field', `${values.length} columns where the header has ${columns.length}`)
}

/** Without a quote a line of CSV is its text cut at the delimiters. */
function csvValues(text: string, delimiter: string): string[] | Rejection {
  if (!text.includes('"')) return text.split(delimiter)
  try {
    const rows: string[][] = parseCsv(text, { delimiter, relax_column_count: true })
    return rows[0] ?? []
  } catch (error) {
    if (!isCsvError(error)) throw error
    return reject('bad-field', 'a quote stands where none may stand')
  }
}

const isCsvError = (error: unknown): error is CsvError =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')

function jsonValues(text: string, columns: readonly string[]): readonly string[] | Rejection {
  if (isTooDeep(text)) return reject('bad-field', `nested deeper than ${jsonDepthMax} levels`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return reject('not-json', 'the line is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return reject('not-json', 'the line is not a JSON object')
  const entries = new Map<string, unknown>(Object.entries(parsed))
  return columns.map((column) => jsonText(entries.get(column)))
}

function jsonText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
