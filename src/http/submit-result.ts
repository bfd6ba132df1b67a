/** What became of one event that came over HTTP, and how that is said in the answer. */
import type { RejectionReason } from '../core/event/rejection.ts'
import type { Decision } from '../core/schema.gen.ts'

export type SubmitResult =
  /** Judged, and committed. `repeated`: this very event was decided before. */
  | { readonly status: 'decided'; readonly decision: Decision; readonly repeated: boolean }
  /** Could not be read; it is a dead letter. */
  | { readonly status: 'rejected'; readonly reason: RejectionReason; readonly detail: string }
  /** The id was used for another event of the same user. */
  | { readonly status: 'conflict'; readonly detail: string }
  /** Not judged, or not known to be; the same request may be sent again. */
  | { readonly status: 'unavailable'; readonly detail: string }

/** HTTP's own reasons, beside those of a rejection. */
export type ErrorReason =
  | RejectionReason
  | 'host'
  | 'origin'
  | 'not-found'
  | 'method'
  | 'content-type'
  | 'malformed'
  | 'too-many-events'
  | 'too-deep'
  | 'unavailable'
  | 'timeout'
  | 'internal'

export interface ErrorBody {
  readonly error: { readonly reason: ErrorReason; readonly detail: string }
}

export const errorBody = (reason: ErrorReason, detail: string): ErrorBody => ({
  error: { reason, detail },
})

/** Status code and body for one event. A repeat has the same body as its first. */
export function answerOf(result: SubmitResult): { status: number; body: object } {
  switch (result.status) {
    case 'decided':
      return { status: 200, body: { status: 'decided', ...result.decision } }
    case 'rejected':
      return {
        status: 400,
        body: { status: 'rejected', ...errorBody(result.reason, result.detail) },
      }
    case 'conflict':
      return {
        status: 409,
        body: { status: 'conflict', ...errorBody('conflicting-id', result.detail) },
      }
    case 'unavailable':
      return {
        status: 503,
        body: { status: 'unavailable', ...errorBody('unavailable', result.detail) },
      }
  }
}
