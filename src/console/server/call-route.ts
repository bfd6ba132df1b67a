/**
 * One operation of the table as a route: who asks, whether they may, what they sent (checked by the
 * shapes of the table), the audit log, then the handler, then its answer. What is audited is
 * written before it is done, so nothing is done that is not written; where it is then refused, a
 * second entry says so.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AuditLog } from '../access/visitor.ts'
import type { Operation } from '../api/operation.ts'
import { type OperationName, operations } from '../api/operations.ts'
import { type Call, type Handlers, Refusal } from '../handlers.ts'
import { auditWords, type Keep, type LookUps, namesSomebody } from './audit-words.ts'
import { type Gate, mayDo, type Passed } from './gate.ts'
import { BadFields, bodyBytesMax, type Fields, fieldsOf } from './refused.ts'

export interface RouteParts {
  readonly gate: Gate
  readonly lookUps: LookUps
  readonly audit: AuditLog
  readonly keep: Keep
  readonly handlers: Handlers
  now(): number
}

type AnyHandler = (call: Call<OperationName>) => Promise<unknown>

export function addOperation(server: FastifyInstance, name: OperationName, parts: RouteParts) {
  const operation: Operation = operations[name]
  // The table's types hold the two together; here the name is only known at run time.
  const handler = parts.handlers[name] as AnyHandler
  server.route({
    method: operation.method,
    url: operation.path,
    bodyLimit: bodyBytesMax,
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      const passed = await parts.gate.pass(request, reply, operation)
      await checkRole(passed, { name, operation }, parts)
      request.setDecorator('passed', passed)
    },
    handler: async (request, reply) => {
      const passed = request.getDecorator<Passed>('passed')
      const { caller, visit } = passed
      const call = { ...checked(request, operation), caller, visit, at: parts.now() }
      const answer = await audited(passed, { name, operation, call, handler }, parts)
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer))
    },
  })
}

interface Named {
  readonly name: OperationName
  readonly operation: Operation
}

async function checkRole(
  { caller, visit }: Passed,
  { name, operation: { least, audited } }: Named,
  { audit, now }: RouteParts,
): Promise<void> {
  if (least === 'anybody' || mayDo(caller.role, least)) return
  const { address } = visit
  const who = { at: now(), person: caller.name, action: name, subject: null, address }
  if (audited) await audit.write({ ...who, detail: `refused: needs the role ${least}` })
  throw new Refusal(403, 'role', `this needs the role ${least}`)
}

const oneParam = z.string().min(1).max(200)
const keyParam = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')

interface Checked {
  readonly params: Readonly<Record<string, string>>
  readonly query: never
  readonly body: never
}

/** Throws BadFields with all that is wrong. */
function checked(request: FastifyRequest, { path, query, body }: Operation): Checked {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const shape = names.map((name) => [name, name === 'key' ? keyParam : oneParam] as const)
  const problems: Fields[number][] = []
  const read = (part: string, schema: z.ZodType | undefined, given: unknown): unknown => {
    if (schema === undefined) return undefined
    const unkept = unkeptTexts(part, given)
    problems.push(...unkept)
    if (unkept.length > 0) return undefined
    const result = schema.safeParse(given)
    if (!result.success) problems.push(...fieldsOf(part, result.error.issues))
    return result.data
  }
  const params = read('path', z.object(Object.fromEntries(shape)), request.params)
  const asked = read('query', query, request.query)
  // No body at all says nothing; null says something wrong.
  const sent = read('body', body, request.body === undefined ? {} : request.body)
  if (problems.length > 0) throw new BadFields(problems)
  // Checked just now by the very shapes that the types are made from.
  return { params: params as Checked['params'], query: asked as never, body: sent as never }
}

/** Texts that no database keeps: U+0000, halves of characters. The parser bounds the depth. */
function unkeptTexts(at: string, given: unknown): Fields {
  if (typeof given === 'string') {
    const isKept = !given.includes('\u0000') && given.isWellFormed()
    return isKept ? [] : [{ path: at, detail: 'holds U+0000 or half of a character' }]
  }
  if (typeof given !== 'object' || given === null) return []
  return Object.entries(given).flatMap(([key, value]) => [
    ...unkeptTexts(`${at} (a name)`, key),
    ...unkeptTexts(`${at}.${key}`.slice(0, 200).toWellFormed(), value),
  ])
}

interface Made extends Named {
  readonly call: Call<OperationName>
  readonly handler: AnyHandler
}

/** What is for anybody writes its own entries: only its handler knows who it was. */
async function audited(
  { caller, visit }: Passed,
  { name, operation, call, handler }: Made,
  { audit, keep, now, lookUps }: RouteParts,
): Promise<unknown> {
  const { least } = operation
  const isAudited = least !== 'anybody' && (operation.audited || namesSomebody(call.query))
  if (!isAudited) return await handler(call)
  const { subject, detail } = auditWords({ ...call, name }, keep)
  const { address } = visit
  const entry = { at: call.at, person: caller.name, action: name, subject, detail, address }
  if (!operation.audited && !lookUps.isNew(entry)) return await handler(call)
  await audit.write(entry)
  try {
    return await handler(call)
  } catch (error) {
    const why = error instanceof Refusal ? error.reason : 'not done: something failed'
    await audit.write({ ...entry, at: now(), detail: `refused: ${why}` })
    throw error
  }
}
