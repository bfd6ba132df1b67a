/**
 * An avsc type that survives hostile bytes. As it ships, an array or map that claims 2^31 items in
 * six bytes makes avsc count to 2^31, which ends the process; here a count that the bytes left
 * could not hold makes the value invalid, as a cut one is. Every item must take at least one byte.
 * What is skipped is held to the same: avsc also jumps by a length that the bytes state, backwards
 * too, and so for ever.
 *
 * Three more shapes are ours because they are most of what an event costs: an optional value, a
 * short text of ASCII, and the records that are written for every event. The bytes are the same.
 * avsc freezes its types, so these are derived from its own and put in place while it builds.
 */
import avro from 'avsc'
import { recordWriters } from '../record-writers.gen.ts'
import { type Tap, writeLong, writeText } from './avro-tap.ts'

interface Readable {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}
interface Branch extends Readable {
  _write(tap: Tap, value: unknown): void
}

class BoundedArray extends avro.types.ArrayType {
  _read(this: { itemsType: Readable }, tap: Tap): unknown[] {
    const items: unknown[] = []
    for (let left = takeCount(tap); left !== 0; left = takeCount(tap)) {
      for (; left > 0; left -= 1) items.push(this.itemsType._read(tap))
    }
    return items
  }

  _skip(this: { itemsType: Readable }, tap: Tap): void {
    for (let left = takeCount(tap); left !== 0; left = takeCount(tap)) {
      for (; left > 0; left -= 1) this.itemsType._skip(tap)
    }
  }
}

class BoundedMap extends avro.types.MapType {
  _read(this: { valuesType: Readable }, tap: Tap): Record<string, unknown> {
    const items: Record<string, unknown> = {}
    for (let left = takeCount(tap); left !== 0; left = takeCount(tap)) {
      for (; left > 0; left -= 1) items[tap.readString()] = this.valuesType._read(tap)
    }
    return items
  }

  _skip(this: { valuesType: Readable }, tap: Tap): void {
    for (let left = takeCount(tap); left !== 0; left = takeCount(tap)) {
      for (; left > 0; left -= 1) {
        tap.skipString()
        this.valuesType._skip(tap)
      }
    }
  }
}

/** `["null", T]`: which branch a value takes needs no look at its type. */
class OptionalType extends avro.types.UnwrappedUnionType {
  _read(this: { types: readonly [Branch, Branch] }, tap: Tap): unknown {
    const branch = tap.readLong()
    if (branch === 0) return null
    if (branch !== 1) throw new RangeError('no such branch')
    return this.types[1]._read(tap)
  }

  _write(this: { types: readonly [Branch, Branch] }, tap: Tap, value: unknown): void {
    writeLong(tap, value === null ? 0 : 1)
    if (value !== null) this.types[1]._write(tap, value)
  }
}

class TextType extends avro.types.StringType {
  _write(tap: Tap, text: unknown): void {
    if (typeof text !== 'string') throw new TypeError('a text is asked for')
    writeText(tap, text)
  }
}

/** A record that is written often, by the code that was made for it. */
class WrittenRecord extends avro.types.RecordType {
  _createWriter(this: { name: string }): unknown {
    const name = unqualified(this.name)
    return isWritten(name) ? recordWriters[name] : null
  }
}

/** A type for reading what was written under a schema, ours or another. */
export function boundedType(schema: avro.Schema): avro.Type {
  return avro.Type.forSchema(structuredClone(schema), { typeHook: boundedPart })
}

const unqualified = (name: string) => name.slice(name.lastIndexOf('.') + 1)
const isWritten = (name: string): name is keyof typeof recordWriters => name in recordWriters
const isWrittenRecord = (part: avro.Schema) =>
  typeof part === 'object' &&
  'fields' in part &&
  'name' in part &&
  isWritten(unqualified(part.name))

/** A type of our own schemas, which is written too. Not for a schema that came with a file. */
export function writtenType(schema: avro.Schema): avro.Type {
  return avro.Type.forSchema(structuredClone(schema), {
    typeHook: (part, options) =>
      isWrittenRecord(part) ? new WrittenRecord(part, options) : boundedPart(part, options),
  })
}

function boundedPart(part: avro.Schema, options: avro.ForSchemaOptions): avro.Type | undefined {
  if (part === 'string') return new TextType()
  if (Array.isArray(part))
    return part.length === 2 && part[0] === 'null' ? new OptionalType(part, options) : undefined
  const kind = typeof part === 'object' && 'type' in part ? part.type : null
  if (kind === 'array') return new BoundedArray(part, options)
  return kind === 'map' ? new BoundedMap(part, options) : undefined
}

/** Items of the next group; one that cannot be true leaves the tap beyond its end: invalid. */
function takeCount(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    tap.readLong()
    count = -count
  }
  if (count <= tap.buf.length - tap.pos) return count
  tap.pos = tap.buf.length + 1
  return 0
}
