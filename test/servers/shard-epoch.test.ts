/**
 * Epochs of a shard on a real broker: who comes later fences who was before, and finds all that was
 * committed; what was not committed is never seen.
 */

import type { Admin, Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { fenceShards } from '../../src/log/kafka/fence-shards.ts'
import { makeTopics } from '../../src/log/kafka/make-topics.ts'
import {
  type EpochOptions,
  type OutputMessage,
  openEpoch,
  type ShardEpoch,
  transactionalIdOf,
} from '../../src/log/kafka/shard-epoch.ts'
import { ownPrefix } from '../support/installation.ts'
import { readAll } from '../support/kafka-read.ts'

const brokers = inject('kafkaBrokers')
/** A commit is answered before its markers are written: a moment later it is seen. */
const patience = { timeout: 10_000, interval: 50 }
const own = ownPrefix('epoch')
const input = `${own}input`
const output = `${own}output`

describe.skipIf(brokers === null)('an epoch', () => {
  let kafka: Kafka
  let admin: Admin
  const opened: ShardEpoch[] = []

  beforeAll(async () => {
    kafka = newKafkaClient({ brokers: [brokers ?? ''], tls: null, sasl: null }, 'epoch-test')
    admin = kafka.admin()
    await admin.connect()
    // As topics create makes them.
    const configEntries = [{ name: 'max.message.bytes', value: String(8 * 2 ** 20) }]
    await makeTopics(
      admin,
      [input, output].map((topic) => ({ topic, numPartitions: 1, configEntries })),
    )
  })
  afterAll(async () => {
    for (const epoch of opened) await epoch.close()
    await admin.disconnect()
  })

  const open = async (group: string) => {
    const groupId = own + group
    const options: EpochOptions = {
      kafka,
      admin,
      groupId,
      transactionalId: transactionalIdOf(groupId, 0),
      topics: [input],
      partition: 0,
    }
    // A broker that has just started still loads what was committed.
    const epoch = await vi.waitFor(() => openEpoch(options), { timeout: 20_000, interval: 200 })
    opened.push(epoch)
    return epoch
  }
  const message = (value: string): OutputMessage => ({
    topic: output,
    key: 'k',
    value: Buffer.from(value),
    headers: {},
  })
  const at = (offset: number, recordedAt = 0) => [
    { topic: input, partition: 0, offset, recordedAt },
  ]
  const seen = async (group: string) =>
    (await readAll(kafka, output)).filter((value) => value.startsWith(`${group}:`))

  test('begins with nothing committed, and finds what the one before committed', async () => {
    const first = await open('g1')
    expect(first.committed).toEqual([{ topic: input, partition: 0, offset: -1, recordedAt: 0 }])
    await first.commit([message('g1:a')], at(7, 1_700_000_000_123))
    await first.commit([message('g1:b')], at(9, 1_700_000_000_456))
    const second = await open('g1')
    expect(second.committed).toEqual(at(9, 1_700_000_000_456))
    await expect.poll(() => seen('g1'), patience).toEqual(['g1:a', 'g1:b'])
  })

  test('who was fenced commits nothing, and what it sent is not seen', async () => {
    const zombie = await open('g2')
    await zombie.commit([message('g2:before')], at(1))
    const owner = await open('g2')
    await expect(zombie.commit([message('g2:zombie')], at(2))).rejects.toMatchObject({
      code: 'kafka-fenced',
    })
    await owner.commit([message('g2:after')], at(2))
    await expect.poll(() => seen('g2'), patience).toEqual(['g2:before', 'g2:after'])
    expect((await open('g2')).committed).toEqual(at(2))
  })

  test('ends where lost windows are filled: nothing is committed that they do not hold', async () => {
    const holder = await open('g5')
    await holder.commit([message('g5:before')], at(3))
    const partitions = new Map([[input, [0]]])
    const places = await fenceShards({ kafka, admin, groupId: `${own}g5`, partitions })
    expect(places).toEqual(at(3))
    await expect(holder.commit([message('g5:late')], at(4))).rejects.toMatchObject({
      code: 'kafka-fenced',
    })
    expect((await open('g5')).committed).toEqual(at(3))
    await expect.poll(() => seen('g5'), patience).toEqual(['g5:before'])
  })

  test('is over after its first failure', async () => {
    const epoch = await open('g3')
    await open('g3')
    await expect(epoch.commit([message('g3:a')], at(1))).rejects.toThrow()
    await expect(epoch.commit([message('g3:b')], at(1))).rejects.toThrow()
    await expect.poll(() => seen('g3'), patience).toEqual([])
  })

  test('commits more than one request holds all the same, in order', async () => {
    const epoch = await open('g4')
    const values = Array.from({ length: 6_000 }, (_, index) => `g4:${index} ${'x'.repeat(1_000)}`)
    await epoch.commit(values.map(message), at(5))
    await expect.poll(() => seen('g4'), patience).toEqual(values)
  })
})
