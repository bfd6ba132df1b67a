/**
 * Who may pass: told from the headers alone, before anything of a body is read. A session comes in
 * a cookie, which a browser sends whoever's page asked; so what changes something must also show
 * the session's CSRF token, which no other page can know. A program shows a token of its own.
 */
import { isIP } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSame } from '../access/compare.ts'
import type { Visitor, Visitors } from '../access/visitor.ts'
import { type Operation, type Role, roles } from '../api/operation.ts'
import { csrfHeader } from '../api/operations.ts'
import { type Caller, Refusal, type Visit } from '../handlers.ts'

export interface GateParts {
  readonly visitors: Visitors
  /** A proxy that ends TLS stands before us: its word on addresses counts, cookies are Secure. */
  readonly tlsProxy: boolean
  now(): number
}

export interface Passed {
  readonly visitor: Visitor | null
  readonly caller: Caller
  readonly visit: Visit
}

export interface Gate {
  /** Throws Refusal, or EdgeError. */
  pass(request: FastifyRequest, reply: FastifyReply, asked: Asked): Promise<Passed>
  /** Whether whoever passed may still; does not count as use. */
  stillStands(request: FastifyRequest): Promise<boolean>
}

type Asked = Pick<Operation, 'method' | 'least'>

export const nobody: Caller = { name: '', role: 'viewer' }
const tokenLengthMax = 200

export const mayDo = (role: Role, least: Role): boolean =>
  roles.indexOf(role) >= roles.indexOf(least)

export function newGate({ visitors, tlsProxy, now }: GateParts): Gate {
  const visitorOf = (request: FastifyRequest, quietly?: 'quietly') => {
    const bearer = bearerOf(request)
    if (bearer !== null) return visitors.byToken(bearer, now(), quietly)
    const token = sessionOf(request, tlsProxy)
    return token === null ? null : visitors.bySession(token, now(), quietly)
  }
  return {
    async pass(request, reply, { method, least }) {
      const visitor = await visitorOf(request)
      const visit = visitOf(request, reply, { visitor, tlsProxy })
      if (visitor === null && bearerOf(request) !== null) throw signedOut(reply)
      if (least === 'anybody') return { visitor, caller: visitor?.caller ?? nobody, visit }
      if (visitor === null) throw signedOut(reply)
      if (method !== 'GET') checkCsrf(request, visitor)
      return { visitor, caller: visitor.caller, visit }
    },
    stillStands: async (request) => (await visitorOf(request, 'quietly')) !== null,
  }
}

function signedOut(reply: FastifyReply): Refusal {
  reply.header('www-authenticate', 'Bearer')
  return new Refusal(401, 'signed-out', 'sign in first; a session or a token may have ended')
}

function checkCsrf(request: FastifyRequest, { csrf }: Visitor): void {
  if (csrf === null) return
  const given = request.headers[csrfHeader]
  if (typeof given === 'string' && isSame(given, csrf)) return
  throw new Refusal(403, 'csrf', `${csrfHeader} must hold the token that GET /api/v1/session gives`)
}

/** '' where something is given that is no token. */
function bearerOf({ headers: { authorization } }: FastifyRequest): string | null {
  if (authorization === undefined) return null
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? ''
  return token.length <= tokenLengthMax ? token : ''
}

/** Two consoles on one machine differ by port, but share a browser's cookies. */
export const cookieNames = { secure: '__Host-couponguard', plain: 'couponguard-' } as const
const cookieName = ({ raw }: FastifyRequest, tlsProxy: boolean): string =>
  tlsProxy ? cookieNames.secure : `${cookieNames.plain}${raw.socket.localPort ?? 0}`

function sessionOf(request: FastifyRequest, tlsProxy: boolean): string | null {
  const token = request.cookies[cookieName(request, tlsProxy)]
  return token !== undefined && token.length > 0 && token.length <= tokenLengthMax ? token : null
}

interface VisitParts {
  readonly visitor: Visitor | null
  readonly tlsProxy: boolean
}

function visitOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { visitor, tlsProxy }: VisitParts,
): Visit {
  const name = cookieName(request, tlsProxy)
  const how = { httpOnly: true, sameSite: 'strict', path: '/', secure: tlsProxy } as const
  return {
    address: addressOf(request, tlsProxy),
    session: visitor?.via === 'session' ? sessionOf(request, tlsProxy) : null,
    setSession(token) {
      if (token === null) reply.clearCookie(name, how)
      else reply.setCookie(name, token, how)
    },
  }
}

/** The proxy writes whom it heard at the end; what stands before is only what they said. */
function addressOf({ raw }: FastifyRequest, tlsProxy: boolean): string {
  const socket = raw.socket.remoteAddress ?? ''
  if (!tlsProxy) return plain(socket)
  const told = String(raw.headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)!
    .trim()
  return isIP(told) === 0 ? plain(socket) : plain(told)
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
