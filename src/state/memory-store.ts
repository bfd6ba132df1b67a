/**
 * The signal store in memory: the reference that every other store must agree with. Entries live in
 * flat memory (log-table.ts), readings are computed by the pure core (window.ts). Entries take at
 * most `bytesMax`; beyond it the entities that were quiet longest are forgotten, and whoever comes
 * back reads `saturated` instead of low.
 */

import type { Readings } from '../core/schema.gen.ts'
import { latenessMs, type Observation, shardLagMs } from '../core/signals/observation.ts'
import * as make from '../core/signals/readings.gen.ts'
import { dayMs, logSpecs } from '../core/signals/readings.ts'
import { DayCounters, type DayTotals } from './day-counters.ts'
import { newLookAhead } from './look-ahead.ts'
import { newRepeatsTable, Repeats } from './repeats.ts'
import type { Observed, SignalStore } from './signal-store.ts'
import {
  type AllWindows,
  isFirst,
  isRepeat,
  type Maker,
  newWindows,
  readLog,
  type Sighted,
  sight,
  type Windows,
} from './windows.ts'

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

export function newMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const share = (options.bytesMax ?? bytesMaxDefault) / 8
  const windows = newWindows({ bytesMax: share, shared: false, notes: 0 })
  const repeats = new Repeats(newRepeatsTable(share))
  const days = new DayCounters()
  const sweepNowAndThen = newSweep(windows, repeats)
  const { user, device, ip, subnet, code } = windows
  const ids = { table: repeats.table, entitySlot: user.entitySlot }
  const lookAhead = newLookAhead([ids, user, device, ip, subnet, code])

  const observeOne = (observation: Observation): Observed => {
    const sighted = sight(windows.user, repeats, observation)
    const { sighting, firstPosition, saturated } = sighted.seen
    const readings = isRepeat(sighted)
      ? null
      : readAll(windows, observation, sighted, days.read(observation, isFirst(sighted)))
    const { late } = sighted
    return { sighting, firstPosition, readings, repeatsSaturated: saturated, late }
  }

  const absorbOne = (observation: Observation) => {
    const sighted = sight(windows.user, repeats, observation)
    if (isRepeat(sighted)) return
    days.read(observation, isFirst(sighted))
    if (sighted.late) return
    for (const { name } of logSpecs) readLog(windows[name], observation, !sighted.mayBeHeld, null)
  }

  return {
    async observe(observations) {
      const observed = new Array<Observed>(observations.length)
      for (let index = 0; index < observations.length; index += 1) {
        lookAhead(observations, index)
        observed[index] = observeOne(observations[index]!)
      }
      sweepNowAndThen(observations)
      return observed
    },
    async absorb(observations) {
      for (let index = 0; index < observations.length; index += 1) {
        lookAhead(observations, index)
        absorbOne(observations[index]!)
      }
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
