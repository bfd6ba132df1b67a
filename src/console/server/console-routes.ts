/**
 * The console on a server that is there: the API from the table, its description, the stream and
 * the page, in a context of its own, so that parsers, hooks and errors of what else the server does
 * stay as they are. Under /api everything is JSON; any other path that nobody answers is the page.
 */
import cookie from '@fastify/cookie'
import type { FastifyError, FastifyInstance, HTTPMethods } from 'fastify'
import { readJsonBody } from '../../http/json-body.ts'
import type { AuditLog, Visitors } from '../access/visitor.ts'
import { descriptionPath, type OperationName, operations, streamPath } from '../api/operations.ts'
import type { Changes } from '../changes.ts'
import type { Handlers } from '../handlers.ts'
import { type Keep, newLookUps } from './audit-words.ts'
import { addOperation } from './call-route.ts'
import { describeApi } from './description.ts'
import { cookieNames, newGate } from './gate.ts'
import { addPage } from './page-files.ts'
import { sayRefused, sayThrown } from './refused.ts'
import { setSafetyHeaders } from './safety-headers.ts'
import { addStream } from './stream.ts'

export interface ConsoleParts {
  readonly handlers: Handlers
  readonly visitors: Visitors
  readonly audit: AuditLog
  readonly changes: Changes
  /** So that the audit log holds phones and codes only as they are kept. */
  readonly keep: Keep
  readonly version: string
  /** A proxy that ends TLS stands before us. */
  readonly tlsProxy?: boolean
  /** Where the built page is. */
  readonly page?: URL
  readonly heartbeatMs?: number
  now(): number
  /** Told of every defect behind an answer of 500. */
  onDefect(error: unknown): void
}

/** Paths of the rest of the server, which the page never answers. */
const notOurs = /^\/(?:v\d+|healthz|readyz|metrics)(?:\/|$)/
const underApi = /^\/api(?:\/|$)/

/** Before the server listens; what it stands on may still be away. */
export function addConsole(server: FastifyInstance, parts: ConsoleParts): void {
  const { tlsProxy = false, onDefect } = parts
  server.register(async (own) => {
    await own.register(cookie)
    own.removeAllContentTypeParsers()
    own.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      readJsonBody(own, 'send one JSON object'),
    )
    own.decorateRequest('passed', null)
    own.addHook('onRequest', async (_, reply) => setSafetyHeaders(reply, tlsProxy))
    own.setErrorHandler((error: FastifyError, _, reply) => sayThrown(reply, error, onDefect))
    addApi(own, { ...parts, tlsProxy })
    await addPage(own, {
      ...(parts.page === undefined ? {} : { root: parts.page }),
      isOurs: (path) => !notOurs.test(path) && !underApi.test(path),
    })
  })
}

function addApi(own: FastifyInstance, parts: ConsoleParts & { readonly tlsProxy: boolean }): void {
  const gate = newGate(parts)
  const lookUps = newLookUps()
  const names = Object.keys(operations).filter((name): name is OperationName => name in operations)
  for (const name of names) addOperation(own, name, { ...parts, gate, lookUps })
  addStream(own, { ...parts, gate })
  const cookieName = parts.tlsProxy ? cookieNames.secure : `${cookieNames.plain}PORT`
  const description = JSON.stringify(describeApi({ version: parts.version, cookie: cookieName }))
  own.get(descriptionPath, { exposeHeadRoute: false }, async (_, reply) =>
    reply.type('application/json; charset=utf-8').send(description),
  )
  addOtherMethods(own)
  const all: HTTPMethods[] = [...everyMethod]
  for (const url of ['/api', '/api/*'])
    own.route({
      method: all,
      url,
      handler: async (_, reply) => {
        const detail = `no such resource; GET ${descriptionPath} lists what there is`
        return sayRefused(reply, { status: 404, reason: 'not-found', detail })
      },
    })
}

const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const

/** A path that there is, by a method that it does not take. */
function addOtherMethods(own: FastifyInstance): void {
  const taken = new Map<string, string[]>([
    [streamPath, ['GET']],
    [descriptionPath, ['GET']],
  ])
  for (const { path, method } of Object.values(operations))
    taken.set(path, [...(taken.get(path) ?? []), method])
  for (const [url, methods] of taken) {
    const allow = methods.join(', ')
    own.route({
      method: everyMethod.filter((method) => !methods.includes(method)),
      url,
      handler: async (_, reply) =>
        sayRefused(reply.header('allow', allow), {
          status: 405,
          reason: 'method',
          detail: `this takes ${allow} and no other`,
        }),
    })
  }
}
