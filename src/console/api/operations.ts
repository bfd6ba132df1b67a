/** Every operation of the console's API, by name. */
import { z } from 'zod'
import * as cases from './case-shapes.ts'
import { changes, nothing, type Operation, reads, v1, written } from './operation.ts'
import { penaltyOperations } from './penalty-operations.ts'
import { peopleOperations } from './people-operations.ts'
import * as programme from './programme-shapes.ts'

const caseOperations = {
  listCases: {
    ...reads,
    path: `${v1}/cases`,
    least: 'viewer',
    says: 'Cases by a filter, a page at a time.',
    query: cases.casePageQuery,
    answer: cases.casePage,
  },
  countCases: {
    ...reads,
    path: `${v1}/case-counts`,
    least: 'viewer',
    says: 'How many cases a filter leaves, and by what they differ.',
    query: cases.caseFilter,
    answer: cases.caseCounts,
  },
  showCase: {
    ...reads,
    audited: true,
    path: `${v1}/cases/:key`,
    least: 'viewer',
    says: 'One case whole.',
    answer: cases.caseWhole,
  },
  nearMisses: {
    ...reads,
    path: `${v1}/cases/:key/near-misses`,
    least: 'viewer',
    says: 'Rules that the case missed narrowly.',
    answer: cases.nearMisses,
  },
  similarCases: {
    ...reads,
    path: `${v1}/cases/:key/similar`,
    least: 'viewer',
    says: 'Cases like this one, and what was said of them.',
    answer: cases.similarCases,
  },
  showTimeline: {
    ...reads,
    audited: true,
    path: `${v1}/timeline`,
    least: 'viewer',
    says: 'What a user, device or address did, newest first.',
    query: cases.timelineQuery,
    answer: cases.timeline,
  },
  showLinks: {
    ...reads,
    audited: true,
    path: `${v1}/links`,
    least: 'viewer',
    says: 'Users, devices and addresses around one of them.',
    query: cases.linkQuery,
    answer: cases.linkGraph,
  },
  takeCase: {
    ...changes,
    path: `${v1}/cases/:key/take`,
    least: 'reviewer',
    says: 'Take a case: nobody else can decide it while the lock holds.',
    body: nothing,
    answer: cases.caseRow,
  },
  releaseCase: {
    ...changes,
    path: `${v1}/cases/:key/release`,
    least: 'reviewer',
    says: 'Give a taken case back; a lead may do it for others.',
    body: nothing,
    answer: cases.caseRow,
  },
  decideCase: {
    ...changes,
    path: `${v1}/cases/:key/verdict`,
    least: 'reviewer',
    says: 'Say what a case was, and put entities on the block list with it.',
    query: cases.caseFilter,
    body: cases.verdictBody,
    answer: cases.verdictAnswer,
  },
  undoVerdict: {
    ...changes,
    path: `${v1}/cases/:key/undo`,
    least: 'reviewer',
    says: 'Take back your own last verdict; a lead may do it for others.',
    body: nothing,
    answer: cases.caseRow,
  },
  askSecondOpinion: {
    ...changes,
    path: `${v1}/cases/:key/second-opinion`,
    least: 'lead',
    says: 'Open a decided case again for somebody else to decide.',
    body: z.strictObject({ note: written(2_000).optional() }),
    answer: cases.caseRow,
  },
  addNote: {
    ...changes,
    path: `${v1}/cases/:key/notes`,
    least: 'reviewer',
    says: 'Write a note on a case.',
    body: z.strictObject({ text: written(2_000).min(1) }),
    answer: cases.noteShape,
  },
  previewBulk: {
    ...changes,
    audited: false,
    path: `${v1}/bulk-preview`,
    least: 'reviewer',
    says: 'What a verdict on many cases would do.',
    body: cases.bulkBody,
    answer: cases.bulkPreview,
  },
  decideBulk: {
    ...changes,
    path: `${v1}/bulk`,
    least: 'reviewer',
    says: 'One verdict on many cases, published after ten seconds.',
    body: cases.bulkBody,
    answer: cases.bulkAnswer,
  },
  undoBulk: {
    ...changes,
    path: `${v1}/bulk/:id/undo`,
    least: 'reviewer',
    says: 'Take a verdict on many cases back before it is published.',
    body: nothing,
    answer: z.object({ reopened: z.number().int() }),
  },
} as const satisfies Record<string, Operation>

