/**
 * Rows of a recording on their way into it, encoded and out of order: about 150 bytes a row, and 20
 * for its place. `inOrder` gives them by record time, those of equal time as they came.
 */
import { CommandError } from '../cli/exit.ts'
import type { RecordingRow } from '../core/schema.gen.ts'
import { recordingRowType, rowBytesMax } from './header.ts'

/** Most rows and bytes that are held; larger input is split by the caller. */
export const importRowsMax = 8_000_000
export const importBytesMax = 1_610_612_736
const chunkBytes = 8_388_608

export class ImportRows {
  readonly #chunks: Buffer[] = []
  #filled = chunkBytes
  #times = new Float64Array(65_536)
  #chunkOf = new Uint16Array(65_536)
  #startOf = new Uint32Array(65_536)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(row: RecordingRow): void {
    if (this.#count >= importRowsMax || this.#chunks.length * chunkBytes > importBytesMax)
      throw new CommandError(
        `more than ${this.#count.toLocaleString('en-US')} rows at once; import the files in parts`,
      )
    if (this.#count === this.#times.length) this.#grow()
    if (this.#filled + rowBytesMax > chunkBytes) {
      this.#chunks.push(Buffer.allocUnsafe(chunkBytes))
      this.#filled = 0
    }
    const chunk = this.#chunks.at(-1)!
    const end = recordingRowType.encode(row, chunk, this.#filled)
    if (end < 0) throw new CommandError(`a row is larger than ${rowBytesMax} bytes`)
    this.#times[this.#count] = row.recordedAt
    this.#chunkOf[this.#count] = this.#chunks.length - 1
    this.#startOf[this.#count] = this.#filled
    this.#count += 1
    this.#filled = end
  }

  /** Each row as it was added, at the offset of its place in the order. */
  *inOrder(): Generator<RecordingRow> {
    const times = this.#times
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at)
    order.sort((a, b) => times[a]! - times[b]! || a - b)
    for (let offset = 0; offset < order.length; offset += 1) {
      const at = order[offset]!
      const chunk = this.#chunks[this.#chunkOf[at]!]!
      const { value } = recordingRowType.decode(chunk, this.#startOf[at]!)
      const row: RecordingRow = value
      row.offset = offset
      yield row
    }
  }

  #grow(): void {
    const size = this.#times.length * 2
    const times = new Float64Array(size)
    times.set(this.#times)
    this.#times = times
    const chunkOf = new Uint16Array(size)
    chunkOf.set(this.#chunkOf)
    this.#chunkOf = chunkOf
    const startOf = new Uint32Array(size)
    startOf.set(this.#startOf)
    this.#startOf = startOf
  }
}
