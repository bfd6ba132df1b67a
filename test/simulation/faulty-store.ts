/**
 * A signal store that now and then rejects a batch (law 9): before it took effect, or after, which
 * nobody can tell from outside. Positions that were observed again are noted: their calendar-day
 * totals may read higher (law 2).
 */
import { EdgeError } from '../../src/runtime/edge-error.ts'
import type { SignalStore } from '../../src/state/signal-store.ts'
import type { Machine, World } from './machine.ts'

export function newFaultyStore(
  inner: SignalStore,
  world: World,
  parts: { readonly machine: Machine; readonly observedAgain: Set<number> },
): SignalStore {
  const { machine, observedAgain } = parts
  const away = () => new EdgeError('timeout', 'the signal store does not answer', true)
  return {
    async observe(observations) {
      await machine.step('before observe')
      if (machine.strikes(world.faults.storeRejects, 'store rejected')) throw away()
      const observed = await inner.observe(observations)
      if (machine.strikes(world.faults.storeLosesAnswer, 'store lost its answer')) {
        for (const { position } of observations) observedAgain.add(position)
        throw away()
      }
      await machine.step('after observe')
      return observed
    },
    async absorb(observations) {
      await machine.step('before absorb')
      if (machine.strikes(world.faults.storeRejects, 'store rejected')) throw away()
      await inner.absorb(observations)
      await machine.step('after absorb')
    },
    close: () => inner.close(),
  }
}
