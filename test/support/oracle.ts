/**
 * What a store must answer, recomputed from the list of all events by brute force. It shares types
 * and caps with src/ and nothing else: entities are strings, logs are arrays, readings are the
 * definitions of oracle-readings.ts. Beside what the capped logs hold it keeps every event for
 * ever, so that a reading that is not saturated can be held against the whole truth.
 */
import type { Event } from '../../src/core/schema.gen.ts'
import { type DayName, type LogName, logSpecs } from '../../src/core/signals/readings.ts'
import type { Sighting } from '../../src/state/signal-store.ts'
import {
  definitions,
  type Entry,
  paidBy,
  question,
  reachesBelow,
  type Seen,
} from './oracle-readings.ts'
import type { Placed } from './placed.ts'

export interface OracleReading {
  readonly value: number | null
  /** Something inside the window was cut: the value may be too low. */
  readonly saturated: boolean
  /** The value over all events ever, none of them cut. */
  readonly truth: number | null
}

export interface OracleLog {
  /** Largest event time cut, where it lies inside the longest window; else null. */
  readonly cutAt: number | null
  readonly readings: Readonly<Record<string, OracleReading>>
}

export interface OracleDay {
  readonly claims_day: number
  readonly redemptions_day: number
}

export interface OracleAnswer {
  readonly sighting: Sighting
  readonly firstPosition: number
  readonly repeatsSaturated: boolean
  readonly late: boolean
  /** A repeat whose time has passed below the horizon: trimming may have saturated it since. */
  readonly trimmed: boolean
  /** Null for duplicate and conflicting. */
  readonly logs: Readonly<Record<LogName, OracleLog | null>> | null
  readonly days: Readonly<Record<DayName, OracleDay | null>> | null
}

export interface Oracle {
  observe(placed: Placed): OracleAnswer
}

const minute = 60_000
const dedupeMs = (24 * 60 + 2 * 60 + 10) * minute
/** What lies between the watermark and the horizon. */
const allowedMs = (2 * 60 + 10) * minute
const dayMs = 24 * 60 * minute
const longestMs: Readonly<Record<LogName, number>> = {
  user: 45 * dayMs,
  device: 7 * dayMs,
  ip: dayMs,
  subnet: dayMs,
  code: 45 * dayMs,
  phone: 7 * dayMs,
  sender: 7 * dayMs,
  returned: 7 * dayMs,
}
const idsMax = 1024
/** Calendar days that have totals. */
const daysKept = 9
const logNames = logSpecs.map(({ name }) => name)
const capOf = (log: LogName) => logSpecs.find(({ name }) => name === log)!.cap
const dayKinds = ['campaign', 'merchant', 'category', 'channel'] as const

interface EntityLog {
  kept: Entry[]
  readonly all: Entry[]
  cutAt: number
}

interface Id {
  readonly recordedAt: number
  readonly id: string
  readonly content: string
  readonly position: number
}

interface User {
  ids: Id[]
  cutAt: number
}

/**
 * How a store counts an event that comes again when its id is forgotten: as one more, or, where it
 * remembers the positions that it counted, not at all.
 */
export type Recount = 'recounts the forgotten' | 'counts a position once'

export function newOracle(zone: string, recount: Recount): Oracle {
  const dayOf = newDayOf(zone)
  const logs = new Map<string, EntityLog>()
  const users = new Map<string, User>()
  let newestDay = '0000-00-00'
  const counted = new Set<number>()
  const days = new Map<string, { claims_day: number; redemptions_day: number }>()

  const logOf = (name: LogName, event: Event): EntityLog | null => {
    const entity = entityOf(name, event)
    if (entity === null) return null
    const key = `${name === 'returned' ? 'sender' : name} ${entity}`
    const found = logs.get(key)
    if (found !== undefined) return found
    const log = { kept: [], all: [], cutAt: Number.NEGATIVE_INFINITY }
    logs.set(key, log)
    return log
  }

  const readLog = (name: LogName, seen: Seen, certain: boolean): OracleLog | null => {
    const log = logOf(name, seen.event)
    if (log === null) return null
    const { cutAt } = log
    const place = certain ? -1 : lastPlace(log.kept, seen.event)
    const gone = !certain && place < 0 && seen.at <= cutAt
    const entry: Entry = { seen, took: name === 'returned', daySum: daySum(log, seen, gone) }
    const entries = place < 0 ? [...log.kept, entry] : log.kept.slice(0, place + 1)
    const placeOfAll = certain ? -1 : lastPlace(log.all, seen.event)
    if (placeOfAll < 0) log.all.push(entry)
    const all = log.all.slice(0, placeOfAll < 0 ? log.all.length : placeOfAll + 1)
    if (place < 0 && !gone) append(log, entry, capOf(name))
    const asked = question(seen, entries, cutAt)
    const truth = question(seen, all, Number.NEGATIVE_INFINITY)
    const readings = Object.fromEntries(
      Object.entries(definitions[name]).map(([reading, ask]) => [
        reading,
        {
          value: ask(asked),
          saturated: reachesBelow(reading, seen, cutAt, dayOf),
          truth: ask(truth),
        },
      ]),
    )
    return { cutAt: cutAt > seen.at - longestMs[name] ? cutAt : null, readings }
  }

  const readDay = (kind: DayName, seen: Seen, counts: boolean): OracleDay | null => {
    const name = seen.event[kind]
    if (name === null || daysBetween(seen.day, newestDay) >= daysKept) return null
    const key = JSON.stringify([kind, name, seen.day])
    const total = days.get(key) ?? { claims_day: 0, redemptions_day: 0 }
    days.set(key, total)
    if (counts && ['succeeded', 'unknown'].includes(seen.event.attempt)) {
      if (seen.event.kind === 'claim') total.claims_day += 1
      if (seen.event.kind === 'redemption') total.redemptions_day += 1
    }
    return { ...total }
  }

  return {
    observe(placed) {
      const { event, horizon } = placed
      const seen: Seen = {
        event,
        at: event.occurredAt,
        day: dayOf(event.occurredAt),
        subnet: subnetOf(event.ip),
      }
      const known = sight(users, placed)
      if (known.sighting === 'first' || known.sighting === 'redelivered') {
        newestDay = seen.day > newestDay ? seen.day : newestDay
      }
      const { sighting, firstPosition, repeatsSaturated } = known
      const certain = sighting === 'first' && !repeatsSaturated && !known.uncertain
      const forgotten = seen.at <= horizon - longestMs.user
      const held = !certain && !forgotten && lastPlace(logOf('user', event)!.kept, event) >= 0
      const past = seen.at < horizon
      const base = { sighting, firstPosition, repeatsSaturated, late: past && !held }
      if (sighting === 'duplicate' || sighting === 'conflicting') {
        return { ...base, late: past, trimmed: false, logs: null, days: null }
      }
      const again = recount === 'counts a position once' && counted.has(placed.position)
      const counts = sighting === 'first' && !held && !again
      counted.add(placed.position)
      const read = (name: LogName) => (base.late ? null : readLog(name, seen, certain))
      return {
        ...base,
        trimmed: past && held,
        logs: record(logNames, read),
        days: record(dayKinds, (kind) => readDay(kind, seen, counts)),
      }
    },
  }
}

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / dayMs

