/**
 * Records of our topics to framed bytes, under the ids at which the registry holds our schemas.
 * Avro is written in place behind the frame into a buffer that grows and is used again, then copied
 * out at its exact length: one allocation a record. Throws, as a defect, where a record is not of
 * its schema.
 */
import type avro from 'avsc'
import { writtenType } from '../../core/event/bounded-type.ts'
import { type SchemaName, schemas } from '../../core/schema.gen.ts'
import { type TopicName, type TopicRecords, topicNames, topics } from './topics.ts'
import { frameBytes, writeFrameHead } from './wire-format.ts'

export interface RecordFramer {
  frame<T extends TopicName>(topic: T, record: TopicRecords[T]): Buffer
}

interface Written {
  readonly type: avro.Type
  readonly schemaId: number
}

const scratchBytes = 65_536

/** `ids`: from `registeredIds`; a topic without one must not be written. */
export function newRecordFramer(ids: ReadonlyMap<TopicName, number>): RecordFramer {
  const types = new Map<SchemaName, avro.Type>()
  const written = new Map<TopicName, Written>()
  for (const topic of topicNames) {
    const schemaId = ids.get(topic)
    if (schemaId === undefined) continue
    const { schema } = topics[topic]
    const type = types.get(schema) ?? writtenType(schemas[schema])
    types.set(schema, type)
    written.set(topic, { type, schemaId })
  }
  let scratch = Buffer.allocUnsafe(scratchBytes)
  return {
    frame(topic, record) {
      const found = written.get(topic)
      if (found === undefined) throw new Error(`${topic}: no schema id is known to write it under`)
      let end = found.type.encode(record, scratch, frameBytes)
      if (end < 0) {
        scratch = Buffer.allocUnsafe(2 * (scratch.length - end))
        end = found.type.encode(record, scratch, frameBytes)
      }
      writeFrameHead(scratch, found.schemaId)
      return Buffer.from(scratch.subarray(0, end))
    },
  }
}
