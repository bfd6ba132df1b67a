/**
 * Publishes a generated day into the inputs over so many minutes: with its reversals, duplicates,
 * conflicts, lateness and wrong dates, spoiled messages between, events that were withdrawn before
 * they were said, and at last some claims and redemptions of three hours past the last day, so that
 * days close. Record times are those of the day (the topics take them).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from 'kafkajs'
import type { CouponEvent } from '../../src/core/schema.gen.ts'
import { daysFor, generateRows } from '../../src/generate/campaign-day.ts'
import type { GeneratedRow } from '../../src/generate/faults.ts'
import { defaultMix } from '../../src/generate/mix.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { eventBytes, type SchemaIds } from './event-bytes.ts'
import { newSender, type Part } from './sender.ts'
import { spoiledMessage } from './spoiled.ts'

export interface PublishOptions {
  readonly brokers: string
  readonly topicPrefix: string
  readonly partitions: number
  readonly ids: SchemaIds
  readonly seed: number
  /** Rows of the generator; spoiled ones come on top. */
  readonly events: number
  readonly durationMs: number
}

export interface Published {
  readonly messages: number
  readonly spoiled: number
  /** Sent in transactions that were aborted. */
  readonly withdrawn: number
  /** Parts that were sent once more. */
  readonly again: number
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]
const zoneMs = 8 * hourMs
const partEveryMs = 200
const partMessagesMax = 500
/** With people who have refunds, so that there is a third kind of event. */
const mix = { ...defaultMix, 'refund-abuser': 20 }
/** One spoiled message in so many. */
const spoiledEvery = 150
/** One part in so many is a transaction, and one in so many of those follows an aborted one. */
const [transactionEvery, withdrawnEvery] = [5, 3]

type PublishedRow = Pick<GeneratedRow, 'recordedAt' | 'published'>

export async function publishDay(options: PublishOptions, ending: AbortSignal): Promise<Published> {
  const { brokers, topicPrefix, ids } = options
  const sender = newSender(brokers, topicPrefix)
  const collected = new CollectedPart()
  let [messages, spoiled, withdrawn, parts] = [0, 0, 0, 0]
  let last: CouponEvent | null = null
  const send = async () => {
    const part = collected.take()
    messages += sizeOf(part)
    parts += 1
    if (parts % transactionEvery !== 0) return sender.send(part, 'plain')
    const drafts = parts % (transactionEvery * withdrawnEvery) === 0 ? draftsOf(part) : new Map()
    withdrawn += sizeOf(drafts)
    return sender.send(part, 'transaction', drafts.size > 0 ? drafts : undefined)
  }
  const today = Math.floor((systemClock.now() + zoneMs) / dayMs) * dayMs - zoneMs
  const startAt = today - (daysFor(options.events) + 3) * dayMs
  const endAt = startAt + daysFor(options.events) * dayMs
  for await (const { published, recordedAt } of paced(options, startAt)) {
    if (ending.aborted) break
    if (collected.isDue()) await send()
    const timestamp = String(recordedAt)
    if (published !== null) {
      const { user: key } = published
      collected.put(published, { key, value: eventBytes(published, ids), timestamp })
      last = published
    }
    if (last !== null && (published === null || collected.total() % spoiledEvery === 0)) {
      collected.put(last, { ...spoiledMessage(last, spoiled, ids), timestamp })
      spoiled += 1
    }
  }
  await send()
  if (last !== null) await sender.send(closingPart(last, endAt + 3 * hourMs, options), 'plain')
  await sender.close()
  return { messages, spoiled, withdrawn, again: sender.again() }
}

/** The rows of the generator, each when it is due. */
async function* paced(options: PublishOptions, startAt: number): AsyncGenerator<PublishedRow> {
  const { seed, events, durationMs } = options
  const startedAt = performance.now()
  let taken = 0
  for (const row of generateRows({ seed, events, scenario: 'attack', startAt, mix })) {
    const dueMs = (taken * durationMs) / events - (performance.now() - startedAt)
    if (dueMs > 0) await sleep(Math.max(dueMs, partEveryMs))
    taken += 1
    yield row
  }
}

class CollectedPart {
  #part = new Map<string, Message[]>()
  #since = performance.now()
  #total = 0

  put({ kind }: CouponEvent, message: Message): void {
    const topic = kind === 'claim' ? 'coupon.claims' : 'coupon.redemptions'
    const messages = this.#part.get(topic) ?? []
    this.#part.set(topic, messages)
    messages.push(message)
    this.#total += 1
  }

  isDue(): boolean {
    const isOld = performance.now() - this.#since >= partEveryMs
    return this.#part.size > 0 && (isOld || sizeOf(this.#part) >= partMessagesMax)
  }

  take(): Part {
    const part = this.#part
    this.#part = new Map()
    this.#since = performance.now()
    return part
  }

  /** Of all parts. */
  total(): number {
    return this.#total
  }
}

function sizeOf(part: Part): number {
  let size = 0
  for (const messages of part.values()) size += messages.length
  return size
}

/** The same users and times under other words: whoever reads these reads what was taken back. */
function draftsOf(part: Part): Part {
  return new Map([...part].map(([topic, messages]) => [topic, messages.slice(0, 20)]))
}

/**
 * Three hours past the end of the last day, one event in every partition: so each ends with a plain
 * message, and days close.
 */
function closingPart(like: CouponEvent, occurredAt: number, options: PublishOptions): Part {
  const part = new Map<string, Message[]>()
  for (const kind of ['claim', 'redemption'] as const) {
    const messages = Array.from({ length: options.partitions }, (_, partition): Message => {
      const user = `${like.user}-${partition}`
      const event: CouponEvent = { ...like, id: `closing-${kind}`, user, kind, occurredAt }
      const value = eventBytes(event, options.ids)
      return { key: user, partition, value, timestamp: String(occurredAt) }
    })
    part.set(kind === 'claim' ? 'coupon.claims' : 'coupon.redemptions', messages)
  }
  return part
}
