/** A batch that holds only control records is empty for kafkajs and handed on by the patch. */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { mendControlBatches } from '../../../src/log/kafka/patches/control-batches.ts'
import type { FetchedBatch } from '../../../src/log/kafka/patches/internals.ts'

type BatchClass = new (topic: string, offset: string, data: object) => FetchedBatch
const theirs = createRequire(import.meta.url)('kafkajs/src/consumer/batch') as BatchClass

const record = (offset: number, isControlRecord: boolean) => ({
  offset: String(offset),
  isControlRecord,
})
const cases = [
  { name: 'no record', records: [], theirs: 'empty', ours: 'empty' },
  { name: 'a control record', records: [record(5, true)], theirs: 'skipped', ours: 'handed on' },
  { name: 'a message', records: [record(5, false)], theirs: 'handed on', ours: 'handed on' },
]

const fateOf = (batch: FetchedBatch) =>
  batch.isEmptyDueToFiltering() ? 'skipped' : batch.isEmpty() ? 'empty' : 'handed on'

test.each(cases)('$name: $theirs by kafkajs, $ours by us', ({ records, theirs: before, ours }) => {
  const data = { partition: 0, highWatermark: '9', abortedTransactions: [], messages: records }
  const { isEmpty, isEmptyDueToFiltering } = theirs.prototype
  try {
    expect(fateOf(new theirs('t', '5', data))).toBe(before)
    mendControlBatches(theirs.prototype)
    expect(fateOf(new theirs('t', '5', data))).toBe(ours)
  } finally {
    Object.assign(theirs.prototype, { isEmpty, isEmptyDueToFiltering })
  }
})
