/**
 * The ids that each user's events have used within the dedupe horizon, so that a repeat is known
 * for what it is. Rows are 32 bytes: record time, id hash, content hash, source position.
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
  new LogTable({ shape: rowShape, cap: repeatsCap, bytesMax })

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
    const { hashes, recordedAt, position, horizon } = observation
    const { table } = this
    const view = this.#view
    const log = table.ensure(hashes[hashSlots.user]!, hashes[hashSlots.user + 1]!)
    const forgetBefore = horizon + latenessMs + shardLagMs - dedupeHorizonMs
    const saturated = table.cutAt(log) > forgetBefore
    table.trim(log, forgetBefore)
    table.look(log, view)
    const place = placeOfId(view, hashes)
    // What is past the horizon is forgotten even while it stands behind a younger row.
    if (place >= 0 && view.floats[view.times + place]! > forgetBefore)
      return knownAt(view, place, observation, saturated)
    const uncertain = recordedAt <= Math.max(forgetBefore, view.cutAt)
    const grown = table.append(log, this.#rowOf(observation))
    table.cut(grown)
    return {
      sighting: 'first',
      firstPosition: position,
      saturated: saturated || table.cutAt(grown) > forgetBefore,
      uncertain,
    }
  }

  /** Forgets users who were quiet for longer than the dedupe horizon. */
  dropQuiet(before: number): void {
    this.table.dropQuiet(before)
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
