/**
 * Windows that workers share in Redis. Before a shard is judged they must be whole: a store that is
 * new, was emptied or failed over is filled again from the inputs, by whichever worker comes first;
 * the others wait for it. What lies beyond the committed places is not filled in: it is judged.
 */
import type { EventReader } from './log/kafka/event-reader.ts'
import { type ReadInputsOptions, readInputs } from './log/kafka/read-inputs.ts'
import type { LoggedEvent } from './log/stream.ts'
import { newPipeline, type Pipeline, type PipelineParts } from './pipeline.ts'
import { readMessages } from './read-messages.ts'
import { EdgeError } from './runtime/edge-error.ts'
import { newSerial } from './runtime/serial.ts'
import type { RedisStore } from './state/redis-store.ts'
import type { SignalStore } from './state/signal-store.ts'

export interface SharedWindowsParts {
  readonly store: RedisStore
  readonly judging: Omit<PipelineParts, 'store'>
  readonly inputs: Omit<ReadInputsOptions, 'groupId'>
  /** Of its own for every filling. */
  fillGroupId(): string
  readonly reader: EventReader
  onFilled(events: number): void
}

export interface SharedWindows {
  /**
   * Resolves when the store is whole. Throws EdgeError, retriable where another worker fills it.
   */
  ensure(): Promise<void>
  /** Empties the store and fills it, whatever it holds. Throws EdgeError. */
  fill(): Promise<void>
}

export function newSharedWindows(parts: SharedWindowsParts): SharedWindows {
  const { store } = parts
  const inTurn = newSerial()
  const fill = () => store.refill((into) => fillFromInputs(parts, into))
  return {
    // Shards of one worker ask together; the first one fills for all.
    ensure: () =>
      inTurn(async () => {
        const state = await store.check()
        if (state === 'ready') return
        if (state === 'filling')
          throw new EdgeError('busy', 'another worker is filling the signal store', true)
        await fill()
      }),
    fill: () => inTurn(fill),
  }
}

async function fillFromInputs(
  parts: SharedWindowsParts,
  into: Pick<SignalStore, 'absorb'>,
): Promise<void> {
  const store: SignalStore = {
    absorb: into.absorb,
    observe: () => Promise.reject(new Error('nothing is judged while the store is filled')),
    close: () => Promise.resolve(),
  }
  // Each shard has its own watermark, as it had when its events were judged.
  const pipelines = new Map<number, Pipeline>()
  let filled = 0
  await readInputs({ ...parts.inputs, groupId: parts.fillGroupId() }, async (messages) => {
    const { events } = await readMessages(parts.reader, messages)
    for (const [shard, some] of byShard(events)) {
      const pipeline = pipelines.get(shard) ?? newPipeline({ ...parts.judging, store })
      pipelines.set(shard, pipeline)
      await pipeline.rebuild(some)
    }
    filled += events.length
    parts.onFilled(filled)
  })
}

function byShard(events: readonly LoggedEvent[]): ReadonlyMap<number, LoggedEvent[]> {
  const shards = new Map<number, LoggedEvent[]>()
  for (const event of events) {
    const of = shards.get(event.partition)
    if (of === undefined) shards.set(event.partition, [event])
    else of.push(event)
  }
  return shards
}
