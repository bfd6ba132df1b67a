/**
 * Keeps the shards of a worker together in record time while they catch up: none reads further
 * ahead of the slowest than `driftMs`. Else an address would be judged by what one shard brought
 * and miss what a slower one has yet to bring. A shard at its known end holds nobody back: what
 * comes next there is newer than all.
 */

/** Furthest that a shard may be ahead of another, in milliseconds of record time. */
export const driftMsDefault = 60_000

export class DriftGate {
  readonly #driftMs: number
  readonly #places = new Map<number, number>()
  readonly #wakes = new Map<number, () => void>()

  constructor(driftMs = driftMsDefault) {
    this.#driftMs = driftMs
  }

  /** A shard comes in, standing at the beginning of time until it says where. */
  enter(shard: number, wake: () => void): void {
    this.#places.set(shard, Number.NEGATIVE_INFINITY)
    this.#wakes.set(shard, wake)
  }

  leave(shard: number): void {
    this.#places.delete(shard)
    this.#wakes.delete(shard)
    this.#wakeAll()
  }

  /** Record time of a shard's next message; Infinity where it stands at its end. */
  stand(shard: number, at: number): void {
    const before = this.#slowest(null)
    this.#places.set(shard, at)
    if (this.#slowest(null) > before) this.#wakeAll()
  }

  /** Largest record time that a shard may read now. */
  limitOf(shard: number): number {
    return this.#slowest(shard) + this.#driftMs
  }

  #slowest(except: number | null): number {
    let slowest = Number.POSITIVE_INFINITY
    for (const [shard, at] of this.#places) if (shard !== except) slowest = Math.min(slowest, at)
    return slowest
  }

  #wakeAll(): void {
    for (const wake of this.#wakes.values()) wake()
  }
}
