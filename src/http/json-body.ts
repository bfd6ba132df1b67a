/**
 * A request's body to JSON: strict UTF-8, nothing compressed, and no `__proto__` or `constructor` that
 * would reach into an object's prototype. Nothing of the body is ever shown in an error.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Codes of the errors of this file; src/http/failure.ts says them in words. */
export const bodyFailures = {
  invalidUtf8: 'BODY_INVALID_UTF8',
  encoded: 'BODY_ENCODED',
  charset: 'BODY_CHARSET',
} as const

type Done = (error: Error | null, value?: unknown) => void

export function readJsonBody(server: FastifyInstance) {
  const parse = server.getDefaultJsonParser('error', 'error')
  return (request: FastifyRequest, body: Buffer, done: Done): void => {
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity') return done(failure(bodyFailures.encoded))
    const charset = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
    if (charset !== undefined && charset.toLowerCase() !== 'utf-8')
      return done(failure(bodyFailures.charset))
    const text = decodeStrictly(body)
    if (text === null) return done(failure(bodyFailures.invalidUtf8))
    parse(request, text, done)
  }
}

function decodeStrictly(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code, statusCode: 400 })
