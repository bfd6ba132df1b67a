/**
 * Tells open pages that something changed: names of what, never the thing itself, so that whoever
 * listens asks again with their own rights. Whoever changes something tells; nobody waits for it.
 */
import type { StreamTopic } from './api/operations.ts'

export interface Changes {
  tell(topics: Iterable<StreamTopic>): void
  /** Gives what ends it. Listeners must not throw. */
  listen(listener: (topics: Iterable<StreamTopic>) => void): () => void
}

export function newChanges(): Changes {
  const listeners = new Set<(topics: Iterable<StreamTopic>) => void>()
  return {
    tell(topics) {
      for (const listener of listeners) listener(topics)
    },
    listen(listener) {
      // A function of its own, so that the same listener given twice counts twice.
      const own = (topics: Iterable<StreamTopic>) => listener(topics)
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
}
