/**
 * Everything that goes wrong with a request to the console, as one line of JSON: a word for
 * programs, a sentence for people, and which fields are wrong. Nothing of the inside is in it.
 */
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { bodyFailures, contentTypeDetail } from '../../http/json-body.ts'
import { EdgeError } from '../../runtime/edge-error.ts'
import type { Refused } from '../api/operation.ts'
import { Refusal } from '../handlers.ts'

export const bodyBytesMax = 262_144
const fieldsMax = 20
const detailLengthMax = 500

export type Fields = NonNullable<Refused['error']['fields']>

/** A request whose form is wrong: 400 with the fields. */
export class BadFields extends Error {
  readonly fields: Fields
  constructor(fields: Fields) {
    super('some fields are not as they must be')
    this.fields = fields.slice(0, fieldsMax)
  }
}

export const fieldsOf = (part: string, issues: readonly z.core.$ZodIssue[]): Fields =>
  issues.map(({ path, message }) => ({
    path: [part, ...path.map(String)].join('.').slice(0, detailLengthMax),
    detail: message.slice(0, detailLengthMax),
  }))

interface Words {
  readonly status: number
  readonly reason: string
  readonly detail: string
  readonly fields?: Fields
  readonly retryAfterSeconds?: number
}

export function sayRefused(reply: FastifyReply, words: Words) {
  const { status, reason, detail, fields, retryAfterSeconds = 1 } = words
  if (status === 503 || status === 429) reply.header('retry-after', String(retryAfterSeconds))
  const error = { reason, detail, ...(fields === undefined ? {} : { fields }) }
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ error }))
}

const tooLarge = `a body holds at most ${bodyBytesMax} bytes`
const known: Readonly<Record<string, readonly [number, string, string | null]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'content-type', contentTypeDetail],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'too-large', tooLarge],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'malformed', 'Content-Length is not that of the body'],
  [bodyFailures.contentType]: [415, 'content-type', null],
  [bodyFailures.invalidUtf8]: [400, 'invalid-utf8', null],
  [bodyFailures.notJson]: [400, 'not-json', null],
  [bodyFailures.tooDeep]: [400, 'too-deep', null],
}

/** `onDefect` hears of what nobody foresaw. */
export function sayThrown(
  reply: FastifyReply,
  error: Error & { readonly code?: string; readonly statusCode?: number },
  onDefect: (error: unknown) => void,
) {
  if (error instanceof Refusal) {
    const { status, reason, message, retryAfterSeconds } = error
    return sayRefused(reply, { status, reason, detail: message, retryAfterSeconds })
  }
  if (error instanceof BadFields)
    return sayRefused(reply, {
      status: 400,
      reason: 'bad-field',
      detail: error.message,
      fields: error.fields,
    })
  if (error instanceof EdgeError && error.retriable) {
    const detail = 'something that the console stands on is away; send the same again later'
    return sayRefused(reply, { status: 503, reason: 'unavailable', detail })
  }
  const words = known[error.code ?? '']
  if (words !== undefined) {
    const [status, reason, detail] = words
    return sayRefused(reply, { status, reason, detail: detail ?? error.message })
  }
  const status = error.statusCode ?? 500
  if (status === 503)
    return sayRefused(reply, { status, reason: 'unavailable', detail: 'shutting down' })
  if (status >= 400 && status < 500)
    return sayRefused(reply, { status, reason: 'malformed', detail: 'no well-formed request' })
  onDefect(error)
  return sayRefused(reply, {
    status: 500,
    reason: 'internal',
    detail: 'a defect; it has been recorded',
  })
}
