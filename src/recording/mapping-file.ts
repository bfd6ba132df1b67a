/**
 * Reads a mapping from YAML: its shape is checked here, with all problems at once; its expressions
 * are compiled in mapping.ts, when the columns of the input are known.
 */
import { readFileSync, statSync } from 'node:fs'
import { usageError } from '../cli/exit.ts'
import { formatProblem, type SourceProblem } from '../config/source-caret.ts'
import {
  asChoice,
  asList,
  asMap,
  asNumber,
  asText,
  parseYaml,
  report,
  required,
  type YamlField,
  type YamlMap,
  type YamlSource,
  type YamlText,
} from '../config/yaml-reader.ts'
import { zoneTable } from '../config/zone-table.ts'
import { resolutionMaxMs } from '../core/event/decode.ts'
import type { TimeZone } from '../core/event/time-zone.ts'
import { fileProblem } from './file-problem.ts'
import { parseTime } from './mapping-functions.ts'

/** CEL text under a name, with the way back to the file. */
export interface Expression {
  readonly name: string
  readonly text: YamlText
}

/** What a row can become. */
export const mappedKinds = ['claim', 'redemption', 'reversal'] as const
export type MappedKind = (typeof mappedKinds)[number]

export interface Expansion {
  /** Where it stands in the file. */
  readonly at: number
  readonly kind: MappedKind
  readonly when: Expression | null
  readonly fields: readonly Expression[]
}

/** What every mapping says of the rows that it reads. */
export interface RowsFormat {
  readonly source: YamlSource
  readonly format: 'csv' | 'jsonl'
  readonly delimiter: string
  /** JSON lines: the keys that are read. CSV: empty, its header line has them. */
  readonly columns: readonly string[]
  readonly zone: TimeZone
  readonly startAt: number | null
  readonly lets: readonly Expression[]
  readonly fields: readonly Expression[]
}

export interface MappingFile extends RowsFormat {
  readonly name: string
  readonly resolutionMs: number
  readonly expand: readonly Expansion[]
  readonly recordedAt: Expression | null
  readonly labels: readonly Expression[]
}

/** Keys of what `rowsFormatOf` reads. */
export const rowsFormatKeys = [
  ...['format', 'delimiter', 'columns', 'zone', 'startAt', 'let', 'fields'],
]
const topKeys = ['name', 'resolutionMs', 'expand', 'recordedAt', 'labels', ...rowsFormatKeys]
const mappingBytesMax = 262_144
const problemsShown = 20

export function readMapping(path: string): MappingFile {
  return parseMapping(path, readMappingText(path))
}

/** Throws CommandError for what cannot be read, or is too large for a mapping. */
export function readMappingText(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > mappingBytesMax) throw usageError(`${path}: larger than 256 KiB; no mapping is`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileProblem(path, error)
  }
}

export function parseMapping(path: string, text: string): MappingFile {
  const top = parseYaml(text, path)
  if (top.source.problems.length === 0) {
    const mapping = shapeOf(asMap(top, topKeys))
    if (top.source.problems.length === 0) return mapping
  }
  throw mappingError(top.source.problems)
}

/** All problems in one message, in the order of the file. */
export function mappingError(problems: readonly SourceProblem[]): Error {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.slice(0, problemsShown).map(formatProblem)
  const rest = sorted.length - shown.length
  return usageError([...shown, ...(rest > 0 ? [`and ${rest} problems more`] : [])].join('\n'))
}

function shapeOf(top: YamlMap): MappingFile {
  const rows = rowsFormatOf(top)
  const labelsField = top.fields.get('labels')
  const labels = expressionsIn(top, 'labels', ['fraud', 'kind', 'actor', 'target'])
  if (labelsField !== undefined && !labels.some(({ name }) => name === 'fraud'))
    report(
      top.source,
      labelsField.at,
      'labels lacks the key fraud: whether a dishonest actor made it',
    )
  return {
    ...rows,
    name: textIn(top, 'name') ?? 'import',
    resolutionMs: resolutionIn(top),
    expand: expansionsIn(top),
    recordedAt: expressionIn(top, 'recordedAt'),
    labels,
  }
}

export function rowsFormatOf(top: YamlMap): RowsFormat {
  const zone = zoneIn(top)
  const formatField = top.fields.get('format')
  const format = formatField === undefined ? 'csv' : asChoice(formatField, ['csv', 'jsonl'])
  return {
    source: top.source,
    format,
    delimiter: delimiterIn(top),
    columns: columnsIn(top, format),
    zone,
    startAt: startIn(top, zone),
    lets: expressionsIn(top, 'let', null),
    fields: expressionsIn(top, 'fields', null),
  }
}

function textIn(map: YamlMap, key: string): string | null {
  const field = map.fields.get(key)
  return field === undefined ? null : asText(field).value
}

function delimiterIn(top: YamlMap): string {
  const field = top.fields.get('delimiter')
  if (field === undefined) return ','
  const { node } = field
  const value = node !== null && 'value' in node ? node.value : null
  if (typeof value === 'string' && /^[\t-~]$/.test(value) && !/["\r\n]/.test(value)) return value
  report(top.source, field.at, 'delimiter must be one character such as ";" or "\\t"')
  return ','
}

function columnsIn(top: YamlMap, format: 'csv' | 'jsonl'): readonly string[] {
  const field = top.fields.get('columns')
  if (field === undefined) {
    if (format === 'jsonl')
      report(top.source, 0, 'with format jsonl the mapping needs columns: the keys that are read')
    return []
  }
  if (format === 'csv')
    report(
      top.source,
      field.keyAt,
      'columns is only for jsonl; a CSV file names its own in its first line',
    )
  return asList(field).map((item) => asText(item).value)
}

function zoneIn(top: YamlMap): TimeZone {
  const field = top.fields.get('zone')
  if (field === undefined) return zoneTable('UTC')
  try {
    return zoneTable(asText(field).value)
  } catch {
    report(top.source, field.at, 'zone must be a time zone such as Asia/Shanghai')
    return zoneTable('UTC')
  }
}

function startIn(top: YamlMap, zone: TimeZone): number | null {
  const field = top.fields.get('startAt')
  if (field === undefined) return null
  try {
    return parseTime(asText(field).value, zone)
  } catch {
    report(top.source, field.at, 'startAt must be a time such as 2018-01-01 00:00')
    return null
  }
}

function resolutionIn(top: YamlMap): number {
  const field = top.fields.get('resolutionMs')
  return field === undefined ? 0 : asNumber(field, { min: 0, max: resolutionMaxMs, whole: true })
}

function expansionsIn(top: YamlMap): Expansion[] {
  const field = required(top, 'expand')
  if (field === null) return []
  const items = asList(field)
  if (items.length === 0) report(top.source, field.at, 'expand lists no event that a row becomes')
  return items.map((item): Expansion => {
    const map = asMap(item, ['kind', 'when', 'fields'])
    const kind = required(map, 'kind')
    return {
      at: item.at,
      kind: kind === null ? 'claim' : asChoice(kind, mappedKinds),
      when: expressionIn(map, 'when'),
      fields: expressionsIn(map, 'fields', null),
    }
  })
}

function expressionIn(map: YamlMap, key: string): Expression | null {
  const field = map.fields.get(key)
  return field === undefined ? null : expressionOf(field)
}

function expressionsIn(
  map: YamlMap,
  key: string,
  known: readonly string[] | null,
): readonly Expression[] {
  const field = map.fields.get(key)
  return field === undefined ? [] : [...asMap(field, known).fields.values()].map(expressionOf)
}

const expressionOf = (field: YamlField): Expression => ({ name: field.name, text: asText(field) })
