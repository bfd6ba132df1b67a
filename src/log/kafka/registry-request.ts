/**
 * One HTTP request to the registry, whole within a time limit: the platform's own `fetch` takes no
 * certificate authority, and has no limit of its own. A body that is no JSON is an answer, too:
 * whoever asked says what it means.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { RegistryConnection } from '../../config/connections.ts'
import { EdgeError } from '../../runtime/edge-error.ts'

export interface RegistryRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

export interface RegistryAnswer {
  readonly status: number
  /** Parsed JSON; undefined where it is none. */
  readonly body: unknown
}

const answerBytesMax = 4 * 1_048_576
const mediaType = 'application/vnd.schemaregistry.v1+json'

/** Rejects with a retriable `registry-away` where no whole answer comes in time. */
export async function askRegistry(
  connection: RegistryConnection,
  request: RegistryRequest,
): Promise<RegistryAnswer> {
  try {
    const { status, text } = await exchange(connection, request)
    return { status, body: parsed(text) }
  } catch (error) {
    throw away(connection, error)
  }
}

function exchange(
  { url, username, password, tls, timeoutMs }: RegistryConnection,
  { method, path, body }: RegistryRequest,
): Promise<{ status: number; text: string }> {
  const content = body === undefined ? null : Buffer.from(JSON.stringify(body))
  const options = {
    method,
    headers: {
      accept: `${mediaType}, application/json`,
      ...(content === null
        ? {}
        : { 'content-type': mediaType, 'content-length': String(content.length) }),
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(username === null ? {} : { auth: `${username}:${password ?? ''}` }),
    ...(tls === null
      ? {}
      : { ca: tls.ca ?? undefined, cert: tls.cert ?? undefined, key: tls.key ?? undefined }),
  }
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp
    const sent = send(`${url}${path}`, options, (answer) => {
      const parts: Buffer[] = []
      let size = 0
      answer.on('data', (part: Buffer) => {
        size += part.length
        parts.push(part)
        if (size > answerBytesMax) sent.destroy(new Error('its answer is larger than 4 MiB'))
      })
      answer.once('error', reject)
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      )
    })
    sent.once('error', reject)
    sent.end(content ?? undefined)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function away({ url, timeoutMs }: RegistryConnection, error: unknown): EdgeError {
  const late = error instanceof Error && error.name === 'AbortError'
  const told = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = error instanceof Error && error.message !== '' ? error.message : told
  const why = late ? `no answer within ${timeoutMs} ms` : said
  const line = `${url}: the registry does not answer (${why}); is it running, and is registry.url right?`
  return new EdgeError('registry-away', line, true, error)
}
