/**
 * The engine behind Kafka as the console sees it. Records come from the topics as a group whose
 * name holds the generation of the projection: an emptied database reads them from the beginning.
 * Verdicts, superseding decisions and changes of lists go out in one transaction of the one writer.
 * Lists and campaigns are followed whole, as every worker does.
 */
import type { Admin, Kafka } from 'kafkajs'
import { newLiveCampaigns } from '../config/campaigns-file.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import type { DeadLetter } from '../core/schema.gen.ts'
import { obstacleOf } from '../dead-letter.ts'
import { type LetterKey, unsealLetter } from '../letter-seal.ts'
import type { ListChange } from '../lists/kept-lists.ts'
import { keptValue } from '../lists/kept-value.ts'
import { entryId } from '../lists/lists.ts'
import { redrive } from '../log/kafka/dead-letter-topic.ts'
import { type Following, followTopics } from '../log/kafka/follow-topics.ts'
import { type GroupMessage, type GroupReader, readAsGroup } from '../log/kafka/group-reader.ts'
import { readTopics } from '../log/kafka/read-topics.ts'
import { newRecordFramer } from '../log/kafka/record-framer.ts'
import { newRecordReader, type RecordReader } from '../log/kafka/record-reader.ts'
import type { SchemaRegistry } from '../log/kafka/schema-registry.ts'
import { openSingleWriter, type SingleWriter } from '../log/kafka/single-writer.ts'
import type { TopicName } from '../log/kafka/topics.ts'
import { newSerial } from '../runtime/serial.ts'
import type { AnyBatch, Engine, Projection, Publication } from './engine.ts'
import { publicationMessages } from './publication-messages.ts'

export interface KafkaEngineParts {
  readonly kafka: Kafka
  /** Connected. */
  readonly admin: Admin
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
  /** Begins the names of its groups and of its writer. */
  readonly group: string
  /** A name for a group of one reading. */
  ownGroup(purpose: string): string
  readonly keys: Keys
  readonly playbook: Playbook
  /** What workers encrypt the bytes of dead letters with, if they do. */
  readonly letterKey: LetterKey | null
  /** What the console's own copies of them are encrypted with. */
  readonly ownLetterKey: LetterKey
  /** What keeps records from being taken; it is tried again. */
  onTrouble(error: unknown): void
}

const projected = [
  'risk.audit',
  'risk.decisions',
  'risk.alerts',
  'risk.reviews',
  'risk.dead-letters',
] as const satisfies readonly TopicName[]
type Projected = (typeof projected)[number]
const published = ['risk.reviews', 'risk.decisions', 'risk.lists'] as const

/** Throws EdgeError where the registry is away or does not know our schemas. */
export async function newKafkaEngine(parts: KafkaEngineParts): Promise<Engine> {
  const { kafka, registry, topicPrefix, group, keys, playbook } = parts
  const framer = newRecordFramer(await registry.registeredIds(published))
  const reader = newRecordReader(registry)
  const campaigns = newLiveCampaigns()
  const inTurn = newSerial()
  const transactionalId = `couponguard-${topicPrefix}${group}-reviews`
  let writer: SingleWriter | null = null
  let following: Following | null = null
  let reading: GroupReader | null = null

  const openedWriter = async () => {
    writer ??= await openSingleWriter(kafka, transactionalId)
    return writer
  }
  const overWriter = async () => {
    const over = writer
    writer = null
    await over?.close()
  }
  return {
    keyId: keys.id,
    letterKey: parts.ownLetterKey,
    playbook,
    timeZone: playbook.timeZone.name,
    keep: (kind, value) => keptValue(kind, value, keys),
    campaign: (id) => campaigns.byId(id),
    allCampaigns: () => campaigns.all,
    publish: (publications) =>
      inTurn(async () => {
        try {
          const messages = publicationMessages(publications, framer, topicPrefix)
          await (await openedWriter()).write(messages)
        } catch (error) {
          await overWriter()
          throw error
        }
      }),
    published: (publications) =>
      inTurn(async () => {
        // Fences first: what a writer before left open is ended, and nothing of it comes later.
        await overWriter()
        await openedWriter()
        return publishedOf(parts, reader, publications)
      }),
    redrive: (letters) => redriveAll(parts, letters),
    async start(projection) {
      following = await followLists(parts, reader, {
        onLists: (changes) =>
          projection.take({ topic: 'risk.lists', partition: 0, next: 0, records: changes }),
        campaigns,
      })
      reading = readAsGroup({
        kafka,
        topicPrefix,
        topics: projected,
        groupId: `${topicPrefix}${group}-${await projection.generation()}`,
        take: (topic, partition, messages) =>
          takeMessages(reader, projection, { topic, partition, messages }),
        onLag: (records) => projection.setLag(records),
        onTrouble: parts.onTrouble,
      })
    },
    async close() {
      await reading?.close()
      await following?.close()
      await inTurn(overWriter)
    },
  }
}

