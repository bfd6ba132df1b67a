/**
 * Cuts bytes into records, one line each; in CSV a line end inside quotes belongs to the record. A
 * record is at most 1 MiB: a longer line is skipped as it streams by, never held, and a quote that
 * never closes costs the one line it stands in. Bytes that are no UTF-8 reject their record.
 */
import { isUtf8 } from 'node:buffer'
import { createHash, type Hash } from 'node:crypto'
import { type Rejection, reject } from '../core/event/rejection.ts'

export const recordBytesMax = 1_048_576
const newline = 10
const quote = 34

export interface InputRecord {
  /** Line on which it starts, from 1. */
  readonly line: number
  /** Null where it is a fault. */
  readonly text: string | null
  readonly fault: Rejection | null
  readonly sha256: string | null
}

export const sha256Of = (bytes: Uint8Array | string) =>
  createHash('sha256').update(bytes).digest('hex')

/** Owns the bytes that no line end has closed yet. */
export class RecordCutter {
  /** -1: lines are records, and quotes mean nothing. */
  readonly #delimiter: number
  #held: Buffer = Buffer.alloc(0)
  #line = 1
  /** The first record held does not end before this place, nor does one that is open on the way. */
  #openTo = 0
  /** Whether that place lies between quotes. */
  #isQuoted = false
  /** Of a line that is too long, while it streams by. */
  #skipped: Hash | null = null

  constructor(delimiter: string | null) {
    this.#delimiter = delimiter === null ? -1 : delimiter.charCodeAt(0)
  }

  /** The records that are complete with this chunk. */
  push(chunk: Buffer): InputRecord[] {
    const records: InputRecord[] = []
    const rest = this.#skip(chunk, records)
    if (rest === null) return records
    this.#held = this.#held.length === 0 ? rest : Buffer.concat([this.#held, rest])
    this.#cut(records)
    while (this.#held.length > recordBytesMax && this.#held.includes(newline)) {
      this.#dropOpenQuote(records)
      this.#cut(records)
    }
    if (this.#held.length > recordBytesMax) {
      this.#skipped = createHash('sha256').update(this.#held)
      this.#drop(this.#held.length)
    }
    return records
  }

  /** The last record, which no line end closes; `cutOff` says that it cannot be whole. */
  end(cutOff: boolean): InputRecord[] {
    const records: InputRecord[] = []
    if (cutOff) return records
    if (this.#skipped !== null) records.push(tooLarge(this.#line, this.#skipped.digest('hex')))
    while (this.#held.length > 0) {
      if (this.#held.at(-1) !== newline)
        this.#held = Buffer.concat([this.#held, Buffer.of(newline)])
      this.#cut(records)
      if (this.#held.length > 0) this.#dropOpenQuote(records)
    }
    return records
  }

  /** What is left of the chunk after the line that is being skipped; null where all of it is. */
  #skip(chunk: Buffer, into: InputRecord[]): Buffer | null {
    if (this.#skipped === null) return chunk
    const end = chunk.indexOf(newline)
    this.#skipped.update(end < 0 ? chunk : chunk.subarray(0, end))
    if (end < 0) return null
    into.push(tooLarge(this.#line, this.#skipped.digest('hex')))
    this.#line += 1
    this.#skipped = null
    return chunk.subarray(end + 1)
  }

  /** Takes every complete record off what is held. */
  #cut(into: InputRecord[]): void {
    const csv = this.#delimiter >= 0
    let from = 0
    for (;;) {
      const end = csv ? this.#csvEnd(from) : this.#held.indexOf(newline, from)
      if (end < 0) break
      const bytes = this.#held.subarray(from, end)
      const made = recordOf(bytes, this.#line)
      if (made !== null) into.push(made)
      this.#line += 1 + (csv ? countOf(bytes, newline) : 0)
      from = end + 1
    }
    this.#drop(from)
  }

  #drop(bytes: number): void {
    this.#held = this.#held.subarray(bytes)
    this.#openTo = Math.max(0, this.#openTo - bytes)
  }

  /**
   * Place of the line end that closes the CSV record at `from`, or -1. Whoever is between quotes at
   * a line end goes on as the record before that was, so where that found no end nobody looks
   * again: a file of nothing but open quotes takes no longer than another.
   */
  #csvEnd(from: number): number {
    const bytes = this.#held
    const end = bytes.indexOf(newline, from)
    if (end < 0) return -1
    const firstQuote = bytes.subarray(from, end).indexOf(quote)
    if (firstQuote < 0) return end
    let inside = false
    let at = from + firstQuote
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at]!
      if (inside) {
        if (byte === newline && at < this.#openTo) {
          at = this.#openTo - 1
          inside = this.#isQuoted
        }
        if (byte !== quote) continue
        // The next byte, which is still to come, says whether it closes.
        if (at + 1 === bytes.length) break
        if (bytes[at + 1] === quote) at += 1
        else inside = false
      } else if (byte === newline) return at
      else if (byte === quote) inside = at === from || bytes[at - 1] === this.#delimiter
    }
    this.#openTo = at
    this.#isQuoted = inside
    return -1
  }

  /** Rejects the first line held, whose quote never closes, and goes on after it. */
  #dropOpenQuote(into: InputRecord[]): void {
    const found = this.#held.indexOf(newline)
    const end = found < 0 ? this.#held.length : found
    const fault = reject('bad-field', 'a quote is never closed')
    const sha256 = sha256Of(this.#held.subarray(0, end))
    into.push({ line: this.#line, text: null, fault, sha256 })
    this.#drop(end + 1)
    this.#line += 1
  }
}

/** Null for a blank line. */
function recordOf(bytes: Buffer, line: number): InputRecord | null {
  const size = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length
  if (size === 0) return null
  const whole = bytes.subarray(0, size)
  if (size > recordBytesMax) return tooLarge(line, sha256Of(whole))
  if (isUtf8(whole)) return { line, text: whole.toString('utf8'), fault: null, sha256: null }
  const fault = reject('invalid-utf8', 'the line is not valid UTF-8')
  return { line, text: null, fault, sha256: sha256Of(whole) }
}

function tooLarge(line: number, sha256: string): InputRecord {
  const detail = `the line is longer than ${recordBytesMax} bytes`
  return { line, text: null, fault: reject('too-large', detail), sha256 }
}

function countOf(bytes: Buffer, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count += 1
  return count
}
