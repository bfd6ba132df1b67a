/** What handles the API's operations: plain functions, one for each name of the table. */

import type { Role } from './api/operation.ts'
import type { AnswerOf, BodyOf, OperationName, QueryOf } from './api/operations.ts'

/**
 * A person who is signed in, or a program with a token: its name begins with `token:`, which no
 * person's can. Who is not signed in has the name '' and reaches only what is for anybody.
 */
export interface Caller {
  readonly name: string
  readonly role: Role
}

/** What a request came with beside what was asked; for signing in and out. */
export interface Visit {
  /** Of the network; behind a proxy that is trusted, as the proxy tells it. */
  readonly address: string
  /** The session's token as the cookie holds it, where it is one that stands. */
  readonly session: string | null
  /** Puts another token into the cookie, or none. */
  setSession(token: string | null): void
}

export interface Call<N extends OperationName> {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly query: QueryOf<N>
  readonly body: BodyOf<N>
  /** When it came. */
  readonly at: number
  /** Always there in the server; only what signs people in and out needs it. */
  readonly visit?: Visit
}

export type Handlers = {
  readonly [N in OperationName]: (call: Call<N>) => Promise<AnswerOf<N>>
}

/**
 * What a handler throws where a request cannot be done; the detail is for the person who asked and
 * holds nothing that they may not see.
 */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 423 | 429 | 503
  readonly reason: string
  /** When to come again, with 429 and 503. */
  readonly retryAfterSeconds: number

  constructor(
    status: Refusal['status'],
    reason: string,
    detail: string,
    retryAfterSeconds: number = 1,
  ) {
    super(detail)
    this.status = status
    this.reason = reason
    this.retryAfterSeconds = retryAfterSeconds
  }
}
