/**
 * A registry that speaks Confluent's REST interface: schema by id, our schemas by subject. What it
 * knows is kept, what it does not know for some seconds. Every request ends within `timeoutMs`.
 * "I have no such schema" is an answer (null); no answer, an error page or a refusal is an
 * EdgeError, because a wrong address must never turn good events into dead letters.
 *
 * The client of @kafkajs is not used here: it has no time limit, shows a refused connection as
 * status 400 and cannot set compatibility. Tests hold this one and that one to the same bytes.
 */
import type { Schema } from 'avsc'
import { z } from 'zod'
import type { RegistryConnection } from '../../config/connections.ts'
import { schemas } from '../../core/schema.gen.ts'
import type { Clock } from '../../runtime/clock.ts'
import { EdgeError } from '../../runtime/edge-error.ts'
import { askRegistry, type RegistryAnswer, type RegistryRequest } from './registry-request.ts'
import { subjectOf, type TopicName, topics } from './topics.ts'

export interface WriterSchema {
  /** AVRO, JSON or PROTOBUF. */
  readonly type: string
  readonly schema: string
}

/** Each rejects with an EdgeError where the registry is away, refuses or is none. */
export interface SchemaRegistry {
  /** Null where the registry has no such schema. */
  schemaById(id: number): Promise<WriterSchema | null>
  /** The id of exactly this schema under a subject; null where it is not registered. */
  idOf(subject: string, schema: Schema): Promise<number | null>
  /** Registers, or finds what is registered already; gives the id. */
  register(subject: string, schema: Schema): Promise<number>
  /** The subject's own level; null where it has none. */
  compatibility(subject: string): Promise<string | null>
  /** Sets FULL_TRANSITIVE. Some registries refuse it before a schema is registered. */
  setCompatibility(subject: string): Promise<void>
  /** Why the schema may not follow what is registered; empty where it may, or nothing is. */
  incompatibilities(subject: string, schema: Schema): Promise<readonly string[]>
  /** Every schema under a subject, oldest first; empty where there is none. */
  versions(subject: string): Promise<readonly WriterSchema[]>
  /**
   * The id of our schema of each topic, by the names without prefix. Throws one EdgeError that
   * names all that are missing.
   */
  registeredIds(names: readonly TopicName[]): Promise<ReadonlyMap<TopicName, number>>
}

export const compatibilityLevel = 'FULL_TRANSITIVE'

const unknownForMs = 10_000
const unknownMax = 10_000
const knownMax = 1_000

const errorSchema = z.object({ error_code: z.int(), message: z.string().optional() })
const schemaSchema = z
  .object({ schema: z.string(), schemaType: z.string().default('AVRO') })
  .transform(({ schema, schemaType }): WriterSchema => ({ schema, type: schemaType }))
const numbersSchema = z.array(z.int().min(1))
const idSchema = z.object({ id: z.int().min(1) })
const levelSchema = z.union([
  z.object({ compatibilityLevel: z.string() }).transform((given) => given.compatibilityLevel),
  z.object({ compatibility: z.string() }).transform((given) => given.compatibility),
])
/** Confluent's registry gives messages, Apicurio one reason that lists its causes. */
const verdictSchema = z
  .object({
    is_compatible: z.boolean(),
    messages: z.array(z.string()).nullish(),
    reason: z.string().nullish(),
  })
  .transform(({ is_compatible, messages, reason }): readonly string[] => {
    if (is_compatible) return []
    if (messages != null && messages.length > 0) return messages
    return [reason?.replace(/^.*Causes: /s, '') ?? 'the registry does not say why']
  })

/** Codes of answers that mean "it is not there". */
const noSubject = 40401
const noVersion = 40402
const noSchema = 40403
const noSubjectLevel = 40408

export function newSchemaRegistry(
  connection: RegistryConnection,
  clock: Clock,
  topicPrefix = '',
): SchemaRegistry {
  const ask = newQuestions(connection)
  const subjects = newSubjects(ask)
  return {
    ...subjects,
    schemaById: newSchemaMemory(ask, clock),
    async registeredIds(names) {
      const ids = new Map<TopicName, number>()
      const missing: string[] = []
      for (const name of names) {
        const subject = subjectOf(topicPrefix + name)
        const id = await subjects.idOf(subject, schemas[topics[name].schema])
        if (id === null) missing.push(subject)
        else ids.set(name, id)
      }
      if (missing.length === 0) return ids
      const line = `${connection.url}: has not got our schema of ${missing.join(', ')}`
      const remedy = 'register it with: couponguard topics create'
      throw new EdgeError('registry-failed', `${line}; ${remedy}`, false)
    },
  }
}

