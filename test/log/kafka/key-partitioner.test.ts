/** A key goes to the partition that the client, and so every other writer, takes it to. */
import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { newKeyPartitioner, partitionOf } from '../../../src/log/kafka/key-partitioner.ts'

const theirs = Partitioners.DefaultPartitioner()

const argsOf = (key: string, partitions: number) => ({
  topic: 'risk.audit',
  message: { key, value: null },
  partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  })),
})

describe('the partition of a key', () => {
  test.each([
    // Keys and hashes of Kafka's own test of murmur2.
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('is that of Kafka for %s', (key, hash) => {
    for (const partitions of [1, 7, 12, 10_000])
      expect(partitionOf(key, partitions)).toBe((hash & 0x7fffffff) % partitions)
  })

  test('is that of the client, for any key', () => {
    const key = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.uuid())
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 64 }), (one, partitions) => {
        expect(newKeyPartitioner()(argsOf(one, partitions))).toBe(theirs(argsOf(one, partitions)))
      }),
      { numRuns: 2_000 },
    )
  })
})
