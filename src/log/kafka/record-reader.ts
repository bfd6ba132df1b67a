/**
 * Messages of our own topics → records, whichever v1.x wrote them. What cannot be read is a
 * rejection for the caller to count and skip: these topics have one writer, so none is expected.
 */
import avro from 'avsc'
import { boundedType } from '../../core/event/bounded-type.ts'
import { type Rejection, reject } from '../../core/event/rejection.ts'
import { schemas } from '../../core/schema.gen.ts'
import type { SchemaRegistry } from './schema-registry.ts'
import { type TopicName, type TopicRecords, topics } from './topics.ts'
import { readFrame } from './wire-format.ts'

export interface RecordReader {
  /** One answer per value, in order. Throws EdgeError where the registry is away. */
  read<T extends TopicName>(
    topic: T,
    values: readonly (Buffer | null)[],
  ): Promise<readonly (TopicRecords[T] | Rejection)[]>
}

type Decode = (body: Buffer) => unknown

export function newRecordReader(registry: Pick<SchemaRegistry, 'schemaById'>): RecordReader {
  const types = new Map<TopicName, avro.Type>()
  const known = new Map<string, Decode | Rejection>()

  const typeOf = (topic: TopicName): avro.Type => {
    const type = types.get(topic) ?? boundedType(schemas[topics[topic].schema])
    types.set(topic, type)
    return type
  }

  const learn = async (topic: TopicName, id: number): Promise<Decode | Rejection> => {
    const found = await registry.schemaById(id)
    if (found === null) return reject('unknown-schema', `the registry has no schema ${id}`)
    const type = typeOf(topic)
    try {
      const writer = avro.Type.forSchema(JSON.parse(found.schema))
      const resolver = type.createResolver(writer)
      return (body) => type.fromBuffer(body, resolver)
    } catch {
      return reject('incompatible-schema', `schema ${id} is none of ${topic}`)
    }
  }

  const readOne = async (topic: TopicName, value: Buffer | null): Promise<unknown> => {
    const frame = readFrame(value)
    if ('rejected' in frame) return frame
    const key = `${frame.schemaId} ${topic}`
    const decode = known.get(key) ?? (await learn(topic, frame.schemaId))
    // What the registry does not know now it may know later.
    if (!('rejected' in decode)) known.set(key, decode)
    if ('rejected' in decode) return decode
    try {
      return decode(frame.body)
    } catch {
      return reject('not-avro', `message is no record of ${topic}`)
    }
  }

  return {
    async read<T extends TopicName>(topic: T, values: readonly (Buffer | null)[]) {
      const records: (TopicRecords[T] | Rejection)[] = []
      for (const value of values)
        records.push((await readOne(topic, value)) as TopicRecords[T] | Rejection)
      return records
    },
  }
}