/** Asks; gives the checked body, or null where the registry answers with one of `absent`. */
type Ask = <T>(
  request: RegistryRequest,
  form: z.ZodType<T>,
  absent?: readonly number[],
) => Promise<T | null>

function newQuestions(connection: RegistryConnection): Ask {
  const { url } = connection
  return async (request, form, absent = []) => {
    const answer = await askRegistry(connection, request)
    const failed = errorOf(answer)
    if (failed !== null && absent.includes(failed.error_code)) return null
    if (answer.status < 200 || answer.status > 299) throw refusal(url, answer, failed)
    const read = form.safeParse(answer.body)
    if (read.success) return read.data
    throw new EdgeError('registry-failed', `${url}: ${notARegistry}`, true)
  }
}

function newSchemaMemory(ask: Ask, clock: Clock): SchemaRegistry['schemaById'] {
  const known = new Map<number, WriterSchema>()
  const unknownUntil = new Map<number, number>()
  return async (id) => {
    const found = known.get(id)
    if (found !== undefined) return found
    const now = clock.now()
    if ((unknownUntil.get(id) ?? 0) > now) return null
    const request = { method: 'GET', path: `/schemas/ids/${id}` } as const
    const schema = await ask(request, schemaSchema, [noSchema])
    if (schema === null) {
      keepAtMost(unknownUntil, unknownMax)
      unknownUntil.set(id, now + unknownForMs)
      return null
    }
    keepAtMost(known, knownMax)
    known.set(id, schema)
    return schema
  }
}

type Subjects = Omit<SchemaRegistry, 'schemaById' | 'registeredIds'>

function newSubjects(ask: Ask): Subjects {
  const asBody = (schema: Schema) => ({ schema: JSON.stringify(schema) })
  return {
    async idOf(subject, schema) {
      const path = `/subjects/${encodeURIComponent(subject)}`
      const request = { method: 'POST', path, body: asBody(schema) } as const
      const found = await ask(request, idSchema, [noSubject, noSchema])
      return found === null ? null : found.id
    },
    async register(subject, schema) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`
      const found = await ask({ method: 'POST', path, body: asBody(schema) }, idSchema)
      return found!.id
    },
    compatibility(subject) {
      const path = `/config/${encodeURIComponent(subject)}`
      return ask({ method: 'GET', path }, levelSchema, [noSubject, noSubjectLevel])
    },
    async setCompatibility(subject) {
      const path = `/config/${encodeURIComponent(subject)}`
      const body = { compatibility: compatibilityLevel }
      await ask({ method: 'PUT', path, body }, levelSchema)
    },
    async incompatibilities(subject, schema) {
      const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`
      const request = { method: 'POST', path, body: asBody(schema) } as const
      return (await ask(request, verdictSchema, [noSubject, noVersion])) ?? []
    },
    async versions(subject) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`
      const numbers = (await ask({ method: 'GET', path }, numbersSchema, [noSubject])) ?? []
      const found: WriterSchema[] = []
      for (const version of numbers) {
        const one = { method: 'GET', path: `${path}/${version}` } as const
        const schema = await ask(one, schemaSchema, [noSubject, noVersion])
        if (schema !== null) found.push(schema)
      }
      return found
    },
  }
}

const notARegistry = 'answers, but not as a schema registry does; check registry.url and its path'

function errorOf({ body }: RegistryAnswer): z.infer<typeof errorSchema> | null {
  const read = errorSchema.safeParse(body)
  return read.success ? read.data : null
}

const messageCharsMax = 300

function refusal(
  url: string,
  { status }: RegistryAnswer,
  failed: z.infer<typeof errorSchema> | null,
): EdgeError {
  if (status === 401 || status === 403) {
    const remedy = 'check registry.username and its password'
    return new EdgeError('registry-refused', `${url}: refuses us (${status}); ${remedy}`, false)
  }
  if (status >= 500 || status === 429) {
    const line = `${url}: the registry fails (${status}); see its log`
    return new EdgeError('registry-away', line, true)
  }
  // A registry says 404 only of what we know to be absent, by a code of its own.
  if (failed === null || status === 404)
    return new EdgeError('registry-failed', `${url}: ${notARegistry} (${status})`, true)
  const said = (failed.message ?? `error ${failed.error_code}`).replace(/\s+/g, ' ')
  const line = `${url}: the registry says no (${status}): ${said.slice(0, messageCharsMax)}`
  return new EdgeError('registry-failed', line, false)
}

/** Makes room for one more: the oldest goes. */
function keepAtMost<T>(kept: Map<number, T>, max: number): void {
  const oldest = kept.keys().next().value
  if (kept.size >= max && oldest !== undefined) kept.delete(oldest)
}
