/**
 * A random history delivered by several writers at once to one store. Each partition is delivered
 * in order, a batch at a time, by whoever owns it just then; a new owner begins somewhat earlier
 * than the one before had come. Partitions run side by side, as fast as the store lets them.
 */
import type { Observation } from '../../src/core/signals/observation.ts'
import { newSerial } from '../../src/runtime/serial.ts'
import type { Observed, SignalStore } from '../../src/state/signal-store.ts'
import { newHistory } from './histories.ts'
import { observationOf, type Placed } from './placed.ts'
import { type Chance, seeded } from './seeded.ts'

/** One batch as a writer delivered it, and what it was told. */
export interface Delivered {
  readonly writer: string
  readonly observations: readonly Observation[]
  readonly observed: readonly Observed[]
}

const partitions = 4
/** Positions of one partition's claims: see sourcePosition. */
const partitionPositions = 2 * 2 ** 40

/** Delivers all of it; gives the batches of each writer in the order in which it asked. */
export async function deliver(
  seed: number,
  events: number,
  writers: ReadonlyMap<string, SignalStore>,
): Promise<readonly Delivered[]> {
  const chance = seeded(seed)
  const delivered: Delivered[] = []
  // One batch of a writer at a time, for the order of its calls to tell which batch each is of.
  const turns = new Map([...writers.keys()].map((name) => [name, newSerial()]))
  const names = [...writers.keys()]
  const run = async (queue: readonly Placed[]) => {
    for (let next = 0; next < queue.length; ) {
      const writer = chance.pick(names)
      const from = Math.max(0, next - (chance.in(0.2) ? chance.below(30) : 0))
      next += chance.pick([1, 3, 20, 80])
      const observations = asOne(queue.slice(from, next))
      const observed: Observed[] = []
      await turns.get(writer)!(async () => {
        delivered.push({ writer, observations, observed })
        observed.push(...(await writers.get(writer)!.observe(observations)))
      })
    }
  }
  await Promise.all(queuesOf(chance, newHistory(seed, events).placed).map(run))
  return delivered
}

/** The events of each partition. A user has one, mostly; an event that comes again has its own. */
function queuesOf(chance: Chance, placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const queues: Placed[][] = Array.from({ length: partitions }, () => [])
  const known = new Map<number, number>()
  for (const one of placed) {
    const own = [...one.event.user].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
    const found = known.get(one.position)
    const partition = found ?? (chance.in(0.1) ? chance.below(partitions) : own % partitions)
    known.set(one.position, partition)
    queues[partition]!.push({ ...one, position: partition * partitionPositions + one.position })
  }
  return queues
}

/** What is delivered together is so at one time: that of the last. */
function asOne(placed: readonly Placed[]): readonly Observation[] {
  const horizon = Math.max(...placed.map((one) => one.horizon))
  return placed.map((one) => observationOf({ ...one, horizon }))
}
