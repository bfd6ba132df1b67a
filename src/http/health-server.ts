/**
 * A worker's own small server: GET /healthz (it lives, as long as it answers), /readyz (200, or 503
 * with why not) and /metrics. It logs nothing. On loopback it answers only who names it so, as the
 * server of events does; where another address was asked for, anyone who reaches it.
 */
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { CommandError } from '../cli/exit.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { answerUnparsed, sayClientError } from './bare-socket.ts'
import { sayError, sayFailure } from './failure.ts'
import { methodsInstead, sayMethods, sayNotFound, workerResources } from './resources.ts'
import { refusalOf } from './same-site.ts'

export interface HealthOptions {
  /** An address of this machine; 127.0.0.1 unless it is to be reached from elsewhere. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  /** Null when events are judged; else why not: `starting`, `paused: registry away` … */
  notReady(): string | null
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  /** Told of every defect behind an answer of 500. */
  onDefect(error: unknown): void
}

export interface HealthServer {
  /** Such as http://127.0.0.1:9464. */
  readonly url: string
  /** Ends at once, with whoever is still connected. */
  close(): Promise<void>
}

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/
const requestMsMax = 5_000
const connectionsMax = 64

/** Throws one line where it cannot listen there. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const { host = '127.0.0.1', port } = options
  const server = Fastify({
    bodyLimit: 1_024,
    requestTimeout: requestMsMax,
    forceCloseConnections: true,
    http: {
      requireHostHeader: false,
      headersTimeout: requestMsMax,
      // Checked this often even where nobody is connected: an idle worker should sleep.
      connectionsCheckingInterval: requestMsMax,
    },
    clientErrorHandler: sayClientError,
    frameworkErrors: (_, __, reply) => {
      sayError(reply, 400, 'malformed', 'the path cannot be decoded')
    },
  })
  server.server.maxConnections = connectionsMax
  answerUnparsed(server.server)
  guard(server, host, options)
  server.get('/healthz', () => ({ healthy: true }))
  server.get('/readyz', (_, reply) => {
    const why = options.notReady()
    return why === null ? { ready: true } : sayError(reply, 503, 'unavailable', why)
  })
  server.get('/metrics', async (_, reply) => {
    const { metrics } = options
    return reply.type(metrics.contentType).send(await metrics.text())
  })
  const url = await listen(server, host, port)
  return { url, close: () => server.close() }
}

function guard(server: FastifyInstance, host: string, { onDefect }: HealthOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
    const refusal = loopback.test(host) ? refusalOf(request.raw, []) : null
    if (refusal !== null) return sayError(reply, refusal.status, refusal.reason, refusal.detail)
    const methods = methodsInstead(workerResources, request.method, request.url)
    if (methods !== null) return sayMethods(reply, methods)
  })
  server.setNotFoundHandler((_, reply) => sayNotFound(reply, workerResources))
  server.setErrorHandler((error: FastifyError, _, reply) => sayFailure(reply, error, onDefect))
}

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken; stop what uses it, or choose another, or 0',
  EACCES: 'this user may not listen there; choose one from 1024',
  EADDRNOTAVAIL: 'this machine has no such address; choose another host',
  ENOTFOUND: 'there is no such host; choose an address of this machine',
}

async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const words = listenProblems[code]
    if (words === undefined) throw error
    throw new CommandError(`--health-port ${port} on ${host}: ${words}`, undefined, error)
  }
}
