/**
 * Writes a recording: equal rows under an equal header give equal bytes. It grows beside its place
 * as FILE.PID.partial and is renamed on close, so a failed run leaves nothing half; what stood
 * there before stays until then. A block (1,000 rows or 1 MiB) is encoded while the one before it
 * is written.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { CommandError } from '../cli/exit.ts'
import type { RecordingRow } from '../core/schema.gen.ts'
import { removeAtEnd } from '../runtime/remove-at-end.ts'
import { encodeBlock } from './container.ts'
import { fileProblem } from './file-problem.ts'
import {
  blank,
  blockBytesAim,
  blockRowsMax,
  headerBytes,
  type RecordingHeader,
  recordingRowType,
  rowBytesMax,
} from './header.ts'

export interface RecordingWritten {
  readonly rows: number
  readonly bytes: number
}

/** Opens `path` for writing; a place that cannot be written is refused here. */
export async function createRecordingWriter(
  path: string,
  header: RecordingHeader,
): Promise<RecordingWriter> {
  const existing = await stat(path).catch(() => null)
  if (existing !== null && !existing.isFile())
    throw new CommandError(`${path}: exists and is not a plain file; choose another --out`)
  const partial = `${path}.${process.pid}.partial`
  const forgetPartial = removeAtEnd(partial)
  try {
    const file = await open(partial, 'w')
    const writer = new RecordingWriter({ path, partial, forgetPartial }, file, header)
    await writer.begin()
    return writer
  } catch (error) {
    forgetPartial()
    throw fileProblem(path, error)
  }
}

interface Place {
  readonly path: string
  readonly partial: string
  readonly forgetPartial: () => void
}

export class RecordingWriter {
  readonly path: string
  readonly #partial: string
  readonly #file: FileHandle
  readonly #header: RecordingHeader
  readonly #sync: Buffer
  readonly #seal = createHash('sha256')
  /** Room for a block: one row more may overshoot the aim. */
  readonly #buffer = Buffer.allocUnsafe(blockBytesAim + rowBytesMax)
  readonly #forgetPartial: () => void
  #filled = 0
  #blockRows = 0
  #rows = 0
  #position = 0
  #writing: Promise<void> = Promise.resolve()

  constructor({ path, partial, forgetPartial }: Place, file: FileHandle, header: RecordingHeader) {
    this.path = path
    this.#partial = partial
    this.#file = file
    this.#header = header
    this.#sync = headerBytes(header, blank).sync
    this.#forgetPartial = forgetPartial
  }

  async begin(): Promise<void> {
    await this.#append(headerBytes(this.#header, blank).bytes)
  }

  get rows(): number {
    return this.#rows
  }

  /** Takes a row. Gives a promise when a block is full: await it before the next row. */
  write(row: RecordingRow): Promise<void> | undefined {
    const end = recordingRowType.encode(row, this.#buffer, this.#filled)
    if (end < 0)
      throw new CommandError(
        `${this.path}: row ${this.#rows + 1} is larger than ${rowBytesMax} bytes`,
      )
    this.#filled = end
    this.#blockRows += 1
    this.#rows += 1
    if (this.#blockRows < blockRowsMax && this.#filled < blockBytesAim) return undefined
    return this.#flush()
  }

  /** Finishes the recording and puts it in its place. */
  async close(): Promise<RecordingWritten> {
    try {
      if (this.#blockRows > 0) await this.#flush()
      await this.#writing
      const sealed = { rows: this.#rows, seal: this.#seal.digest('hex') }
      await this.#writeAt(headerBytes(this.#header, sealed).bytes, 0)
      await this.#file.sync()
      await this.#file.close()
      await rename(this.#partial, this.path)
    } catch (error) {
      await this.abort()
      throw fileProblem(this.path, error)
    }
    this.#forgetPartial()
    return { rows: this.#rows, bytes: this.#position }
  }

  /** Leaves nothing behind; what stood at the path before stays. */
  async abort(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#file.close().catch(() => undefined)
    await rm(this.#partial, { force: true })
    this.#forgetPartial()
  }

  /** Encodes the block now and resolves when the one before it is written. */
  #flush(): Promise<void> {
    const payload = this.#buffer.subarray(0, this.#filled)
    this.#seal.update(payload)
    const block = encodeBlock(this.#blockRows, payload, this.#sync)
    this.#filled = 0
    this.#blockRows = 0
    const before = this.#writing
    this.#writing = before.then(() => this.#append(block))
    this.#writing.catch(() => undefined)
    return before.catch((error: unknown) => {
      throw fileProblem(this.path, error)
    })
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#writeAt(bytes, this.#position)
    this.#position += bytes.length
  }

  async #writeAt(bytes: Uint8Array, position: number): Promise<void> {
    let written = 0
    while (written < bytes.length) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.length - written,
        position + written,
      )
      written += bytesWritten
    }
  }
}
