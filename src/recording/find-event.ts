/**
 * Finds one event in a recording by what a person has at hand: event key, decision id or the
 * publisher's id. Reads the recording once.
 */
import { CommandError } from '../cli/exit.ts'
import { eventKeyOf } from '../core/event/keyed-hash.ts'
import type { RecordingRow } from '../core/schema.gen.ts'
import { assertWhole, type Recording } from './read.ts'

export interface FoundEvent {
  readonly row: RecordingRow
  readonly eventKey: string
}

const keyText = /^[0-9a-f]{32}$/
const suggestionsMax = 3
const sharedCharsMin = 4

/** Several where events share an id; an event decided more than once gives its last decision. */
export async function findEvents(recording: Recording, wanted: string): Promise<FoundEvent[]> {
  const found = new Map<string, FoundEvent>()
  const near: string[] = []
  let rows = 0
  for await (const batch of recording.rows()) {
    for (const row of batch) {
      rows += 1
      const eventKey = keyIfWanted(row, wanted)
      if (eventKey !== null) found.set(eventKey, { row, eventKey })
      else if (near.length < suggestionsMax) suggest(near, row, wanted)
    }
  }
  if (found.size > 0) return [...found.values()]
  assertWhole(recording)
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : 'name an event key, a decision id or an event id'
  throw new CommandError(
    `${recording.path}: no event ${wanted.slice(0, 80)} ` +
      `among ${rows.toLocaleString('en-US')} rows; ${hint}`,
  )
}

/** The event's key where the row is the one that is wanted. */
function keyIfWanted({ event, decision }: RecordingRow, wanted: string): string | null {
  if (decision !== null) {
    const { id, eventKey, eventId } = decision
    return id === wanted || eventKey === wanted || eventId === wanted ? eventKey : null
  }
  if (event === null) return null
  const mayBeKey = keyText.test(wanted.slice(0, 32))
  if (event.id !== wanted && !mayBeKey) return null
  const key = eventKeyOf(event.user, event.id, event.occurredAt)
  return event.id === wanted || key === wanted || wanted.startsWith(`${key}@`) ? key : null
}

function suggest(near: string[], { event, decision }: RecordingRow, wanted: string): void {
  const start = wanted.slice(0, Math.max(sharedCharsMin, Math.floor(wanted.length / 2)))
  if (wanted.length < sharedCharsMin) return
  const known = decision === null ? [event?.id] : [decision.eventKey, decision.eventId]
  for (const id of known) {
    if (id?.startsWith(start) === true && near.length < suggestionsMax) near.push(id)
  }
}
