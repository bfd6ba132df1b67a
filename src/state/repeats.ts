/**
 * The ids that each user's events have used within the dedupe horizon, so that a repeat is known
 * for what it is. Rows are 32 bytes: record time, id hash, content hash, source position.
 */
import {
  dedupeHorizonMs,
  hashSlots,
  latenessMs,
  type Observation,
  repeatsCap,
  shardLagMs,
} from '../core/signals/observation.ts'
import { LogTable } from './log-table.ts'
import type { Sighting } from './signal-store.ts'

export interface Seen {
  readonly sighting: Sighting
  readonly firstPosition: number
  readonly saturated: boolean
  /** The row that would tell may be forgotten: look for the event in the windows themselves. */
  readonly uncertain: boolean
}

export class Repeats {
  readonly #table: LogTable
  readonly #row = new Float64Array(4)
  readonly #rowInts = new Uint32Array(this.#row.buffer)

  constructor(bytesMax: number) {
    this.#table = new LogTable({ stride: 4, cap: repeatsCap, bytesMax })
  }

  get bytes(): number {
    return this.#table.bytes
  }

  /** What is known of an event's id; a first sighting is remembered. */
  see(observation: Observation): Seen {
    const { hashes, recordedAt, position, horizon } = observation
    const table = this.#table
    const log = table.ensure(hashes[hashSlots.user]!, hashes[hashSlots.user + 1]!)
    const forgetBefore = horizon + latenessMs + shardLagMs - dedupeHorizonMs
    const cutBefore = table.cutAt(log)
    table.trim(log, forgetBefore)
    const saturated = cutBefore > forgetBefore
    const place = table.placeOf(log, hashes[hashSlots.id]!, hashes[hashSlots.id + 1]!, null)
    // What is past the horizon is forgotten even while it stands behind a younger row.
    if (place >= 0 && this.#recordedAt(log, place) > forgetBefore) {
      return this.#known(log, place, observation, saturated)
    }
    const uncertain = recordedAt <= Math.max(forgetBefore, table.cutAt(log))
    this.#row[0] = recordedAt
    this.#rowInts[2] = hashes[hashSlots.id]!
    this.#rowInts[3] = hashes[hashSlots.id + 1]!
    this.#rowInts[4] = hashes[hashSlots.content]!
    this.#rowInts[5] = hashes[hashSlots.content + 1]!
    this.#row[3] = position
    const grown = table.append(log, this.#row)
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
    this.#table.dropQuiet(before)
  }

  #recordedAt(log: number, place: number): number {
    return this.#table.floats(log)[this.#table.firstFloat(log) + place * 4]!
  }

  #known(log: number, place: number, { hashes, position }: Observation, saturated: boolean): Seen {
    const at = this.#table.firstFloat(log) + place * 4
    const ints = this.#table.ints(log)
    const firstPosition = this.#table.floats(log)[at + 3]!
    const { content } = hashSlots
    const same = ints[at * 2 + 4] === hashes[content] && ints[at * 2 + 5] === hashes[content + 1]
    const again = same ? 'duplicate' : 'conflicting'
    const sighting = firstPosition === position ? 'redelivered' : again
    return { sighting, firstPosition, saturated, uncertain: false }
  }
}
