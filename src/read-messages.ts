/** Messages of the inputs → events at their places, and dead letters for what cannot be read. */
import type { DeadLetter } from './core/schema.gen.ts'
import { bytesLetter } from './dead-letter.ts'
import type { EventReader } from './log/kafka/event-reader.ts'
import { keptHeaders } from './log/kafka/headers.ts'
import type { FetchedMessage } from './log/kafka/partition-queue.ts'
import type { LoggedEvent } from './log/stream.ts'

export interface ReadMessages {
  readonly events: readonly LoggedEvent[]
  readonly letters: readonly DeadLetter[]
}

/** Of a message without a value. Avro takes a Buffer only. */
const noBytes = Buffer.alloc(0)

/** Throws EdgeError where the registry is away; the same messages may be read again. */
export async function readMessages(
  reader: EventReader,
  messages: readonly FetchedMessage[],
): Promise<ReadMessages> {
  const read = await reader.read(messages.map(({ value }) => value))
  const events: LoggedEvent[] = []
  const letters: DeadLetter[] = []
  for (const [index, event] of read.entries()) {
    const message = messages[index]!
    const { source, partition, offset, recordedAt, value, headers } = message
    if ('rejected' in event) {
      const letter = bytesLetter(event, value ?? noBytes, message)
      letters.push({ ...letter, headers: keptHeaders(headers) })
    } else events.push({ event, recordedAt, source, partition, offset })
  }
  return { events, letters }
}
