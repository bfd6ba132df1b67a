/**
 * Verdicts as CSV with a header, or as JSON lines; gzip is told by its first bytes. Fields:
 *
 *     eventKey, verdict (fraud, legitimate, inconclusive), kind (may be left out or empty),
 *     at (may be left out by all: milliseconds, or a time such as 2026-03-01T00:00:00+08:00)
 *
 * Others are passed over. The first row that is none of these ends it, in one line that names it.
 */
import { parse as parseCsv } from 'csv-parse/sync'
import { CommandError } from '../cli/exit.ts'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { type InputFile, inputChunks } from './input-bytes.ts'
import { type InputRecord, RecordCutter } from './input-records.ts'

export const verdicts = ['fraud', 'legitimate', 'inconclusive'] as const

/** What a person said of an event. */
export interface GivenVerdict {
  readonly eventKey: string
  readonly verdict: (typeof verdicts)[number]
  readonly kind: string | null
  /** When, in milliseconds; null: in the order of the file. */
  readonly at: number | null
}

const kindLengthMax = 64
const keyForm = /^[0-9a-f]{32}$/
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/

type Row = ReadonlyMap<string, unknown>

/** Throws CommandError that says which field is not what it must be. */
function verdictOf(where: string, row: Row): GivenVerdict {
  const refuse = (name: string, must: string) => {
    const value = row.get(name)
    const is = value === undefined ? 'not there' : (JSON.stringify(value) ?? '').slice(0, 60)
    return new CommandError(`${where}: ${name} is ${is}: must be ${must}`)
  }
  const given = (name: string) => {
    const value = row.get(name) ?? ''
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null
  }
  const eventKey = given('eventKey')?.toLowerCase() ?? ''
  if (!keyForm.test(eventKey)) throw refuse('eventKey', '32 hexadecimal digits')
  const said = given('verdict') ?? ''
  const verdict = verdicts.find((one) => one === said)
  if (verdict === undefined)
    throw refuse('verdict', `${verdicts.join(', ')}${didYouMean(said, verdicts)}`)
  const kind = given('kind')
  if (kind === null || kind.length > kindLengthMax)
    throw refuse('kind', `a text of at most ${kindLengthMax} letters`)
  const at = (row.get('at') ?? null) === null ? null : timeOf(given('at') ?? '')
  if (Number.isNaN(at)) throw refuse('at', 'a time such as 2026-03-01T00:00:00+08:00')
  return { eventKey, verdict, kind: kind === '' ? null : kind, at }
}

/** NaN where it is none. */
function timeOf(text: string): number {
  if (timeForm.test(text)) return Date.parse(text)
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}

/** In the order of the file. Throws CommandError. */
export async function* readLabelRows(
  input: InputFile,
  format: 'csv' | 'jsonl',
): AsyncGenerator<GivenVerdict> {
  const { path } = input
  let columns: readonly string[] | null = null
  for await (const record of recordsOf(input, format)) {
    const where = `${path}: line ${record.line}`
    if (record.text === null)
      throw new CommandError(`${where}: ${record.fault?.detail ?? 'cannot be read'}`)
    if (format === 'jsonl') yield verdictOf(where, jsonRow(where, record.text))
    else if (columns === null) columns = headerOf(where, record.text)
    else yield verdictOf(where, csvRow(where, columns, record.text))
  }
}

async function* recordsOf(input: InputFile, format: 'csv' | 'jsonl'): AsyncGenerator<InputRecord> {
  const bytes = inputChunks(input)
  const cutter = new RecordCutter(format === 'csv' ? ',' : null)
  for await (const chunk of bytes.chunks()) yield* cutter.push(chunk)
  const problem = bytes.problem()
  if (problem !== null) throw new CommandError(`${input.path}: ${problem}`)
  yield* cutter.end(false)
}

function headerOf(where: string, text: string): readonly string[] {
  const columns = csvValues(where, text.replace(/^\ufeff/, ''))
  for (const name of ['eventKey', 'verdict']) {
    if (columns.includes(name)) continue
    const near = columns.length > 20 ? '' : `; it has ${columns.join(', ').slice(0, 200)}`
    throw new CommandError(`${where}: the header has no column ${name}${near}`)
  }
  return columns
}

function csvRow(where: string, columns: readonly string[], text: string): Row {
  const values = csvValues(where, text)
  if (values.length !== columns.length)
    throw new CommandError(
      `${where}: ${values.length} columns where the header has ${columns.length}`,
    )
  return new Map(columns.map((name, at) => [name, values[at]]))
}

function csvValues(where: string, text: string): readonly string[] {
  try {
    const rows: string[][] = parseCsv(text, { relax_column_count: true })
    return rows[0] ?? []
  } catch {
    throw new CommandError(`${where}: a quote stands where none may stand`)
  }
}

function jsonRow(where: string, text: string): Row {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    throw new CommandError(`${where}: is not JSON`)
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row))
    return new Map(Object.entries(row))
  throw new CommandError(`${where}: is no JSON object`)
}
