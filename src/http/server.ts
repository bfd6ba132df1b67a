/**
 * Events in, decisions out, over HTTP: POST /v1/events with one event or an array, GET /healthz and
 * /readyz. What judges is given as a plain function. Every answer is JSON, errors included; nothing
 * of the inside (stack, path, value) is ever in one. An answer is sent only after the commit.
 */
import type { Server } from 'node:http'
import Fastify, {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
} from 'fastify'
import { EdgeError } from '../runtime/edge-error.ts'
import { answerUnparsed, sayClientError } from './bare-socket.ts'
import {
  bodyBytesMax,
  retryAfterSeconds,
  sayError,
  sayFailure,
  sayNoContentType,
} from './failure.ts'
import { readJsonBody } from './json-body.ts'
import {
  eventResources,
  eventsPath,
  methodsInstead,
  paramLengthMax,
  sayMethods,
  sayNotFound,
} from './resources.ts'
import { refusalOf } from './same-site.ts'
import { answerOf, type SubmitResult } from './submit-result.ts'

export interface ServerOptions {
  /**
   * Appends, judges and commits: one result per event, in order. Rejects only with an EdgeError.
   */
  readonly submit: (published: readonly unknown[]) => Promise<readonly SubmitResult[]>
  /** Null when events can be judged; else why not. */
  readonly notReady: () => string | null
  /** Told of every defect behind an answer of 500. */
  readonly onDefect: (error: unknown) => void
  /** Names of ours beside loopback, with or without port. */
  readonly allowedHosts?: readonly string[]
  /** The review console stands on this server too. */
  readonly hasPage?: boolean
  /** Longest wait for `submit`; the events may still be judged after it. */
  readonly answerMsMax?: number
  /** Longest time for a request to arrive. */
  readonly requestMsMax?: number
}

export const requestEventsMax = 500
const connectionsMax = 1_024

/** Not listening yet: `await server.listen({ host: '127.0.0.1', port })`. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const server = Fastify(frameworkOptions(options.requestMsMax ?? 10_000))
  server.server.maxConnections = connectionsMax
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJsonBody(server))
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
    const has = options.hasPage === true ? 'page' : 'no page'
    const refusal = refusalOf(request.raw, options.allowedHosts ?? [], has)
    if (refusal !== null) return sayError(reply, refusal.status, refusal.reason, refusal.detail)
    const methods = methodsInstead(eventResources, request.method, request.url)
    if (methods !== null) return sayMethods(reply, methods)
  })
  server.setNotFoundHandler((_, reply) => sayNotFound(reply, eventResources))
  server.setErrorHandler((error: FastifyError, _, reply) =>
    sayFailure(reply, error, options.onDefect),
  )
  answerUnparsed(server.server)
  addRoutes(server, options)
  return server
}

function frameworkOptions(requestMsMax: number): FastifyHttpOptions<Server> {
  return {
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: paramLengthMax },
    http: {
      // We say ourselves what is wrong with a request without Host.
      requireHostHeader: false,
      headersTimeout: requestMsMax,
      connectionsCheckingInterval: Math.min(1_000, requestMsMax),
    },
    clientErrorHandler: sayClientError,
    frameworkErrors: (_, __, reply) => {
      sayError(reply, 400, 'malformed', 'the path cannot be decoded')
    },
  }
}

function addRoutes(server: FastifyInstance, options: ServerOptions): void {
  server.get('/healthz', () => ({ healthy: true }))
  server.get('/readyz', (_, reply) => {
    const why = options.notReady()
    return why === null ? { ready: true } : sayError(reply, 503, 'unavailable', why)
  })
  server.post(eventsPath, async (request, reply) => {
    if (request.headers['content-type'] === undefined) return sayNoContentType(reply)
    const why = options.notReady()
    if (why !== null) return sayError(reply, 503, 'unavailable', why)
    const { body } = request
    const events: readonly unknown[] = Array.isArray(body) ? body : [body]
    if (events.length > requestEventsMax)
      return sayError(
        reply,
        413,
        'too-many-events',
        `at most ${requestEventsMax} events in a request, not ${events.length}; send several`,
      )
    const results = await withDeadline(options.submit(events), options.answerMsMax ?? 10_000)
    return answer(reply, results, Array.isArray(body))
  })
}

/** One event: its own status. A batch: 200 and a status for each, unless none could be judged. */
function answer(reply: FastifyReply, results: readonly SubmitResult[], isBatch: boolean) {
  const repeated = results.filter((result) => result.status === 'decided' && result.repeated).length
  reply.header('couponguard-repeated', String(repeated))
  const answers = results.map(answerOf)
  const [first] = answers
  const noneJudged =
    first !== undefined && results.every((result) => result.status === 'unavailable')
  if (noneJudged) reply.header('retry-after', retryAfterSeconds)
  if (!isBatch && first !== undefined) return reply.code(first.status).send(first.body)
  return reply.code(noneJudged ? 503 : 200).send(answers.map(({ body }) => body))
}

async function withDeadline<T>(task: Promise<T>, msMax: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    // Made when it is late: an error's stack for each request costs more than the timer does.
    const sayLate = () =>
      reject(new EdgeError('timeout', 'no decision in time; send the same again', true))
    timer = setTimeout(sayLate, msMax)
  })
  try {
    return await Promise.race([task, late])
  } finally {
    clearTimeout(timer)
  }
}
