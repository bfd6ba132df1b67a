/**
 * Sends parts of a stream until the broker has taken them, as an upstream service does that may
 * fail in the middle: what it does not know to be taken it sends again. Every few parts go as a
 * transaction, and some of those begin with one that is aborted: what stood in that was never said.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CompressionTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs'

/** Messages by topic without prefix. */
export type Part = ReadonlyMap<string, readonly Message[]>

export interface Sender {
  /** `drafts` are sent before, in a transaction that is aborted. */
  send(part: Part, how: 'plain' | 'transaction', drafts?: Part): Promise<void>
  /** Parts that were sent once more. */
  again(): number
  close(): Promise<void>
}

const againAfterMs = 500

export function newSender(brokers: string, topicPrefix: string): Sender {
  const kafka = new Kafka({
    clientId: 'chaos-publisher',
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 10 },
  })
  const plain = newHeld(() => kafka.producer({ idempotent: true, maxInFlightRequests: 1 }))
  const transactional = newHeld(() =>
    kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      transactionalId: `${topicPrefix}publisher`,
      transactionTimeout: 10_000,
    }),
  )
  let again = 0
  const batchOf = (part: Part) => ({
    topicMessages: [...part].map(([topic, messages]) => ({
      topic: topicPrefix + topic,
      messages: [...messages],
    })),
    compression: CompressionTypes.None,
  })
  const sendPlain = async (part: Part) => {
    await (await plain.producer()).sendBatch(batchOf(part))
  }
  const sendInTransaction = async (part: Part, ending: 'commit' | 'abort') => {
    const transaction = await (await transactional.producer()).transaction()
    await transaction.sendBatch(batchOf(part))
    await transaction[ending]()
  }
  const sendOnce = async (part: Part, how: 'plain' | 'transaction', drafts: Part | null) => {
    if (how === 'plain') return sendPlain(part)
    if (drafts !== null) await sendInTransaction(drafts, 'abort')
    return sendInTransaction(part, 'commit')
  }
  return {
    async send(part, how, drafts) {
      if (part.size === 0) return
      for (;;) {
        try {
          return await sendOnce(part, how, drafts ?? null)
        } catch {
          // Nobody knows what a producer that failed has sent.
          again += 1
          await Promise.all([plain.close(), transactional.close()])
          await sleep(againAfterMs)
        }
      }
    },
    again: () => again,
    async close() {
      await Promise.all([plain.close(), transactional.close()])
    },
  }
}

/** A producer that is made when it is needed, and again after it was closed. */
function newHeld(make: () => Producer) {
  let held: Producer | null = null
  return {
    async producer(): Promise<Producer> {
      if (held !== null) return held
      held = make()
      await held.connect()
      return held
    },
    async close(): Promise<void> {
      await held?.disconnect().catch(() => undefined)
      held = null
    },
  }
}
