/**
 * The server of `console` alone: the console, /healthz (it lives, as long as it answers) and
 * /readyz (200, or 503 with why not). It answers only who names it as it names itself, as the
 * server of events does, but for the two of health, which a prober asks by any name.
 */
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { answerUnparsed, sayClientError } from '../../http/bare-socket.ts'
import { sayError } from '../../http/failure.ts'
import { paramLengthMax } from '../../http/resources.ts'
import { refusalOf } from '../../http/same-site.ts'
import { sayRefused, sayThrown } from './refused.ts'

export interface ConsoleServerParts {
  /** Adds the console. */
  add(server: FastifyInstance): void
  /** Names of ours beside loopback, with or without port. */
  readonly allowedHosts: readonly string[]
  /** Null when the console can be used; else why not: `the database is away` … */
  notReady(): string | null
  /** Told of every defect behind an answer of 500. */
  onDefect(error: unknown): void
}

const requestMsMax = 10_000
const connectionsMax = 2_048
const healthPaths = new Set(['/healthz', '/readyz'])

/** Not listening yet: `await server.listen({ host, port })`. */
export function buildConsoleServer(parts: ConsoleServerParts): FastifyInstance {
  const server = Fastify({
    bodyLimit: 1_024,
    requestTimeout: requestMsMax,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: paramLengthMax },
    http: {
      requireHostHeader: false,
      headersTimeout: requestMsMax,
      connectionsCheckingInterval: 1_000,
    },
    clientErrorHandler: sayClientError,
    frameworkErrors: (_, __, reply) => {
      sayError(reply, 400, 'malformed', 'the path cannot be decoded')
    },
  })
  server.server.maxConnections = connectionsMax
  answerUnparsed(server.server)
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
    if (healthPaths.has(request.url)) return
    const refusal = refusalOf(request.raw, parts.allowedHosts, 'page')
    if (refusal !== null) return sayRefused(reply, refusal)
  })
  server.setNotFoundHandler((_, reply) =>
    sayRefused(reply, { status: 404, reason: 'not-found', detail: 'no such resource' }),
  )
  server.setErrorHandler((error: FastifyError, _, reply) => sayThrown(reply, error, parts.onDefect))
  server.get('/healthz', () => ({ healthy: true }))
  server.get('/readyz', (_, reply) => {
    const why = parts.notReady()
    if (why === null) return { ready: true }
    return sayRefused(reply, { status: 503, reason: 'unavailable', detail: why })
  })
  parts.add(server)
  return server
}
