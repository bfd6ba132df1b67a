/**
 * Aborted messages of transactions that lie between each other: kafkajs hands some of them on, the
 * patch none. The oracle looks at the control records, not at the list of aborted transactions.
 */
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filterAborted } from '../../../src/log/kafka/patches/aborted-messages.ts'
import type {
  FetchedMessage,
  FetchedMessages,
  FilterAborted,
} from '../../../src/log/kafka/patches/internals.ts'
import { mendKafkajs } from '../../../src/log/kafka/patches/mend.ts'
import { pristine } from './pristine.ts'

const theirs = pristine<FilterAborted>('consumer/filterAbortedMessages')
const seed = 20_260_302

/** A record of the log: a producer's message in its transaction, the end of that, or neither. */
type Step = readonly [producer: string, what: 'message' | 'abort' | 'commit' | 'plain']

const key = (type: number) => Buffer.from([0, 0, 0, type])

/** What a broker gives that is asked from an offset on: aborted transactions as they ended. */
function fetchOf(steps: readonly Step[], from = 0): FetchedMessages {
  const began = new Map<string, number>()
  const aborted: { producerId: string; firstOffset: string; lastOffset: number }[] = []
  const messages = steps.map(([producerId, what], offset): FetchedMessage => {
    if (what === 'message' && !began.has(producerId)) began.set(producerId, offset)
    if (what === 'abort' || what === 'commit') {
      const firstOffset = String(began.get(producerId) ?? offset)
      if (what === 'abort' && began.has(producerId))
        aborted.push({ producerId, firstOffset, lastOffset: offset })
      began.delete(producerId)
    }
    const isControlRecord = what === 'abort' || what === 'commit'
    return {
      offset: String(offset),
      // A publisher may choose the key of an end of a transaction for his message.
      key: what === 'commit' ? key(1) : key(0),
      isControlRecord,
      batchContext: { producerId, inTransaction: what !== 'plain' },
    }
  })
  return {
    messages: messages.slice(from),
    abortedTransactions: aborted.filter(({ lastOffset }) => lastOffset >= from),
  }
}

/** Offsets of messages whose transaction was committed, or that were in none. */
function committedOf(steps: readonly Step[], from = 0): number[] {
  return steps.flatMap(([producer, what], offset) => {
    if (offset < from || what === 'abort' || what === 'commit') return []
    if (what === 'plain') return [offset]
    const end = steps.find(
      ([other, kind], at) =>
        at > offset && other === producer && (kind === 'abort' || kind === 'commit'),
    )
    return end?.[1] === 'abort' ? [] : [offset]
  })
}

const givenBy = (filter: FilterAborted, fetched: FetchedMessages) =>
  filter(fetched)
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset }) => Number(offset))

describe.each<[string, number, readonly Step[]]>([
  [
    'one that began before another and ended after it',
    0,
    [
      ['a', 'message'],
      ['b', 'message'],
      ['a', 'message'],
      ['b', 'abort'],
      ['a', 'abort'],
      ['c', 'message'],
      ['c', 'commit'],
    ],
  ],
  [
    'two that began before the place that was asked for',
    2,
    [
      ['a', 'message'],
      ['b', 'message'],
      ['b', 'message'],
      ['a', 'message'],
      ['a', 'abort'],
      ['b', 'abort'],
    ],
  ],
  [
    'one with a key as the end of a transaction has',
    0,
    [
      ['a', 'message'],
      ['a', 'message'],
      ['a', 'abort'],
    ],
  ],
])('%s', (_, from, steps) => {
  test('comes through as it is, and not with the patch', () => {
    const committed = committedOf(steps, from)
    expect(givenBy(theirs, fetchOf(steps, from))).not.toEqual(committed)
    expect(givenBy(filterAborted, fetchOf(steps, from))).toEqual(committed)
  })
})

test('on random histories the patch gives what is committed, from wherever it is asked', () => {
  const step = fc.tuple(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom<Step[1]>('message', 'message', 'message', 'abort', 'commit', 'plain'),
  )
  const property = fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (drawn, from) => {
    // Only what has ended can be read: all do at the end.
    const ends = ['a', 'b', 'c', 'd'].map((producer): Step => [producer, 'commit'])
    const steps: readonly Step[] = [...drawn, ...ends]
    const given = givenBy(filterAborted, fetchOf(steps, from))
    expect(given).toEqual(committedOf(steps, from))
  })
  fc.assert(property, { seed, numRuns: 500 })
})

test('the batches of the mended client leave them out', () => {
  type BatchClass = new (topic: string, offset: string, data: object) => FetchedMessages
  mendKafkajs()
  const batchClass = createRequire(import.meta.url)('kafkajs/src/consumer/batch') as BatchClass
  const steps: readonly Step[] = [
    ['a', 'message'],
    ['b', 'message'],
    ['b', 'abort'],
    ['a', 'abort'],
  ]
  const data = { partition: 0, highWatermark: '4', ...fetchOf(steps) }
  expect(new batchClass('t', '0', data).messages).toEqual([])
})

test('where nothing was aborted, all comes through', () => {
  const fetched = fetchOf([
    ['a', 'message'],
    ['a', 'commit'],
  ])
  expect(filterAborted(fetched)).toBe(fetched.messages)
  expect(filterAborted({ ...fetched, abortedTransactions: null })).toBe(fetched.messages)
})
