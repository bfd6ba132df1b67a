/**
 * Finds the committed audit of an event by the event's offset: by the first offset of each segment,
 * then of each block, then row by row in one block. An index of blocks is built at the first
 * question about a segment, grows with it, and is kept for the last few segments asked about: 16
 * bytes a block.
 */
import type { Type } from 'avsc'
import type { Audit } from '../../core/schema.gen.ts'
import { prefixType } from './rows.ts'
import { openSegment, readOrRefuse, type Segment } from './segment.ts'
import type { TopicFiles } from './topic-files.ts'

const indexedSegmentsMax = 16

interface BlockIndex {
  readonly offsets: number[]
  readonly positions: number[]
  /** Bytes of the segment that are indexed. */
  bytes: number
}

export class AuditIndex {
  readonly #files: TopicFiles<Audit>
  readonly #firstOffsets = new Map<number, number>()
  readonly #blocks = new Map<number, BlockIndex>()

  constructor(files: TopicFiles<Audit>) {
    this.#files = files
  }

  async find(offset: number): Promise<Audit | null> {
    const segment = await this.#segmentOf(offset)
    if (segment === null) return null
    const opened = await openSegment(segment.path)
    try {
      const index = this.#indexOf(segment.first)
      const type = prefixType(opened.header, 'offset')
      for await (const block of opened.blocks(segment.bytes, index.bytes || undefined)) {
        index.offsets.push(offsetOf(segment.path, type, block))
        index.positions.push(block.position)
        index.bytes = block.end
      }
      const place = lastAtMost(index.offsets, offset)
      if (place < 0) return null
      const { payload, count, position } = await opened.blockAt(index.positions[place]!)
      const reader = this.#files.reader(opened.header)
      const rows = readOrRefuse(segment.path, position, () => reader.read(payload, count))
      return rows.find((row) => row.offset === offset) ?? null
    } finally {
      await opened.close()
    }
  }

  /** The last segment that starts at or before `offset`. */
  async #segmentOf(offset: number): Promise<Segment | null> {
    const segments = this.#files.segments()
    let low = 0
    let high = segments.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((await this.#firstOffset(segments[middle]!)) <= offset) low = middle + 1
      else high = middle
    }
    return segments[low - 1] ?? null
  }

  async #firstOffset(segment: Segment): Promise<number> {
    const known = this.#firstOffsets.get(segment.first)
    if (known !== undefined) return known
    const opened = await openSegment(segment.path)
    try {
      const block = await opened.blockAt(opened.header.length)
      const found = offsetOf(segment.path, prefixType(opened.header, 'offset'), block)
      this.#firstOffsets.set(segment.first, found)
      return found
    } finally {
      await opened.close()
    }
  }

  /** The index of a segment, made the youngest; the one that was asked for longest ago goes. */
  #indexOf(first: number): BlockIndex {
    const index = this.#blocks.get(first) ?? { offsets: [], positions: [], bytes: 0 }
    this.#blocks.delete(first)
    this.#blocks.set(first, index)
    const [oldest] = this.#blocks.keys()
    if (this.#blocks.size > indexedSegmentsMax && oldest !== undefined) this.#blocks.delete(oldest)
    return index
  }
}

function offsetOf(path: string, type: Type, block: { payload: Buffer; position: number }): number {
  const { value }: { value: { offset: number } | undefined } = type.decode(block.payload, 0)
  return readOrRefuse(path, block.position, () => {
    if (value === undefined) throw new TypeError('no row')
    return value.offset
  })
}

/** The last place whose number is at most `wanted`; -1 where there is none. */
function lastAtMost(ascending: readonly number[], wanted: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}
