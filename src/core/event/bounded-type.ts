/**
 * An avsc type that survives hostile bytes. As it ships, an array or map that claims 2^31 items in
 * six bytes makes avsc count to 2^31, which ends the process; here a count that the bytes left
 * could not hold makes the value invalid, as a cut one is. Every item must take at least one byte.
 *
 * Two more shapes are ours because nearly every field has one of them, and they are most of what an
 * audit record costs: an optional value, and a short text of ASCII. The bytes are the same.
 * avsc freezes its types, so these are derived from its own and put in place while it builds.
 */
import avro from 'avsc'

interface Tap {
  readonly buf: Uint8Array
  pos: number
  readLong(): number
  readString(): string
  writeLong(value: number): void
  writeString(text: string): void
}
interface Readable {
  _read(tap: Tap): unknown
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
}

class BoundedMap extends avro.types.MapType {
  _read(this: { valuesType: Readable }, tap: Tap): Record<string, unknown> {
    const items: Record<string, unknown> = {}
    for (let left = takeCount(tap); left !== 0; left = takeCount(tap)) {
      for (; left > 0; left -= 1) items[tap.readString()] = this.valuesType._read(tap)
    }
    return items
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
    tap.writeLong(value === null ? 0 : 1)
    if (value !== null) this.types[1]._write(tap, value)
  }
}

/** A length below this is one byte, so it can be written before the text is known to be ASCII. */
const shortText = 64

class TextType extends avro.types.StringType {
  _write(tap: Tap, text: unknown): void {
    if (typeof text !== 'string') throw new TypeError('a text is asked for')
    if (!writeAscii(tap, text)) tap.writeString(text)
  }
}

/** Writes a short text of ASCII; false, with nothing written, where it is another. */
function writeAscii(tap: Tap, text: string): boolean {
  const { buf, pos } = tap
  const { length } = text
  if (length >= shortText || pos + length >= buf.length) return false
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return false
    buf[pos + 1 + index] = unit
  }
  buf[pos] = length << 1
  tap.pos = pos + 1 + length
  return true
}

export function boundedType(schema: avro.Schema): avro.Type {
  return avro.Type.forSchema(structuredClone(schema), {
    typeHook: (part, options) => {
      if (part === 'string') return new TextType()
      if (Array.isArray(part)) {
        return part.length === 2 && part[0] === 'null' ? new OptionalType(part, options) : undefined
      }
      const kind = typeof part === 'object' && 'type' in part ? part.type : null
      if (kind === 'array') return new BoundedArray(part, options)
      return kind === 'map' ? new BoundedMap(part, options) : undefined
    },
  })
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
