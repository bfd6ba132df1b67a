/**
 * Reads logged events in order, from a given offset on, as they are settled. Rows come from the
 * file even right after an append: what is judged is what would be read after a crash. Holds one
 * block.
 */
import type { Block } from '../../recording/container.ts'
import type { LoggedEvent } from '../stream.ts'
import { isIntact, type RowReader } from './rows.ts'
import { damaged, type OpenSegment, openSegment, readOrRefuse, type Segment } from './segment.ts'
import type { TopicFiles } from './topic-files.ts'
import type { LogRow } from './topics.ts'

/** Where the next block starts, and the offset of its first row. */
interface Place {
  readonly segment: number
  readonly opened: OpenSegment
  readonly reader: RowReader<LogRow>
  position: number
  offset: number
}

export class EventCursor {
  readonly #files: TopicFiles<LogRow>
  #next: number
  #place: Place | null = null
  #block: readonly LoggedEvent[] = []
  #taken = 0

  constructor(files: TopicFiles<LogRow>, next: number) {
    this.#files = files
    this.#next = next
  }

  /** The offset of the next row. */
  get offset(): number {
    return this.#next
  }

  /** Up to `max` rows; a failure loses none of them. */
  async read(max: number): Promise<LoggedEvent[]> {
    const rows: LoggedEvent[] = []
    while (rows.length < max) {
      if (this.#taken === this.#block.length && !(await this.#fillUnless(rows.length > 0))) break
      const taken = this.#block.slice(this.#taken, this.#taken + max - rows.length)
      this.#taken += taken.length
      this.#next += taken.length
      for (const row of taken) rows.push(row)
    }
    return rows
  }

  async close(): Promise<void> {
    await this.#place?.opened.close()
    this.#place = null
  }

  /** Holds the next block; false where there is none, or where it fails and rows are in hand. */
  async #fillUnless(inHand: boolean): Promise<boolean> {
    try {
      return await this.#fill()
    } catch (error) {
      if (inHand) return false
      throw error
    }
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const segment = await this.#segmentOf(this.#next)
      const place = this.#place
      if (segment === null || place === null || place.position >= segment.bytes) return false
      const block = await place.opened.blockAt(place.position)
      const { offset } = place
      const holdsNext = offset + block.count > this.#next
      const rows = holdsNext ? rowsOf(segment.path, block, place.reader, offset) : []
      place.position = block.end
      place.offset += block.count
      if (!holdsNext) continue
      this.#block = rows.slice(this.#next - offset)
      this.#taken = 0
      return true
    }
  }

  /** The segment that holds `offset`, opened; null where no row of that offset is settled. */
  async #segmentOf(offset: number): Promise<Segment | null> {
    if (offset >= this.#files.records) return null
    const segment = this.#files.segments().findLast(({ first }) => first <= offset)
    if (segment === undefined) return null
    if (this.#place?.segment === segment.first) return segment
    await this.close()
    const opened = await openSegment(segment.path)
    const reader = this.#files.reader(opened.header)
    const { length } = opened.header
    this.#place = {
      segment: segment.first,
      opened,
      reader,
      position: length,
      offset: segment.first,
    }
    return segment
  }
}

/** The rows of a block, which MUST stand at the offsets from `first` on. */
export function rowsOf(
  path: string,
  block: Block,
  reader: RowReader<LogRow>,
  first: number,
): LoggedEvent[] {
  if (!isIntact(block.payload)) throw damaged(path, block.position, 'its checksum does not match')
  const rows = readOrRefuse(path, block.position, () => reader.read(block.payload, block.count))
  return rows.map(({ event, recordedAt, source, partition, offset }, index) => {
    if (event === null || offset !== first + index)
      throw damaged(path, block.position, `the row of offset ${first + index} is not here`)
    return { event, recordedAt, source, partition, offset }
  })
}

/** Retained events below `end`, in batches of at least some hundreds. */
export async function* readHistory(
  files: TopicFiles<LogRow>,
  end: number,
): AsyncGenerator<LoggedEvent[]> {
  let batch: LoggedEvent[] = []
  let offset = files.segments()[0]?.first ?? end
  for (const segment of files.segments()) {
    if (segment.first >= end) break
    if (segment.first !== offset) throw damaged(segment.path, 0, `rows before it are missing`)
    const opened = await openSegment(segment.path)
    try {
      const reader = files.reader(opened.header)
      for await (const block of opened.blocks(segment.bytes)) {
        for (const row of rowsOf(segment.path, block, reader, offset))
          if (row.offset < end) batch.push(row)
        offset += block.count
        if (batch.length >= historyBatch) {
          yield batch
          batch = []
        }
        if (offset >= end) break
      }
    } finally {
      await opened.close()
    }
  }
  if (offset < end) throw damaged(files.folder, 0, `rows from offset ${offset} on are missing`)
  if (batch.length > 0) yield batch
}

const historyBatch = 512
