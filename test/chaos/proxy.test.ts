/**
 * The proxy of chaos, before a broker that answers everything: what is not struck passes unchanged
 * and in order, and a strike takes effect at exactly its moment.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiKeys, FrameCutter, readCorrelation, readRequest } from '../../scripts/chaos/frames.ts'
import { type BrokerProxy, startProxy } from '../../scripts/chaos/proxy.ts'
import { newStriking, type Strike, type Striking } from '../../scripts/chaos/strikes.ts'
import { freePort } from '../../scripts/stack/running.ts'
import { answerFrame, requestFrame } from './kafka-frames.ts'

const worker = 'couponguard-worker-4711'
const patienceMs = 10_000

let broker: Server
let proxy: BrokerProxy
let striking: Striking
/** Correlations of the requests that the broker got, and what was done to processes. */
let taken: number[]
let deeds: string[]
const sockets: Socket[] = []

beforeEach(async () => {
  taken = []
  deeds = []
  const target = await freePort()
  broker = createServer((socket) => {
    sockets.push(socket)
    const cutter = new FrameCutter()
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      for (const frame of cutter.push(chunk)) {
        const { correlation } = readRequest(frame)
        taken.push(correlation)
        socket.write(answerFrame(correlation, 'x'.repeat(correlation * 1_000)))
      }
    })
  })
  await new Promise<void>((resolve) => broker.listen(target, '127.0.0.1', () => resolve()))
  striking = newStriking({
    kill: (pid) => deeds.push(`kill ${pid}`),
    freeze: (pid) => deeds.push(`freeze ${pid}`),
    thaw: (pid) => deeds.push(`thaw ${pid}`),
  })
  proxy = await startProxy({ port: await freePort(), target }, striking.watcher)
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy.close()
  await new Promise<void>((resolve) => broker.close(() => resolve()))
})

interface Client {
  ask(api: keyof typeof apiKeys, correlation: number, firstText?: string | null): void
  /** Correlations of the answers so far, once there are `count` or the connection is closed. */
  answers(count: number): Promise<readonly number[]>
  readonly closed: Promise<void>
}

function newClient(clientId = worker): Client {
  const socket = connect(proxy.port, '127.0.0.1')
  sockets.push(socket)
  const cutter = new FrameCutter()
  const answered: number[] = []
  let changed: () => void = () => undefined
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    answered.push(...cutter.push(chunk).map(readCorrelation))
    changed()
  })
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      changed()
      resolve()
    }),
  )
  return {
    ask(api, correlation, firstText = 'guard-0') {
      socket.write(requestFrame({ apiKey: apiKeys[api], correlation, clientId, firstText }))
    },
    async answers(count) {
      while (answered.length < count && !socket.closed)
        await new Promise<void>((resolve) => {
          changed = resolve
        })
      return answered
    },
    closed,
  }
}

test('what is not struck passes, in order, answers of any size', async () => {
  const client = newClient()
  const correlations = Array.from({ length: 200 }, (_, at) => at)
  for (const correlation of correlations) client.ask('endTxn', correlation)
  expect(await client.answers(200)).toEqual(correlations)
  expect(taken).toEqual(correlations)
})

test('a broker that is not there shows as a closed connection', async () => {
  const client = newClient()
  client.ask('endTxn', 1)
  await client.answers(1)
  for (const socket of sockets) socket.destroy()
  await new Promise<void>((resolve) => broker.close(() => resolve()))
  const late = newClient()
  late.ask('endTxn', 2)
  await late.closed
  expect(taken).toEqual([1])
})

test('all connections can be cut, and new ones are taken', async () => {
  const client = newClient()
  client.ask('endTxn', 1)
  await client.answers(1)
  proxy.cutAll()
  await client.closed
  const next = newClient()
  next.ask('endTxn', 2)
  expect(await next.answers(1)).toEqual([2])
})

describe('a strike', () => {
  const armed = (strike: Strike, lengthMs = 0) => striking.strike(strike, lengthMs, patienceMs)

  test.each<[string, Strike, string[], number[]]>([
    [
      'before the broker: killed',
      { api: 'endTxn', at: 'request', deed: 'kill' },
      ['kill 4711'],
      [],
    ],
    ['before the broker: cut', { api: 'endTxn', at: 'request', deed: 'cut' }, [], []],
    [
      'before the answer: killed',
      { api: 'endTxn', at: 'answer', deed: 'kill' },
      ['kill 4711'],
      [2],
    ],
    ['before the answer: cut', { api: 'endTxn', at: 'answer', deed: 'cut' }, [], [2]],
  ])('%s', async (_, strike, done, got) => {
    const struck = armed(strike)
    const client = newClient()
    client.ask('produce', 1)
    expect(await client.answers(1)).toEqual([1])
    client.ask('endTxn', 2)
    expect(await struck).toBe(true)
    await client.closed
    expect(await client.answers(2)).toEqual([1])
    expect(taken).toEqual([1, ...got])
    expect(deeds).toEqual(done)
  })

  test('that freezes lets the request pass when the process has woken', async () => {
    const struck = armed({ api: 'endTxn', at: 'request', deed: 'freeze' }, 50)
    const client = newClient()
    client.ask('endTxn', 1)
    client.ask('produce', 2)
    expect(await struck).toBe(true)
    expect(deeds).toEqual(['freeze 4711', 'thaw 4711'])
    expect(await client.answers(2)).toEqual([1, 2])
  })

  test('that holds back leaves other connections alone', async () => {
    const struck = armed({ api: 'endTxn', at: 'request', deed: 'hold' }, 200)
    const [held, other] = [newClient(), newClient()]
    held.ask('endTxn', 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    other.ask('endTxn', 2)
    expect(await other.answers(1)).toEqual([2])
    expect(taken).toEqual([2])
    expect(await struck).toBe(true)
    expect(await held.answers(1)).toEqual([1])
  })

  test('strikes once', async () => {
    const struck = armed({ api: 'endTxn', at: 'answer', deed: 'cut' })
    newClient().ask('endTxn', 1)
    await struck
    const next = newClient()
    next.ask('endTxn', 2)
    expect(await next.answers(1)).toEqual([2])
  })

  test.each<[string, string, string | null]>([
    ['of the other role', 'couponguard-monitor-12', 'guard-0'],
    ['of another client', 'chaos-publisher', 'guard-0'],
    ['outside of a transaction', worker, null],
  ])('leaves requests %s alone', async (_, clientId, firstText) => {
    const struck = striking.strike({ api: 'produce', at: 'request', deed: 'cut' }, 0, 300)
    const client = newClient(clientId)
    client.ask('produce', 1, firstText)
    expect(await client.answers(1)).toEqual([1])
    expect(await struck).toBe(false)
  })

  test('after a join waits for the process to join', async () => {
    const struck = armed({ api: 'initProducerId', at: 'request', deed: 'kill', afterJoin: true })
    const client = newClient()
    client.ask('initProducerId', 1)
    expect(await client.answers(1)).toEqual([1])
    client.ask('syncGroup', 2, 'group')
    expect(await client.answers(2)).toEqual([1, 2])
    client.ask('initProducerId', 3)
    expect(await struck).toBe(true)
    expect(deeds).toEqual(['kill 4711'])
  })
})
