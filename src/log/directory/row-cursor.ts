/**
 * Reads the rows of one topic in order, from a given ordinal on, as they are settled: a block at a
 * time. Begins in the segment that holds the ordinal and keeps its place, so that asking again for
 * what is not there yet costs a comparison. Rows past their retention are passed over.
 */
import type { OutputCursor } from '../embedded-log.ts'
import { type OpenSegment, openSegment, readOrRefuse, type Segment } from './segment.ts'
import type { TopicFiles } from './topic-files.ts'

/** Where the next block starts, and the ordinal of its first row. */
interface Place {
  readonly segment: number
  readonly opened: OpenSegment
  position: number
  ordinal: number
}

export function newRowCursor<Row>(files: TopicFiles<Row>, from: number): OutputCursor<Row> {
  let next = from
  let place: Place | null = null

  const close = async () => {
    const left = place
    place = null
    await left?.opened.close()
  }
  const openAt = async (segment: Segment): Promise<Place> => {
    if (place?.segment === segment.first) return place
    await close()
    const opened = await openSegment(segment.path)
    place = {
      segment: segment.first,
      opened,
      position: opened.header.length,
      ordinal: segment.first,
    }
    return place
  }
  return {
    async read() {
      for (;;) {
        const segment = segmentOf(files, next)
        if (segment === null) return null
        next = Math.max(next, segment.first)
        const at = await openAt(segment)
        if (at.position >= segment.bytes) return null
        const { payload, count, position, end } = await at.opened.blockAt(at.position)
        const first = at.ordinal
        at.position = end
        at.ordinal += count
        if (at.ordinal <= next) continue
        const reader = files.reader(at.opened.header)
        const rows = readOrRefuse(segment.path, position, () => reader.read(payload, count))
        const skipped = next - first
        next = at.ordinal
        return { rows: skipped === 0 ? rows : rows.slice(skipped), next }
      }
    },
    behind: () => files.records - next,
    close,
  }
}

/** The segment that holds a row, or the first one where that row is gone; null where none is. */
function segmentOf<Row>(files: TopicFiles<Row>, ordinal: number): Segment | null {
  if (ordinal >= files.records) return null
  const segments = files.segments()
  return segments.findLast(({ first }) => first <= ordinal) ?? segments[0] ?? null
}
