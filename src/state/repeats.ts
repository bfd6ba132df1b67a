/**
 * The ids that each user's events have used within the dedupe horizon, so that a repeat is known
 * for what it is. Rows are 32 bytes: record time, id hash, content hash, source position.
 *
 * What time forgets is no loss: it was of no use any more. Only a row that went because there were
 * too many of them, or too little memory, leaves a doubt (`lostAt`): an event that is given again
 * from where its first turn began finds rows gone that a later event of that turn has outlived.
 */
import { type EntryNumbers, type EntryShape, newEntryNumbers } from '../core/signals/entry.ts'
import {
  dedupeHorizonMs,
  hashSlots,
  latenessMs,
  type Observation,
  repeatsCap,
  shardLagMs,
} from '../core/signals/observation.ts'
import { type LogView, newLogView } from '../core/signals/window-view.ts'
import { LogTable } from './log-table.ts'
import type { Sighting } from './signal-store.ts'

export interface Seen {
  readonly sighting: Sighting
  readonly firstPosition: number
  readonly saturated: boolean
  /** The row that would tell may be forgotten: look for the event in the windows themselves. */
  readonly uncertain: boolean
}

/**
 * Columns of floats: record time, position. A column of words: the id's low one. Then its high one
 * and the content's two.
 */
export const rowShape: EntryShape = { floats: 2, columns: 1, rest: 3 }

/** A table for the logs of ids. */
export const newRepeatsTable = (bytesMax: number): LogTable =>
  new LogTable({ shape: rowShape, cap: repeatsCap, bytesMax, notes: 1 })

/** The number kept with each log: largest record time that it lost before its time had come. */
const lostNote = 0

export class Repeats {
  table: LogTable
  readonly #row = newEntryNumbers(rowShape)
  readonly #view = newLogView()

  constructor(table: LogTable) {
    this.table = table
  }

  get bytes(): number {
    return this.table.bytes
  }

  /** What is known of an event's id; a first sighting is remembered. */
  see(observation: Observation): Seen {
    const { hashes, recordedAt, position } = observation
    const { table } = this
    const view = this.#view
    const log = this.#logOf(hashes[hashSlots.user]!, hashes[hashSlots.user + 1]!)
    const forgetBefore = forgottenBefore(observation)
    const saturated = this.lostAt(log) > forgetBefore
    table.trim(log, forgetBefore)
    table.look(log, view)
    const place = placeOfId(view, hashes)
    // What is past the horizon is forgotten even while it stands behind a younger row.
    if (place >= 0 && view.floats[view.times + place]! > forgetBefore)
      return knownAt(view, place, observation, saturated)
    const uncertain = recordedAt <= Math.max(forgetBefore, view.cutAt)
    const grown = table.append(log, this.#rowOf(observation))
    const lost = table.cut(grown)
    if (lost > this.lostAt(grown)) table.setNote(grown, lostNote, lost)
    return {
      sighting: 'first',
      firstPosition: position,
      saturated: saturated || lost > forgetBefore,
      uncertain,
    }
  }

  /** Largest record time that a user's log lost, by its cap or for want of memory. */
  lostAt(log: number): number {
    return this.table.note(log, lostNote)
  }

  /** A user's log with nothing in it, of a past that is known; gives its name. */
  begin(
    { low, high }: { readonly low: number; readonly high: number },
    { cutAt, lostAt }: { readonly cutAt: number; readonly lostAt: number },
  ): number {
    const log = this.table.ensure(low, high)
    this.table.clear(log, cutAt)
    this.table.setNote(log, lostNote, lostAt)
    return log
  }

  /** Forgets users who were quiet for longer than the dedupe horizon. */
  dropQuiet(before: number): void {
    this.table.dropQuiet(before)
  }

  #logOf(low: number, high: number): number {
    const found = this.table.find(low, high)
    if (found >= 0) return found
    const log = this.table.ensure(low, high)
    this.table.setNote(log, lostNote, this.table.evictedAt)
    return log
  }

  #rowOf({ hashes, recordedAt, position }: Observation): EntryNumbers {
    const { floats, words } = this.#row
    floats[0] = recordedAt
    floats[1] = position
    words[0] = hashes[hashSlots.id]!
    words[1] = hashes[hashSlots.id + 1]!
    words[2] = hashes[hashSlots.content]!
    words[3] = hashes[hashSlots.content + 1]!
    return this.#row
  }
}

/**
 * Record time at and before which ids are forgotten. How coarsely an event tells its own time,
 * which its horizon makes up for, has no part in this.
 */
const forgottenBefore = ({ horizon, recordedAt }: Observation): number =>
  Math.max(horizon + latenessMs + shardLagMs, recordedAt) - dedupeHorizonMs

/** Place of the row of an id, or -1. Newest first: repeats come soon. */
function placeOfId({ ints, flags, others, stride, count }: LogView, hashes: Uint32Array): number {
  const low = hashes[hashSlots.id]!
  const high = hashes[hashSlots.id + 1]!
  for (let place = count - 1; place >= 0; place -= 1)
    if (ints[flags + place] === low && ints[others + place * stride] === high) return place
  return -1
}

function knownAt(
  { floats, ints, times, room, others, stride }: LogView,
  place: number,
  { hashes, position }: Observation,
  saturated: boolean,
): Seen {
  const firstPosition = floats[times + room + place]!
  const content = others + place * stride + 1
  const same =
    ints[content] === hashes[hashSlots.content] &&
    ints[content + 1] === hashes[hashSlots.content + 1]
  const again = same ? 'duplicate' : 'conflicting'
  const sighting = firstPosition === position ? 'redelivered' : again
  return { sighting, firstPosition, saturated, uncertain: false }
}
