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

export interface RecordCutter {
  /** The records that are complete with this chunk. */
  push(chunk: Buffer): InputRecord[]
  /** The last record, which no line end closes; `cutOff` says that it cannot be whole. */
  end(cutOff: boolean): InputRecord[]
}

export const sha256Of = (bytes: Uint8Array | string) =>
  createHash('sha256').update(bytes).digest('hex')

/** `delimiter` null: lines are records, and quotes mean nothing. */
export function recordCutter(delimiter: string | null): RecordCutter {
  const delimiterByte = delimiter === null ? -1 : delimiter.charCodeAt(0)
  let held: Buffer = Buffer.alloc(0)
  let line = 1
  let skipped: Hash | null = null

  function tooLarge(sha256: string): InputRecord {
    const detail = `the line is longer than ${recordBytesMax} bytes`
    return { line, text: null, fault: reject('too-large', detail), sha256 }
  }

  function record(bytes: Buffer): InputRecord | null {
    const size = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length
    if (size === 0) return null
    if (size > recordBytesMax) return tooLarge(sha256Of(bytes))
    const whole = bytes.subarray(0, size)
    if (isUtf8(whole)) return { line, text: whole.toString('utf8'), fault: null, sha256: null }
    const fault = reject('invalid-utf8', 'the line is not valid UTF-8')
    return { line, text: null, fault, sha256: sha256Of(whole) }
  }

  /** Rejects the first line held, whose quote never closes, and goes on after it. */
  function dropOpenQuote(into: InputRecord[]): void {
    const found = held.indexOf(newline)
    const end = found < 0 ? held.length : found
    const fault = reject('bad-field', 'a quote is never closed')
    into.push({ line, text: null, fault, sha256: sha256Of(held.subarray(0, end)) })
    held = held.subarray(end + 1)
    line += 1
  }

  /** Takes every complete record off `held`. */
  function cut(into: InputRecord[]): void {
    let from = 0
    for (;;) {
      const end =
        delimiterByte < 0 ? held.indexOf(newline, from) : csvEnd(held, from, delimiterByte)
      if (end < 0) break
      const bytes = held.subarray(from, end)
      const made = record(bytes)
      if (made !== null) into.push(made)
      line += 1 + (delimiterByte < 0 ? 0 : countOf(bytes, newline))
      from = end + 1
    }
    held = held.subarray(from)
  }

  return {
    push(chunk) {
      const records: InputRecord[] = []
      let rest = chunk
      if (skipped !== null) {
        const end = chunk.indexOf(newline)
        skipped.update(end < 0 ? chunk : chunk.subarray(0, end))
        if (end < 0) return records
        records.push(tooLarge(skipped.digest('hex')))
        line += 1
        skipped = null
        rest = chunk.subarray(end + 1)
      }
      held = held.length === 0 ? rest : Buffer.concat([held, rest])
      cut(records)
      while (held.length > recordBytesMax && held.includes(newline)) {
        dropOpenQuote(records)
        cut(records)
      }
      if (held.length > recordBytesMax) {
        skipped = createHash('sha256').update(held)
        held = Buffer.alloc(0)
      }
      return records
    },
    end(cutOff) {
      const records: InputRecord[] = []
      if (cutOff) return records
      if (skipped !== null) records.push(tooLarge(skipped.digest('hex')))
      while (held.length > 0) {
        if (held.at(-1) !== newline) held = Buffer.concat([held, Buffer.from([newline])])
        cut(records)
        if (held.length > 0) dropOpenQuote(records)
      }
      return records
    },
  }
}

/** Place of the line end that closes the CSV record at `from`, or -1. */
function csvEnd(bytes: Buffer, from: number, delimiter: number): number {
  const end = bytes.indexOf(newline, from)
  if (end < 0) return -1
  const firstQuote = bytes.subarray(from, end).indexOf(quote)
  if (firstQuote < 0) return end
  let inside = false
  for (let at = from + firstQuote; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (inside) {
      if (byte !== quote) continue
      if (bytes[at + 1] === quote) at += 1
      else inside = false
    } else if (byte === newline) return at
    else if (byte === quote) inside = at === from || bytes[at - 1] === delimiter
  }
  return -1
}

function countOf(bytes: Buffer, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count += 1
  return count
}
