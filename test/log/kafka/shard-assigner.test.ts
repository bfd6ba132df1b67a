/** A shard moves as a whole and belongs to one member. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dealShards } from '../../../src/log/kafka/shard-assigner.ts'

const cases = [
  { members: ['b', 'a'], shards: 5, dealt: { a: [0, 2, 4], b: [1, 3] } },
  { members: ['a', 'b', 'c'], shards: 2, dealt: { a: [0], b: [1], c: [] } },
  { members: ['a'], shards: 0, dealt: { a: [] } },
]

test.each(cases)('$members share $shards shards', ({ members, shards, dealt }) => {
  expect(Object.fromEntries(dealShards(members, shards))).toEqual(dealt)
})

test('every shard has one owner, and no member has two more than another', () => {
  const members = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(members, fc.nat(64), (ids, shards) => {
      const dealt = [...dealShards(ids, shards).values()]
      expect(dealt.flat().sort((a, b) => a - b)).toEqual([...Array(shards).keys()])
      const counts = dealt.map((mine) => mine.length)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    }),
  )
})