/** What the user's remembered ids say of an event; a first sighting is remembered. */
function sight(users: Map<string, User>, { event, recordedAt, position, horizon }: Placed) {
  const user = users.get(event.user) ?? { ids: [], cutAt: Number.NEGATIVE_INFINITY }
  users.set(event.user, user)
  const forgetBefore = horizon + allowedMs - dedupeMs
  const repeatsSaturated = user.cutAt > forgetBefore
  const content = JSON.stringify(event)
  const same = user.ids.findLast((one) => one.id === event.id)
  if (same !== undefined && same.recordedAt > forgetBefore) {
    const known = { firstPosition: same.position, repeatsSaturated, uncertain: false }
    if (same.position === position) return { sighting: 'redelivered', ...known } as const
    if (same.content === content) return { sighting: 'duplicate', ...known } as const
    return { sighting: 'conflicting', ...known } as const
  }
  const uncertain = recordedAt <= Math.max(user.cutAt, forgetBefore)
  user.ids.push({ recordedAt, id: event.id, content, position })
  if (user.ids.length > idsMax) {
    const oldest = Math.min(...user.ids.map((one) => one.recordedAt))
    user.ids.splice(
      user.ids.findIndex((one) => one.recordedAt === oldest),
      1,
    )
    user.cutAt = Math.max(user.cutAt, oldest)
  }
  return {
    sighting: 'first',
    firstPosition: position,
    repeatsSaturated: repeatsSaturated || user.cutAt > forgetBefore,
    uncertain,
  } as const
}

/** Carried on from the last entry of that day, which an event that is gone may be part of. */
function daySum({ kept }: EntityLog, seen: Seen, gone: boolean): number {
  const last = kept.findLast((entry) => !entry.took && entry.seen.day === seen.day)
  if (last === undefined) return paidBy(seen)
  return last.daySum + (gone ? 0 : paidBy(seen))
}

/** Over the cap the smallest event time goes, of equals the one that came first. */
function append(log: EntityLog, entry: Entry, cap: number): void {
  log.kept.push(entry)
  if (log.kept.length <= cap) return
  const smallest = Math.min(...log.kept.map(({ seen }) => seen.at))
  log.kept.splice(
    log.kept.findIndex(({ seen }) => seen.at === smallest),
    1,
  )
  log.cutAt = Math.max(log.cutAt, smallest)
}

/** Place of the event's own entry, or -1. An id that was forgotten may name another event later. */
function lastPlace(entries: readonly Entry[], { user, id, occurredAt }: Event): number {
  return entries.findLastIndex(
    ({ seen: { at, event } }) => at === occurredAt && event.user === user && event.id === id,
  )
}

function entityOf(name: LogName, event: Event): string | null {
  const { transferSender, user } = event
  if (event.kind === 'reversal' && name !== 'user' && name !== 'code') return null
  const entities: Readonly<Record<LogName, string | null>> = {
    user,
    device: event.device,
    ip: event.ip,
    subnet: subnetOf(event.ip),
    code: event.codeHash,
    phone: event.phone,
    sender: transferSender,
    returned: transferSender === null || transferSender === user ? null : user,
  }
  return entities[name]
}

/** The first three numbers of an IPv4 address; the first four groups of an IPv6 address. */
function subnetOf(ip: string | null): string | null {
  if (ip === null) return null
  if (ip.includes('.')) return ip.split('.').slice(0, 3).join('.')
  const [head, tail] = ip.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = new Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0')
  return [...head!, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')
}

function newDayOf(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return (at) => format.format(at)
}

function record<K extends string, T>(keys: readonly K[], value: (key: K) => T): Record<K, T> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, T>
}
