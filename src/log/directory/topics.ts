/**
 * What the directory log keeps: one folder per topic, how long, and when a file is full. A file is
 * also closed after a span of record time, because only whole files are removed: a row outlives its
 * retention by at most that span.
 */
import type { Schema, schema, Type } from 'avsc'
import { writtenType } from '../../core/event/bounded-type.ts'
import type { Event } from '../../core/schema.gen.ts'
import { schemas } from '../../core/schema.gen.ts'
import { dayMs, hourMs } from '../../core/signals/readings.ts'
import type { KeptOutputs, OutputTopic } from '../embedded-log.ts'

export interface Topic<Row> {
  readonly folder: string
  readonly schema: schema.RecordType
  readonly type: Type
  readonly retentionMs: number
  /** Record time that one file covers at most. */
  readonly spanMsMax: number
  readonly timeOf: (row: Row) => number
}

/** A row of DATA/events: a row of a recording without what is not known yet, and a checksum. */
export interface LogRow {
  readonly recordedAt: number
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly event: Event | null
  readonly check: Uint8Array | null
}

/** Bytes of the checksum at the end of a block's last row. */
export const checkBytes = 4

const rowFields = ['recordedAt', 'source', 'partition', 'offset', 'event']
const logRowSchema: schema.RecordType = {
  ...recordOf(schemas.RecordingRow),
  doc: 'An event at its place in the embedded log. Readable as a row of a recording.',
  fields: [
    ...recordOf(schemas.RecordingRow).fields.filter((field) => rowFields.includes(field.name)),
    {
      name: 'check',
      type: ['null', { type: 'fixed', name: 'Check', size: checkBytes }],
      default: null,
      doc: 'Only in the last row of a block: CRC-32 of all bytes of the block before this field.',
    },
  ],
}

const recordedAtOf = (row: { readonly recordedAt: number }) => row.recordedAt

export const eventTopic: Topic<LogRow> = {
  folder: 'events',
  ...written(logRowSchema),
  retentionMs: 50 * dayMs,
  spanMsMax: dayMs,
  timeOf: recordedAtOf,
}

export const outputTopics: { readonly [T in OutputTopic]: Topic<KeptOutputs[T][number]> } = {
  audits: {
    folder: 'audit',
    ...written(schemas.Audit),
    retentionMs: 180 * dayMs,
    spanMsMax: dayMs,
    timeOf: recordedAtOf,
  },
  decisions: {
    folder: 'decisions',
    ...written(schemas.Decision),
    retentionMs: 180 * dayMs,
    spanMsMax: dayMs,
    timeOf: recordedAtOf,
  },
  tallies: {
    folder: 'tallies',
    ...written(schemas.Tally),
    retentionMs: 50 * dayMs,
    spanMsMax: dayMs,
    timeOf: recordedAtOf,
  },
  alerts: {
    folder: 'alerts',
    ...written(schemas.Alert),
    retentionMs: 180 * dayMs,
    spanMsMax: dayMs,
    timeOf: recordedAtOf,
  },
  reports: {
    folder: 'reports',
    ...written(schemas.Report),
    // A report knows only the event's time, which may lie a week before its record time.
    retentionMs: 187 * dayMs,
    spanMsMax: dayMs,
    timeOf: (report) => report.at,
  },
  deadLetters: {
    folder: 'dead-letters',
    ...written(schemas.DeadLetter),
    retentionMs: 7 * dayMs,
    spanMsMax: hourMs,
    timeOf: recordedAtOf,
  },
  reviews: {
    folder: 'reviews',
    ...written(schemas.Review),
    retentionMs: 180 * dayMs,
    spanMsMax: dayMs,
    timeOf: (review) => review.at,
  },
}

export const outputNames: readonly OutputTopic[] = [
  'audits',
  'decisions',
  'tallies',
  'alerts',
  'reports',
  'deadLetters',
  'reviews',
]

function written(given: Schema): { schema: schema.RecordType; type: Type } {
  return { schema: recordOf(given), type: writtenType(given) }
}

function recordOf(given: Schema): schema.RecordType {
  if (typeof given === 'object' && 'fields' in given && given.type === 'record') return given
  throw new TypeError('not the schema of a record')
}
