/**
 * The signal store in memory: the reference that every other store must agree with. Entries live in
 * flat memory (log-table.ts), readings are computed by the pure core (window.ts). Entries take at
 * most `bytesMax`; beyond it the entities that were quiet longest are forgotten, and whoever comes
 * back reads `saturated` instead of low.
 */

import type { Readings } from '../core/schema.gen.ts'
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
import { hashSlots, latenessMs, type Observation, shardLagMs } from '../core/signals/observation.ts'
import * as make from '../core/signals/readings.gen.ts'
import { dayMs, type LogName, logSpecs, longestSpanMs } from '../core/signals/readings.ts'
import { newWindowReader, type WindowReader } from '../core/signals/window.ts'
import { type LogView, newLogView, placeOf } from '../core/signals/window-view.ts'
import { DayCounters, type DayTotals } from './day-counters.ts'
import { LogTable } from './log-table.ts'
import { Repeats, type Seen } from './repeats.ts'
import type { Observed, SignalStore } from './signal-store.ts'

export interface MemoryStoreOptions {
  /** Most bytes of entries; the stated default holds about 30 million events. */
  readonly bytesMax?: number
}

export interface MemoryStore extends SignalStore {
  /** Bytes held for entries, and entities known. */
  size(): { readonly bytes: number; readonly entities: number }
}

const bytesMaxDefault = 2 ** 31
/** Observations between two looks for entities that nobody can ask for any more. */
const sweepEvery = 262_144

/** Readings from the values of a log's windows. */
type Maker<T> = (values: Float64Array, cutAt: number | null) => T

/** What is known of an observation's id, and whether its windows can be read. */
interface Sighted {
  readonly seen: Seen
  readonly mayBeHeld: boolean
  readonly held: boolean
  readonly late: boolean
}

interface Windows {
  readonly name: LogName
  readonly table: LogTable
  readonly reader: WindowReader
  readonly longestMs: number
  /** Place of the entity in `Observation.hashes`. */
  readonly entitySlot: number
  /** Scratch memory: the entry to be written, and the log that is looked at. */
  readonly entry: EntryNumbers
  readonly view: LogView
}

type AllWindows = Readonly<Record<LogName, Windows>>

export function newMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const share = (options.bytesMax ?? bytesMaxDefault) / 8
  const windows = newWindows(share)
  const repeats = new Repeats(share)
  const days = new DayCounters()
  const sight = newSight(windows, repeats)
  const sweepNowAndThen = newSweep(windows, repeats)

  const observeOne = (observation: Observation): Observed => {
    const sighted = sight(observation)
    const { sighting, firstPosition, saturated } = sighted.seen
    const readings = isRepeat(sighted)
      ? null
      : readAll(windows, observation, sighted, days.read(observation, isFirst(sighted)))
    const { late } = sighted
    return { sighting, firstPosition, readings, repeatsSaturated: saturated, late }
  }

  const absorbOne = (observation: Observation) => {
    const sighted = sight(observation)
    if (isRepeat(sighted)) return
    days.read(observation, isFirst(sighted))
    if (sighted.late) return
    for (const { name } of logSpecs) readLog(windows[name], observation, !sighted.mayBeHeld, null)
  }

  return {
    async observe(observations) {
      const observed = new Array<Observed>(observations.length)
      for (let index = 0; index < observations.length; index += 1)
        observed[index] = observeOne(observations[index]!)
      sweepNowAndThen(observations)
      return observed
    },
    async absorb(observations) {
      for (const observation of observations) absorbOne(observation)
      sweepNowAndThen(observations)
    },
    close: () => Promise.resolve(),
    size: () => sizeOf(windows, repeats),
  }
}

function readAll(
  windows: AllWindows,
  observation: Observation,
  { mayBeHeld, late }: Sighted,
  { campaign, merchant, category, channel }: DayTotals,
): Readings {
  const isNew = !mayBeHeld
  const read = <T>(log: Windows, maker: Maker<T>): T | null =>
    late ? null : readLog(log, observation, isNew, maker)
  return {
    user: read(windows.user, make.makeUserReadings),
    device: read(windows.device, make.makeDeviceReadings),
    ip: read(windows.ip, make.makeIpReadings),
    subnet: read(windows.subnet, make.makeSubnetReadings),
    code: read(windows.code, make.makeCodeReadings),
    phone: read(windows.phone, make.makePhoneReadings),
    sender: read(windows.sender, make.makeSenderReadings),
    returned: read(windows.returned, make.makeReturnedReadings),
    campaign,
    merchant,
    category,
    channel,
  }
}

const isRepeat = ({ seen: { sighting } }: Sighted) =>
  sighting === 'duplicate' || sighting === 'conflicting'
const isFirst = ({ seen, held }: Sighted) => seen.sighting === 'first' && !held

function newSight(windows: AllWindows, repeats: Repeats): (observation: Observation) => Sighted {
  return (observation) => {
    const seen = repeats.see(observation)
    const mayBeHeld = seen.sighting === 'redelivered' || seen.uncertain || seen.saturated
    const held = mayBeHeld && isHeld(windows.user, observation)
    // What was counted in time stays counted: a repeat is not late because the clock moved on.
    const late = observation.at < observation.horizon && !held
    return { seen, mayBeHeld, held, late }
  }
}

/** Drops what nobody can ask for any more, once in many observations. */
function newSweep(windows: AllWindows, repeats: Repeats): (seen: readonly Observation[]) => void {
  let sinceSweep = 0
  return (observations) => {
    sinceSweep += observations.length
    if (sinceSweep < sweepEvery) return
    sinceSweep = 0
    const { horizon } = observations.at(-1)!
    for (const { table, longestMs } of Object.values(windows)) table.dropQuiet(horizon - longestMs)
    repeats.dropQuiet(horizon + latenessMs + shardLagMs - 2 * dayMs)
  }
}

function sizeOf(windows: AllWindows, repeats: Repeats) {
  const tables = [...new Set(Object.values(windows).map(({ table }) => table))]
  return {
    bytes: tables.reduce((sum, table) => sum + table.bytes, repeats.bytes),
    entities: tables.reduce((sum, table) => sum + table.logs, 0),
  }
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
function readLog<T>(
  { name, table, reader, longestMs, entitySlot, entry, view }: Windows,
  observation: Observation,
  isNew: boolean,
  maker: Maker<T> | null,
): T | null {
  if (!hasEntry(name, observation)) return null
  const { hashes, horizon, at } = observation
  let log = table.ensure(hashes[entitySlot]!, hashes[entitySlot + 1]!)
  table.trim(log, horizon - longestMs)
  const cutBefore = table.cutAt(log)
  if (!isNew) table.look(log, view)
  const found = isNew ? -1 : placeOf(view, hashes, at)
  if (found < 0) {
    writeEntry(name, observation, entry)
    if (name === 'user') {
      table.look(log, view)
      entry.floats[floatColumn.daySum] = daySumWith(view, observation, !isNew && at <= cutBefore)
    }
    log = table.append(log, entry)
    table.look(log, view)
  } else view.count = found + 1
  view.marked = isNew
  if (isNew) markNewest(view)
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

function newWindows(bytesMax: number): AllWindows {
  const windowsOf = (name: LogName, shared?: LogTable): Windows => {
    const spec = logSpecs.find((log) => log.name === name)!
    const shape = entryShapes[name]
    return {
      name,
      table: shared ?? new LogTable({ shape, cap: spec.cap, bytesMax, summed: true }),
      reader: newWindowReader(spec),
      longestMs: longestSpanMs(spec),
      entitySlot: entrySlots[name].entity,
      entry: newEntryNumbers(shape),
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
