/**
 * The windows of one process, whichever store they belong to: a table of logs for each kind of
 * entity, what a user's log of ids says of an event, and one event's turn at one log: append, read,
 * cut back. The memory store holds all logs here; the Redis store holds copies of those it met
 * lately, kept in step by the very same code.
 */
import { daySumWith } from '../core/signals/day-sum.ts'
import {
  type EntryNumbers,
  entryShapes,
  entrySlots,
  floatColumn,
  hasEntry,
  newEntryNumbers,
  writeEntry,
} from '../core/signals/entry.ts'
import { markNewest } from '../core/signals/newest-marks.ts'
import { hashSlots, type Observation } from '../core/signals/observation.ts'
import { type LogName, logSpecs, longestSpanMs } from '../core/signals/readings.ts'
import { newWindowReader, type WindowReader } from '../core/signals/window.ts'
import { type LogView, newLogView, placeOf } from '../core/signals/window-view.ts'
import { LogTable } from './log-table.ts'
import type { Repeats, Seen } from './repeats.ts'

/** Readings from the values of a log's windows. */
export type Maker<T> = (values: Float64Array, cutAt: number | null) => T

export interface Windows {
  readonly name: LogName
  table: LogTable
  readonly reader: WindowReader
  readonly longestMs: number
  /** Place of the entity in `Observation.hashes`. */
  readonly entitySlot: number
  /** A new event may stand in the log all the same, because another process put it there. */
  readonly shared: boolean
  /** Scratch memory: the entry to be written, and the log that is looked at. */
  readonly entry: EntryNumbers
  readonly view: LogView
}

export type AllWindows = Readonly<Record<LogName, Windows>>

export interface WindowsOptions {
  /** Most bytes of each table's entries. */
  readonly bytesMax: number
  readonly shared: boolean
  /** Numbers kept with each log. */
  readonly notes: number
}

/** A table for the logs of one kind. Copies of shared logs are read too seldom to be summed up. */
export function newTable(name: LogName, { bytesMax, notes, shared }: WindowsOptions): LogTable {
  const { cap } = logSpecs.find((log) => log.name === name)!
  return new LogTable({ shape: entryShapes[name], cap, bytesMax, notes, summed: !shared })
}

export function newWindows(options: WindowsOptions): AllWindows {
  const windowsOf = (name: LogName, table = newTable(name, options)): Windows => {
    const spec = logSpecs.find((log) => log.name === name)!
    return {
      name,
      table,
      reader: newWindowReader(spec),
      longestMs: longestSpanMs(spec),
      entitySlot: entrySlots[name].entity,
      shared: options.shared,
      entry: newEntryNumbers(entryShapes[name]),
      view: newLogView(),
    }
  }
  const sender = windowsOf('sender')
  return {
    user: windowsOf('user'),
    device: windowsOf('device'),
    ip: windowsOf('ip'),
    subnet: windowsOf('subnet'),
    code: windowsOf('code'),
    phone: windowsOf('phone'),
    sender,
    // The transfers that a user sent stand in the same log, whoever asks.
    returned: windowsOf('returned', sender.table),
  }
}

/** What is known of an observation's id, and whether its windows can be read. */
export interface Sighted {
  readonly seen: Seen
  readonly mayBeHeld: boolean
  readonly held: boolean
  readonly late: boolean
}

export const isRepeat = ({ seen: { sighting } }: Sighted): boolean =>
  sighting === 'duplicate' || sighting === 'conflicting'
export const isFirst = ({ seen, held }: Sighted): boolean => seen.sighting === 'first' && !held

/** What the user's logs say of an event; its id is remembered. */
export function sight(user: Windows, repeats: Repeats, observation: Observation): Sighted {
  const seen = repeats.see(observation)
  const mayBeHeld = seen.sighting === 'redelivered' || seen.uncertain || seen.saturated
  const held = mayBeHeld && isHeld(user, observation)
  // What was counted in time stays counted: a repeat is not late because the clock moved on.
  const late = observation.at < observation.horizon && !held
  return { seen, mayBeHeld, held, late }
}

/** Whether the user's log holds the event, and would not have to forget it now. */
function isHeld({ table, longestMs, view }: Windows, observation: Observation): boolean {
  const { at, horizon, hashes } = observation
  if (at <= horizon - longestMs) return false
  const log = table.find(hashes[hashSlots.user]!, hashes[hashSlots.user + 1]!)
  if (log < 0) return false
  table.look(log, view)
  return placeOf(view, hashes, at) >= 0
}

/**
 * Appends the event's entry where it is new, reads the windows unless `maker` is null, and cuts the
 * log back to its cap. Null where the event has no such entity.
 */
export function readLog<T>(
  { name, table, reader, longestMs, entitySlot, shared, entry, view }: Windows,
  observation: Observation,
  isNew: boolean,
  maker: Maker<T> | null,
): T | null {
  if (!hasEntry(name, observation)) return null
  const { hashes, horizon, at } = observation
  let log = table.ensure(hashes[entitySlot]!, hashes[entitySlot + 1]!)
  table.trim(log, horizon - longestMs)
  const cutBefore = table.cutAt(log)
  const searches = shared || !isNew
  if (searches) table.look(log, view)
  const found = searches ? placeOf(view, hashes, at) : -1
  if (found < 0) {
    writeEntry(name, observation, entry)
    if (name === 'user') {
      table.look(log, view)
      entry.floats[floatColumn.daySum] = daySumWith(view, observation, !isNew && at <= cutBefore)
    }
    log = table.append(log, entry)
    table.look(log, view)
  } else view.count = found + 1
  view.marked = isNew && found < 0
  if (view.marked) markNewest(view)
  let readings: T | null = null
  if (maker !== null) {
    const values = reader(view, observation)
    // A cut below every window says nothing, and when it happened depends on who trimmed first.
    readings = maker(values, cutBefore > at - longestMs ? cutBefore : null)
  }
  if (found >= 0) return readings
  // An entry that was cut before is not counted twice: it only took part in this reading.
  if (!isNew && at <= cutBefore) table.unappend(log)
  else {
    if (!isNew) markNewest(view)
    table.cut(log)
  }
  return readings
}
