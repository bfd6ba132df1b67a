/**
 * What a log reads for an event if the events of other shards had come in another order. Each input
 * partition keeps its own order, so an order is one number for each other partition: how many of
 * its events within `driftMs` came before. All else is as the recording has it.
 *
 *     own        a ─ b ─ e            before e, always: a, b
 *     other 1    c ─ [ d ─ f ─ g ]    c before, always; of d, f, g none, d, d f or all three
 *     other 2        [ h ]            h before or not
 *
 * Readings come from the windows themselves (state/windows.ts). A trial costs some 100 ns an entry,
 * and there are no more entries than a log keeps, and those that may move.
 */
import type { Readings } from '../../core/schema.gen.ts'
import { hashSlots, type Observation } from '../../core/signals/observation.ts'
import * as make from '../../core/signals/readings.gen.ts'
import { type LogName, logSpecs } from '../../core/signals/readings.ts'
import { type AllWindows, newWindows, readLog } from '../../state/windows.ts'

/** An event as the windows of one entity met it. */
export interface LogEntry {
  readonly observation: Observation
  readonly recordedAt: number
  /** Its input partition, as a number of the recording's own. */
  readonly stream: number
  readonly offset: number
  /** Whether it was late live, and so is in no log. */
  readonly isLate: boolean
}

export interface TrialEvent extends Omit<LogEntry, 'isLate'> {
  readonly log: LogName
}

export type LogReadings = NonNullable<Readings[LogName]>

export interface LogTrial {
  /** Most events that may come before, per other partition. */
  readonly most: readonly number[]
  /** How many of them did in the order of record time. */
  readonly asRecorded: readonly number[]
  /** How many were recorded before the event's record time and this many milliseconds. */
  recordedBy(afterMs: number): readonly number[]
  /** Which partitions these are, and the offsets of their events that may move. */
  readonly streams: readonly number[]
  readonly offsets: readonly (readonly number[])[]
  /** What the log reads with so many of each partition before. */
  read(before: readonly number[]): LogReadings
}

export type TrialMaker = (
  event: TrialEvent,
  entries: readonly LogEntry[],
  driftMs: number,
) => LogTrial

/** `entries`: of the event's entity, in the recording's order, the event's own among them. */
export function newTrialMaker(): TrialMaker {
  const windows = newWindows({ bytesMax: 2 ** 26, shared: false, notes: 0 })
  return (event, entries, driftMs) => {
    const { inOrder, times, ...arranged } = arrange(event, relevant(event, entries), driftMs)
    const { table } = windows[event.log]
    const [low, high] = keyOf(event.log, event.observation)
    return {
      ...arranged,
      recordedBy: (afterMs) =>
        times.map((of) => of.filter((time) => time <= event.recordedAt + afterMs).length),
      read(before) {
        table.clear(table.ensure(low, high), Number.NEGATIVE_INFINITY)
        for (const { entry, stream, nth } of inOrder)
          if (stream < 0 || nth < before[stream]!) append(windows, event.log, entry, [low, high])
        const readings = readOwn(windows, event)
        if (readings === null) throw new Error(`the event has no log ${event.log}`)
        return readings
      },
    }
  }
}

/** The words of the entity whose log an observation reads. */
export function keyOf(log: LogName, { hashes }: Observation): readonly [number, number] {
  const slot = log === 'returned' ? hashSlots.user : hashSlots[log]
  return [hashes[slot]!, hashes[slot + 1]!]
}

/** The logs that stand in one table with this one. */
export const sharing = (log: LogName): readonly LogName[] =>
  log === 'sender' || log === 'returned' ? ['sender', 'returned'] : [log]

function append(
  windows: AllWindows,
  log: LogName,
  { observation }: LogEntry,
  [low, high]: readonly [number, number],
): void {
  for (const name of sharing(log)) {
    const key = keyOf(name, observation)
    if (key[0] === low && key[1] === high) readLog(windows[name], observation, true, null)
  }
}

interface Placed {
  readonly entry: LogEntry
  /** Place of its partition among those that may move, and its own place in it; -1: it may not. */
  readonly stream: number
  readonly nth: number
}

/** Later ones by event time are in no window, unless they push others out or a day counts them. */
function relevant(
  { log, observation, stream, offset }: TrialEvent,
  entries: readonly LogEntry[],
): readonly LogEntry[] {
  const { cap, readings } = logSpecs.find(({ name }) => name === log)!
  const isByDay = readings.some(({ measure: { kind } }) => kind.startsWith('day-'))
  if (isByDay || entries.length >= cap) return entries
  const isOwn = (entry: LogEntry) => entry.stream === stream && entry.offset === offset
  return entries.filter((entry) => isOwn(entry) || entry.observation.at <= observation.at)
}

function arrange(event: TrialEvent, entries: readonly LogEntry[], driftMs: number) {
  const { recordedAt, offset } = event
  const streams: number[] = []
  const [offsets, times]: [number[][], number[][]] = [[], []]
  const asRecorded: number[] = []
  const placed: Placed[] = []
  let isBefore = true
  for (const entry of entries) {
    if (entry.stream === event.stream) {
      if (entry.offset >= offset) isBefore = false
      else if (!entry.isLate) placed.push({ entry, stream: -1, nth: 0 })
    } else if (entry.isLate) continue
    else if (entry.recordedAt < recordedAt - driftMs) placed.push({ entry, stream: -1, nth: 0 })
    else if (entry.recordedAt <= recordedAt + driftMs) {
      if (!streams.includes(entry.stream)) streams.push(entry.stream)
      const stream = streams.indexOf(entry.stream)
      offsets[stream] ??= []
      times[stream] ??= []
      times[stream].push(entry.recordedAt)
      placed.push({ entry, stream, nth: offsets[stream].length })
      offsets[stream].push(entry.offset)
      asRecorded[stream] = (asRecorded[stream] ?? 0) + (isBefore ? 1 : 0)
    }
  }
  const most = offsets.map(({ length }) => length)
  return { inOrder: withoutCut(event, placed), streams, offsets, times, asRecorded, most }
}

/**
 * A log keeps the newest by event time and the time of the newest it cut, so older ones than these
 * make no difference.
 */
function withoutCut({ log, observation }: TrialEvent, placed: readonly Placed[]): Placed[] {
  const { cap } = logSpecs.find(({ name }) => name === log)!
  const fixed = placed.filter(({ stream }) => stream < 0)
  if (fixed.length <= cap + 1) return [...placed]
  const times = fixed.map(({ entry }) => entry.observation.at).sort((a, b) => b - a)
  const least = Math.min(times[cap]!, observation.at)
  return placed.filter(({ stream, entry }) => stream >= 0 || entry.observation.at >= least)
}

function readOwn(windows: AllWindows, { log, observation }: TrialEvent): LogReadings | null {
  switch (log) {
    case 'user':
      return readLog(windows.user, observation, true, make.makeUserReadings)
    case 'device':
      return readLog(windows.device, observation, true, make.makeDeviceReadings)
    case 'ip':
      return readLog(windows.ip, observation, true, make.makeIpReadings)
    case 'subnet':
      return readLog(windows.subnet, observation, true, make.makeSubnetReadings)
    case 'code':
      return readLog(windows.code, observation, true, make.makeCodeReadings)
    case 'phone':
      return readLog(windows.phone, observation, true, make.makePhoneReadings)
    case 'sender':
      return readLog(windows.sender, observation, true, make.makeSenderReadings)
    case 'returned':
      return readLog(windows.returned, observation, true, make.makeReturnedReadings)
  }
}
