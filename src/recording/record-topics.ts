/**
 * Topics → a recording: every message of the inputs in its kept form or why it could not be read,
 * and beside it the inputs and the decision that the audit has of it. Topics are read at their own
 * pace, so what comes is put into a spool file beside the recording, and read back in the order of
 * record time. Memory: some 400 bytes a row; the spool takes about as much disk as the recording.
 */
import type { Admin, Kafka } from 'kafkajs'
import { writtenType } from '../core/event/bounded-type.ts'
import { sha256Hex } from '../core/event/keyed-hash.ts'
import type { Audit, Event, RecordingRow } from '../core/schema.gen.ts'
import { schemas } from '../core/schema.gen.ts'
import type { EventReader } from '../log/kafka/event-reader.ts'
import { type ReadMessage, type ReadTopics, readTopics } from '../log/kafka/read-topics.ts'
import type { RecordReader } from '../log/kafka/record-reader.ts'
import { inputTopics } from '../log/kafka/topics.ts'
import { emptyRow, type RecordingHeader } from './header.ts'
import { Spool, type Stretch } from './spool.ts'
import { createRecordingWriter } from './write.ts'

export interface RecordTopics {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly events: EventReader
  readonly records: RecordReader
  /** Of its own for this recording. */
  readonly groupId: string
  readonly topicPrefix: string
  /** Record times, half-open; null: as far as there is. */
  readonly from: number | null
  readonly to: number | null
  readonly out: string
  readonly keyId: string
  onMessages(done: number): void
}

export interface TopicsRecorded {
  readonly rows: number
  readonly rejected: number
  readonly decisions: number
  /** Decisions by the playbook that made them, most first. */
  readonly playbooks: readonly { readonly version: string; readonly decisions: number }[]
}

type Playbook = NonNullable<RecordingHeader['playbook']>

/** Throws one line for a file that cannot be written, an EdgeError for servers. */
export async function recordTopics(options: RecordTopics): Promise<TopicsRecorded> {
  const spool = await Spool.create(`${options.out}.${process.pid}.spool`)
  try {
    const gathered = new Gathered(spool)
    await readInputs(options, gathered)
    await readAudits(options, gathered)
    await spool.flush()
    return await writeRows(options, gathered)
  } finally {
    await spool.remove()
  }
}

/**
 * An audit is dated by its writer, later than its event is by the broker; clocks differ by less.
 */
const clockSkewMs = 600_000

async function readInputs(options: RecordTopics, gathered: Gathered): Promise<void> {
  const { events, topicPrefix, from, to } = options
  await readTopics({
    ...sourceOf(options, 'inputs'),
    topics: inputTopics.map((name) => topicPrefix + name),
    from,
    to,
    take: async (messages) => {
      const read = await events.read(messages.map(({ value }) => value))
      for (const [index, message] of messages.entries())
        await gathered.addInput(placeOf(message, topicPrefix), read[index]!, message.value)
      options.onMessages(gathered.messages)
    },
  })
}

async function readAudits(options: RecordTopics, gathered: Gathered): Promise<void> {
  const { records, topicPrefix, from, to } = options
  await readTopics({
    ...sourceOf(options, 'audit'),
    topics: [`${topicPrefix}risk.audit`],
    from: from === null ? null : from - clockSkewMs,
    to: null,
    take: async (messages) => {
      const values = messages.map(({ value }) => value)
      for (const audit of await records.read('risk.audit', values)) {
        if ('rejected' in audit) continue
        const { recordedAt } = audit
        const isMeant = (from === null || recordedAt >= from) && (to === null || recordedAt < to)
        if (isMeant) await gathered.addAudit(audit)
      }
      options.onMessages(gathered.messages)
    },
  })
}

const sourceOf = (
  { kafka, admin, groupId }: RecordTopics,
  part: string,
): Pick<ReadTopics, 'kafka' | 'admin' | 'groupId'> => ({
  kafka,
  admin,
  groupId: `${groupId}-${part}`,
})

interface Place {
  readonly recordedAt: number
  readonly source: string
  readonly partition: number
  readonly offset: number
}

const placeOf = (
  { topic, partition, offset, recordedAt }: ReadMessage,
  topicPrefix: string,
): Place => ({ source: topic.slice(topicPrefix.length), partition, offset, recordedAt })

interface Gathering extends Place {
  readonly event: Stretch | null
  readonly rejected: RecordingRow['rejected']
  audit: Stretch | null
}

const eventType = writtenType(schemas.Event)
const auditType = writtenType(schemas.Audit)

class Gathered {
  readonly spool: Spool
  readonly #rows = new Map<string, Gathering>()
  readonly #playbooks = new Map<string, { readonly playbook: Playbook; decisions: number }>()
  messages = 0

  constructor(spool: Spool) {
    this.spool = spool
  }

