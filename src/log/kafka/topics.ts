/**
 * All topics of the contract in one table: what each holds, by which key, how long, and how large a
 * batch may be. `topics create` makes them so, `topics check` says where a cluster differs. A
 * prefix may stand before every name, so that several installations share a cluster.
 *
 * What is judged together must have the same number of partitions: partition n of both inputs is
 * one shard. What every worker follows whole has one partition, and with it one order.
 * serves: D6, D7
 */
import type {
  Alert,
  Audit,
  Campaign,
  CouponEvent,
  DeadLetter,
  Decision,
  ListEntry,
  Playbook,
  Progress,
  Report,
  Review,
  SchemaName,
  Tally,
} from '../../core/schema.gen.ts'
import { dayMs, hourMs } from '../../core/signals/readings.ts'

/** What a record of each topic is. */
export interface TopicRecords {
  'coupon.claims': CouponEvent
  'coupon.redemptions': CouponEvent
  'risk.decisions': Decision
  'risk.progress': Progress
  'risk.audit': Audit
  'risk.tallies': Tally
  'risk.alerts': Alert
  'risk.reviews': Review
  'risk.lists': ListEntry
  'risk.campaigns': Campaign
  'risk.playbooks': Playbook
  'risk.reports': Report
  'risk.dead-letters': DeadLetter
}
export type TopicName = keyof TopicRecords

export interface TopicSpec {
  readonly schema: SchemaName
  /** What its key is, for people. */
  readonly key: string
  /** all: as many as `--partitions` says; one: followed whole, in one order. */
  readonly partitions: 'all' | 'one'
  readonly cleanup: 'delete' | 'compact' | 'compact,delete'
  /** Null where compaction keeps the last record of each key for ever. */
  readonly retentionMs: number | null
  /** Personal data must not outlive its retention in a segment that is still open. */
  readonly segmentMs: number
  /** The broker's clock, so that no publisher can date a record; else the writer's. */
  readonly timestamps: 'LogAppendTime' | 'CreateTime'
  /** Largest batch of records, in bytes as compressed. */
  readonly batchBytesMax: number
}

const mebibyte = 1_048_576
const output = {
  partitions: 'all',
  cleanup: 'delete',
  segmentMs: dayMs,
  timestamps: 'CreateTime',
} as const
/** Larger than the largest message that is read, so that one beyond it comes in and is told. */
const input = {
  schema: 'CouponEvent',
  key: 'user',
  partitions: 'all',
  cleanup: 'delete',
  retentionMs: 50 * dayMs,
  segmentMs: dayMs,
  timestamps: 'LogAppendTime',
  batchBytesMax: 4 * mebibyte,
} as const
const followed = {
  partitions: 'one',
  cleanup: 'compact',
  retentionMs: null,
  segmentMs: dayMs,
  timestamps: 'CreateTime',
  batchBytesMax: 8 * mebibyte,
} as const

export const topics: { readonly [T in TopicName]: TopicSpec } = {
  'coupon.claims': input,
  'coupon.redemptions': input,
  'risk.decisions': {
    ...output,
    schema: 'Decision',
    key: 'user',
    retentionMs: 180 * dayMs,
    batchBytesMax: 8 * mebibyte,
  },
  'risk.progress': {
    ...output,
    schema: 'Progress',
    key: 'shard',
    partitions: 'one',
    retentionMs: 7 * dayMs,
    batchBytesMax: mebibyte,
  },
  'risk.audit': {
    ...output,
    schema: 'Audit',
    key: 'user',
    retentionMs: 180 * dayMs,
    batchBytesMax: 8 * mebibyte,
  },
  'risk.tallies': {
    ...output,
    schema: 'Tally',
    key: 'scope and day',
    // A day's scopes are capped as a whole: the monitor must see them in one order.
    partitions: 'one',
    retentionMs: 50 * dayMs,
    batchBytesMax: 8 * mebibyte,
  },
  'risk.alerts': {
    ...output,
    schema: 'Alert',
    key: 'scope',
    partitions: 'one',
    retentionMs: 180 * dayMs,
    batchBytesMax: mebibyte,
  },
  'risk.reviews': {
    ...output,
    schema: 'Review',
    key: 'event key',
    retentionMs: 180 * dayMs,
    batchBytesMax: mebibyte,
  },
  'risk.lists': { ...followed, schema: 'ListEntry', key: 'list/kind/value' },
  'risk.campaigns': { ...followed, schema: 'Campaign', key: 'campaign' },
  'risk.playbooks': { ...followed, schema: 'Playbook', key: 'name' },
  'risk.reports': {
    ...output,
    schema: 'Report',
    key: 'user and day',
    cleanup: 'compact,delete',
    // A report knows only the event's time, which may lie a week before its record time.
    retentionMs: 187 * dayMs,
    batchBytesMax: mebibyte,
  },
  'risk.dead-letters': {
    ...output,
    schema: 'DeadLetter',
    key: 'source partition',
    retentionMs: 7 * dayMs,
    segmentMs: hourMs,
    batchBytesMax: 8 * mebibyte,
  },
}

export const topicNames = [
  'coupon.claims',
  'coupon.redemptions',
  'risk.decisions',
  'risk.progress',
  'risk.audit',
  'risk.tallies',
  'risk.alerts',
  'risk.reviews',
  'risk.lists',
  'risk.campaigns',
  'risk.playbooks',
  'risk.reports',
  'risk.dead-letters',
] as const satisfies readonly TopicName[]

export const inputTopics = ['coupon.claims', 'coupon.redemptions'] as const

export const subjectOf = (topic: string) => `${topic}-value`
