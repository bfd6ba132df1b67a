/**
 * Keeps shards together in record time while they catch up: none reads further ahead of the slowest
 * than `driftMs`. Else an address would be judged by what one shard brought and miss what a slower
 * one has yet to bring. A shard at its known end holds nobody back: what comes next there is newer
 * than all. Shards of other workers count as they last told (keep-together.ts).
 */

/** Furthest that a shard may be ahead of another, in milliseconds of record time. */
export const driftMsDefault = 60_000

export class DriftGate {
  readonly #driftMs: number
  readonly #places = new Map<number, number>()
  readonly #wakes = new Map<number, () => void>()
  readonly #hasOthers: boolean
  /** Where the slowest shard of all other workers stands, as far as is known. */
  #elsewhere: number

  /** Where others' shards count, nobody reads before it is known where those stand. */
  constructor(driftMs = driftMsDefault, hasOthers = false) {
    this.#driftMs = driftMs
    this.#hasOthers = hasOthers
    this.#elsewhere = hasOthers ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }

  get driftMs(): number {
    return this.#driftMs
  }

  /** Where our shards stand. */
  get places(): ReadonlyMap<number, number> {
    return this.#places
  }

  /** A shard comes in, standing at the beginning of time until it says where. */
  enter(shard: number, wake: () => void): void {
    this.#places.set(shard, Number.NEGATIVE_INFINITY)
    this.#wakes.set(shard, wake)
  }

  leave(shard: number): void {
    const at = this.#places.get(shard)
    this.#places.delete(shard)
    // Another has it from now on, and will tell; until then it stands where we left it.
    if (this.#hasOthers && at !== undefined) this.#elsewhere = Math.min(this.#elsewhere, at)
    this.#wakes.delete(shard)
    this.#wakeAll()
  }

  /** Record time of a shard's next message; Infinity where it stands at its end. */
  stand(shard: number, at: number): void {
    const before = this.#slowest(null)
    this.#places.set(shard, at)
    if (this.#slowest(null) > before) this.#wakeAll()
  }

  /** Where the slowest shard of all other workers stands. */
  standElsewhere(at: number): void {
    const before = this.#elsewhere
    this.#elsewhere = at
    if (at > before) this.#wakeAll()
  }

  /** Largest record time that a shard may read now. */
  limitOf(shard: number): number {
    return this.#slowest(shard) + this.#driftMs
  }

  #slowest(except: number | null): number {
    let slowest = this.#elsewhere
    for (const [shard, at] of this.#places) if (shard !== except) slowest = Math.min(slowest, at)
    return slowest
  }

  #wakeAll(): void {
    for (const wake of this.#wakes.values()) wake()
  }
}
