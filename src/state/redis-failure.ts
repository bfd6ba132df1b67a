/**
 * What Redis or its client says, in our words: one line that says what to do. Retriable is what may
 * pass by itself (a failover, a restart, memory freed); a wrong password does not.
 */
import { type EdgeCode, EdgeError } from '../runtime/edge-error.ts'

interface Told {
  readonly code: EdgeCode
  readonly retriable: boolean
  readonly say: string
}

const away = (say: string): Told => ({ code: 'redis-away', retriable: true, say })

/** By the first word of an error reply. */
const replies: Readonly<Record<string, Told>> = {
  STORELOST: {
    code: 'store-lost',
    retriable: true,
    say: 'Redis does not hold this store any more; it has to be filled from the topics',
  },
  READONLY: away('Redis is read-only here: this server is a replica; waiting for the primary'),
  LOADING: away('Redis is loading its data'),
  MASTERDOWN: away('Redis has lost its primary'),
  CLUSTERDOWN: away('the Redis cluster is down'),
  TRYAGAIN: away('the Redis cluster is moving slots'),
  MOVED: away('the Redis cluster is moving slots'),
  ASK: away('the Redis cluster is moving slots'),
  BUSY: away('Redis is busy with a script'),
  NOREPLICAS: away('Redis has too few replicas to take writes (min-replicas-to-write)'),
  MISCONF: away('Redis cannot save to its disk and takes no writes'),
  OOM: {
    code: 'redis-full',
    retriable: true,
    say: 'Redis is out of memory: raise maxmemory, or add nodes (docs/redis-store.md has sizes)',
  },
  NOAUTH: {
    code: 'redis-refused',
    retriable: false,
    say: 'Redis wants a password: set user and password of the store',
  },
  WRONGPASS: {
    code: 'redis-refused',
    retriable: false,
    say: 'Redis refuses user or password of the store',
  },
  NOPERM: {
    code: 'redis-refused',
    retriable: false,
    say: 'the Redis user may not do what the store does (docs/redis-store.md has the ACL)',
  },
}

/** Where the client could not ask at all. */
const connection =
  /connection is closed|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|max retries per request|command timed out|socket timeout|isn't writeable|isn't ready|failed to refresh slots|none of startup nodes|too many cluster redirections|cluster is ended/i

/** An error from the client as an EdgeError; anything else (a defect) comes back as it is. */
export function redisFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EdgeError) return error
  const { message } = error
  const told = replies[/^[A-Z]+/.exec(message)?.[0] ?? ''] ?? otherFailure(message)
  if (told === null) return error
  return new EdgeError(told.code, `${told.say} (${message})`, told.retriable, error)
}

function otherFailure(message: string): Told | null {
  if (connection.test(message)) return away('Redis cannot be reached')
  if (/can't run this command/.test(message)) return replies.NOPERM!
  if (/unknown (?:command|subcommand)|wrong number of arguments|syntax error/i.test(message))
    return {
      code: 'redis-failed',
      retriable: false,
      say: 'this server is no Redis of version 7 or later',
    }
  return null
}
