/**
 * Group commit: requests that arrive while a batch is under way wait together and make the next
 * one. One batch runs at a time, so two requests with the same event can never race each other. The
 * queue is bounded: full means refused at once, to be tried again.
 */
import { EdgeError } from '../runtime/edge-error.ts'

export interface BatcherOptions<T, R> {
  /** Handles a batch: one result per item, in order. A failure is every waiting caller's. */
  readonly process: (batch: readonly T[]) => Promise<readonly R[]>
  readonly batchMax: number
  readonly queueMax: number
}

export interface Batcher<T, R> {
  /** Results of `items`, in order. Items of one call stay together; at most `batchMax` of them. */
  submit(items: readonly T[]): Promise<readonly R[]>
  /** Takes nothing more, and waits until everything waiting is done. */
  close(): Promise<void>
}

interface Waiting<T, R> {
  readonly items: readonly T[]
  readonly resolve: (results: readonly R[]) => void
  readonly reject: (error: unknown) => void
}

export function newBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  const queue: Waiting<T, R>[] = []
  let queued = 0
  let closed = false
  let running: Promise<void> | null = null

  function takeBatch(): Waiting<T, R>[] {
    const taken: Waiting<T, R>[] = []
    let size = 0
    while (queue.length > 0 && size + queue[0]!.items.length <= options.batchMax) {
      const next = queue.shift()!
      size += next.items.length
      taken.push(next)
    }
    queued -= size
    return taken
  }

  async function runAll(): Promise<void> {
    // One turn of the loop, so that requests read in the same one share a batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0) await runBatch(takeBatch(), options.process)
    running = null
  }

  return {
    async submit(items) {
      if (closed) throw new EdgeError('busy', 'shutting down', true)
      if (items.length === 0) return []
      if (items.length > options.batchMax)
        throw new RangeError(`${items.length} items; at most ${options.batchMax}`)
      if (queued + items.length > options.queueMax)
        throw new EdgeError('busy', `${queued} events are waiting`, true)
      queued += items.length
      return new Promise((resolve, reject) => {
        queue.push({ items, resolve, reject })
        running ??= runAll()
      })
    },
    async close() {
      closed = true
      await running
    },
  }
}

/** Never rejects: a failure goes to those who wait. */
async function runBatch<T, R>(
  waiting: readonly Waiting<T, R>[],
  process: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<void> {
  try {
    const items = waiting.flatMap((one) => one.items)
    const results = await process(items)
    if (results.length !== items.length)
      throw new Error(`${results.length} results for ${items.length} items`)
    let at = 0
    for (const one of waiting) {
      one.resolve(results.slice(at, at + one.items.length))
      at += one.items.length
    }
  } catch (error) {
    for (const one of waiting) one.reject(error)
  }
}
