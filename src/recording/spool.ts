/**
 * Bytes put on disk in the order in which they come, and read back from wherever they stand: for
 * what must be sorted and does not fit into memory. Gone when it is removed, or the process ends.
 */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { writeFully } from '../runtime/durable-file.ts'
import { removeAtEnd } from '../runtime/remove-at-end.ts'
import { fileProblem } from './file-problem.ts'

/** Where a piece stands. */
export interface Stretch {
  readonly at: number
  readonly length: number
}

const spoolBytes = 4 * 1_048_576

export class Spool {
  readonly #path: string
  readonly #file: FileHandle
  readonly #forget: () => void
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #written = 0

  private constructor(path: string, file: FileHandle, forget: () => void) {
    this.#path = path
    this.#file = file
    this.#forget = forget
  }

  static async create(path: string): Promise<Spool> {
    const forget = removeAtEnd(path)
    try {
      return new Spool(path, await open(path, 'wx+', 0o600), forget)
    } catch (error) {
      forget()
      throw fileProblem(path, error)
    }
  }

  async add(bytes: Buffer): Promise<Stretch> {
    const at = this.#written + this.#waitingBytes
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= spoolBytes) await this.flush()
    return { at, length: bytes.length }
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    await writeFully(this.#file, bytes, this.#written).catch((error: unknown) => {
      throw fileProblem(this.#path, error)
    })
    this.#written += bytes.length
  }

  /** MUST be flushed before. */
  async read({ at, length }: Stretch): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length)
    await this.#file.read(bytes, 0, length, at)
    return bytes
  }

  async remove(): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
    this.#forget()
  }
}
