/**
 * An avsc type that survives hostile bytes. As it ships, an array or map that claims 2^31 items in
 * six bytes makes avsc count to 2^31, which ends the process; here a count that the bytes left
 * could not hold makes the value invalid, as a cut one is. Every item must take at least one byte.
 * avsc freezes its types, so the two kinds are derived from and put in place while it builds.
 */
import avro from 'avsc'

interface Tap {
  readonly buf: Uint8Array
  pos: number
  readLong(): number
  readString(): string
}
interface Readable {
  _read(tap: Tap): unknown
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

export function boundedType(schema: avro.Schema): avro.Type {
  return avro.Type.forSchema(structuredClone(schema), {
    typeHook: (part, options) => {
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
