/**
 * Calls operations of the console's API by name: what has to be sent, and what comes back, is what
 * the operation's shapes say. Every refusal is an `ApiError` with the server's words; no answer at
 * all (server away) is one of status 0.
 */
import type { AnswerOf, BodyOf, OperationName, QueryOf, SentBody } from '../../api/operations.ts'
import { csrfHeader, type PathOf, paths } from './paths.ts'

type ParamNames<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never
type WithParams<N extends OperationName> = [ParamNames<PathOf<N>>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Readonly<Record<ParamNames<PathOf<N>>, string>> }
type WithQuery<N extends OperationName> = [QueryOf<N>] extends [undefined]
  ? { readonly query?: never }
  : { readonly query?: Readonly<QueryOf<N>> }
type WithBody<N extends OperationName> = [BodyOf<N>] extends [undefined]
  ? { readonly body?: never }
  : { readonly body: SentBody<N> }
export type Input<N extends OperationName> = WithParams<N> & WithQuery<N> & WithBody<N>

export class ApiError extends Error {
  /** 0 where the server did not answer. */
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, detail: string) {
    super(detail)
    this.status = status
    this.reason = reason
  }
}

export interface Api {
  call<N extends OperationName>(
    name: N,
    input: Input<N>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<N>>
  /** The token that goes along with everything that changes something. */
  setCsrf(token: string | null): void
}

export interface Sent {
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
}

/** Path with its parameters put in, and what of the query is there. */
export function addressOf(name: OperationName, { params, query }: Sent): string {
  const path = paths[name][1].replace(/:(\w+)/g, (_, param: string) =>
    encodeURIComponent(params?.[param] ?? ''),
  )
  const asked = new URLSearchParams()
  for (const [field, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== '') asked.set(field, String(value))
  return asked.size === 0 ? path : `${path}?${asked.toString()}`
}

/** `onSignedOut` is told when the server no longer knows who this is. */
export function makeApi(onSignedOut: () => void): Api {
  let csrf: string | null = null
  return {
    setCsrf(token) {
      csrf = token
    },
    async call(name, input, signal) {
      const [method] = paths[name]
      const headers: Record<string, string> = { accept: 'application/json' }
      if (method !== 'GET') headers['content-type'] = 'application/json'
      if (method !== 'GET' && csrf !== null) headers[csrfHeader] = csrf
      const response = await send(addressOf(name, input), {
        method,
        headers,
        credentials: 'same-origin',
        ...(method === 'GET' ? {} : { body: JSON.stringify(input.body ?? {}) }),
        ...(signal === undefined ? {} : { signal }),
      })
      if (response.ok) return await response.json()
      const error = await refusalOf(response)
      if (error.status === 401 && name !== 'signIn') onSignedOut()
      throw error
    },
  }
}

async function send(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(0, 'away', '')
  }
}

async function refusalOf(response: Response): Promise<ApiError> {
  try {
    const { error } = await response.json()
    const wrong: readonly { path: string; detail: string }[] = error.fields ?? []
    const fields = wrong.map(({ path, detail }) => `${path}: ${detail}`)
    return new ApiError(response.status, error.reason, [error.detail, ...fields].join('\n'))
  } catch {
    return new ApiError(response.status, 'unreadable', response.statusText)
  }
}
