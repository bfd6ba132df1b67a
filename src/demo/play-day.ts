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
import type { EmbeddedLog } from '../log/embedded-log.ts'
import { type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import type { GeneratedRow } from '../generate/faults.ts'

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
  readonly events: readonly Event[]
  readonly labels: readonly Labels[]
  readonly letters: readonly DeadLetter[]
  readonly recordedAt: number
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

function* partsOf(rows: Iterable<GeneratedRow>, keys: DecodeKeys): Generator<Part> {
  let waiting: GeneratedRow[] = []
  for (const row of rows) {
    const first = waiting[0]
    if (
      first !== undefined &&
      (waiting.length >= partRowsMax || row.recordedAt - first.recordedAt >= partSpanMs)
    ) {
      yield partOf(waiting, keys)
      waiting = []
    }
    waiting.push(row)
  }
  if (waiting.length > 0) yield partOf(waiting, keys)
}

function partOf(rows: readonly GeneratedRow[], keys: DecodeKeys): Part {
  const recordedAt = rows.at(-1)!.recordedAt
  const events: Event[] = []
  const labels: Labels[] = []
  const letters: DeadLetter[] = []
  for (const row of rows) {
    const bytes = row.bytes ?? new Uint8Array(0)
    const published = row.published ?? decodeJsonBytes(bytes)
    const event = 'rejected' in published ? published : decodeEvent(published, keys)
    if ('rejected' in event) {
      letters.push(
        bytesLetter(event, bytes, { source: 'demo', partition: 0, offset: 0, recordedAt }),
      )
    } else {
      events.push(event)
      labels.push(row.labels)
    }
  }
  return { events, labels, letters, recordedAt }
}