interface Taken {
  readonly topic: TopicName
  readonly partition: number
  readonly messages: readonly GroupMessage[]
}

/** What cannot be read as a record of its topic is passed over: these topics have one writer. */
async function takeMessages(
  reader: RecordReader,
  projection: Projection,
  { topic, partition, messages }: Taken,
): Promise<void> {
  const of = projected.find((one) => one === topic)
  if (of === undefined) return
  const read = await reader.read<Projected>(
    of,
    messages.map(({ value }) => value),
  )
  const isRead = read.map((one) => !('rejected' in one))
  const records = read.filter((_, at) => isRead[at])
  const offsets = messages.filter((_, at) => isRead[at]).map(({ offset }) => offset)
  const next = messages.at(-1)!.offset + 1
  // The reader reads records of the topic that it was told.
  await projection.take({ topic: of, partition, next, records, offsets } as AnyBatch)
}

interface FollowedInto {
  onLists(changes: readonly ListChange[]): Promise<void>
  readonly campaigns: ReturnType<typeof newLiveCampaigns>
}

function followLists(
  { kafka, admin, topicPrefix, ownGroup, onTrouble }: KafkaEngineParts,
  reader: RecordReader,
  { onLists, campaigns }: FollowedInto,
): Promise<Following> {
  return followTopics({
    kafka,
    admin,
    groupId: ownGroup('console'),
    topics: ['risk.lists', 'risk.campaigns'],
    topicPrefix,
    onLost: onTrouble,
    async take(topic, values, keys) {
      const names = keys.map((key) => key?.toString('utf8') ?? '')
      if (topic === 'risk.lists') await onLists(await listChanges(reader, names, values))
      else
        for (const [at, value] of values.entries()) {
          const [record] = value === null ? [] : await reader.read('risk.campaigns', [value])
          if (record === undefined) campaigns.remove(names[at]!)
          else if (!('rejected' in record)) campaigns.put(record)
        }
    },
  })
}

/** Entries that stand under their own id; the switch and what cannot be read are passed over. */
async function listChanges(
  reader: RecordReader,
  names: readonly string[],
  values: readonly (Buffer | null)[],
): Promise<readonly ListChange[]> {
  const changes: ListChange[] = []
  for (const [at, value] of values.entries()) {
    const id = names[at]!
    const [entry] = value === null ? [null] : await reader.read('risk.lists', [value])
    if (entry === null) changes.push({ id, entry })
    else if (entry !== undefined && !('rejected' in entry) && entryId(entry) === id)
      changes.push({ id, entry })
  }
  return changes
}

/** The records of one verdict go out in one transaction, so its review tells of them all. */
async function publishedOf(
  { kafka, admin, topicPrefix, ownGroup }: KafkaEngineParts,
  reader: RecordReader,
  publications: readonly Publication[],
): Promise<ReadonlySet<string>> {
  const stand = new Set<string>()
  await readTopics({
    kafka,
    admin,
    groupId: ownGroup('reviews'),
    topics: [`${topicPrefix}risk.reviews`],
    from: null,
    to: null,
    async take(messages) {
      const values = messages.map(({ value }) => value)
      for (const review of await reader.read('risk.reviews', values))
        if (!('rejected' in review)) stand.add(`${review.eventKey} ${review.at}`)
    },
  })
  const isThere = (one: Publication) => {
    if (one.topic === 'risk.lists') return false
    const { eventKey } = one.record
    const at = one.topic === 'risk.reviews' ? one.record.at : one.record.recordedAt
    return stand.has(`${eventKey} ${at}`)
  }
  return new Set(publications.filter(isThere).map(({ id }) => id))
}

async function redriveAll(
  { kafka, topicPrefix, letterKey }: KafkaEngineParts,
  letters: readonly DeadLetter[],
): Promise<readonly boolean[]> {
  const open = letters.map((letter) => unsealLetter(letter, letterKey))
  const able = open.map((letter) => obstacleOf(letter) === null)
  const sent = open.filter((_, at) => able[at])
  if (sent.length > 0) await redrive(kafka, sent, topicPrefix)
  return able
}
