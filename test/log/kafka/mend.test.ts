/**
 * kafkajs 2.2.4 as it is installed and as it is mended: each fault is shown to be there without the
 * patch, and gone with it.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { groupMessages } from '../../../src/log/kafka/patches/group-messages.ts'
import type {
  GroupMessages,
  Message,
  RequestQueue,
} from '../../../src/log/kafka/patches/internals.ts'
import { mendedVersion, mendKafkajs } from '../../../src/log/kafka/patches/mend.ts'
import { mendRequestQueue } from '../../../src/log/kafka/patches/request-queue.ts'
import { repoRoot } from '../../support/run-cli.ts'
import { pristine } from './pristine.ts'

const seed = 20_260_302
const load = createRequire(import.meta.url)

describe('messages by partition', () => {
  const theirs = pristine<GroupMessages>('producer/groupMessagesPerPartition')
  const grouping = (partitions: readonly number[]) => ({
    topic: 'events',
    partitionMetadata: [{}],
    messages: partitions.map((partition, at) => ({ value: `event ${at}`, partition })),
    partitioner: ({ message }: { message: Message }) => Reflect.get(message, 'partition') as number,
  })

  test('are the same groups in the same order', () => {
    const property = fc.property(
      fc.array(fc.nat({ max: 20 }), { maxLength: 200 }),
      (partitions) => {
        const [ours, expected] = [groupMessages, theirs].map((group) => group(grouping(partitions)))
        expect(ours).toEqual(expected)
        expect(Object.keys(ours!)).toEqual(Object.keys(expected!))
      },
    )
    fc.assert(property, { seed })
  })

  test('are none where no partition is known', () => {
    const none = { ...grouping([0, 1]), partitionMetadata: [] }
    expect([groupMessages(none), theirs(none)]).toEqual([{}, {}])
  })

  test('are walked through once, where kafkajs copies the group for each message', () => {
    const one = grouping(Array.from({ length: 400 }, () => 0))
    expect(copiesMadeBy(() => theirs(one))).toBe((400 * 399) / 2)
    expect(copiesMadeBy(() => groupMessages(one))).toBeLessThanOrEqual(400)
  })
})

/** How many elements are taken out of arrays by spreading or walking them. */
function copiesMadeBy(deed: () => unknown): number {
  const walk = Array.prototype[Symbol.iterator]
  let copies = 0
  Array.prototype[Symbol.iterator] = function* (this: unknown[]) {
    for (let at = 0; at < this.length; at += 1) {
      copies += 1
      yield this[at]
    }
    return undefined
  }
  try {
    deed()
  } finally {
    Array.prototype[Symbol.iterator] = walk
  }
  return copies
}

interface Sent {
  readonly entry: {
    readonly correlationId: number
    readonly resolve: () => void
    readonly reject: (error: unknown) => void
  }
  readonly expectResponse: boolean
  readonly requestTimeout: number | null
  readonly sendRequest: () => void
}

interface Queue extends RequestQueue {
  push(sent: Sent): void
  fulfillRequest(answer: { correlationId: number; size: number; payload: Buffer }): void
  maybeThrottle(ms: number): void
  waitForPendingRequests(): Promise<void>
}
type QueueClass = { new (options: object): Queue; readonly prototype: Queue }

