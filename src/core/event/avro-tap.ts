/**
 * The ways in which a value goes into Avro bytes, as straight as they can be written: an audit
 * record has some 250 fields, most of them one byte, so that what happens between them is most of
 * its cost. The bytes are those of avsc. Like avsc's, a write past the end of the buffer moves the
 * tap and stores nothing: whoever owns the buffer then sees how much was missing.
 */

/** A buffer and a place in it: what avsc hands to a type. */
export interface Tap {
  readonly buf: Uint8Array & { write(text: string, at: number): number }
  pos: number
  readLong(): number
  readString(): string
  skipString(): void
  writeString(text: string): void
}

export function writeLong(tap: Tap, value: number): void {
  const { buf } = tap
  if (value >= 0 && value < 64 && (value | 0) === value) buf[tap.pos++] = value << 1
  else if (value >= -0x40000000 && value < 0x40000000 && (value | 0) === value)
    writeSevens(tap, ((value << 1) ^ (value >> 31)) >>> 0)
  else writeLarge(tap, value)
}

/** Seven bits a byte, low ones first; the high bit says that more follow. */
function writeSevens(tap: Tap, bits: number): void {
  const { buf } = tap
  let left = bits
  for (; left > 0x7f; left >>>= 7) buf[tap.pos++] = (left & 0x7f) | 0x80
  buf[tap.pos++] = left
}

function writeLarge(tap: Tap, value: number): void {
  if (!Number.isSafeInteger(value) || Math.abs(value) > 2 ** 52)
    throw new TypeError(`${value} is no whole number that a long of ours holds`)
  const { buf } = tap
  const zigzag = value >= 0 ? value * 2 : -value * 2 - 1
  const high = Math.floor(zigzag / 0x10000000)
  const low = zigzag - high * 0x10000000
  for (let shift = 0; shift < 28; shift += 7) buf[tap.pos++] = ((low >>> shift) & 0x7f) | 0x80
  writeSevens(tap, high)
}

const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)

export function writeDouble(tap: Tap, value: number): void {
  const { buf } = tap
  double[0] = value
  for (let index = 0; index < 8; index += 1) buf[tap.pos++] = doubleBytes[index]!
}

export function writeBoolean(tap: Tap, value: boolean): void {
  tap.buf[tap.pos++] = value ? 1 : 0
}

/** Fewer bytes than the first have a length of one byte, fewer than the second one of two. */
const shortBytes = 64
const longBytes = 8_192
/**
 * Room that the platform is given beyond one byte a unit: with less, a text of longer characters
 * could be cut off at just as many bytes as it has units, and pass for ASCII.
 */
const spareBytes = 4
/** From here on the platform writes a text faster than a loop over its units. */
const nativeUnits = 20

export function writeText(tap: Tap, text: string): void {
  const { buf, pos } = tap
  const { length } = text
  const at = pos + (length < shortBytes ? 1 : 2)
  const mayFit = length < longBytes && at + length + spareBytes <= buf.length
  const isAscii =
    mayFit && (length < nativeUnits ? writeAscii(buf, at, text) : buf.write(text, at) === length)
  // What is longer in bytes than in units, or may not fit, goes the general way.
  if (!isAscii) {
    tap.writeString(text)
    return
  }
  if (length >= shortBytes) {
    buf[pos] = ((length << 1) & 0x7f) | 0x80
    buf[pos + 1] = length >> 6
  } else buf[pos] = length << 1
  tap.pos = at + length
}

/** Writes units as bytes; false at the first that is not ASCII. */
function writeAscii(buf: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return false
    buf[at + index] = unit
  }
  return true
}

/** The branch of `["null", T]`; true where T follows. */
export function writeIsThere<T>(tap: Tap, value: T | null): value is T {
  tap.buf[tap.pos++] = value === null ? 0 : 2
  return value !== null
}

/** A value of `["null", "double", "string"]`. */
export function writeAny(tap: Tap, value: number | string | null): void {
  tap.buf[tap.pos++] = value === null ? 0 : typeof value === 'number' ? 2 : 4
  if (typeof value === 'number') writeDouble(tap, value)
  else if (value !== null) writeText(tap, value)
}

/** The place of a symbol in its enum. */
export function writeSymbol(tap: Tap, symbols: Readonly<Record<string, number>>, symbol: string) {
  const place = symbols[symbol]
  if (place === undefined) throw new TypeError(`${symbol} is none of its enum's symbols`)
  tap.buf[tap.pos++] = place << 1
}

/** Items of an array in one block, or none; what ends it is written too. */
export function writeItems<T>(
  tap: Tap,
  items: readonly T[],
  write: (tap: Tap, item: T) => void,
): void {
  if (items.length > 0) {
    writeLong(tap, items.length)
    for (let index = 0; index < items.length; index += 1) write(tap, items[index]!)
  }
  tap.buf[tap.pos++] = 0
}
