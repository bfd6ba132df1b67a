/**
 * Messages of the input topics → kept events, or why not. The resolver from the writer's schema to
 * ours is made once per schema id, so any v1.x reads any other; bytes go through avsc, and what is
 * personal goes no further, exactly as over HTTP. A batch awaits the registry only for ids that it
 * meets for the first time. A registry that does not answer is an outage, not poison: it throws an
 * EdgeError and the batch may be read again.
 * serves: D13
 */
import { decodeEvent } from '../../core/event/decode.ts'
import { decodeAvroBytes } from '../../core/event/decode-avro.ts'
import type { Keys } from '../../core/event/keyed-hash.ts'
import { type Rejection, reject } from '../../core/event/rejection.ts'
import { type Reading, resolveWriter } from '../../core/event/writer-schema.ts'
import type { Event } from '../../core/schema.gen.ts'
import type { SchemaRegistry } from './schema-registry.ts'
import { readFrame } from './wire-format.ts'

export interface EventReader {
  /** One answer for each value, in order. Throws an EdgeError where the registry is away. */
  read(values: readonly (Buffer | null)[]): Promise<readonly (Event | Rejection)[]>
}

/** Ids that are kept; a publisher has a handful. */
const idsMax = 1_000
/** Questions to the registry at one time: a batch of made-up ids must not become a flood. */
const asksMax = 16

export function newEventReader(
  registry: Pick<SchemaRegistry, 'schemaById'>,
  keys: Keys,
): EventReader {
  const readings = new Map<number, Reading | Rejection>()

  /** What the registry does not know is not kept: it may know it later. */
  const learn = async (id: number): Promise<Reading | Rejection> => {
    const found = await registry.schemaById(id)
    if (found === null) return reject('unknown-schema', `the registry has no schema ${id}`)
    const reading =
      found.type === 'AVRO'
        ? resolveWriter(found.schema)
        : reject('incompatible-schema', `schema ${id} is not of Avro`)
    if (readings.size >= idsMax) readings.delete(readings.keys().next().value ?? id)
    readings.set(id, reading)
    return reading
  }

  const decode = (reading: Reading | Rejection, body: Buffer): Event | Rejection => {
    if ('rejected' in reading) return reading
    const published = decodeAvroBytes(body, reading.resolver)
    return 'rejected' in published ? published : decodeEvent(published, keys)
  }

  return {
    async read(values) {
      const frames = values.map(readFrame)
      const needed = new Map<number, Reading | Rejection | null>()
      for (const frame of frames) {
        if ('rejected' in frame || needed.has(frame.schemaId)) continue
        needed.set(frame.schemaId, readings.get(frame.schemaId) ?? null)
      }
      const fresh = [...needed].filter(([, reading]) => reading === null).map(([id]) => id)
      for (let at = 0; at < fresh.length; at += asksMax) {
        const some = fresh.slice(at, at + asksMax)
        const learned = await Promise.all(some.map(learn))
        some.forEach((id, index) => {
          needed.set(id, learned[index]!)
        })
      }
      return frames.map((frame) =>
        'rejected' in frame ? frame : decode(needed.get(frame.schemaId)!, frame.body),
      )
    },
  }
}
