/**
 * Publishes a generated day into the inputs over so many minutes: with its duplicates, conflicts,
 * lateness and wrong dates, spoiled messages between, and at last some claims of three hours past
 * the last day, so that days close. Record times are those of the day (the topics take them). A
 * part that failed is sent again until the broker takes it: what it had taken before is then a
 * duplicate more, as with any publisher.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CompressionTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import type { CouponEvent } from '../../src/core/schema.gen.ts'
import { daysFor, generateRows } from '../../src/generate/campaign-day.ts'
import type { GeneratedRow } from '../../src/generate/faults.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type SchemaIds, spoiledMessage } from './spoiled.ts'

export interface PublishOptions {
  readonly brokers: string
  readonly topicPrefix: string
  readonly ids: SchemaIds
  readonly seed: number
  /** Rows of the generator; spoiled ones come on top. */
  readonly events: number
  readonly durationMs: number
}

export interface Published {
  readonly messages: number
  readonly spoiled: number
  /** Parts that were sent once more. */
  readonly again: number
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]
const zoneMs = 8 * hourMs
const partEveryMs = 200
const partMessagesMax = 500
/** One spoiled message in so many. */
const spoiledEvery = 150
const closingClaims = 16

type Part = Map<string, Message[]>
type PublishedRow = Pick<GeneratedRow, 'recordedAt' | 'published'>

export async function publishDay(options: PublishOptions, ending: AbortSignal): Promise<Published> {
  const { events, durationMs } = options
  const sender = newSender(options)
  const startedAt = performance.now()
  let part: Part = new Map()
  let taken = 0
  let messages = 0
  let spoiled = 0
  let last: CouponEvent | null = null
  const put = (event: CouponEvent, message: Message) => {
    const topic = event.kind === 'redemption' ? 'coupon.redemptions' : 'coupon.claims'
    part.set(topic, [...(part.get(topic) ?? []), message])
    messages += 1
  }
  const send = async () => {
    await sender.send(part)
    part = new Map()
  }
  for (const { published, recordedAt } of daysOf(options)) {
    if (ending.aborted) break
    const dueMs = (taken * durationMs) / events - (performance.now() - startedAt)
    if (part.size > 0 && (dueMs > 0 || sizeOf(part) >= partMessagesMax)) await send()
    if (dueMs > 0) await sleep(Math.max(dueMs, partEveryMs))
    taken += 1
    const timestamp = String(recordedAt)
    if (published !== null) {
      put(published, { ...eventMessage(published, options.ids), timestamp })
      last = published
    }
    if (last !== null && (published === null || taken % spoiledEvery === 0)) {
      put(last, { ...spoiledMessage(last, spoiled, options.ids), timestamp })
      spoiled += 1
    }
  }
  await send()
  await sender.close()
  return { messages, spoiled, again: sender.again() }
}

const sizeOf = (part: Part) => [...part.values()].reduce((sum, { length }) => sum + length, 0)

function eventMessage(event: CouponEvent, { event: id }: SchemaIds): Message {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return { key: event.user, value: Buffer.concat([head, couponEventType.toBuffer(event)]) }
}

/** The generated days, all past, then the claims that close them. */
function* daysOf({ seed, events }: PublishOptions): Generator<PublishedRow> {
  const today = Math.floor((systemClock.now() + zoneMs) / dayMs) * dayMs - zoneMs
  const startAt = today - (daysFor(events) + 3) * dayMs
  let last: CouponEvent | null = null
  let newestAt = startAt
  for (const row of generateRows({ seed, events, scenario: 'attack', startAt })) {
    last = row.published ?? last
    newestAt = row.recordedAt
    yield row
  }
  if (last !== null) yield* closing(last, newestAt)
}

/** Three hours past the end of the newest day. */
function* closing(like: CouponEvent, newestAt: number): Generator<PublishedRow> {
  const closedAt = Math.ceil((newestAt + zoneMs) / dayMs) * dayMs - zoneMs + 3 * hourMs
  for (let number = 0; number < closingClaims; number += 1) {
    const recordedAt = closedAt + number
    const named = { id: `closing-${number}`, user: `${like.user}-${number}` }
    yield { recordedAt, published: { ...like, ...named, kind: 'claim', occurredAt: recordedAt } }
  }
}

interface Sender {
  send(part: Part): Promise<void>
  again(): number
  close(): Promise<void>
}

/** A producer that failed is replaced: nobody knows what it had sent. */
function newSender({ brokers, topicPrefix }: PublishOptions): Sender {
  const kafka = new Kafka({
    clientId: 'chaos-publisher',
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 10 },
  })
  let producer: Producer | null = null
  let again = 0
  const sendOnce = async (part: Part) => {
    if (producer === null) {
      producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
    }
    const topicMessages = [...part].map(([topic, messages]) => ({
      topic: topicPrefix + topic,
      messages,
    }))
    await producer.sendBatch({ topicMessages, compression: CompressionTypes.None })
  }
  const close = async () => {
    await producer?.disconnect().catch(() => undefined)
    producer = null
  }
  return {
    async send(part) {
      if (part.size === 0) return
      for (;;) {
        try {
          return await sendOnce(part)
        } catch {
          again += 1
          await close()
          await sleep(500)
        }
      }
    },
    again: () => again,
    close,
  }
}
