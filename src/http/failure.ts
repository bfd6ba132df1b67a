/**
 * Everything that goes wrong with a request, said as one line of JSON and nothing of the inside.
 */
import type { FastifyError, FastifyReply } from 'fastify'
import { EdgeError } from '../runtime/edge-error.ts'
import { bodyFailures, contentTypeDetail } from './json-body.ts'
import { type ErrorReason, errorBody } from './submit-result.ts'

export const bodyBytesMax = 1_048_576
export const retryAfterSeconds = '1'

const known: Readonly<Record<string, readonly [number, ErrorReason, string | null]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'content-type', contentTypeDetail],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'too-large',
    `a body holds at most ${bodyBytesMax} bytes; send fewer events in a request`,
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'malformed', 'Content-Length is not that of the body'],
  // The messages of these are for the sender.
  [bodyFailures.contentType]: [415, 'content-type', null],
  [bodyFailures.invalidUtf8]: [400, 'invalid-utf8', null],
  [bodyFailures.notJson]: [400, 'not-json', null],
  [bodyFailures.tooDeep]: [400, 'too-deep', null],
}

export function sayError(reply: FastifyReply, status: number, reason: ErrorReason, detail: string) {
  if (status === 503) reply.header('retry-after', retryAfterSeconds)
  return reply.code(status).send(errorBody(reason, detail))
}

export const sayNoContentType = (reply: FastifyReply) =>
  sayError(reply, 415, 'content-type', contentTypeDetail)

/** What the framework or the caller's functions threw; `onDefect` hears of what nobody foresaw. */
export function sayFailure(
  reply: FastifyReply,
  error: FastifyError | EdgeError,
  onDefect: (error: unknown) => void,
) {
  if (error instanceof EdgeError) return sayEdgeError(reply, error)
  const words = known[error.code]
  if (words !== undefined) {
    const [status, reason, detail] = words
    return sayError(reply, status, reason, detail ?? error.message)
  }
  const status = error.statusCode ?? 500
  if (status === 503) return sayError(reply, 503, 'unavailable', 'shutting down')
  if (status >= 400 && status < 500)
    return sayError(reply, status, 'malformed', 'no well-formed HTTP/1.1 request')
  onDefect(error)
  return sayError(reply, 500, 'internal', 'a defect; it has been recorded')
}

function sayEdgeError(reply: FastifyReply, error: EdgeError) {
  switch (error.code) {
    case 'log-full':
      return sayError(reply, 503, 'unavailable', 'the log has no room; send the same again later')
    case 'log-io':
    case 'log-closed':
    case 'kafka-away':
    case 'kafka-refused':
    case 'kafka-topic':
    case 'kafka-fenced':
    case 'kafka-failed':
    case 'registry-away':
    case 'registry-refused':
    case 'registry-failed':
    case 'group-shared':
      return sayError(reply, 503, 'unavailable', 'the log cannot be written; send the same again')
    case 'redis-away':
    case 'redis-full':
    case 'redis-refused':
    case 'redis-failed':
    case 'store-lost':
      return sayError(reply, 503, 'unavailable', 'the store cannot be used; send the same again')
    case 'database-away':
    case 'database-busy':
    case 'database-refused':
    case 'database-failed':
      return sayError(reply, 503, 'unavailable', 'the database cannot be used; try again')
    case 'busy':
    case 'ended':
      return sayError(reply, 503, 'unavailable', error.message)
    case 'timeout':
      return sayError(reply, 503, 'timeout', error.message)
  }
}
