/**
 * A request's body to JSON: strict UTF-8, nothing compressed, not nested without end, and no
 * `__proto__` or `constructor` that would reach into an object's prototype. Nothing of the body is
 * ever shown in an error.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isTooDeep, jsonDepthMax } from '../core/event/json-depth.ts'

/** Codes of the errors of this file, whose messages are for the sender. */
export const bodyFailures = {
  contentType: 'BODY_CONTENT_TYPE',
  invalidUtf8: 'BODY_INVALID_UTF8',
  notJson: 'BODY_NOT_JSON',
  tooDeep: 'BODY_TOO_DEEP',
} as const

export const contentTypeDetail =
  'Content-Type must be application/json, in UTF-8 and not compressed'

const tooDeepDetail = `the body nests deeper than ${jsonDepthMax} levels; nothing here needs that`

type Done = (error: Error | null, value?: unknown) => void

/** `remedy` is what to send instead of what is no JSON. */
export function readJsonBody(
  server: FastifyInstance,
  remedy = 'send one event, or an array of events',
) {
  const parse = server.getDefaultJsonParser('error', 'error')
  return (request: FastifyRequest, body: Buffer, done: Done) => {
    if (isRefusedForm(request.headers))
      return done(failure(bodyFailures.contentType, contentTypeDetail))
    const text = decodeStrictly(body)
    if (text === null) return done(failure(bodyFailures.invalidUtf8, 'the body is not UTF-8'))
    if (isTooDeep(text)) return done(failure(bodyFailures.tooDeep, tooDeepDetail))
    const said: Done = (error, value) =>
      error === null
        ? done(null, value)
        : done(failure(bodyFailures.notJson, whyNoJson(text, remedy)))
    return parse(request, text, said)
  }
}

function isRefusedForm(headers: FastifyRequest['headers']): boolean {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return true
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]
  return charset !== undefined && charset.toLowerCase() !== 'utf-8'
}

function decodeStrictly(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}

function whyNoJson(text: string, remedy: string): string {
  if (text.trim() === '') return `the body is empty; ${remedy}`
  try {
    JSON.parse(text)
    return 'the body has a field named __proto__ or constructor, which is refused'
  } catch (error) {
    const place = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    if (place === undefined) return `the body is not JSON; ${remedy}`
    return `the body is not JSON from character ${Number(place) + 1} on; ${remedy}`
  }
}

const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, statusCode: 400 })
