/**
 * The engine of `start` as the console sees it: records are read from the embedded log as they are
 * committed, verdicts and superseding decisions are committed to it between two batches, lists are
 * those of the data directory. Reading keeps off the judging: it asks the log a few times a second
 * and takes what is there, so that a console that is slow or away only falls behind.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Campaigns } from '../config/campaigns-file.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import type { DeadLetter } from '../core/schema.gen.ts'
import { obstacleOf } from '../dead-letter.ts'
import type { Embedded } from '../embedded.ts'
import type { LetterKey } from '../letter-seal.ts'
import type { KeptLists } from '../lists/kept-lists.ts'
import { keptValue } from '../lists/kept-value.ts'
import { entryId } from '../lists/lists.ts'
import type { EmbeddedLog, OutputCursor, OutputTopic } from '../log/embedded-log.ts'
import type { AnyBatch, Engine, ProjectedTopic, Projection, Publication } from './engine.ts'

export interface EmbeddedEngineParts {
  readonly embedded: Embedded
  readonly log: EmbeddedLog
  readonly lists: KeptLists
  readonly keys: Keys
  readonly letterKey: LetterKey
  readonly playbook: Playbook
  readonly campaigns: Campaigns | null
  /** What keeps records from being taken, once each time it begins; it is tried again. */
  onTrouble(error: unknown): void
}

const askEveryMs = 200
const againAfterMs = 1_000

export function newEmbeddedEngine(parts: EmbeddedEngineParts): Engine {
  const { lists, keys, playbook, campaigns } = parts
  const closing = new AbortController()
  let following: Promise<void> = Promise.resolve()
  let listsTaken = 0
  let projection: Projection | null = null

  const takeLists = async (changes: Extract<AnyBatch, { topic: 'risk.lists' }>['records']) => {
    listsTaken += changes.length
    await projection?.take({
      topic: 'risk.lists',
      partition: 0,
      next: listsTaken,
      records: changes,
    })
  }
  return {
    keyId: keys.id,
    letterKey: parts.letterKey,
    playbook,
    timeZone: playbook.timeZone.name,
    keep: (kind, value) => keptValue(kind, value, keys),
    campaign: (id) => campaigns?.byId(id) ?? null,
    allCampaigns: () => campaigns?.all ?? [],
    published: (publications) => publishedOf(parts.log, publications),
    redrive: (letters) => redrive(parts.embedded, letters),
    async publish(publications) {
      const reviews = publications.flatMap((one) =>
        one.topic === 'risk.reviews' ? [one.record] : [],
      )
      const decisions = publications.flatMap((one) =>
        one.topic === 'risk.decisions' ? [one.record] : [],
      )
      const changes = publications.flatMap((one) =>
        one.topic === 'risk.lists' ? [one.record] : [],
      )
      // Lists may be changed twice, verdicts not: what can be repeated comes first.
      if (changes.length > 0) {
        await lists.change(changes)
        await takeLists(changes)
      }
      if (reviews.length + decisions.length > 0)
        await parts.embedded.publish({ reviews, decisions })
    },
    async start(into) {
      projection = into
      following = follow(parts, into, closing.signal, () =>
        takeLists(lists.entries().map((entry) => ({ id: entryId(entry), entry }))),
      )
    },
    async close() {
      closing.abort()
      await following
    },
  }
}

const followed = [
  ['audits', 'risk.audit'],
  ['decisions', 'risk.decisions'],
  ['alerts', 'risk.alerts'],
  ['reviews', 'risk.reviews'],
  ['deadLetters', 'risk.dead-letters'],
] as const satisfies readonly (readonly [OutputTopic, ProjectedTopic])[]

/** Until the signal says so. After trouble it goes on from where the projection stands. */
async function follow(
  { log, onTrouble }: EmbeddedEngineParts,
  projection: Projection,
  signal: AbortSignal,
  takeLists: () => Promise<void>,
): Promise<void> {
  let isTold = false
  let areListsTaken = false
  while (!signal.aborted) {
    try {
      if (!areListsTaken) await takeLists()
      areListsTaken = true
      await followOnce(log, projection, signal, () => {
        isTold = false
      })
    } catch (error) {
      if (signal.aborted) return
      if (!isTold) onTrouble(error)
      isTold = true
      await sleep(againAfterMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

async function followOnce(
  log: EmbeddedLog,
  projection: Projection,
  signal: AbortSignal,
  onTaken: () => void,
): Promise<void> {
  const cursors = await Promise.all(
    followed.map(async ([from, topic]) => ({
      topic,
      cursor: log.followOutputs(from, await projection.position(topic, 0)),
    })),
  )
  try {
    while (!signal.aborted) {
      let taken = 0
      for (const { topic, cursor } of cursors) taken += await takeNext(topic, cursor, projection)
      projection.setLag(cursors.reduce((sum, { cursor }) => sum + cursor.behind(), 0))
      if (taken > 0) onTaken()
      else await sleep(askEveryMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    for (const { cursor } of cursors) await cursor.close()
  }
}

async function takeNext(
  topic: ProjectedTopic,
  cursor: OutputCursor<unknown>,
  projection: Projection,
): Promise<number> {
  const read = await cursor.read()
  if (read === null) return 0
  // The cursor of a topic reads that topic's records.
  const batch = { topic, partition: 0, next: read.next, records: read.rows } as AnyBatch
  await projection.take(batch)
  return read.rows.length
}

/** A verdict's records are committed together, so its review tells of them all. */
async function publishedOf(
  log: EmbeddedLog,
  publications: readonly Publication[],
): Promise<ReadonlySet<string>> {
  const stand = new Set<string>()
  for await (const rows of log.readOutputs('reviews'))
    for (const { eventKey, at } of rows) stand.add(`${eventKey} ${at}`)
  const isThere = (one: Publication) => {
    if (one.topic === 'risk.lists') return false
    const at = one.topic === 'risk.reviews' ? one.record.at : one.record.recordedAt
    return stand.has(`${one.record.eventKey} ${at}`)
  }
  return new Set(publications.filter(isThere).map(({ id }) => id))
}

const redriveEventsMax = 200

/** Events go in again as they came; what is still wrong with one becomes a dead letter again. */
async function redrive(
  embedded: Embedded,
  letters: readonly DeadLetter[],
): Promise<readonly boolean[]> {
  const bodies = letters.map((letter) =>
    obstacleOf(letter) === null && letter.bytes !== null ? jsonOf(letter.bytes) : undefined,
  )
  const able = bodies.filter((body) => body !== undefined)
  for (let from = 0; from < able.length; from += redriveEventsMax)
    await embedded.submit(able.slice(from, from + redriveEventsMax))
  return bodies.map((body) => body !== undefined)
}

/** Undefined where the bytes are no JSON: sending those again could change nothing. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
