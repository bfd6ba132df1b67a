/**
 * Looks at the logs of the next events before these are observed. Most logs lie in memory that no
 * cache holds, and one event's way to its logs is a chain: index, head, entries. Asked for sixteen
 * events together, the processor waits for all of them at once; the logs found are thrown away. It
 * changes nothing but the time that observing takes, by a fiftieth of the whole path.
 */
import type { Observation } from '../core/signals/observation.ts'
import type { LogTable } from './log-table.ts'

/** Events that are looked at together: their logs must still be in the cache when they are read. */
const eventsAhead = 16

/** A table, asked for at the moment since a store may change it, and where its keys stand. */
export interface LookedAt {
  readonly table: LogTable
  /** Place of the entity in `Observation.hashes`. */
  readonly entitySlot: number
}

/** To be called before each of a batch's events, with its place. */
export function newLookAhead(
  tables: readonly LookedAt[],
): (observations: readonly Observation[], at: number) => void {
  const logs = new Int32Array(eventsAhead * tables.length)
  /** What is read must go somewhere, or it would not be read. */
  const seen = new Float64Array(tables.length)
  return (observations, at) => {
    if (at % eventsAhead !== 0) return
    const end = Math.min(at + eventsAhead, observations.length)
    let count = 0
    for (let event = at; event < end; event += 1) {
      const { hashes } = observations[event]!
      for (let index = 0; index < tables.length; index += 1) {
        const { table, entitySlot } = tables[index]!
        logs[count++] = table.find(hashes[entitySlot]!, hashes[entitySlot + 1]!)
      }
    }
    for (let log = 0; log < count; log += tables.length)
      for (let index = 0; index < tables.length; index += 1)
        if (logs[log + index]! >= 0)
          seen[index]! += tables[index]!.table.glimpse(logs[log + index]!)
  }
}
