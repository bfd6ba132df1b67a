/**
 * Everything that goes wrong with a request, said as one line of JSON and nothing of the inside.
 */
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply } from 'fastify'
import { EdgeError } from '../runtime/edge-error.ts'
import { bodyFailures } from './json-body.ts'
import { type ErrorReason, errorBody } from './submit-result.ts'

export const bodyBytesMax = 1_048_576
export const retryAfterSeconds = '1'

const contentTypeDetail = 'Content-Type must be application/json, in UTF-8 and not compressed'

const known: Readonly<Record<string, readonly [number, ErrorReason, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'content-type', contentTypeDetail],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'too-large', `a body holds at most ${bodyBytesMax} bytes`],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'not-json', 'the body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'not-json', 'the body is not JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'malformed', 'Content-Length is not that of the body'],
  [bodyFailures.invalidUtf8]: [400, 'invalid-utf8', 'the body is not UTF-8'],
  [bodyFailures.encoded]: [415, 'content-type', contentTypeDetail],
  [bodyFailures.charset]: [415, 'content-type', contentTypeDetail],
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
  if (words !== undefined) return sayError(reply, ...words)
  const status = error.statusCode ?? 500
  if (status === 503) return sayError(reply, 503, 'unavailable', 'shutting down')
  if (status >= 400 && status < 500)
    return sayError(reply, status, 'malformed', 'malformed request')
  onDefect(error)
  return sayError(reply, 500, 'internal', 'a defect; it has been recorded')
}

function sayEdgeError(reply: FastifyReply, error: EdgeError) {
  switch (error.code) {
    case 'log-full':
      return sayError(reply, 503, 'unavailable', 'the log has no room; send the same again later')
    case 'log-io':
    case 'log-closed':
      return sayError(reply, 503, 'unavailable', 'the log cannot be written; send the same again')
    case 'busy':
      return sayError(reply, 503, 'unavailable', error.message)
    case 'timeout':
      return sayError(reply, 503, 'timeout', error.message)
  }
}

/** Bytes that are no request at all, or came too slowly: answered on the bare socket. */
export function sayClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return
  const [line, reason, detail]: [string, ErrorReason, string] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', 'timeout', 'the request came too slowly']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'too-large', 'the headers are too large']
        : ['400 Bad Request', 'malformed', 'malformed request']
  const body = JSON.stringify(errorBody(reason, detail))
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
