/**
 * A request's body to JSON: strict UTF-8, nothing compressed, and no `__proto__` or `constructor`
 * that would reach into an object's prototype. Nothing of the body is ever shown in an error.
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
  return (request: FastifyRequest, body: Buffer, done: Done) => {
    const refused = refusedForm(request.headers)
    const text = decodeStrictly(body)
    if (refused === null && text !== null) return parse(request, text, done)
    done(failure(refused ?? bodyFailures.invalidUtf8))
  }
}

function refusedForm(headers: FastifyRequest['headers']): string | null {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return bodyFailures.encoded
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]
  return charset === undefined || charset.toLowerCase() === 'utf-8' ? null : bodyFailures.charset
}

function decodeStrictly(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code, statusCode: 400 })
