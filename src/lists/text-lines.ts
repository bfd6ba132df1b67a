/**
 * The lines of a text file, plain or gzip (told by its first bytes, not its name), whole in memory:
 * feeds are a few megabytes. A line that is too long or no UTF-8 comes as null, so that it can be
 * counted without being decoded. The file as a whole may be refused, and then with what to do.
 */
import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { CommandError } from '../cli/exit.ts'

export const fileBytesMax = 256 * 1024 * 1024
export const lineBytesMax = 8 * 1024

export interface TextLine {
  /** From 1. */
  readonly number: number
  /** Without line end and surrounding space; null where it is too long or no UTF-8. */
  readonly text: string | null
}

export function* readLines(path: string): Generator<TextLine> {
  const bytes = readBytes(path)
  const byteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  let from = byteOrderMark ? 3 : 0
  for (let number = 1; from < bytes.length; number += 1) {
    const found = bytes.indexOf(10, from)
    const end = found < 0 ? bytes.length : found
    const line = bytes.subarray(from, end)
    const readable = line.length <= lineBytesMax && isUtf8(line)
    yield { number, text: readable ? line.toString('utf8').trim() : null }
    from = end + 1
  }
}

function readBytes(path: string): Buffer {
  const bytes = readWhole(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: fileBytesMax })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new CommandError(`${path}: holds more than 256 MiB; split the file`)
    }
    throw new CommandError(`${path}: the gzip data is cut short or damaged; fetch the file again`)
  }
}

function readWhole(path: string): Buffer {
  try {
    if (statSync(path).size > fileBytesMax) {
      throw new CommandError(`${path}: is larger than 256 MiB; split the file`)
    }
    return readFileSync(path)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${path}: ${readFault(error)}`)
  }
}

function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT') return 'there is no such file; check the path'
  if (code === 'EISDIR') return 'is a directory; name the files in it'
  if (code === 'EACCES') return 'may not be read; check its permissions'
  return `cannot be read (${code ?? 'unknown failure'})`
}