describe('the requests of a connection', () => {
  const unmended = pristine<QueueClass>('network/requestQueue')
  const mended = pristine<QueueClass>('network/requestQueue')
  mendRequestQueue(mended.prototype)
  const both = [
    ['as it is', unmended],
    ['mended', mended],
  ] as const

  let connected = true
  beforeEach(() => {
    connected = true
    vi.useFakeTimers({ now: 1_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  const logger = { debug: () => {}, warn: () => {} }
  const newQueue = (queueClass: QueueClass, more: object = {}) => {
    const queue = new queueClass({
      clientId: 'test',
      broker: '127.0.0.1:9092',
      logger,
      maxInFlightRequests: 1,
      requestTimeout: 30_000,
      enforceRequestTimeout: true,
      isConnected: () => connected,
      ...more,
    })
    queue.scheduleRequestTimeoutCheck()
    return queue
  }
  const newRequest = (correlationId: number) => {
    const request = {
      entry: { correlationId, resolve: vi.fn(), reject: vi.fn() },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: vi.fn(),
    }
    return request
  }
  const answerTo = (correlationId: number) => ({ correlationId, size: 0, payload: Buffer.alloc(0) })

  function wakesWithin(ms: number): number {
    const until = Date.now() + ms
    let wakes = 0
    while (vi.getTimerCount() > 0 && vi.advanceTimersToNextTimer() && Date.now() <= until)
      wakes += 1
    return wakes
  }

  /** In ten seconds, two seconds after its one request was answered. */
  function wakesWhenIdle(queueClass: QueueClass, more: object = {}): number {
    const queue = newQueue(queueClass, more)
    queue.push(newRequest(1))
    queue.fulfillRequest(answerTo(1))
    vi.advanceTimersByTime(2_000)
    const wakes = wakesWithin(10_000)
    queue.destroy()
    return wakes
  }

  test('wake nobody when there are none; as it is, kafkajs wakes 1,000 times a second', () => {
    expect(wakesWhenIdle(unmended)).toBe(10_000)
    expect(wakesWhenIdle(unmended, { enforceRequestTimeout: false })).toBe(10_000)
    expect(wakesWhenIdle(mended)).toBe(0)
  })

  test.each([
    ['ten times', unmended, 100],
    ['mended, once', mended, 10],
  ])('%s a second, where one waits for its answer', (_, queueClass, expected) => {
    const queue = newQueue(queueClass)
    queue.push(newRequest(1))
    expect(wakesWithin(10_000)).toBe(expected)
    queue.destroy()
  })

  test.each(both)('%s: the next is sent when the one in flight is answered', (_, queueClass) => {
    const queue = newQueue(queueClass)
    const [first, second] = [newRequest(1), newRequest(2)]
    queue.push(first)
    queue.push(second)
    vi.advanceTimersByTime(1_000)
    expect(second.sendRequest).not.toHaveBeenCalled()
    queue.fulfillRequest(answerTo(1))
    expect(first.entry.resolve).toHaveBeenCalledOnce()
    expect(second.sendRequest).toHaveBeenCalledOnce()
  })

  test.each(both)('%s: what the broker throttles is sent when that is over', (_, queueClass) => {
    const queue = newQueue(queueClass)
    const request = newRequest(1)
    queue.maybeThrottle(500)
    queue.push(request)
    vi.advanceTimersByTime(499)
    expect(request.sendRequest).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2)
    expect(request.sendRequest).toHaveBeenCalledOnce()
  })

  test('that the broker throttles wake nobody before that is over', () => {
    const queue = newQueue(mended)
    queue.maybeThrottle(5_000)
    queue.push(newRequest(1))
    expect(wakesWithin(4_999)).toBe(0)
    queue.destroy()
  })

  test.each(both)('%s: what is throttled anew in the meantime waits on', (_, queueClass) => {
    const queue = newQueue(queueClass)
    const request = newRequest(1)
    queue.maybeThrottle(100)
    queue.push(request)
    queue.maybeThrottle(400)
    vi.advanceTimersByTime(399)
    expect(request.sendRequest).not.toHaveBeenCalled()
    vi.advanceTimersByTime(12)
    expect(request.sendRequest).toHaveBeenCalledOnce()
  })

  test.each(both)(
    '%s: one without an answer is given up, and the next is sent',
    async (_, queueClass) => {
      const queue = newQueue(queueClass)
      const [first, second] = [newRequest(1), newRequest(2)]
      queue.push(first)
      queue.push(second)
      vi.advanceTimersByTime(30_000)
      expect(first.entry.reject).not.toHaveBeenCalled()
      vi.advanceTimersByTime(1_000)
      expect(String(first.entry.reject.mock.calls[0]?.[0])).toMatch(/timed out/)
      expect(second.sendRequest).toHaveBeenCalledOnce()
      vi.advanceTimersByTime(31_000)
      expect(second.entry.reject).toHaveBeenCalledOnce()
      await queue.waitForPendingRequests()
    },
  )

  test.each(both)('%s: nothing is left ticking when the connection is gone', (_, queueClass) => {
    const queue = newQueue(queueClass)
    queue.push(newRequest(1))
    connected = false
    vi.advanceTimersByTime(1_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each(both)('%s: requests are looked after when it connects again', (_, queueClass) => {
    const queue = newQueue(queueClass)
    queue.push(newRequest(1))
    queue.destroy()
    expect(vi.getTimerCount()).toBe(0)
    queue.scheduleRequestTimeoutCheck()
    queue.fulfillRequest(answerTo(1))
    const again = newRequest(2)
    queue.push(again)
    vi.advanceTimersByTime(31_000)
    expect(again.entry.reject).toHaveBeenCalledOnce()
    queue.destroy()
  })

  test('with little time are looked at often enough', () => {
    const queue = newQueue(mended, { requestTimeout: 200 })
    const request = newRequest(1)
    queue.push(request)
    vi.advanceTimersByTime(200)
    expect(request.entry.reject).not.toHaveBeenCalled()
    vi.advanceTimersByTime(20)
    expect(request.entry.reject).toHaveBeenCalledOnce()
  })
})

describe('mending', () => {
  test('another version is refused, and nothing of it is touched', () => {
    expect(() => mendKafkajs('2.3.0')).toThrow(/^kafkajs 2\.3\.0 is installed, but only 2\.2\.4 /)
    expect(load('kafkajs/src/producer/groupMessagesPerPartition')).not.toBe(groupMessages)
  })

  test('reaches a client that was loaded before', () => {
    const before = load('kafkajs')
    const kafkajs = mendKafkajs()
    expect(kafkajs.Kafka).not.toBe(before.Kafka)
    expect(load('kafkajs/src/producer/groupMessagesPerPartition')).toBe(groupMessages)
    // Whoever tells errors apart by their class must still be able to.
    expect(kafkajs.KafkaJSProtocolError).toBe(before.KafkaJSProtocolError)
  })

  test('is done once', () => {
    const { prototype } = load('kafkajs/src/network/requestQueue')
    const all = () => [
      mendKafkajs().Kafka,
      load('kafkajs/src/protocol/requests/produce/v7/request'),
      prototype.sendSocketRequest,
      prototype.destroy,
    ]
    expect(all()).toEqual(all())
  })

  test('is of the version that the package asks for, exactly', () => {
    const { dependencies } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'))
    expect(dependencies.kafkajs).toBe(mendedVersion)
  })
})
