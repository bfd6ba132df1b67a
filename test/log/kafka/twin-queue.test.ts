/**
 * Twins are read in record-time order; a message waits for a twin that is behind its known end, at
 * most twinWaitMs.
 */
import { expect, test } from 'vitest'
import { PartitionQueue } from '../../../src/log/kafka/partition-queue.ts'
import { backlogWaitMs, TwinQueue, twinWaitMs } from '../../../src/log/kafka/twin-queue.ts'

/** A queue that holds messages of these record times; `end` is the partition's known end. */
function queueOf(source: string, times: readonly number[], end = times.length): PartitionQueue {
  const queue = new PartitionQueue()
  queue.open(0, end)
  if (times.length > 0)
    queue.offer({
      fetchedOffset: 0,
      nextOffset: times.length,
      endOffset: end,
      messages: times.map((recordedAt, offset) => ({
        source,
        partition: 0,
        offset,
        recordedAt,
        key: null,
        value: null,
        headers: {},
      })),
    })
  return queue
}

const named = (rows: readonly { source: string; recordedAt: number }[]) =>
  rows.map(({ source, recordedAt }) => `${source}${recordedAt}`)

const cases = [
  { name: 'by record time', claims: [1, 4], redemptions: [2, 3], order: ['c1', 'r2', 'r3', 'c4'] },
  {
    name: 'claims first where times are equal',
    claims: [5],
    redemptions: [5],
    order: ['c5', 'r5'],
  },
  { name: 'one twin alone', claims: [], redemptions: [1, 2], order: ['r1', 'r2'] },
]

test.each(cases)('$name', ({ claims, redemptions, order }) => {
  const twins = new TwinQueue([queueOf('c', claims), queueOf('r', redemptions)])
  expect(named(twins.take(10, 0))).toEqual(order)
  expect(twins.headAt()).toBeNull()
})

test('a redemption waits while the claims are behind their known end, and no longer', () => {
  const claims = queueOf('c', [], 3)
  const twins = new TwinQueue([claims, queueOf('r', [7])])
  expect(twins.take(10, 1_000)).toEqual([])
  expect(twins.heldUntil()).toBe(1_000 + twinWaitMs)
  expect(twins.take(10, 999 + twinWaitMs)).toEqual([])
  expect(named(twins.take(10, 1_000 + twinWaitMs))).toEqual(['r7'])
})

test('an old redemption waits longer: its claims may be hours behind', () => {
  const now = 1_000_000
  const old = new TwinQueue([queueOf('c', [], 3), queueOf('r', [now - 60_001])])
  expect(old.take(10, now)).toEqual([])
  expect(old.heldUntil()).toBe(now + backlogWaitMs)
  expect(old.take(10, now - 1 + backlogWaitMs)).toEqual([])
  expect(old.take(10, now + backlogWaitMs)).toHaveLength(1)
  const young = new TwinQueue([queueOf('c', [], 3), queueOf('r', [now - 60_000])])
  expect(young.take(10, now)).toEqual([])
  expect(young.heldUntil()).toBe(now + twinWaitMs)
})

test('what the claims bring in time goes first', () => {
  const claims = queueOf('c', [], 1)
  const twins = new TwinQueue([claims, queueOf('r', [7])])
  expect(twins.take(10, 0)).toEqual([])
  claims.offer({
    fetchedOffset: 0,
    nextOffset: 1,
    endOffset: 1,
    messages: [
      { source: 'c', partition: 0, offset: 0, recordedAt: 6, key: null, value: null, headers: {} },
    ],
  })
  expect(named(twins.take(10, 10))).toEqual(['c6', 'r7'])
  expect(twins.heldUntil()).toBeNull()
})

test('a limit per twin: what is committed is taken alone, whatever the other twin holds', () => {
  const twins = new TwinQueue([queueOf('c', [1, 5, 9]), queueOf('r', [2, 3])])
  expect(named(twins.take(10, 0, { below: [2, 0], until: Number.POSITIVE_INFINITY }))).toEqual([
    'c1',
    'c5',
  ])
  expect(twins.nextOffsets()).toEqual([2, 0])
  expect(named(twins.take(2, 0))).toEqual(['r2', 'r3'])
})

test('up to a record time only, so that no shard runs ahead of the others', () => {
  const twins = new TwinQueue([queueOf('c', [1, 5, 9]), queueOf('r', [2, 8])])
  expect(named(twins.take(10, 0, { below: null, until: 5 }))).toEqual(['c1', 'r2', 'c5'])
  expect(twins.headAt()).toBe(8)
  expect(twins.isAtEnd()).toBe(false)
})
