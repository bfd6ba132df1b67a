/**
 * The signal store: the windows of every entity. One verb, and the laws that every backend keeps;
 * `test/state/laws.ts` checks them against each.
 *
 *  1. a reading includes the event that asked;
 *  2. observing an event again changes nothing and reads the same, or `saturated` if a cap was
 *     reached in between; never lower and unsaturated (calendar-day totals may read higher);
 *  3. an event exactly one span old is out;
 *  4. a late event counts where it belongs and never moves the clock back;
 *  5. one entity never sees another's counts;
 *  6. `observe([a, b])` equals `observe([a])` then `observe([b])`;
 *  7. every reading is exact or says `saturated`, for late events too;
 *  8. memory per entity is bounded; nothing outlives its longest span plus the stated allowances;
 *  9. a failure rejects the whole batch and retrying is safe;
 * 10. the store never reads a clock.
 *
 * A reading is saturated where its log's `cutAt` lies inside its window: `t − span < cutAt`.
 */
import type { Readings } from '../core/schema.gen.ts'
import type { Observation } from '../core/signals/observation.ts'

/**
 * What the user's log of ids knows of an event.
 * - first: never seen within the dedupe horizon.
 * - redelivered: seen at this very source position; it reads what it read the first time.
 * - duplicate: seen at another position with the same content; nothing was observed.
 * - conflicting: seen with other content; nothing was observed.
 */
export type Sighting = 'first' | 'redelivered' | 'duplicate' | 'conflicting'

export interface Observed {
  readonly sighting: Sighting
  /** Source position of the first sighting; the event's own for `first`. */
  readonly firstPosition: number
  /** Null for duplicate and conflicting. */
  readonly readings: Readings | null
  /** The user has more events within the dedupe horizon than are remembered. */
  readonly repeatsSaturated: boolean
  /** Below the horizon: not appended, and its windows cannot be read. */
  readonly late: boolean
}

export interface SignalStore {
  /** Adds a batch to the windows and reads them, in order: one result per observation. */
  observe(observations: readonly Observation[]): Promise<readonly Observed[]>
  /**
   * Leaves the store as `observe` would, without reading: for a restart, at a third of the cost.
   */
  absorb(observations: readonly Observation[]): Promise<void>
  close(): Promise<void>
}
