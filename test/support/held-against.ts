/** Plays histories through a store and the oracle side by side until enough was compared. */
import { zoneTable } from '../../src/config/zone-table.ts'
import type { SignalStore } from '../../src/state/signal-store.ts'
import { differences, newTally, type Tally } from './differences.ts'
import { newHistory } from './histories.ts'
import { newOracle, type Recount } from './oracle.ts'
import { observationOf } from './placed.ts'
import { seeded } from './seeded.ts'

export interface Outcome {
  readonly tally: Tally
  readonly histories: number
  /** The first differences, with the history and the event that they were found at. */
  readonly found: readonly string[]
  readonly differences: number
}

const foundMax = 10
const sizes = [50, 400, 1500, 4000]

export async function holdAgainstOracle(
  openStore: () => Promise<SignalStore>,
  { seed, readings, recount }: { seed: number; readings: number; recount?: Recount },
): Promise<Outcome> {
  const tally = newTally()
  const chance = seeded(seed)
  const found: string[] = []
  let count = 0
  let histories = 0
  while (tally.readings < readings && count === 0) {
    histories += 1
    const { zone, placed, seed: own } = newHistory(chance.below(2 ** 32), chance.pick(sizes))
    const oracle = newOracle(zone, recount ?? 'recounts the forgotten')
    const store = await openStore()
    const table = zoneTable(zone)
    let newest = Number.NEGATIVE_INFINITY
    for (let at = 0; at < placed.length; ) {
      const batch = placed.slice(at, at + chance.pick([1, 7, 64, 500]))
      const observations = batch.map((one) => observationOf(one, table))
      const observed = await store.observe(observations)
      for (const [index, one] of batch.entries()) {
        const observation = observations[index]!
        const answer = oracle.observe(one)
        const differ = differences({ observation, observed: observed[index]!, answer }, tally)
        count += differ.length
        for (const line of differ) {
          if (found.length < foundMax) found.push(`history ${own}, event ${at + index}, ${line}`)
        }
        if (answer.sighting !== 'first') tally.repeated += 1
        else if (observation.at < newest) tally.late += 1
        if (answer.sighting === 'first' && answer.late) tally.tooLate += 1
        newest = Math.max(newest, observation.at)
      }
      at += batch.length
    }
    await store.close()
  }
  return { tally, histories, found, differences: count }
}
