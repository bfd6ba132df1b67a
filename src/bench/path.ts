/**
 * The whole path on the generated day: from the encoded published event to the encoded audit
 * record, in batches as a worker takes them. CPU time of this process, garbage collection included;
 * each stage runs over a whole batch before the next, so the clock is read a few times a batch
 * only. The messages come from a file that another process wrote.
 */
import { open } from 'node:fs/promises'
import { writtenType } from '../core/event/bounded-type.ts'
import { decodeEvent } from '../core/event/decode.ts'
import { couponEventType, decodeAvroBytes } from '../core/event/decode-avro.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import { type Audit, type Event, schemas } from '../core/schema.gen.ts'
import { logSpecs } from '../core/signals/readings.ts'
import type { Facts } from '../facts.ts'
import { type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import type { LoggedEvent } from '../log/stream.ts'
import { newPipeline, type Pipeline } from '../pipeline.ts'
import { newMemoryStore } from '../state/memory-store.ts'
import { cpuMicros, rounded } from './cpu-time.ts'

export const pathStages = ['decode', 'desensitise', 'judge', 'encode'] as const
export type PathStage = (typeof pathStages)[number]

export interface PathCost {
  readonly events: number
  readonly eventsPerSecond: number
  readonly cpuSeconds: number
  /** CPU microseconds an event. */
  readonly stages: Readonly<Record<PathStage, number>>
  readonly auditBytesPerEvent: number
  readonly outcomes: Readonly<Record<string, number>>
  /**
   * Share of decided events that met a full log, so that one of their readings is a lower bound.
   */
  readonly fullLogShare: number
  readonly entryBytes: number
  readonly entities: number
  /** Largest resident set of the process, in bytes. */
  readonly peakRssBytes: number
}

export interface PathParts {
  readonly playbook: Playbook
  readonly facts: Facts
  readonly keys: Keys
  onEvents(done: number): void
  /** Sees the audits of a batch before they are dropped. */
  onAudits(audits: readonly Audit[]): void
}

const batchSize = 250

interface Batch {
  readonly messages: Buffer[]
  readonly recordedAt: number[]
}

/** Writes the day's encoded messages into a file: length, record time, bytes of each. */
export async function writeMessages(path: string, options: GenerateOptions): Promise<void> {
  const file = await open(path, 'w')
  let waiting: Buffer[] = []
  for (const { published, recordedAt } of generateRows(options)) {
    if (published === null) continue
    const bytes = couponEventType.toBuffer(published)
    const head = Buffer.alloc(headBytes)
    head.writeUInt32LE(bytes.length)
    head.writeDoubleLE(recordedAt, 4)
    waiting.push(head, bytes)
    if (waiting.length < 20_000) continue
    await file.write(Buffer.concat(waiting))
    waiting = []
  }
  await file.write(Buffer.concat(waiting))
  await file.close()
}

const headBytes = 12
/** More than the largest message of the day takes. */
const readBytes = 4 * 1_048_576

/**
 * The day as a topic would hold it, a batch at a time. The next batch overwrites the messages of
 * the last: fresh memory for each would have its garbage collected at the path's expense.
 */
async function* readBatches(path: string): AsyncGenerator<Batch> {
  const file = await open(path, 'r')
  const bytes = Buffer.allocUnsafe(readBytes)
  let [from, to] = [0, 0]
  let batch: Batch = { messages: [], recordedAt: [] }
  for (;;) {
    const end =
      from + headBytes <= to
        ? from + headBytes + bytes.readUInt32LE(from)
        : Number.POSITIVE_INFINITY
    const isFull = batch.messages.length === batchSize
    if (end <= to && !isFull) {
      batch.messages.push(bytes.subarray(from + headBytes, end))
      batch.recordedAt.push(bytes.readDoubleLE(from + 4))
      from = end
      continue
    }
    if (batch.messages.length > 0) yield batch
    batch = { messages: [], recordedAt: [] }
    if (isFull) continue
    bytes.copyWithin(0, from, to)
    const { bytesRead } = await file.read(bytes, to - from, readBytes - (to - from))
    if (bytesRead === 0) break
    ;[from, to] = [0, to - from + bytesRead]
  }
  await file.close()
}

interface Totals {
  readonly micros: Record<PathStage, number>
  readonly outcomes: Record<string, number>
  events: number
  decided: number
  full: number
  auditBytes: number
}

export async function measurePath(messages: string, parts: PathParts): Promise<PathCost> {
  const { playbook, facts, keys } = parts
  const store = newMemoryStore()
  const pipeline = newPipeline({ store, playbook, facts, keys })
  const totals: Totals = {
    micros: { decode: 0, desensitise: 0, judge: 0, encode: 0 },
    outcomes: {},
    events: 0,
    decided: 0,
    full: 0,
    auditBytes: 0,
  }
  for await (const batch of readBatches(messages)) {
    const audits = await runBatch(batch, { pipeline, keys }, totals)
    for (const audit of audits) count(audit, totals)
    parts.onAudits(audits)
    parts.onEvents(totals.events)
  }
  const { bytes, entities } = store.size()
  return {
    ...costOf(totals),
    entryBytes: bytes,
    entities,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

const auditType = writtenType(schemas.Audit)
const out = Buffer.allocUnsafe(16 * 1_048_576)

async function runBatch(
  { messages, recordedAt }: Batch,
  { pipeline, keys }: { pipeline: Pipeline; keys: Keys },
  totals: Totals,
): Promise<readonly Audit[]> {
  const start = cpuMicros()
  const published = messages.map((bytes) => decodeAvroBytes(bytes, null))
  const decoded = cpuMicros()
  const events = published.map((one) => ('rejected' in one ? one : decodeEvent(one, keys)))
  const kept = cpuMicros()
  const logged: LoggedEvent[] = []
  events.forEach((event, index) => {
    if (!('rejected' in event))
      logged.push(atPlace(event, recordedAt[index]!, totals.events + index))
  })
  const { outputs } = await pipeline.process(logged)
  const judged = cpuMicros()
  let position = 0
  for (const audit of outputs.audits) position = auditType.encode(audit, out, position)
  const { micros } = totals
  micros.decode += decoded - start
  micros.desensitise += kept - decoded
  micros.judge += judged - kept
  micros.encode += cpuMicros() - judged
  totals.events += messages.length
  totals.auditBytes += position
  return outputs.audits
}

const atPlace = (event: Event, recordedAt: number, offset: number): LoggedEvent => ({
  event,
  recordedAt,
  source: 'bench',
  partition: 0,
  offset,
})

function count({ inputs: { readings }, decision: { outcome } }: Audit, totals: Totals): void {
  totals.decided += 1
  totals.outcomes[outcome] = (totals.outcomes[outcome] ?? 0) + 1
  if (logSpecs.some(({ name }) => (readings[name]?.cutAt ?? null) !== null)) totals.full += 1
}

function costOf({ micros, outcomes, events, decided, full, auditBytes }: Totals) {
  const all = pathStages.reduce((sum, stage) => sum + micros[stage], 0)
  const perEvent = (stage: PathStage) => rounded(micros[stage] / events)
  return {
    events,
    eventsPerSecond: Math.round((events / all) * 1e6),
    cpuSeconds: rounded(all / 1e6),
    stages: {
      decode: perEvent('decode'),
      desensitise: perEvent('desensitise'),
      judge: perEvent('judge'),
      encode: perEvent('encode'),
    },
    auditBytesPerEvent: Math.round(auditBytes / decided),
    outcomes,
    fullLogShare: rounded(full / decided),
  }
}