const programmeOperations = {
  showOverview: {
    ...reads,
    path: `${v1}/overview`,
    least: 'viewer',
    says: 'The day as a whole.',
    query: programme.overviewQuery,
    answer: programme.overview,
  },
  listAlerts: {
    ...reads,
    path: `${v1}/alerts`,
    least: 'viewer',
    says: 'Alerts, newest first, at most 200.',
    answer: programme.alertPage,
  },
  showAlert: {
    ...reads,
    path: `${v1}/alerts/:id`,
    least: 'viewer',
    says: 'One alert with the share of its day.',
    answer: programme.alertWhole,
  },
  acknowledgeAlert: {
    ...changes,
    path: `${v1}/alerts/:id/acknowledge`,
    least: 'reviewer',
    says: 'Say that somebody looks after an alert.',
    body: nothing,
    answer: programme.alertShape,
  },
  showShares: {
    ...reads,
    path: `${v1}/shares`,
    least: 'viewer',
    says: 'The share of abnormal redemptions of a scope over a day.',
    query: programme.shareQuery,
    answer: programme.shareDay,
  },
  listEntries: {
    ...reads,
    audited: true,
    path: `${v1}/lists`,
    least: 'viewer',
    says: 'Entries of the lists.',
    query: programme.listQuery,
    answer: programme.listPage,
  },
  addEntry: {
    ...changes,
    path: `${v1}/lists`,
    least: 'reviewer',
    says: 'Put something on a list.',
    body: programme.listAdd,
    answer: programme.listEntryShape,
  },
  removeEntry: {
    ...changes,
    path: `${v1}/lists/remove`,
    least: 'reviewer',
    says: 'Take an entry off its list.',
    body: programme.listRemove,
  },
  listDeadLetters: {
    ...reads,
    path: `${v1}/dead-letters`,
    least: 'viewer',
    says: 'What could not be read, newest first.',
    query: programme.deadLetterQuery,
    answer: programme.deadLetterPage,
  },
  showDeadLetter: {
    ...reads,
    audited: true,
    path: `${v1}/dead-letters/:id`,
    least: 'lead',
    says: 'One dead letter with its bytes, which may be personal.',
    answer: programme.deadLetterWhole,
  },
  redrive: {
    ...changes,
    path: `${v1}/dead-letters/redrive`,
    least: 'lead',
    says: 'Send dead letters in again.',
    body: programme.redriveBody,
    answer: programme.redriveAnswer,
  },
} as const satisfies Record<string, Operation>

export const operations = {
  ...caseOperations,
  ...penaltyOperations,
  ...programmeOperations,
  ...peopleOperations,
}
export type OperationName = keyof typeof operations

/**
 * Beside these: GET /api/v1/openapi.json, and GET /api/v1/stream (server-sent events): each
 * `event: changed` has the names of what changed as data, a JSON array of `cases`, `alerts`,
 * `overview`, `lists`, `dead-letters`; at most one a second.
 */
export const streamTopics = ['cases', 'alerts', 'overview', 'lists', 'dead-letters'] as const
export type StreamTopic = (typeof streamTopics)[number]
export const streamPath = `${v1}/stream`
export const descriptionPath = `${v1}/openapi.json`
export const csrfHeader = 'x-csrf-token'

type TableOf = typeof operations
type Given<T, K extends string> =
  T extends Record<K, infer Shape extends z.ZodType> ? z.output<Shape> : undefined
type Sent<T, K extends string> =
  T extends Record<K, infer Shape extends z.ZodType> ? z.input<Shape> : undefined
/** What a handler is given, checked. */
export type QueryOf<N extends OperationName> = Given<TableOf[N], 'query'>
export type BodyOf<N extends OperationName> = Given<TableOf[N], 'body'>
/** What a caller sends. */
export type SentQuery<N extends OperationName> = Sent<TableOf[N], 'query'>
export type SentBody<N extends OperationName> = Sent<TableOf[N], 'body'>
export type AnswerOf<N extends OperationName> = z.output<TableOf[N]['answer']>