  async addInput(
    place: Place,
    read: Awaited<ReturnType<EventReader['read']>>[number],
    value: Buffer | null,
  ): Promise<void> {
    this.messages += 1
    const isRejected = 'rejected' in read
    const rejected = isRejected
      ? { reason: read.reason, bytes: null, sha256: sha256Hex(value ?? new Uint8Array()) }
      : null
    const event = isRejected ? null : await this.spool.add(eventType.toBuffer(read))
    this.#rows.set(keyOf(place), { ...place, event, rejected, audit: null })
  }

  /** The event itself is the input's, which has its place on earth; else the audit's. */
  async addAudit(audit: Audit): Promise<void> {
    this.messages += 1
    const { source, partition, offset, recordedAt, decision } = audit
    const stretch = await this.spool.add(auditType.toBuffer(audit))
    const row = this.#rows.get(keyOf(audit))
    if (row === undefined) {
      const place = { source, partition, offset, recordedAt }
      this.#rows.set(keyOf(audit), { ...place, event: null, rejected: null, audit: stretch })
    } else row.audit = stretch
    const { playbook: name, playbookVersion: version, playbookHash: hash } = decision
    const known = this.#playbooks.get(`${version} ${hash}`)
    if (known !== undefined) known.decisions += 1
    else
      this.#playbooks.set(`${version} ${hash}`, { playbook: { name, version, hash }, decisions: 1 })
  }

  /** In the order of record time; where that is equal, of topic, partition and offset. */
  inOrder(): readonly Gathering[] {
    return [...this.#rows.values()].sort(
      (a, b) =>
        a.recordedAt - b.recordedAt ||
        (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
        a.partition - b.partition ||
        a.offset - b.offset,
    )
  }

  /** Most used first. */
  playbooks() {
    return [...this.#playbooks.values()].sort((a, b) => b.decisions - a.decisions)
  }
}

const keyOf = ({ source, partition, offset }: Omit<Place, 'recordedAt'>) =>
  `${partition} ${offset} ${source}`

async function writeRows(options: RecordTopics, gathered: Gathered): Promise<TopicsRecorded> {
  const playbooks = gathered.playbooks()
  const header = {
    playbook: playbooks[0]?.playbook ?? null,
    model: null,
    lists: null,
    keyId: options.keyId,
  }
  const writer = await createRecordingWriter(options.out, header)
  let [rejected, decisions] = [0, 0]
  try {
    for (const one of gathered.inOrder()) {
      const row = await rowOf(one, gathered.spool)
      if (row.rejected !== null) rejected += 1
      if (row.decision !== null) decisions += 1
      await writer.write(row)
    }
  } catch (error) {
    await writer.abort()
    throw error
  }
  const { rows } = await writer.close()
  return {
    rows,
    rejected,
    decisions,
    playbooks: playbooks.map(({ playbook: { version }, decisions: made }) => ({
      version,
      decisions: made,
    })),
  }
}

async function rowOf(one: Gathering, spool: Spool): Promise<RecordingRow> {
  const { recordedAt, source, partition, offset, rejected } = one
  const audit = one.audit === null ? null : auditOf(await spool.read(one.audit))
  const event = one.event === null ? null : eventOf(await spool.read(one.event))
  return {
    ...emptyRow(recordedAt, source, partition, offset),
    event: event ?? audit?.event ?? null,
    rejected: audit === null ? rejected : null,
    inputs: audit?.inputs ?? null,
    decision: audit?.decision ?? null,
  }
}

function auditOf(bytes: Buffer): Audit {
  const audit: Audit = auditType.fromBuffer(bytes)
  return audit
}

function eventOf(bytes: Buffer): Event {
  const event: Event = eventType.fromBuffer(bytes)
  return event
}

export interface ProgressSource
  extends Pick<RecordTopics, 'kafka' | 'admin' | 'records' | 'groupId' | 'topicPrefix'> {
  /** Record time of the oldest progress that matters. */
  readonly from: number
}

/** By `topic/partition` without prefix, the first offset that is not judged. */
export async function readJudged(source: ProgressSource): Promise<ReadonlyMap<string, number>> {
  const { kafka, admin, records, groupId, topicPrefix, from } = source
  const judged = new Map<string, number>()
  await readTopics({
    kafka,
    admin,
    groupId,
    topics: [`${topicPrefix}risk.progress`],
    from: Math.max(0, from - clockSkewMs),
    to: null,
    take: async (messages) => {
      const values = messages.map(({ value }) => value)
      for (const progress of await records.read('risk.progress', values)) {
        if ('rejected' in progress) continue
        for (const { topic, partition, nextOffset } of progress.offsets)
          judged.set(`${topic}/${partition}`, nextOffset)
      }
    },
  })
  return judged
}
