/**
 * How often somebody may try to sign in: counted by name, whether or not there is such a person,
 * and by address. An attempt is counted before the password is looked at, and taken back when it
 * was right; so however many come at once, no more are let through than the limit. From the limit
 * on each failure doubles the wait.
 */
import type { Database } from '../database.ts'
import { Refusal } from '../handlers.ts'
import { foldedName, sha256 } from './secrets.ts'

const hexOf = (text: string) => Buffer.from(sha256(text)).toString('hex')

export interface Attempts {
  /** Null where it may be tried now. */
  count(tried: Tried): Promise<Wait | null>
  /** The attempt was right: it does not count, and the name starts anew. */
  forgive(tried: Tried): Promise<void>
  /** A name may be tried again at once, as after a new password. */
  lift(name: string): Promise<void>
  /** Of those names that must wait, until when. */
  blockedUntil(names: readonly string[], at: number): Promise<ReadonlyMap<string, number>>
  /** Drops what is too old to matter. */
  dropOld(at: number): Promise<void>
}

export interface Tried {
  readonly name: string
  readonly address: string
  readonly at: number
}

/** That somebody must wait. */
export interface Wait {
  readonly waitMs: number
  /** Of those refused since the wait began, this is the first: worth an entry in the audit log. */
  readonly isFirst: boolean
}

export function tooMany({ waitMs }: Wait): Refusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  const detail = `too many attempts; try again in ${seconds} s`
  return new Refusal(429, 'too-many-attempts', detail, seconds)
}

const secondMs = 1_000
const limits = {
  name: { failuresMax: 5, waitMs: 30 * secondMs, waitMsMax: 900 * secondMs },
  address: { failuresMax: 20, waitMs: 30 * secondMs, waitMsMax: 3_600 * secondMs },
} as const
type Kind = keyof typeof limits
/** After so long without a failure the count begins anew. */
const forgetMs = 86_400 * secondMs
const toldMax = 10_000
const toldMs = 5 * secondMs

const countSql = `
INSERT INTO sign_in_attempt AS known (kind, key, failures, last_at, blocked_until)
VALUES ($1, $2, 1, $3, 0)
ON CONFLICT (kind, key) DO UPDATE SET
  failures = CASE WHEN known.last_at < $3 - $4::bigint THEN 1 ELSE known.failures + 1 END,
  last_at = $3,
  blocked_until = CASE
    WHEN known.last_at < $3 - $4::bigint OR known.failures + 1 < $5::integer THEN 0
    ELSE $3 + least($7::bigint, $6::bigint * power(2, least(known.failures + 1 - $5, 20))::bigint)
  END
WHERE known.blocked_until <= $3
RETURNING failures`

/** IPv6: whoever has one address has a network of 64 bits of them. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

export function newAttempts(database: Database): Attempts {
  /** What is blocked, so that a flood is mostly refused without asking the database. */
  const told = new Map<string, { readonly until: number; readonly askAt: number }>()

  function toldOf({ kind, key }: Key, at: number): Wait | null {
    const known = told.get(`${kind} ${key}`)
    if (known === undefined || known.askAt <= at) return null
    return { waitMs: known.until - at, isFirst: false }
  }
  function waitUntil({ kind, key }: Key, until: number, at: number): Wait {
    const id = `${kind} ${key}`
    const isFirst = told.get(id)?.until !== until
    if (told.size >= toldMax) told.clear()
    // Asked again now and then: another process may have lifted it.
    told.set(id, { until, askAt: Math.min(until, at + toldMs) })
    return { waitMs: until - at, isFirst }
  }
  async function knownOf({ kind, key }: Key, at: number): Promise<Wait | null> {
    const [row] = await blockedRows(database, kind, [key])
    if (row === undefined || row.blocked_until <= at) return null
    return waitUntil({ kind, key }, row.blocked_until, at)
  }
  async function charge({ kind, key }: Key, at: number): Promise<Wait | null> {
    const { failuresMax, waitMs, waitMsMax } = limits[kind]
    const values = [kind, key, at, forgetMs, failuresMax, waitMs, waitMsMax]
    if ((await database.query(countSql, values)).length > 0) return null
    // Blocked by another attempt since it was looked at; by now perhaps forgiven.
    return (await knownOf({ kind, key }, at)) ?? waitUntil({ kind, key }, at + 1, at)
  }
  return {
    async count({ name, address, at }) {
      const keys: readonly Key[] = [
        { kind: 'address', key: hexOf(networkOf(address)) },
        { kind: 'name', key: hexOf(foldedName(name)) },
      ]
      // Both are looked at before either is charged: who is refused by the one, as an office whose
      // colleague is locked out, does not use up the other.
      for (const look of [toldOf, knownOf, charge])
        for (const key of keys) {
          const wait = await look(key, at)
          if (wait !== null) return wait
        }
      return null
    },
    async forgive({ name, address }) {
      await database.query(forgiveNameSql, [hexOf(foldedName(name))])
      await database.query(forgiveAddressSql, [hexOf(networkOf(address))])
    },
    async lift(name) {
      told.delete(`name ${hexOf(foldedName(name))}`)
      await database.query(forgiveNameSql, [hexOf(foldedName(name))])
    },
    async blockedUntil(names, at) {
      const byKey = new Map(names.map((name) => [hexOf(foldedName(name)), name]))
      const rows = await blockedRows(database, 'name', [...byKey.keys()])
      const all = rows.filter((row) => row.blocked_until > at)
      return new Map(all.map((row) => [byKey.get(row.key)!, row.blocked_until]))
    },
    async dropOld(at) {
      await database.query('DELETE FROM sign_in_attempt WHERE last_at < $1', [at - 2 * forgetMs])
    },
  }
}

interface Key {
  readonly kind: Kind
  readonly key: string
}

const forgiveNameSql = `DELETE FROM sign_in_attempt WHERE kind = 'name' AND key = $1`
/** Others at the same address stay counted. */
const forgiveAddressSql = `
UPDATE sign_in_attempt SET failures = failures - 1, blocked_until = 0
WHERE kind = 'address' AND key = $1`

interface BlockedRow {
  readonly key: string
  readonly blocked_until: number
}

const blockedRows = (database: Database, kind: Kind, keys: readonly string[]) =>
  database.query<BlockedRow>(
    'SELECT key, blocked_until FROM sign_in_attempt WHERE kind = $1 AND key = ANY($2::text[])',
    [kind, keys],
  )
