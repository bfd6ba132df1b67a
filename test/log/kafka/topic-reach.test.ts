/**
 * How far back a topic reaches, and by which settings it cannot reach as far as it must.
 *
 * proves: D6
 */
import { describe, expect, test } from 'vitest'
import { configOf } from '../../../src/log/kafka/topic-check.ts'
import { keptAtLeastMs, type PartitionPlace, reachOf } from '../../../src/log/kafka/topic-reach.ts'
import { type TopicName, topicNames, topics } from '../../../src/log/kafka/topics.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 26)

function reach(
  name: TopicName,
  settings: Readonly<Record<string, string>> = {},
  places: readonly PartitionPlace[] = [],
) {
  const config = new Map([...configOf(topics[name], 1), ...Object.entries(settings)])
  return reachOf(topics[name], { config }, places, now)
}

/** Partitions from 0 on: where each begins, and how many days back its first record is. */
const places = (...each: [firstOffset: number, back: number | 'empty'][]) =>
  each.map(([firstOffset, back], partition) => ({
    partition,
    firstOffset,
    oldestAt: back === 'empty' ? null : now - back * day,
  }))

describe('which topics must be kept 180 days', () => {
  test('is what the contract keeps at least as long, and made by it each of them can', () => {
    const wanted = topicNames.filter((name) => reach(name).wantedMs === keptAtLeastMs)
    expect(wanted).toEqual([
      'risk.decisions',
      'risk.audit',
      'risk.alerts',
      'risk.reviews',
      'risk.reports',
    ])
    expect(topicNames.flatMap((name) => reach(name).shortcomings)).toEqual([])
  })
})

describe('a topic cannot reach 180 days', () => {
  type Case = [
    says: string,
    name: TopicName,
    settings: Readonly<Record<string, string>>,
    whats: readonly string[],
  ]
  const cases: Case[] = [
    ['as the table has it', 'risk.audit', {}, []],
    ['kept a millisecond less', 'risk.audit', { 'retention.ms': '15551999999' }, ['retention.ms']],
    ['kept exactly as long', 'risk.audit', { 'retention.ms': '15552000000' }, []],
    ['kept for ever', 'risk.audit', { 'retention.ms': '-1' }, []],
    ['dropped at once', 'risk.audit', { 'retention.ms': '0' }, ['retention.ms']],
    ['limited by size', 'risk.alerts', { 'retention.bytes': '1000' }, ['retention.bytes']],
    [
      'limited by both',
      'risk.alerts',
      { 'retention.ms': '1', 'retention.bytes': '0' },
      ['retention.ms', 'retention.bytes'],
    ],
    ['compacted', 'risk.audit', { 'cleanup.policy': 'compact' }, ['cleanup.policy']],
    [
      'compacted and dropped',
      'risk.decisions',
      { 'cleanup.policy': 'compact, delete', 'retention.ms': '1' },
      ['cleanup.policy', 'retention.ms'],
    ],
    ['compacted by the contract', 'risk.reports', { 'cleanup.policy': 'delete,compact' }, []],
    ['a topic that need not', 'coupon.claims', { 'retention.ms': '1' }, []],
  ]
  test.each(cases)('%s', (_, name, settings, whats) => {
    expect(reach(name, settings).shortcomings.map(({ what }) => what)).toEqual(whats)
  })
})

describe('how far it reaches now', () => {
  type Case = [
    says: string,
    partitions: readonly PartitionPlace[],
    days: number | null,
    standing: string | null,
  ]
  const cases: Case[] = [
    ['the oldest of all partitions counts', places([0, 3], [0, 5], [0, 4]), 5, 'whole'],
    ['nothing came yet', places([0, 'empty'], [0, 'empty']), null, 'whole'],
    ['an empty partition is passed over', places([0, 'empty'], [0, 2]), 2, 'whole'],
    ['all of it is gone', places([7, 'empty']), null, 'cut'],
    ['one partition was cut', places([0, 5], [9, 3]), 5, 'cut'],
    ['dropped when its time had come', places([900, 180.5], [0, 'empty']), 180.5, 'reaches'],
    ['exactly as far as it must', places([900, 180]), 180, 'reaches'],
    ['no partition was told', [], null, null],
  ]
  test.each(cases)('%s', (_, partitions, days, standing) => {
    const { reachMs, standing: is } = reach('risk.audit', {}, partitions)
    expect([reachMs === null ? null : reachMs / day, is]).toEqual([days, standing])
  })

  test('is told of a topic of which nothing is wanted, too, without a judgement', () => {
    const { reachMs, standing, keptMs } = reach('coupon.claims', {}, places([8, 12]))
    expect([reachMs, standing, keptMs]).toEqual([12 * day, null, 50 * day])
  })

  test('has no age where only the last of each key is kept', () => {
    const { keptMs, keepsLastOfKey } = reach('risk.lists')
    expect([keptMs, keepsLastOfKey]).toEqual([null, true])
  })
})
