/**
 * What has to become of each message of the inputs, from the inputs alone. Messages of one user and
 * id repeat each other within the dedupe horizon: one of them is decided, and what the others come
 * to depends on that one. Where they stand in different topics, which is read first is open: any of
 * the first of each topic may be decided.
 */
import type { Evidence, InputEvent, InputRow } from './evidence.ts'

/** A message that has to be in the dead letters, whatever else happens. */
export interface Dead {
  readonly row: InputRow
  readonly reason: string
}

/** Messages of one user and id: exactly one of `heads` is decided. */
export interface Repeats {
  readonly heads: readonly InputRow[]
  /** All of them, heads included. */
  readonly rows: readonly InputRow[]
}

export interface Fates {
  readonly dead: readonly Dead[]
  readonly repeats: readonly Repeats[]
  /** Neither planted nor readable: the audit does not know what to expect. */
  readonly unreadable: readonly InputRow[]
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const futureMs = 5 * minuteMs
const staleMs = 7 * 24 * hourMs
/** 24 h, lateness of 2 h, lag of 10 min. */
const dedupeMs = 26 * hourMs + 10 * minuteMs

export function fatesOf(inputs: Evidence['inputs']): Fates {
  const dead: Dead[] = []
  const unreadable: InputRow[] = []
  const byId = new Map<string, InputRow[]>()
  for (const row of inputs) {
    const { planted, event } = row
    const reason = planted ?? (event === null ? null : misdated(event, row.recordedAt))
    if (reason !== null) dead.push({ row, reason })
    else if (event === null) unreadable.push(row)
    else {
      const key = JSON.stringify([event.user, event.id])
      const rows = byId.get(key)
      if (rows === undefined) byId.set(key, [row])
      else rows.push(row)
    }
  }
  return { dead, unreadable, repeats: [...byId.values()].flatMap(withinHorizon) }
}

function misdated({ occurredAt }: InputEvent, recordedAt: number): string | null {
  if (occurredAt > recordedAt + futureMs) return 'future-time'
  return occurredAt < recordedAt - staleMs ? 'stale-time' : null
}

/** What comes again beyond the horizon of the first is a new event. */
function withinHorizon(rows: readonly InputRow[]): Repeats[] {
  if (rows.length === 1) return [{ heads: rows, rows }]
  const groups: InputRow[][] = []
  for (const row of [...rows].sort((a, b) => a.recordedAt - b.recordedAt)) {
    const last = groups.at(-1)
    if (last !== undefined && row.recordedAt <= last[0]!.recordedAt + dedupeMs) last.push(row)
    else groups.push([row])
  }
  return groups.map((group) => ({ heads: headsOf(group), rows: group }))
}

function headsOf(rows: readonly InputRow[]): InputRow[] {
  const heads = new Map<string, InputRow>()
  for (const row of rows) {
    const place = `${row.topic}/${row.partition}`
    const head = heads.get(place)
    if (head === undefined || row.offset < head.offset) heads.set(place, row)
  }
  return [...heads.values()]
}
