/**
 * Who and what an event names, and what each did. Counts are of an entity's newest events only, so
 * that an address with a million of them answers as fast as any; `isCapped` says so.
 */
import type { Event } from '../../core/schema.gen.ts'
import { formatCidr, parseCidr } from '../../lists/address-text.ts'
import type { CaseWhole, EntityKind } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import { keptText } from '../projection/kept-text.ts'

export interface Entity {
  readonly kind: EntityKind
  /** In kept form. */
  readonly value: string
}
export type EntitySummary = CaseWhole['entities'][number]

export function entitiesOf(event: Event): readonly Entity[] {
  const named: readonly (readonly [EntityKind, string | null])[] = [
    ['user', event.user],
    ['device', event.device],
    ['ip', event.ip],
    ['phone', event.phone],
    ['code', event.codeHash],
    ['referrer', event.referrerDomain],
  ]
  return named.flatMap(([kind, value]) => (value === null ? [] : [{ kind, value }]))
}

export const sightingColumns: Readonly<Record<EntityKind, string>> = {
  user: 'user_name',
  device: 'device',
  ip: 'ip',
  phone: 'phone',
  code: 'code',
  referrer: 'referrer',
}

/** Every network that holds an address, as lists keep them; none for what is no address. */
export function rangesAround(address: string): readonly string[] {
  const whole = parseCidr(address)
  if (whole === null) return []
  return Array.from({ length: whole.prefix }, (_, prefix) => {
    const range = parseCidr(`${formatCidr(whole)}/${prefix}`)
    return range === null ? '' : formatCidr(range)
  })
}

const countedMax = 5_000

export async function summaryOf(
  database: Queries,
  { kind, value }: Entity,
  at: number,
): Promise<EntitySummary> {
  const column = sightingColumns[kind]
  const kept = keptText(value)
  const listed = keptText(value, 512)
  const [[counts], [first], lists] = await Promise.all([
    database.query<{
      events: number
      flagged: number
      users: number
      devices: number
      ips: number
      last_at: number | null
    }>(
      `SELECT count(*) AS events, count(*) FILTER (WHERE outcome <> 'allow') AS flagged,
         count(DISTINCT user_name) AS users, count(DISTINCT device) AS devices,
         count(DISTINCT ip) AS ips, max(occurred_at) AS last_at
       FROM (SELECT outcome, user_name, device, ip, occurred_at FROM sightings
             WHERE ${column} = $1 ORDER BY occurred_at DESC LIMIT ${countedMax + 1}) AS newest`,
      [kept],
    ),
    database.query<{ first_at: number | null }>(
      `SELECT min(occurred_at) AS first_at FROM sightings WHERE ${column} = $1`,
      [kept],
    ),
    database.query<EntitySummary['lists'][number]>(
      `SELECT list, source, expires_at AS "expiresAt", nullif(value, $4) AS range
       FROM list_entries
       WHERE kind = $1 AND value = ANY($2::text[]) AND (expires_at IS NULL OR expires_at > $3)
       ORDER BY list, source LIMIT 10`,
      [kind, [listed, ...(kind === 'ip' ? rangesAround(value) : [])], at, listed],
    ),
  ])
  const events = counts?.events ?? 0
  return {
    kind,
    value,
    events: Math.min(events, countedMax),
    isCapped: events > countedMax,
    flagged: counts?.flagged ?? 0,
    users: counts?.users ?? 0,
    devices: counts?.devices ?? 0,
    ips: counts?.ips ?? 0,
    firstAt: first?.first_at ?? null,
    lastAt: counts?.last_at ?? null,
    lists: [...lists],
  }
}
