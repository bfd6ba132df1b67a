/**
 * Plays a simulated day into an embedded log, as a platform would have sent it. The day is a pure
 * function of its seed, so a run that was killed goes on where the log ends: parts that are
 * committed are skipped, a part that was appended but not judged is judged, and the rest is
 * appended.
 */
import { type DecodeKeys, decodeEvent } from '../core/event/decode.ts'
import { decodeJsonBytes } from '../core/event/decode-json.ts'
import type { DeadLetter, Event, Labels } from '../core/schema.gen.ts'
import { bytesLetter } from '../dead-letter.ts'
import type { Embedded, TakenBatch } from '../embedded.ts'
import { type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import type { GeneratedRow } from '../generate/faults.ts'
import type { EmbeddedLog } from '../log/embedded-log.ts'

/** Rows, and record time, that one append takes at most. */
const partRowsMax = 500
const partSpanMs = 120_000

export interface PlayParts {
  readonly embedded: Embedded
  readonly log: EmbeddedLog
  readonly keys: DecodeKeys
  readonly options: GenerateOptions
  /** Events judged, with what is known of them. */
  onPart(batch: TakenBatch, letters: readonly DeadLetter[], labels: readonly Labels[]): void
}

interface Part {
  readonly events: Event[]
  readonly labels: Labels[]
  readonly letters: DeadLetter[]
  rows: number
  firstAt: number
  recordedAt: number
}

/** Gives whether any of the day had been played before. */
export async function playDay({
  embedded,
  log,
  keys,
  options,
  onPart,
}: PlayParts): Promise<boolean> {
  const committed = log.committed().nextOffset
  const appended = log.endOffset()
  let played = 0
  for (const part of partsOf(generateRows(options), keys)) {
    played += part.events.length
    if (played <= committed) continue
    const { events, labels, letters, recordedAt } = part
    const batch =
      played <= appended
        ? await embedded.catchUp(letters)
        : await embedded.take(events, recordedAt, letters)
    onPart(batch, letters, labels)
  }
  return committed > 0
}

/**
 * The log's offsets say how far the day was played, so only the last part may be without an event.
 */
function* partsOf(rows: Iterable<GeneratedRow>, keys: DecodeKeys): Generator<Part> {
  let part: Part | null = null
  for (const row of rows) {
    if (part !== null && part.events.length > 0 && isFull(part, row.recordedAt)) {
      yield part
      part = null
    }
    const { recordedAt } = row
    part ??= { events: [], labels: [], letters: [], rows: 0, firstAt: recordedAt, recordedAt }
    addTo(part, row, keys)
  }
  if (part !== null) yield part
}

const isFull = ({ rows, firstAt }: Part, at: number) =>
  rows >= partRowsMax || at - firstAt >= partSpanMs

function addTo(part: Part, row: GeneratedRow, keys: DecodeKeys): void {
  const { recordedAt } = row
  const bytes = row.bytes ?? new Uint8Array(0)
  const published = row.published ?? decodeJsonBytes(bytes)
  const event = 'rejected' in published ? published : decodeEvent(published, keys)
  part.rows += 1
  part.recordedAt = recordedAt
  if ('rejected' in event) {
    const place = { source: 'demo', partition: 0, offset: 0, recordedAt }
    part.letters.push(bytesLetter(event, bytes, place))
  } else {
    part.events.push(event)
    part.labels.push(row.labels)
  }
}
