/** The ports that the server asks: who sends a request, and where it is written what they did. */
import type { Caller } from '../handlers.ts'

export interface Visitor {
  readonly caller: Caller
  /** A program with a token needs no CSRF header: a browser never sends one by itself. */
  readonly via: 'session' | 'token'
  /** What x-csrf-token must be; null for a program. */
  readonly csrf: string | null
}

/** Both reject with EdgeError where the database is away. */
export interface Visitors {
  /**
   * Null where there is no such session or it has ended. Counts as use unless `quietly`, as for a
   * stream that only looks whether it may go on.
   */
  bySession(token: string, at: number, quietly?: 'quietly'): Promise<Visitor | null>
  byToken(token: string, at: number, quietly?: 'quietly'): Promise<Visitor | null>
}

export interface AuditEntry {
  readonly at: number
  /** '' where nobody is signed in. */
  readonly person: string
  readonly action: string
  readonly subject: string | null
  readonly detail: string | null
  readonly address: string | null
}

export interface AuditLog {
  /** Resolves when it is kept; texts that are too long are cut. */
  write(entry: AuditEntry): Promise<void>
}
