/**
 * Writing risk.lists: entries under `list/kind/value`, a null value to take one away, and under the
 * key `switch` the kill switch, as an entry of no list whose value is its state.
 */
import type { ListEntry, SwitchState } from '../../core/schema.gen.ts'
import { ceTypes } from './headers.ts'
import { type KeyedWriter, writeKeyed } from './keyed-writer.ts'

export const switchKey = 'switch'
export const switchStates = ['none', 'review', 'shadow'] as const satisfies readonly SwitchState[]

/** A record for a key; null takes the key away. */
export interface ListChange {
  readonly key: string
  readonly entry: ListEntry | null
  /** When it was changed, in milliseconds. */
  readonly at: number
}

/** Rejects with an EdgeError; what was written before it stays. */
export function writeChanges(writer: KeyedWriter, changes: readonly ListChange[]): Promise<void> {
  const topic = { topic: 'risk.lists', type: ceTypes.listEntry } as const
  const records = changes.map(({ key, entry, at }) => ({ key, record: entry, at }))
  return writeKeyed(writer, topic, records)
}

/** The switch as a record; it names who turned it and why. */
export function switchEntry(
  state: SwitchState,
  { source, note, at }: { source: string; note: string | null; at: number },
): ListEntry {
  return {
    list: 'unknown',
    kind: 'unknown',
    value: state,
    source,
    note,
    addedAt: at,
    expiresAt: null,
    keyId: null,
  }
}
