/**
 * The windows of `start` in Redis, filled from the embedded log: at every start, even where Redis
 * holds the store already, because nothing tells whether all that the log has went into it; and
 * once more whenever it was lost, before judging goes on. What is being judged is not in the log's
 * history yet, so nothing counts twice.
 */
import { type FillWindows, rebuildFrom } from './embedded.ts'
import type { EmbeddedLog } from './log/embedded-log.ts'
import { newPipeline, type PipelineParts } from './pipeline.ts'
import { EdgeError } from './runtime/edge-error.ts'
import type { RedisStore } from './state/redis-store.ts'
import type { SignalStore } from './state/signal-store.ts'

export interface EmbeddedWindows {
  readonly store: SignalStore
  /** Empties the store and puts the log's history in. Throws EdgeError. */
  readonly fill: FillWindows
}

export interface EmbeddedWindowsParts {
  readonly log: Pick<EmbeddedLog, 'history'>
  readonly judging: Omit<PipelineParts, 'store'>
  readonly redis: RedisStore
}

export function newEmbeddedWindows({ log, judging, redis }: EmbeddedWindowsParts): EmbeddedWindows {
  const fill: FillWindows = (onFilled) =>
    redis.refill(({ absorb }) => {
      const observe = () => Promise.reject(new Error('nothing is judged while it is filled'))
      const store: SignalStore = { absorb, observe, close: () => Promise.resolve() }
      // By a pipeline of its own: each event is placed by the watermark of its time.
      return rebuildFrom(log, newPipeline({ ...judging, store }), onFilled)
    })
  const store: SignalStore = {
    async observe(observations) {
      try {
        return await redis.observe(observations)
      } catch (error) {
        if (!(error instanceof EdgeError) || error.code !== 'store-lost') throw error
        await fill(() => undefined)
        return redis.observe(observations)
      }
    },
    absorb: (observations) => redis.absorb(observations),
    close: () => redis.close(),
  }
  return { store, fill }
}
