/**
 * Rows to the payload of an Avro block and back. A block of events ends in a checksum, because the
 * last append may be torn by a power cut in any place; it sits in a field of the last row, so the
 * file stays plain Avro:
 *
 *     row | row | … | last row … check: 02 crc32(4 bytes)
 */
import { crc32 } from 'node:zlib'
import type { Schema, schema, Type } from 'avsc'
import { boundedType } from '../../core/event/bounded-type.ts'
import type { ContainerHeader } from '../../recording/container.ts'
import { checkBytes, type LogRow } from './topics.ts'

/** A checked block's end: the tag of the union's second branch, then the checksum. */
const tailBytes = 1 + checkBytes
const checkTag = 0x02

export function encodeRows(type: Type, rows: readonly unknown[]): Buffer {
  let buffer = Buffer.allocUnsafe(Math.max(4_096, rows.length * 512))
  let at = 0
  for (const row of rows) {
    let end = type.encode(row, buffer, at)
    while (end < 0) {
      const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, buffer.length - end))
      buffer.copy(larger, 0, 0, at)
      buffer = larger
      end = type.encode(row, buffer, at)
    }
    at = end
  }
  return buffer.subarray(0, at)
}

/** Rows with an empty `check` to a payload that ends in one. */
export function encodeCheckedRows(type: Type, rows: readonly LogRow[]): Buffer {
  const plain = encodeRows(type, rows)
  // The last byte says that the last row's check is null.
  const body = plain.subarray(0, plain.length - 1)
  const tail = Buffer.allocUnsafe(tailBytes)
  tail[0] = checkTag
  tail.writeUInt32BE(crc32(body), 1)
  return Buffer.concat([body, tail])
}

/** Whether a payload is what `encodeCheckedRows` made. */
export function isIntact(payload: Buffer): boolean {
  const tail = payload.length - tailBytes
  if (tail < 0 || payload[tail] !== checkTag) return false
  return crc32(payload.subarray(0, tail)) === payload.readUInt32BE(tail + 1)
}

export interface RowReader<Row> {
  /** All rows of a block; throws where the payload is not exactly that. */
  read(payload: Buffer, count: number): Row[]
  readFirst(payload: Buffer): Row
}

/** Reads rows written under the header's schema, ours or an older one, as rows of the topic. */
export function newRowReader<Row>(
  { schema, type }: { schema: Schema; type: Type },
  header: ContainerHeader,
): RowReader<Row> {
  const isOurs = JSON.stringify(header.schema) === JSON.stringify(schema)
  const resolver = isOurs ? undefined : type.createResolver(typeOf(header))
  return {
    read(payload, count) {
      const rows: Row[] = []
      let at = 0
      for (let index = 0; index < count; index += 1) {
        const { value, offset }: { value: Row; offset: number } = type.decode(payload, at, resolver)
        if (offset < 0) throw new Error('a row runs over the end of its block')
        rows.push(value)
        at = offset
      }
      if (at !== payload.length) throw new Error('a block holds more than its rows')
      return rows
    },
    readFirst(payload) {
      const { value }: { value: Row } = type.decode(payload, 0, resolver)
      return value
    },
  }
}

/** A type for the start of a row, up to and with `field`: the rest of the row is not looked at. */
export function prefixType(header: ContainerHeader, field: string): Type {
  const { name, fields } = recordSchemaOf(header)
  const end = fields.findIndex((candidate) => candidate.name === field) + 1
  return boundedType({ type: 'record', name, fields: fields.slice(0, end) })
}

const typeOf = (header: ContainerHeader): Type => boundedType(recordSchemaOf(header))

/** avsc checks the rest while it builds the type. */
function recordSchemaOf({ schema: given }: ContainerHeader): schema.RecordType {
  if (isRecordSchema(given)) return given
  throw new TypeError('its schema is not a record')
}

function isRecordSchema(given: unknown): given is schema.RecordType {
  return (
    typeof given === 'object' &&
    given !== null &&
    'fields' in given &&
    'type' in given &&
    given.type === 'record'
  )
}
