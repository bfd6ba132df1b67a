/**
 * Method and path of every operation, for the page: the same as src/console/api/operations.ts says,
 * held to it by its type, so that neither the table's shapes nor zod come along to the browser.
 */
import type { OperationName, operations } from '../../api/operations.ts'

type Table = typeof operations
export type PathOf<N extends OperationName> = Table[N]['path']

export const paths: {
  readonly [N in OperationName]: readonly [method: Table[N]['method'], path: PathOf<N>]
} = {
  listCases: ['GET', '/api/v1/cases'],
  countCases: ['GET', '/api/v1/case-counts'],
  showCase: ['GET', '/api/v1/cases/:key'],
  nearMisses: ['GET', '/api/v1/cases/:key/near-misses'],
  similarCases: ['GET', '/api/v1/cases/:key/similar'],
  showTimeline: ['GET', '/api/v1/timeline'],
  showLinks: ['GET', '/api/v1/links'],
  takeCase: ['POST', '/api/v1/cases/:key/take'],
  releaseCase: ['POST', '/api/v1/cases/:key/release'],
  decideCase: ['POST', '/api/v1/cases/:key/verdict'],
  undoVerdict: ['POST', '/api/v1/cases/:key/undo'],
  askSecondOpinion: ['POST', '/api/v1/cases/:key/second-opinion'],
  addNote: ['POST', '/api/v1/cases/:key/notes'],
  previewBulk: ['POST', '/api/v1/bulk-preview'],
  decideBulk: ['POST', '/api/v1/bulk'],
  undoBulk: ['POST', '/api/v1/bulk/:id/undo'],
  proposePenalty: ['GET', '/api/v1/cases/:key/penalty'],
  imposePenalty: ['POST', '/api/v1/cases/:key/penalty'],
  appealPenalty: ['POST', '/api/v1/penalties/:id/appeal'],
  listPenalties: ['GET', '/api/v1/penalties'],
  showOverview: ['GET', '/api/v1/overview'],
  listAlerts: ['GET', '/api/v1/alerts'],
  showAlert: ['GET', '/api/v1/alerts/:id'],
  acknowledgeAlert: ['POST', '/api/v1/alerts/:id/acknowledge'],
  showShares: ['GET', '/api/v1/shares'],
  listEntries: ['GET', '/api/v1/lists'],
  addEntry: ['POST', '/api/v1/lists'],
  removeEntry: ['POST', '/api/v1/lists/remove'],
  listDeadLetters: ['GET', '/api/v1/dead-letters'],
  showDeadLetter: ['GET', '/api/v1/dead-letters/:id'],
  redrive: ['POST', '/api/v1/dead-letters/redrive'],
  showSession: ['GET', '/api/v1/session'],
  signIn: ['POST', '/api/v1/session'],
  signOut: ['POST', '/api/v1/session/end'],
  firstStart: ['POST', '/api/v1/first-start'],
  changePassword: ['POST', '/api/v1/password'],
  listPeople: ['GET', '/api/v1/people'],
  addPerson: ['POST', '/api/v1/people'],
  changePerson: ['POST', '/api/v1/people/:name'],
  listTokens: ['GET', '/api/v1/tokens'],
  addToken: ['POST', '/api/v1/tokens'],
  removeToken: ['DELETE', '/api/v1/tokens/:id'],
  listAudit: ['GET', '/api/v1/audit-log'],
  listFilters: ['GET', '/api/v1/filters'],
  saveFilter: ['POST', '/api/v1/filters'],
}

type StreamPath = typeof import('../../api/operations.ts').streamPath
export const streamPath: StreamPath = '/api/v1/stream'
type CsrfHeader = typeof import('../../api/operations.ts').csrfHeader
export const csrfHeader: CsrfHeader = 'x-csrf-token'
