/**
 * The rows that a model is trained on as CSV, for training elsewhere: one line an event, one column
 * a signal, empty where it has no value. The part that a row would play here stands in front, so
 * that whoever trains elsewhere can leave the same people and times for the test.
 *
 *     part,label,kind,user,occurred_at,<signal>,…
 *
 * Parts depend on the times of all rows, so the lines wait in a spool beside the file, which takes
 * as much disk as the file. Memory: some 40 bytes a row, and a name for each user. The file is
 * there when it is whole.
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { CommandError } from '../cli/exit.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { Spool } from '../recording/spool.ts'
import { writeFully } from '../runtime/durable-file.ts'
import { removeAtEnd } from '../runtime/remove-at-end.ts'
import type { RowFacts } from './feature-table.ts'
import { cutOf, type Part, partOf, type Side, sideOf } from './split.ts'

/** Columns before the signals; no signal is called so. */
export const rowColumns = ['part', 'label', 'kind', 'user', 'occurred_at'] as const

export interface RowsWritten {
  readonly rows: number
  readonly frauds: number
  readonly users: number
  /** Rows by part; `unused` are of people or times that would blur the test. */
  readonly parts: Readonly<Record<Part | 'unused', number>>
  /** First moment after the training time, in milliseconds. */
  readonly cutAt: number
}

/** Bytes that are read back from the spool at once. */
const readBytes = 1_048_576

export class RowsFile {
  /** What the labels stand for. */
  readonly targets = new Set<string>()
  readonly #path: string
  readonly #features: readonly string[]
  readonly #heldOut: readonly string[]
  readonly #spool: Spool
  readonly #users = new Map<string, number>()
  readonly #times: number[] = []
  readonly #sides: Side[] = []
  /** Bytes of each line in the spool. */
  readonly #lengths: number[] = []
  #frauds = 0

  private constructor(
    path: string,
    spool: Spool,
    { features, heldOut }: { features: readonly string[]; heldOut: readonly string[] },
  ) {
    this.#path = path
    this.#features = features
    this.#heldOut = heldOut
    this.#spool = spool
  }

  /** Throws CommandError where nothing can be written. */
  static async create(
    path: string,
    columns: { features: readonly string[]; heldOut: readonly string[] },
  ): Promise<RowsFile> {
    const existing = await stat(path).catch(() => null)
    if (existing !== null && !existing.isFile())
      throw new CommandError(`${path}: exists and is not a plain file; choose another --rows`)
    return new RowsFile(path, await Spool.create(`${path}.${process.pid}.spool`), columns)
  }

  get rows(): number {
    return this.#times.length
  }

  async add(facts: RowFacts, values: Float64Array): Promise<void> {
    const { fraud, kind, user, occurredAt } = facts
    const number = this.#users.get(user) ?? this.#users.size + 1
    this.#users.set(user, number)
    if (fraud) this.#frauds += 1
    let line = `,${fraud ? 1 : 0},${quoted(kind ?? '')},${number},${occurredAt}`
    for (const value of values) line += Number.isNaN(value) ? ',' : `,${value}`
    const bytes = Buffer.from(`${line}\n`)
    this.#times.push(occurredAt)
    this.#sides.push(sideOf(facts, this.#heldOut))
    this.#lengths.push(bytes.length)
    await this.#spool.add(bytes)
  }

  /** Puts the file in its place. */
  async finish(): Promise<RowsWritten> {
    const partial = `${this.#path}.${process.pid}.partial`
    const forgetPartial = removeAtEnd(partial)
    try {
      await this.#spool.flush()
      const written = await this.#write(partial)
      await rename(partial, this.#path)
      return written
    } catch (error) {
      await rm(partial, { force: true })
      throw fileProblem(this.#path, error)
    } finally {
      forgetPartial()
    }
  }

  async remove(): Promise<void> {
    await this.#spool.remove()
  }

  async #write(path: string): Promise<RowsWritten> {
    const file = await open(path, 'w')
    try {
      return await this.#writeRows(file)
    } finally {
      await file.close()
    }
  }

  async #writeRows(file: FileHandle): Promise<RowsWritten> {
    const cutAt = cutOf(Float64Array.from(this.#times))
    const parts = { train: 0, calibrate: 0, test: 0, unused: 0 }
    let position = 0
    const put = async (bytes: Buffer) => {
      await writeFully(file, bytes, position)
      position += bytes.length
    }
    await put(Buffer.from(`${[...rowColumns, ...this.#features].join(',')}\n`))
    for await (const { lines, from } of this.#lines()) {
      const named = lines.flatMap((line, index) => {
        const at = from + index
        const part = partOf(this.#sides[at]!, this.#times[at]! < cutAt) ?? 'unused'
        parts[part] += 1
        return [Buffer.from(part), line]
      })
      await put(Buffer.concat(named))
    }
    const [rows, users] = [this.#times.length, this.#users.size]
    return { rows, frauds: this.#frauds, users, parts, cutAt }
  }

  /** Lines as they were added, about a megabyte at a time; `from` is the first one's number. */
  async *#lines(): AsyncGenerator<{ lines: Buffer[]; from: number }> {
    let at = 0
    for (let from = 0; from < this.#lengths.length; ) {
      let [to, length] = [from, 0]
      while (to < this.#lengths.length && length < readBytes) {
        length += this.#lengths[to]!
        to += 1
      }
      const bytes = await this.#spool.read({ at, length })
      const lines: Buffer[] = []
      for (let [row, start] = [from, 0]; row < to; row += 1) {
        lines.push(bytes.subarray(start, start + this.#lengths[row]!))
        start += this.#lengths[row]!
      }
      yield { lines, from }
      at += length
      from = to
    }
  }
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
