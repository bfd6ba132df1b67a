/**
 * A failure at an edge: disk, network, a full queue. Bad input is never one of these (that is a
 * Rejection), nor is a defect. `retriable` says that the same call may succeed later as it stands.
 */

export type EdgeCode =
  | 'log-full'
  | 'log-io'
  | 'log-closed'
  | 'busy'
  | 'timeout'
  /** We were told to end before it was done. */
  | 'ended'
  /** No broker answers, or not in time. */
  | 'kafka-away'
  /** Wrong user, password or certificate, or no right to do it. */
  | 'kafka-refused'
  | 'kafka-topic'
  /** Another holder of the shard has taken over: everything read under this epoch is void. */
  | 'kafka-fenced'
  | 'kafka-failed'
  /** Another member of the group holds what this one needs. */
  | 'group-shared'
  | 'registry-away'
  | 'registry-refused'
  /** It answers, but not as a registry, or says no. */
  | 'registry-failed'
  /** Redis does not answer, or takes no writes for now. */
  | 'redis-away'
  | 'redis-full'
  | 'redis-refused'
  /** It cannot be used as it is set up. */
  | 'redis-failed'
  /** The store does not hold any more what was observed: it has to be filled again. */
  | 'store-lost'
  /** The console's database does not answer, or ended the connection. */
  | 'database-away'
  /** Another transaction was in the way; the same one succeeds when it is done again. */
  | 'database-busy'
  /** Wrong user, password or database, or no right to use it. */
  | 'database-refused'
  /** It cannot be used as it is: made by a newer version, or changed by hand. */
  | 'database-failed'

export class EdgeError extends Error {
  readonly code: EdgeCode
  readonly retriable: boolean
  constructor(code: EdgeCode, message: string, retriable: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retriable = retriable
  }
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A file system's error in our words; anything else (a defect) comes back as it is. */
export function fileError(error: unknown): unknown {
  const code = errnoOf(error)
  if (code === null || error instanceof EdgeError) return error
  const message = error instanceof Error ? error.message : String(error)
  return fullCodes.has(code)
    ? new EdgeError('log-full', `the disk is full: ${message}`, true, error)
    : new EdgeError('log-io', `the disk failed: ${message}`, true, error)
}

/** The system's name of an error, such as ENOENT; null where it is none of the system's. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}
