/**
 * Lists of an embedded log that people change while it runs: DATA/lists, in the form that `lists
 * import` writes. A change is on disk before it counts, and it counts for the next event. The file
 * is written whole each time, which is right for what people add: thousands, not millions.
 */
import type { Keys } from '../core/event/keyed-hash.ts'
import type { ListEntry } from '../core/schema.gen.ts'
import { newSerial } from '../runtime/serial.ts'
import { entryId, type Lists, newLiveLists } from './lists.ts'
import { readStoredEntries, writeEntries } from './lists-directory.ts'

/** An entry under its id (`list/kind/value`); null takes it away. */
export interface ListChange {
  readonly id: string
  readonly entry: ListEntry | null
}

export interface KeptLists {
  readonly lists: Lists
  entries(): readonly ListEntry[]
  /** All of them or none; rejects with CommandError where they cannot be kept. */
  change(changes: readonly ListChange[]): Promise<void>
}

/** Throws CommandError where the file is damaged, or was hashed with another key. */
export function openKeptLists(directory: string, keys: Keys): KeptLists {
  const live = newLiveLists()
  const inTurn = newSerial()
  let byId = new Map<string, ListEntry>()
  for (const entry of readStoredEntries(directory, keys)) {
    byId.set(entryId(entry), entry)
    live.put(entry)
  }
  live.settle()
  return {
    lists: live,
    entries: () => [...byId.values()],
    change: (changes) =>
      inTurn(async () => {
        const next = new Map(byId)
        for (const { id, entry } of changes) {
          if (entry === null) next.delete(id)
          else next.set(id, entry)
        }
        await writeEntries(directory, [...next.values()], keys)
        byId = next
        for (const { id, entry } of changes) {
          if (entry === null) live.remove(id)
          else live.put(entry)
        }
        live.settle()
      }),
  }
}
