/**
 * The OpenAPI 3.1 description, made from the table of operations: what is registered is described,
 * and nothing else.
 */
import { z } from 'zod'
import { caseKey, type Operation, refusalShape } from '../api/operation.ts'
import {
  csrfHeader,
  descriptionPath,
  operations,
  streamPath,
  streamTopics,
} from '../api/operations.ts'

type Json = Readonly<Record<string, unknown>>

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } })

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...schema } = z.toJSONSchema(shape, { io })
  return schema
}

const problems = {
  '400': 'Something of the request is wrong; `fields` says what.',
  '401': 'Nobody is signed in, or the token is none.',
  '403': 'Not with this role, or without the CSRF header.',
  '404': 'There is no such thing.',
  '409': 'Somebody was there before.',
  '413': 'The body is too large.',
  '415': 'The body is no JSON in UTF-8.',
  '423': 'Somebody else has taken the case.',
  '431': 'The path with its query is too long.',
  '429': 'Too often; retry-after says when again.',
  '503': 'Something that the console stands on is away; retry-after says when again.',
} as const

type Status = keyof typeof problems

const statusesFor = ({ method, path, least, query, body }: Operation): readonly Status[] => [
  ...(body !== undefined || query !== undefined || path.includes(':') ? (['400'] as const) : []),
  '401',
  ...(least === 'anybody' && method === 'GET' ? [] : (['403'] as const)),
  ...(path.includes(':') || body !== undefined ? (['404'] as const) : []),
  ...(query === undefined ? [] : (['431'] as const)),
  ...(method === 'GET' ? [] : (['409', '413', '415', '423', '429'] as const)),
  '503',
]

function refusals(statuses: readonly Status[]): Json {
  const refused = { $ref: '#/components/schemas/Refused' }
  return Object.fromEntries(
    statuses.map((status) => [status, { description: problems[status], ...json(refused) }]),
  )
}

function parametersOf({ path, query }: Operation): readonly Json[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema:
      name === 'key'
        ? schemaOf(caseKey, 'input')
        : { type: 'string', minLength: 1, maxLength: 200 },
  }))
  // As they are after reading: a URL has only texts.
  const { properties = {}, required = [] } =
    query === undefined ? {} : z.toJSONSchema(query, { io: 'output' })
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
  return [...inPath, ...inQuery]
}

const rightsOf = ({ method, least }: Operation): readonly Json[] => {
  const bearer = { bearer: [] }
  if (least === 'anybody') return [{}, { cookie: [] }, bearer]
  return method === 'GET' ? [{ cookie: [] }, bearer] : [{ cookie: [], csrf: [] }, bearer]
}

function describe(operationId: string, operation: Operation): Json {
  const { says, least, audited, body, answer } = operation
  const given = body === undefined ? {} : { requestBody: json(schemaOf(body, 'input')) }
  return {
    operationId,
    summary: says,
    'x-least-role': least,
    'x-audited': audited,
    security: rightsOf(operation),
    parameters: parametersOf(operation),
    ...given,
    responses: {
      '200': { description: 'Done.', ...json(schemaOf(answer, 'output')) },
      ...refusals(statusesFor(operation)),
    },
  }
}

const stream: Json = {
  operationId: 'stream',
  summary: 'Server-sent events: names of what changed, at most once a second.',
  'x-least-role': 'viewer',
  security: [{ cookie: [] }, { bearer: [] }],
  responses: {
    '200': {
      description: `\`event: changed\`, its data a JSON array of ${streamTopics.join(', ')}.`,
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    ...refusals(['401', '429', '503']),
  },
}

const own: Json = {
  operationId: 'describe',
  summary: 'This description.',
  security: [{}],
  responses: { '200': { description: 'Done.', ...json({ type: 'object' }) } },
}

export function describeApi({ version, cookie }: { version: string; cookie: string }): Json {
  const paths: Record<string, Record<string, Json>> = {
    [streamPath]: { get: stream },
    [descriptionPath]: { get: own },
  }
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(name, operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'couponguard: the review console',
      version,
      description: `With a cookie, what changes something needs ${csrfHeader}; with a token not.`,
    },
    paths,
    components: {
      schemas: { Refused: schemaOf(refusalShape, 'output') },
      securitySchemes: {
        cookie: { type: 'apiKey', in: 'cookie', name: cookie },
        csrf: { type: 'apiKey', in: 'header', name: csrfHeader },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}
