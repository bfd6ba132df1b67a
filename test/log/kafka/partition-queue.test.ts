/**
 * A partition's queue takes a fetch only where it goes on where the last one ended, or at the place
 * last sought: the table says which fetches come in.
 */
import { expect, test } from 'vitest'
import { type Fetch, PartitionQueue } from '../../../src/log/kafka/partition-queue.ts'

const fetchOf = (
  from: number,
  offsets: readonly number[],
  next = (offsets.at(-1) ?? from) + 1,
): Fetch => ({
  fetchedOffset: from,
  nextOffset: next,
  endOffset: 100,
  messages: offsets.map((offset) => ({
    source: 'coupon.claims',
    partition: 0,
    offset,
    recordedAt: offset,
    key: null,
    value: Buffer.alloc(10),
    headers: {},
  })),
})

const takenOf = (queue: PartitionQueue) => {
  const offsets: number[] = []
  while (queue.peek() !== null) offsets.push(queue.take().offset)
  return offsets
}

type Step = { open: number } | { close: true } | { offer: Fetch; taken: boolean }
const cases: readonly { name: string; steps: readonly Step[]; offsets: readonly number[] }[] = [
  {
    name: 'goes on where the last fetch ended',
    steps: [
      { open: 40 },
      { offer: fetchOf(40, [40, 41]), taken: true },
      { offer: fetchOf(42, [42]), taken: true },
    ],
    offsets: [40, 41, 42],
  },
  {
    name: 'control records leave gaps, which are no loss',
    steps: [
      { open: 40 },
      { offer: fetchOf(40, [40, 41], 44), taken: true },
      { offer: fetchOf(44, [45]), taken: true },
    ],
    offsets: [40, 41, 45],
  },
  {
    name: 'nothing comes in before it is opened',
    steps: [{ offer: fetchOf(0, [0]), taken: false }],
    offsets: [],
  },
  {
    name: 'a fetch from before the place was changed is dropped',
    steps: [
      { open: 40 },
      { offer: fetchOf(40, [40, 41]), taken: true },
      { open: 41 },
      { offer: fetchOf(42, [42]), taken: false },
      { offer: fetchOf(41, [41]), taken: true },
    ],
    offsets: [41],
  },
  {
    name: 'the same fetch twice comes in once',
    steps: [
      { open: 40 },
      { offer: fetchOf(40, [40]), taken: true },
      { offer: fetchOf(40, [40]), taken: false },
    ],
    offsets: [40],
  },
  {
    name: 'a fetch that jumps ahead is dropped',
    steps: [{ open: 40 }, { offer: fetchOf(41, [41]), taken: false }],
    offsets: [],
  },
  {
    name: 'closing drops what is there',
    steps: [{ open: 40 }, { offer: fetchOf(40, [40]), taken: true }, { close: true }],
    offsets: [],
  },
]

test.each(cases)('$name', ({ steps, offsets }) => {
  const queue = new PartitionQueue()
  for (const step of steps) {
    if ('open' in step) queue.open(step.open, 100)
    else if ('close' in step) queue.close()
    else expect(queue.offer(step.offer)).toBe(step.taken)
  }
  expect(takenOf(queue)).toEqual(offsets)
})

test('the place to commit is that of the first message not taken', () => {
  const queue = new PartitionQueue()
  queue.open(40, 100)
  expect(queue.nextOffset()).toBe(40)
  queue.offer(fetchOf(40, [41, 43], 46))
  expect(queue.nextOffset()).toBe(41)
  queue.take()
  expect(queue.nextOffset()).toBe(43)
  queue.take()
  expect(queue.nextOffset(), 'past the control records behind the last message').toBe(46)
})

test('bytes held go up and down with the messages, and lag counts to the known end', () => {
  const queue = new PartitionQueue()
  queue.open(40, 50)
  expect(queue.isBehind()).toBe(true)
  queue.offer(fetchOf(40, [40, 41]))
  expect(queue.bytes()).toBeGreaterThan(20)
  expect(queue.lag()).toBe(60)
  queue.take()
  queue.take()
  expect(queue.bytes()).toBe(0)
  queue.open(100, 100)
  expect(queue.isBehind()).toBe(false)
})
