/** What people said, as messages for the topics of the contract. */
import type { Message, TopicMessages } from 'kafkajs'
import { ceTypes, cloudEventHeaders } from '../log/kafka/headers.ts'
import type { RecordFramer } from '../log/kafka/record-framer.ts'
import type { Publication } from './engine.ts'

/** In the order given, within each topic. */
export function publicationMessages(
  publications: readonly Publication[],
  framer: RecordFramer,
  topicPrefix: string,
): readonly TopicMessages[] {
  const byTopic = new Map<string, Message[]>()
  for (const publication of publications) {
    const topic = topicPrefix + publication.topic
    const messages = byTopic.get(topic) ?? []
    byTopic.set(topic, messages)
    messages.push(messageOf(publication, framer))
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
}

function messageOf(publication: Publication, framer: RecordFramer): Message {
  const { id } = publication
  switch (publication.topic) {
    case 'risk.reviews': {
      const { record } = publication
      return {
        key: record.eventKey,
        value: framer.frame('risk.reviews', record),
        headers: cloudEventHeaders({ type: ceTypes.review, id, time: record.at }),
      }
    }
    case 'risk.decisions': {
      const { record } = publication
      return {
        key: record.user,
        value: framer.frame('risk.decisions', record),
        headers: cloudEventHeaders({
          type: ceTypes.decision,
          id: record.id,
          time: record.recordedAt,
        }),
      }
    }
    case 'risk.lists': {
      const { id: key, entry } = publication.record
      return {
        key,
        value: entry === null ? null : framer.frame('risk.lists', entry),
        headers: cloudEventHeaders({ type: ceTypes.listEntry, id, time: entry?.addedAt ?? 0 }),
      }
    }
  }
}
