/** A signal store whose calls are counted and timed; the store and its laws are as before. */
import { type Metrics, timedCall } from '../runtime/metrics.ts'
import type { SignalStore } from './signal-store.ts'

export function timedStore(store: SignalStore, metrics: Metrics): SignalStore {
  return {
    observe: async (observations) => {
      const started = performance.now()
      const observed = await timedCall(metrics, 'store', () => store.observe(observations))
      metrics.stage('observe', performance.now() - started)
      return observed
    },
    absorb: (observations) => timedCall(metrics, 'store', () => store.absorb(observations)),
    close: () => store.close(),
  }
}
