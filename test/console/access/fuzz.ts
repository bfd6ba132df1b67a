/**
 * Requests made up from the API's description, right and wrong ones, sent to a running console: no
 * answer may be 500 or more, each must be one that the description names, and of the shape that it
 * gives. The seed is printed where something fails.
 */
import fc from 'fast-check'
import { z } from 'zod'
import { refusalShape } from '../../../src/console/api/operation.ts'
import { descriptionPath, operations } from '../../../src/console/api/operations.ts'
import { json, send } from './ask.ts'
import { fromSchema, hostileTexts, type JsonSchema } from './from-schema.ts'

const schemaShape = z.record(z.string(), z.unknown())
const operationShape = z.object({
  operationId: z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        schema: schemaShape,
      }),
    )
    .default([]),
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ schema: schemaShape }) }) })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
})
const descriptionShape = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationShape)),
})

export interface Described extends z.output<typeof operationShape> {
  readonly method: string
  readonly path: string
}

export async function describedBy(port: number): Promise<readonly Described[]> {
  const { text } = await send({ path: descriptionPath }, port)
  const { paths } = descriptionShape.parse(JSON.parse(text))
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  )
}

export interface MadeUp {
  readonly path: string
  readonly body: unknown
}

const anything = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(...hostileTexts),
    fc.constantFrom(0, -1, 1e308, 2 ** 53, null, '', [], {}, '\u0000', '\ud800'),
  )

/** Some of the made-up keys of cases are those of cases that there are. */
function withKnown(text: string, keys: readonly string[]): string {
  if (keys.length === 0) return text
  return text.replaceAll(/\b[0-9a-f]{32}\b/g, (made) => {
    const pick = Number.parseInt(made.slice(0, 6), 16)
    return pick % 4 === 0 ? made : keys[pick % keys.length]!
  })
}

/** Mostly as described; where `wild`, one value in four is anything. */
export function requestsFor(
  { path, parameters, requestBody }: Described,
  wild: boolean,
  keys: readonly string[] = [],
): fc.Arbitrary<MadeUp> {
  const spoilt = (schema: JsonSchema): fc.Arbitrary<unknown> =>
    wild
      ? fc.oneof({ weight: 3, arbitrary: fromSchema(schema) }, { weight: 1, arbitrary: anything() })
      : fromSchema(schema)
  const valueFor = (schema: JsonSchema) => spoilt(schema).map(urlText)
  const inPath = parameters.filter((one) => one.in === 'path')
  const inQuery = parameters.filter((one) => one.in === 'query')
  const shapeOf = (all: typeof parameters) =>
    Object.fromEntries(all.map((one) => [one.name, valueFor(one.schema)]))
  const requiredKeys = wild ? [] : inQuery.filter((one) => one.required).map(({ name }) => name)
  const bodySchema = requestBody?.content['application/json'].schema
  return fc
    .record({
      params: fc.record(shapeOf(inPath)),
      query: fc.record(shapeOf(inQuery), { requiredKeys }),
      body: bodySchema === undefined ? fc.constant(undefined) : spoiltBody(bodySchema, wild),
    })
    .map(({ params, query, body }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? 'x')
      const asked = Object.entries(query).map(([name, value]) => `${name}=${value}`)
      const whole = asked.length === 0 ? filled : `${filled}?${asked.join('&')}`
      const sent = body === undefined ? body : JSON.parse(withKnown(JSON.stringify(body), keys))
      return { path: withKnown(whole, keys), body: sent }
    })
}

function spoiltBody(schema: JsonSchema, wild: boolean): fc.Arbitrary<unknown> {
  const right = fromSchema(schema)
  if (!wild) return right
  const spoilt = fc
    .tuple(right, fc.string({ maxLength: 8 }), anything(), fc.nat())
    .map(([body, key, value, place]) => {
      if (typeof body !== 'object' || body === null) return value
      const keys = [...Object.keys(body), key]
      return { ...body, [keys[place % keys.length]!]: value }
    })
  return fc.oneof(right, spoilt, anything())
}

function urlText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return encodeURIComponent(text.toWellFormed()) || '%20'
}

export interface Fuzzed {
  readonly port: number
  readonly headers: Readonly<Record<string, string>>
}

/** Throws with what was sent and what came where an answer is not as it must be. */
export async function checkAnswer(
  { port, headers }: Fuzzed,
  { method, operationId, responses }: Described,
  { path, body }: MadeUp,
): Promise<number> {
  const withBody = body === undefined ? {} : { body: JSON.stringify(body) }
  const sent = { method, path, headers: { ...headers, ...(body === undefined ? {} : json) } }
  const { status, text } = await send({ ...sent, ...withBody }, port)
  const told = `${method} ${path} ${JSON.stringify(body)}: ${status} ${text.slice(0, 500)}`
  if (status >= 500) throw new Error(`failed: ${told}`)
  if (!(String(status) in responses)) throw new Error(`not described: ${told}`)
  const answer = Object.entries(operations).find(([name]) => name === operationId)?.[1].answer
  const shape = status === 200 ? answer : refusalShape
  const read = shape?.safeParse(JSON.parse(text))
  if (read?.success === false) throw new Error(`not of its shape: ${told}: ${read.error.message}`)
  return status
}
