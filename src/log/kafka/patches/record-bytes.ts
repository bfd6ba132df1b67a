/**
 * Records of format v2, sized first and then written into a buffer that fits:
 *
 *     length | attributes 0 | time − first time | place in the batch | key | value | headers
 *
 * all but the attributes being varints, or bytes behind a varint of their length. The client gives
 * each record, and each of its headers, a zeroed buffer of 512 bytes of its own and copies it on.
 */
import type { Message } from './internals.ts'

export interface RecordsPlan {
  readonly messages: readonly Message[]
  /** Smallest and largest of the times given, in milliseconds; now where none is. */
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly timestamps: readonly number[]
  /** Bytes of each record behind its length. */
  readonly bodyBytes: readonly number[]
  /** Of every key, value, header's name and header's value, in the order of writing. */
  readonly lengths: readonly number[]
  /** Of all records with their lengths. */
  readonly bytes: number
}

/** Null where a message is none that can be sized: the client shall make of it what it makes. */
export function planRecords(messages: readonly Message[], now: number): RecordsPlan | null {
  const times = timesOf(messages, now)
  if (times === null || messages.length === 0) return null
  const bodyBytes: number[] = []
  const lengths: number[] = []
  let bytes = 0
  for (let place = 0; place < messages.length; place += 1) {
    const { key, value, headers } = messages[place]!
    const size =
      1 +
      sizeOfVarint(times.timestamps[place]! - times.firstTimestamp) +
      sizeOfVarint(place) +
      sizeOfBytes(key, lengths) +
      sizeOfBytes(value, lengths) +
      sizeOfHeaders(headers, lengths)
    if (Number.isNaN(size)) return null
    bodyBytes.push(size)
    bytes += sizeOfVarint(size) + size
  }
  return { messages, ...times, bodyBytes, lengths, bytes }
}

/** Where a plan is being written. */
interface Pen {
  readonly target: Buffer
  readonly lengths: readonly number[]
  at: number
  /** Which of the lengths comes next. */
  next: number
}

/** Writes all records from `at` on; gives the place behind the last. */
export function writeRecords(plan: RecordsPlan, target: Buffer, at: number): number {
  const { messages, timestamps, firstTimestamp, bodyBytes, lengths } = plan
  const pen: Pen = { target, lengths, at, next: 0 }
  for (let place = 0; place < messages.length; place += 1) {
    const { key, value, headers } = messages[place]!
    writeVarint(pen, bodyBytes[place]!)
    target[pen.at++] = 0
    writeVarint(pen, timestamps[place]! - firstTimestamp)
    writeVarint(pen, place)
    writeBytes(pen, key)
    writeBytes(pen, value)
    writeHeaders(pen, headers)
  }
  return pen.at
}

/**
 * A time of thirteen digits (2001 to 2286): kafkajs sorts times as text, and only where all are as
 * long as each other are the first and the last so the smallest and the largest. NaN for any other.
 */
function usualTime(timestamp: unknown): number {
  if (typeof timestamp === 'string')
    return /^[1-9]\d{12}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  const isUsual =
    Number.isInteger(timestamp) && Number(timestamp) >= 1e12 && Number(timestamp) < 1e13
  return isUsual ? Number(timestamp) : Number.NaN
}

function timesOf(messages: readonly Message[], now: number) {
  const timestamps: number[] = []
  let [firstTimestamp, maxTimestamp] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { timestamp } of messages) {
    if (timestamp === undefined || timestamp === null) {
      timestamps.push(now)
      continue
    }
    const time = usualTime(timestamp)
    if (Number.isNaN(time)) return null
    timestamps.push(time)
    if (time < firstTimestamp) firstTimestamp = time
    if (time > maxTimestamp) maxTimestamp = time
  }
  const given = firstTimestamp <= maxTimestamp
  return given
    ? { timestamps, firstTimestamp, maxTimestamp }
    : { timestamps, firstTimestamp: now, maxTimestamp: now }
}

/** NaN for what is neither text nor bytes nor, where there may be, nothing. */
function sizeOfBytes(value: unknown, lengths: number[]): number {
  if (value === null || value === undefined) {
    lengths.push(-1)
    return 1
  }
  const isText = typeof value === 'string'
  if (!isText && !Buffer.isBuffer(value)) return Number.NaN
  const length = isText ? Buffer.byteLength(value) : value.length
  lengths.push(length)
  return sizeOfVarint(length) + length
}

/** Shorter text is written faster from here than by the platform. */
const shortTextMax = 64

function writeBytes(pen: Pen, value: unknown): void {
  const { target, lengths } = pen
  const length = lengths[pen.next++]!
  writeVarint(pen, length)
  const { at } = pen
  if (typeof value === 'string') {
    // As many bytes as characters: all of it is ASCII.
    if (length === value.length && length <= shortTextMax)
      for (let index = 0; index < length; index += 1) target[at + index] = value.charCodeAt(index)
    else target.write(value, at, length, 'utf8')
    pen.at += length
  } else if (Buffer.isBuffer(value)) {
    target.set(value, at)
    pen.at += length
  }
}

type Headers = Readonly<Record<string, unknown>>
const isHeaders = (value: unknown): value is Headers => typeof value === 'object' && value !== null

/** One header for each name, or for each of its values where there are several. */
function sizeOfHeaders(headers: unknown, lengths: number[]): number {
  if (headers === undefined) return 1
  if (!isHeaders(headers)) return Number.NaN
  let count = 0
  let bytes = 0
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    count += Array.isArray(value) ? value.length : 1
    if (!Array.isArray(value)) bytes += sizeOfHeader(name, value, lengths)
    else for (const one of value) bytes += sizeOfHeader(name, one, lengths)
  }
  return sizeOfVarint(count) + bytes
}

function sizeOfHeader(name: string, value: unknown, lengths: number[]): number {
  if (value === null || value === undefined) return Number.NaN
  return sizeOfBytes(name, lengths) + sizeOfBytes(value, lengths)
}

function writeHeaders(pen: Pen, headers: unknown): void {
  if (!isHeaders(headers)) {
    writeVarint(pen, 0)
    return
  }
  const names = Object.keys(headers)
  let count = 0
  for (const name of names) {
    const value = headers[name]
    count += Array.isArray(value) ? value.length : 1
  }
  writeVarint(pen, count)
  for (const name of names) {
    const value = headers[name]
    if (!Array.isArray(value)) writeHeader(pen, name, value)
    else for (const one of value) writeHeader(pen, name, one)
  }
}

function writeHeader(pen: Pen, name: string, value: unknown): void {
  writeBytes(pen, name)
  writeBytes(pen, value)
}

/** Small values of both signs in few bytes: 0, −1, 1, −2 … become 0, 1, 2, 3 … */
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value)

function sizeOfVarint(value: number): number {
  let bytes = 1
  for (let rest = zigzag(value); rest >= 128; rest /= 128) bytes += 1
  return bytes
}

/** Seven bits a byte, the lowest first. Whole numbers up to 2^52, which times and lengths are. */
function writeVarint(pen: Pen, value: number): void {
  const { target } = pen
  let rest = zigzag(value)
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) target[pen.at++] = (rest & 127) | 128
  let small = rest | 0
  for (; small >= 128; small >>>= 7) target[pen.at++] = (small & 127) | 128
  target[pen.at++] = small
}
