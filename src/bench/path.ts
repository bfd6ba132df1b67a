/**
 * The whole path on the generated day: from the encoded published event to the encoded audit
 * record, in batches as a worker takes them. CPU time of this process, garbage collection included;
 * each stage runs over a whole batch before the next, so the clock is read a few times a batch
 * only.
 */
import { decodeAvroBytes, couponEventType } from '../core/event/decode-avro.ts'
import { decodeEvent } from '../core/event/decode.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import { logSpecs } from '../core/signals/readings.ts'
import { type Audit, type Event, schemas } from '../core/schema.gen.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import type { Facts } from '../facts.ts'
import { type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import { newPipeline } from '../pipeline.ts'
import { boundedType } from '../core/event/bounded-type.ts'
import { newMemoryStore } from '../state/memory-store.ts'

/** A day as a topic would hold it: encoded messages in order of record time. */
export interface EncodedDay {
  readonly bytes: Buffer
  /** Where each message begins; one more at the end. */
  readonly starts: Float64Array
  readonly recordedAt: Float64Array
  readonly messages: number
}

export const pathStages = ['decode', 'desensitise', 'judge', 'encode'] as const
export type PathStage = (typeof pathStages)[number]

export interface PathCost {
  readonly events: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly eventsPerCpuSecond: number
  /** CPU microseconds an event. */
  readonly stages: Readonly<Record<PathStage, number>>
  readonly auditBytesPerEvent: number
  readonly outcomes: Readonly<Record<string, number>>
  /**
   * Share of decided events that met a full log, so that one of their readings is a lower bound.
   */
  readonly fullLogShare: number
  readonly storeBytes: number
  readonly entities: number
}

const batchSize = 500

/** Encodes the rows of a generated day that hold an event. */
export function encodeDay(options: GenerateOptions, onRow: (done: number) => void): EncodedDay {
  let bytes = Buffer.allocUnsafe(64 * 1_048_576)
  const starts = new Float64Array(options.events + 1)
  const recordedAt = new Float64Array(options.events)
  let [messages, end] = [0, 0]
  for (const row of generateRows(options)) {
    if (row.published === null) continue
    if (end + 65_536 > bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2)
    const next = couponEventType.encode(row.published, bytes, end)
    if (next < 0) continue
    recordedAt[messages] = row.recordedAt
    messages += 1
    end = next
    starts[messages] = end
    if (messages % 10_000 === 0) onRow(messages)
  }
  return { bytes, starts, recordedAt, messages }
}

export interface PathParts {
  readonly playbook: Playbook
  readonly facts: Facts
  readonly keys: Keys
  onEvents(done: number): void
}

const cpuMicros = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

export async function measurePath(
  day: EncodedDay,
  { playbook, facts, keys, onEvents }: PathParts,
): Promise<PathCost> {
  const store = newMemoryStore()
  const pipeline = newPipeline({ store, playbook, facts, keys })
  const auditType = boundedType(schemas.Audit)
  const out = Buffer.allocUnsafe(16 * 1_048_576)
  const micros: Record<PathStage, number> = { decode: 0, desensitise: 0, judge: 0, encode: 0 }
  const outcomes: Record<string, number> = {}
  let [auditBytes, decided, full] = [0, 0, 0]
  const [cpuBefore, wallBefore] = [cpuMicros(), performance.now()]
  for (let from = 0; from < day.messages; from += batchSize) {
    const to = Math.min(from + batchSize, day.messages)
    const start = cpuMicros()
    const published = []
    for (let at = from; at < to; at += 1)
      published.push(
        decodeAvroBytes(day.bytes.subarray(day.starts[at]!, day.starts[at + 1]!), null),
      )
    const read = cpuMicros()
    const events = published.map((one) => ('rejected' in one ? one : decodeEvent(one, keys)))
    const kept = cpuMicros()
    const logged = events.flatMap((event, index) =>
      'rejected' in event
        ? []
        : [
            {
              event: event satisfies Event,
              recordedAt: day.recordedAt[from + index]!,
              source: 'bench',
              partition: 0,
              offset: from + index,
            },
          ],
    )
    const { outputs } = await pipeline.process(logged)
    const judged = cpuMicros()
    let position = 0
    for (const audit of outputs.audits) {
      position = auditType.encode(audit, out, position)
      decided += 1
      if (metFullLog(audit)) full += 1
      outcomes[audit.decision.outcome] = (outcomes[audit.decision.outcome] ?? 0) + 1
    }
    const written = cpuMicros()
    auditBytes += position
    micros.decode += read - start
    micros.desensitise += kept - read
    micros.judge += judged - kept
    micros.encode += written - judged
    onEvents(to)
  }
  const cpuSeconds = (cpuMicros() - cpuBefore) / 1e6
  const perEvent = (stage: PathStage) => round(micros[stage] / day.messages)
  const { bytes, entities } = store.size()
  return {
    events: day.messages,
    cpuSeconds: round(cpuSeconds),
    wallSeconds: round((performance.now() - wallBefore) / 1000),
    eventsPerCpuSecond: Math.round(day.messages / cpuSeconds),
    stages: {
      decode: perEvent('decode'),
      desensitise: perEvent('desensitise'),
      judge: perEvent('judge'),
      encode: perEvent('encode'),
    },
    auditBytesPerEvent: Math.round(auditBytes / decided),
    outcomes,
    fullLogShare: round(full / decided),
    storeBytes: bytes,
    entities,
  }
}

const round = (value: number) => Math.round(value * 1000) / 1000

function metFullLog({ inputs: { readings } }: Audit): boolean {
  return logSpecs.some(({ name }) => {
    const log = readings[name]
    return log !== null && log.cutAt !== null
  })
}
