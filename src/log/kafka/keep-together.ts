/**
 * Tells other workers where our shards stand and hears where theirs do, for as long as a role runs:
 * often while a shard of ours catches up, since others may wait for it and it for them, else only
 * now and then. Where the exchange fails what was heard last counts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../runtime/clock.ts'
import type { DriftGate } from './drift-gate.ts'

/** A worker at its end is woken that seldom; as much later it hears of one that has fallen back. */
const restingEveryMs = 1_000
const catchingUpEveryMs = 10

export interface KeepTogetherParts {
  readonly gate: DriftGate
  readonly clock: Clock
  /** Tells our places, gives that of the slowest of all others. */
  exchange(ours: ReadonlyMap<number, number>): Promise<number>
}

/** Resolves once the signal has come. */
export async function keepTogether(
  { gate, clock, exchange }: KeepTogetherParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const slowest = await exchange(gate.places).catch(() => null)
    if (slowest !== null) gate.standElsewhere(slowest)
    const behind = Math.min(...gate.places.values()) < clock.now() - gate.driftMs
    const everyMs = behind ? catchingUpEveryMs : restingEveryMs
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
