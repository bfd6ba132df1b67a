/**
 * A request's body to JSON: strict UTF-8, nothing compressed, not nested without end, and no
 * `__proto__` or `constructor` that would reach into an object's prototype. Nothing of the body is
 * ever shown in an error.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Codes of the errors of this file, whose messages are for the sender. */
export const bodyFailures = {
  contentType: 'BODY_CONTENT_TYPE',
  invalidUtf8: 'BODY_INVALID_UTF8',
  notJson: 'BODY_NOT_JSON',
  tooDeep: 'BODY_TOO_DEEP',
} as const

export const contentTypeDetail =
  'Content-Type must be application/json, in UTF-8 and not compressed'

/** An event needs four levels in an array; the rest is for fields of later versions. */
export const depthMax = 64

const tooDeepDetail = `the body nests deeper than ${depthMax} levels; no event needs that`

type Done = (error: Error | null, value?: unknown) => void

export function readJsonBody(server: FastifyInstance) {
  const parse = server.getDefaultJsonParser('error', 'error')
  return (request: FastifyRequest, body: Buffer, done: Done) => {
    if (isRefusedForm(request.headers))
      return done(failure(bodyFailures.contentType, contentTypeDetail))
    const text = decodeStrictly(body)
    if (text === null) return done(failure(bodyFailures.invalidUtf8, 'the body is not UTF-8'))
    if (isTooDeep(text)) return done(failure(bodyFailures.tooDeep, tooDeepDetail))
    const said: Done = (error, value) =>
      error === null ? done(null, value) : done(failure(bodyFailures.notJson, whyNoJson(text)))
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

/** Looked at before parsing: what is nested very deeply could be parsed, but not written again. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') quoted = !quoted
    else if (quoted) at += char === '\\' ? 1 : 0
    else if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    if (depth > depthMax) return true
  }
  return false
}

function whyNoJson(text: string): string {
  const remedy = 'send one event, or an array of events'
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
