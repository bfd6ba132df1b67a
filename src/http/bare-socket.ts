/**
 * Requests that never reach the framework, answered like all others by one line of JSON: bytes that
 * are no request, what came too slowly, a tunnel, an expectation that nobody can meet. The platform
 * itself would answer some of them by nothing at all.
 */
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorReason, errorBody } from './submit-result.ts'

type Words = readonly [line: string, reason: ErrorReason, detail: string]

const malformed = (detail: string): Words => ['400 Bad Request', 'malformed', detail]
const noRequest = malformed(
  'does not begin as an HTTP/1.1 request does; send plain HTTP, neither TLS nor HTTP/2',
)
const badLength = malformed('Content-Length or Transfer-Encoding is wrong; send one of them')

/** By the codes of the platform's parser. */
const wordsByCode: Readonly<Record<string, Words>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    'timeout',
    'the request came too slowly; send it again in one go',
  ],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'too-large',
    'the path and the headers are too large',
  ],
  HPE_INVALID_CONSTANT: noRequest,
  HPE_INVALID_METHOD: noRequest,
  HPE_INVALID_VERSION: noRequest,
  HPE_PAUSED_H2_UPGRADE: noRequest,
  HPE_INVALID_CONTENT_LENGTH: badLength,
  HPE_INVALID_TRANSFER_ENCODING: badLength,
  HPE_UNEXPECTED_CONTENT_LENGTH: badLength,
  HPE_INVALID_CHUNK_SIZE: malformed('a chunk of the body does not begin with its size'),
  HPE_INVALID_HEADER_TOKEN: malformed('a header holds a character that none may hold'),
  HPE_INVALID_URL: malformed('the path holds a character that none may hold'),
}

export function sayClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET') return
  say(socket, wordsByCode[error.code ?? ''] ?? malformed('no well-formed HTTP/1.1 request'))
}

/** What the framework leaves to the platform. */
export function answerUnparsed(server: Server): void {
  server.on('connect', (_, socket) => {
    // Whoever wants a tunnel may be gone before he is told that there is none.
    socket.on('error', () => socket.destroy())
    say(socket, ['405 Method Not Allowed', 'method', 'this is no proxy; ask for a path'])
  })
  server.on('checkExpectation', (_, response) => {
    const detail = 'Expect may only be 100-continue; leave it out'
    const headers = { 'content-type': 'application/json; charset=utf-8', connection: 'close' }
    response.writeHead(417, headers).end(JSON.stringify(errorBody('malformed', detail)))
  })
}

function say(socket: Duplex, [line, reason, detail]: Words): void {
  if (!socket.writable) return
  const body = JSON.stringify(errorBody(reason, detail))
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
