/**
 * A database that is still being opened, as one that is there: whatever is asked of it waits until
 * it is, and fails as the opening did where that fails.
 */
import type { Store } from './store.ts'

export function laterStore(opening: Promise<Store>): Store {
  // Told by whoever asks, and by nobody where nobody does.
  opening.catch(() => undefined)
  return {
    query: async (sql, values) => (await opening).query(sql, values),
    transaction: async (work) => (await opening).transaction(work),
    alone: async (lock, work) => (await opening).alone(lock, work),
    close: async () => {
      const store = await opening.catch(() => null)
      await store?.close()
    },
  }
}
