/**
 * What a batch of audit records adds to the counters: minutes of record time, lateness, rules and
 * money of the day, and the day of each scope, whole and in buckets. Pure. A redemption is
 * abnormal, and an attempt failed, as for the alert's own tallies, so that shares are the same.
 */
import { pointMs } from '../../core/alerting/day-forecast.ts'
import { otherScope, scopesOf } from '../../core/alerting/scopes.ts'
import { newCalendar, type TimeZone } from '../../core/event/time-zone.ts'
import type { Audit } from '../../core/schema.gen.ts'
import { attemptFailed } from '../../core/signals/observe.ts'
import { actedOf } from './audit-rows.ts'
import { keptText } from './kept-text.ts'

export const minuteMs = 60_000
export const scopeMax = 280

/** The smallest delay of a bucket is 2^bucket ms; that of bucket 0 is none. */
export const latenessBucket = (lateMs: number): number =>
  lateMs < 2 ? 0 : Math.min(40, Math.floor(Math.log2(lateMs)))

const currencies = new Set(Intl.supportedValuesOf('currency'))
/** Whatever is no currency counts as none: there might be as many words as events. */
export const currencyOf = (named: string | null): string =>
  named !== null && currencies.has(named) ? named : ''

interface Minute {
  readonly at: number
  allowed: number
  reviewed: number
  blocked: number
  late: number
}
interface ScopeDay {
  readonly day: number
  readonly scope: string
  events: number
  flagged: number
  claims: number
  redemptions: number
  abnormal: number
}
interface DayMoney {
  readonly day: number
  readonly currency: string
  blocked: number
}
interface ScopePoint {
  readonly day: number
  readonly scope: string
  readonly at: number
  claims: number
  redemptions: number
  abnormal: number
}

export interface AuditCounts {
  readonly minutes: readonly Minute[]
  readonly lateness: readonly { at: number; bucket: number; events: number }[]
  readonly ruleDays: readonly { day: number; rule: string; hits: number }[]
  readonly scopeDays: readonly ScopeDay[]
  readonly scopePoints: readonly ScopePoint[]
  readonly dayMoney: readonly DayMoney[]
}

/** Calendar days that a batch touches, for the scopes that those have already. */
export function daysOf(audits: readonly Audit[], zone: TimeZone): readonly number[] {
  const calendar = newCalendar(zone)
  return [...new Set(audits.map(({ event }) => calendar(event.occurredAt).day))]
}

export interface ScopeLimit {
  /** `day scope` of each that is counted already. */
  readonly known: Set<string>
  /** Scopes of a day; others count as `KIND:other`. */
  readonly max: number
}

export function countAudits(
  audits: readonly Audit[],
  zone: TimeZone,
  limit: ScopeLimit,
): AuditCounts {
  const calendar = newCalendar(zone)
  const minutes = new Map<number, Minute>()
  const lateness = new Map<string, { at: number; bucket: number; events: number }>()
  const ruleDays = new Map<string, { day: number; rule: string; hits: number }>()
  const days = new Map<string, ScopeDay>()
  const points = new Map<string, ScopePoint>()
  const money = new Map<string, DayMoney>()
  const scopeOf = newScopes(limit)
  for (const audit of audits) {
    const { event, decision, inputs } = audit
    const outcome = actedOf(decision.outcome)
    const { day } = calendar(event.occurredAt)
    const at = floorTo(decision.recordedAt, minuteMs)
    const minute = entryOf(minutes, at, () => ({ at, ...noDecisions }))
    minute[columns[outcome]] += 1
    if (inputs.late) minute.late += 1
    const bucket = latenessBucket(decision.recordedAt - event.occurredAt)
    entryOf(lateness, `${at} ${bucket}`, () => ({ at, bucket, events: 0 })).events += 1
    for (const { rule, mode, result } of decision.results) {
      if (mode !== 'live' || result !== 'hit') continue
      const name = keptText(rule)
      entryOf(ruleDays, `${day} ${name}`, () => ({ day, rule: name, hits: 0 })).hits += 1
    }
    const atStake = decision.amountAtStake ?? 0
    if (outcome === 'block' && atStake > 0) {
      const currency = currencyOf(event.currency)
      entryOf(money, `${day} ${currency}`, () => ({ day, currency, blocked: 0 })).blocked += atStake
    }
    const counts = countsOf(audit, outcome)
    const pointAt = floorTo(event.occurredAt, pointMs)
    for (const raw of scopesOf(event)) {
      const scope = scopeOf(day, keptText(raw, scopeMax))
      addTo(
        entryOf(days, `${day} ${scope}`, () => ({ day, scope, ...noCounts })),
        counts,
      )
      const { claims, redemptions, abnormal } = counts
      if (claims + redemptions === 0) continue
      const point = entryOf(points, `${day} ${scope} ${pointAt}`, () => {
        return { day, scope, at: pointAt, claims: 0, redemptions: 0, abnormal: 0 }
      })
      point.claims += claims
      point.redemptions += redemptions
      point.abnormal += abnormal
    }
  }
  return {
    minutes: [...minutes.values()],
    lateness: [...lateness.values()],
    ruleDays: [...ruleDays.values()],
    scopeDays: [...days.values()],
    scopePoints: [...points.values()],
    dayMoney: [...money.values()],
  }
}

const columns = { allow: 'allowed', review: 'reviewed', block: 'blocked' } as const
const noDecisions = { allowed: 0, reviewed: 0, blocked: 0, late: 0 }
const noCounts = {
  events: 0,
  flagged: 0,
  claims: 0,
  redemptions: 0,
  abnormal: 0,
}
type Counts = typeof noCounts

export const floorTo = (at: number, step: number) => Math.floor(at / step) * step

function countsOf({ event, decision }: Audit, outcome: 'allow' | 'review' | 'block'): Counts {
  const counted = !attemptFailed(event)
  const redeemed = counted && event.kind === 'redemption'
  return {
    events: 1,
    flagged: outcome === 'allow' ? 0 : 1,
    claims: counted && event.kind === 'claim' ? 1 : 0,
    redemptions: redeemed ? 1 : 0,
    abnormal: redeemed && decision.abnormal ? 1 : 0,
  }
}

function addTo(day: ScopeDay, counts: Counts): void {
  day.events += counts.events
  day.flagged += counts.flagged
  day.claims += counts.claims
  day.redemptions += counts.redemptions
  day.abnormal += counts.abnormal
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

/** As the share monitor does it: the first so many scopes of a day, the rest together. */
function newScopes({ known, max }: ScopeLimit): (day: number, scope: string) => string {
  const perDay = new Map<number, number>()
  for (const key of known) {
    const day = Number(key.slice(0, key.indexOf(' ')))
    perDay.set(day, (perDay.get(day) ?? 0) + 1)
  }
  return (day, scope) => {
    const key = `${day} ${scope}`
    if (known.has(key)) return scope
    const count = perDay.get(day) ?? 0
    if (count >= max && scope !== 'all') return otherScope(scope)
    known.add(key)
    perDay.set(day, count + 1)
    return scope
  }
}
