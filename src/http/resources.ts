/** What a server may be asked for, and by which methods. */
import type { FastifyReply } from 'fastify'
import { sayError } from './failure.ts'

export type Resources = ReadonlyMap<string, readonly string[]>

/** Of a value inside a path as written there, where one character of 200 may be twelve. */
export const paramLengthMax = 2_400

export const eventsPath = '/v1/events'
const reading = ['GET', 'HEAD']

const healthResources = [
  ['/healthz', reading],
  ['/readyz', reading],
] as const

export const eventResources: Resources = new Map([[eventsPath, ['POST']], ...healthResources])
export const workerResources: Resources = new Map([...healthResources, ['/metrics', reading]])

/** The methods that a path takes, where this method is none of them; else null. */
export function methodsInstead(
  resources: Resources,
  method: string,
  url: string,
): readonly string[] | null {
  const methods = resources.get(url.replace(/\?.*$/s, ''))
  return methods === undefined || methods.includes(method) ? null : methods
}

export function sayMethods(reply: FastifyReply, methods: readonly string[]) {
  const allow = methods.join(', ')
  return sayError(reply.header('allow', allow), 405, 'method', `this takes ${allow} and no other`)
}

export function sayNotFound(reply: FastifyReply, resources: Resources) {
  const all = [...resources].map(([path, [method]]) => `${method} ${path}`)
  return sayError(reply, 404, 'not-found', `no such resource; there are ${all.join(', ')}`)
}
