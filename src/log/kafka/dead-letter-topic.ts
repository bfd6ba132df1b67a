/**
 * What stands in risk.dead-letters, and sending it back. A letter that is sent again goes with its
 * bytes, its key and its headers to the partition that it came from, and says in its headers from
 * where and how often: if it is rejected once more, the next letter tells.
 */
import type { Admin, Kafka, Message } from 'kafkajs'
import type { DeadLetter } from '../../core/schema.gen.ts'
import { type LetterKey, unsealLetter } from '../../letter-seal.ts'
import { kafkaError, newOrderedProducer } from './client.ts'
import type { WrittenHeaders } from './headers.ts'
import { readTopics } from './read-topics.ts'
import type { RecordReader } from './record-reader.ts'

export interface LetterFilter {
  readonly reason: string | null
  /** The topic that it came from, without prefix. */
  readonly topic: string | null
  readonly partition: number | null
  readonly offset: number | null
}

export interface LetterSource {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly reader: RecordReader
  readonly groupId: string
  readonly topicPrefix: string
  /** What their bytes are encrypted with, if they are and it is known here. */
  readonly letterKey: LetterKey | null
}

const lettersTopic = 'risk.dead-letters'
export const redrivenHeader = 'couponguard-redriven'
export const redrivenFromHeader = 'couponguard-redriven-from'

/**
 * Gives each letter that the filter lets through, in the order of its partition. Rejects with an
 * EdgeError where a server is away.
 */
export async function readLetters(
  { kafka, admin, reader, groupId, topicPrefix, letterKey }: LetterSource,
  filter: LetterFilter,
  onLetter: (letter: DeadLetter) => void,
): Promise<void> {
  await readTopics({
    kafka,
    admin,
    groupId,
    topics: [topicPrefix + lettersTopic],
    from: null,
    to: null,
    async take(messages) {
      const values = messages.map(({ value }) => value)
      for (const letter of await reader.read(lettersTopic, values))
        if (!('rejected' in letter) && isMeant(letter, filter))
          onLetter(unsealLetter(letter, letterKey))
    },
  })
}

function isMeant(letter: DeadLetter, { reason, topic, partition, offset }: LetterFilter): boolean {
  return (
    (reason === null || letter.reason === reason) &&
    (topic === null || letter.source === topic) &&
    (partition === null || letter.partition === partition) &&
    (offset === null || letter.offset === offset)
  )
}

type Place = Pick<DeadLetter, 'source' | 'partition' | 'offset'>

export const placeOf = ({ source, partition, offset }: Place) => `${source}/${partition}/${offset}`

/** How often it had been sent again when it was rejected. */
export function redrivenTimes({ headers }: DeadLetter): number {
  const bytes = headers[redrivenHeader]
  const text = bytes === undefined ? '' : Buffer.from(bytes).toString('latin1')
  return /^\d{1,6}$/.test(text) ? Number(text) : 0
}

/** MUST be letters without an obstacle. */
export async function redrive(
  kafka: Kafka,
  letters: readonly DeadLetter[],
  topicPrefix: string,
): Promise<void> {
  const producer = newOrderedProducer(kafka)
  try {
    await producer.connect()
    for (const part of partsOf(letters)) {
      const byTopic = new Map<string, Message[]>()
      for (const letter of part) {
        const topic = topicPrefix + letter.source
        const messages = byTopic.get(topic)
        if (messages === undefined) byTopic.set(topic, [messageOf(letter)])
        else messages.push(messageOf(letter))
      }
      const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }))
      await producer.sendBatch({ topicMessages, acks: -1 })
    }
  } catch (error) {
    throw kafkaError(error)
  } finally {
    await producer.disconnect().catch(() => undefined)
  }
}

const partLettersMax = 500
const partBytesMax = 1_048_576

function* partsOf(letters: readonly DeadLetter[]): Generator<readonly DeadLetter[]> {
  let part: DeadLetter[] = []
  let bytes = 0
  for (const letter of letters) {
    const size = letter.bytes?.length ?? 0
    if (part.length >= partLettersMax || (part.length > 0 && bytes + size > partBytesMax)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(letter)
    bytes += size
  }
  if (part.length > 0) yield part
}

function messageOf(letter: DeadLetter): Message {
  const { key, bytes, partition } = letter
  const headers: WrittenHeaders = {}
  for (const [name, value] of Object.entries(letter.headers)) headers[name] = Buffer.from(value)
  headers[redrivenHeader] = String(redrivenTimes(letter) + 1)
  headers[redrivenFromHeader] = placeOf(letter)
  return {
    key: key === null ? null : Buffer.from(key),
    value: bytes === null ? null : Buffer.from(bytes),
    // Its user's events are there, whichever way the publisher chose it.
    partition,
    headers,
  }
}
