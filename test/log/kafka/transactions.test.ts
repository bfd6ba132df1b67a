/** What the client asks its coordinators, as it is and mended, with the answers made up here. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Broker, Cluster } from '../../../src/log/kafka/patches/internals.ts'
import {
  mendCoordinatorQueries,
  mendTransactions,
} from '../../../src/log/kafka/patches/transactions.ts'
import { pristine } from './pristine.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

class Busy extends Error {
  readonly type = 'CONCURRENT_TRANSACTIONS'
  readonly retriable = true
}
class Fenced extends Error {
  readonly type = 'INVALID_PRODUCER_EPOCH'
}

/** A broker that gives these answers one after the other, the last for ever. */
function brokerThat(...answers: readonly (Error | string)[]) {
  const asked: unknown[] = []
  const answer = (request: unknown) => {
    asked.push(request)
    const given = answers[Math.min(asked.length, answers.length) - 1]!
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given)
  }
  const broker: Broker = { addPartitionsToTxn: answer, addOffsetsToTxn: answer }
  mendTransactions(broker, [])
  return { broker, asked }
}

describe.each(['addPartitionsToTxn', 'addOffsetsToTxn'] as const)('%s', (name) => {
  test.each([
    ['is sent once where it succeeds', ['done'], 1],
    ['is sent again while the last transaction completes', [new Busy(), new Busy(), 'done'], 3],
  ])('%s', async (_, answers, times) => {
    const { broker, asked } = brokerThat(...answers)
    const result = broker[name]({ topics: ['t'] })
    expect(await result).toBe('done')
    expect(asked).toEqual(Array.from({ length: times }, () => ({ topics: ['t'] })))
  })

  test('is given up at any other error', async () => {
    const { broker, asked } = brokerThat(new Fenced('fenced'), 'done')
    await expect(broker[name]({})).rejects.toThrow('fenced')
    expect(asked).toHaveLength(1)
  })

  test('is given up after two seconds, with the error of the broker', async () => {
    const { broker, asked } = brokerThat(new Busy('busy'))
    const now = vi.spyOn(Date, 'now')
    let ms = 1_000_000
    now.mockImplementation(() => {
      ms += 100
      return ms
    })
    await expect(broker[name]({})).rejects.toThrow('busy')
    expect(asked).toHaveLength(20)
    now.mockRestore()
  })
})

test('the client does not log what is tried again', () => {
  const { requests } = pristine<{ requests: { AddOffsetsToTxn: RequestDefinitions } }>(
    'protocol/requests',
  )
  const { AddOffsetsToTxn: definition } = requests
  const of = () => definition.protocol({ version: 1 })({ groupId: 'g' })
  const before = of()
  mendTransactions(brokerThat('done').broker, [definition])
  expect(before).toEqual({ request: expect.anything(), response: expect.anything() })
  expect(of()).toMatchObject({ response: before.response, logResponseError: false })
})

interface RequestDefinitions {
  protocol(version: object): (options: unknown) => { readonly response?: unknown }
}

describe('the coordinators', () => {
  const transaction = { groupId: 'shard-0', coordinatorType: 1 }
  const group = { groupId: 'workers', coordinatorType: 0 }

  /** Clusters of one client, and what they asked the brokers. */
  function newClusters() {
    const asked: string[] = []
    const prototype: Cluster = {
      async findGroupCoordinatorMetadata({ groupId }) {
        asked.push(groupId)
        if (groupId === 'nobody') throw new Error('not available')
        return { coordinator: { nodeId: asked.length } }
      },
    }
    mendCoordinatorQueries(prototype)
    return { asked, newCluster: (): Cluster => Object.create(prototype) }
  }

  test('of a transaction are asked for once a second', async () => {
    const { asked, newCluster } = newClusters()
    const producer = newCluster()
    const found = []
    for (const afterMs of [0, 0, 999, 1, 500]) {
      vi.setSystemTime(Date.now() + afterMs)
      found.push(await producer.findGroupCoordinatorMetadata(transaction))
      await producer.findGroupCoordinatorMetadata(group)
    }
    expect(asked).toEqual(['shard-0', 'workers', 'shard-0', 'workers'])
    expect(
      found.map((one) => (one as { coordinator: { nodeId: number } }).coordinator.nodeId),
    ).toEqual([1, 1, 1, 3, 3])
  })

  test('of a consumer are asked for each time: it asks when it joins', async () => {
    const { asked, newCluster } = newClusters()
    const consumer = newCluster()
    for (let n = 0; n < 3; n += 1) await consumer.findGroupCoordinatorMetadata(group)
    expect(asked).toHaveLength(3)
  })

  test('of a transaction, of a group and of another group are three, whatever their names', async () => {
    const { asked, newCluster } = newClusters()
    const producer = newCluster()
    const queries = [transaction, { ...group, groupId: 'shard-0' }, group, transaction]
    const found = []
    for (const query of queries) found.push(await producer.findGroupCoordinatorMetadata(query))
    expect(asked).toHaveLength(3)
    expect(new Set(found).size).toBe(3)
  })

  test('of one producer are not those of another', async () => {
    const { asked, newCluster } = newClusters()
    for (const producer of [newCluster(), newCluster()])
      await producer.findGroupCoordinatorMetadata(transaction)
    expect(asked).toHaveLength(2)
  })

  test('are asked for again where there was no answer, and where the clock was set back', async () => {
    const { asked, newCluster } = newClusters()
    const producer = newCluster()
    const nobody = { groupId: 'nobody', coordinatorType: 1 }
    for (let n = 0; n < 2; n += 1)
      await expect(producer.findGroupCoordinatorMetadata(nobody)).rejects.toThrow('not available')
    await producer.findGroupCoordinatorMetadata(transaction)
    vi.setSystemTime(Date.now() - 60_000)
    await producer.findGroupCoordinatorMetadata(transaction)
    expect(asked).toEqual(['nobody', 'nobody', 'shard-0', 'shard-0'])
  })
})
