/** Server-sent events: who gets them, how often, how many at once, and when they end. */
import { get, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { streamPath } from '../../../src/console/api/operations.ts'
import { personStreamsMax } from '../../../src/console/server/stream.ts'
import { type Stub, startStub, stubVisitors } from './stub-console.ts'

let stub: Stub
let ended = false
beforeEach(async () => {
  ended = false
  stub = await startStub({
    heartbeatMs: 50,
    visitors: {
      ...stubVisitors,
      bySession: async (token, at, quietly) =>
        ended && quietly === 'quietly' ? null : await stubVisitors.bySession(token, at),
    },
  })
})
afterEach(() => stub.close())

const open = (headers: Record<string, string> = {}) =>
  new Promise<{ response: IncomingMessage; heard: () => string }>((resolve, reject) => {
    const all = { cookie: stub.cookie('viewer'), ...headers }
    const request = get(`${stub.url}${streamPath}`, { headers: all }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      resolve({ response, heard: () => text })
    })
    request.on('error', reject)
  })
const changed = (text: string) =>
  [...text.matchAll(/event: changed\nid: \d+\ndata: (.*)\n\n/g)].map(([, data]) => data)
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const patience = { timeout: 10_000, interval: 20 }

describe('the stream', () => {
  it('is for who is signed in', async () => {
    const { response } = await open({ cookie: 'none=1' })
    expect(response.statusCode).toBe(401)
  })

  it('tells what changed, at most once a second', async () => {
    const { response, heard } = await open()
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    for (let turn = 0; turn < 50; turn += 1) stub.changes.tell(['cases', 'overview'])
    stub.changes.tell(['alerts'])
    await expect.poll(() => changed(heard()), patience).toEqual(['["cases","overview"]'])
    await pass(300)
    expect(changed(heard())).toHaveLength(1)
    await expect.poll(() => changed(heard()), patience).toHaveLength(2)
    expect(changed(heard())[1]).toBe('["cases","overview","alerts"]')
    expect(heard()).toContain(': still here')
  })

  it('tells who comes again to ask for everything', async () => {
    const { heard } = await open({ 'last-event-id': '4' })
    await expect.poll(() => changed(heard()), patience).toHaveLength(1)
    expect(changed(heard())[0]).toContain('dead-letters')
  })

  it('ends when the session has', async () => {
    const { response } = await open()
    const over = new Promise((resolve) => response.once('end', () => resolve('over')))
    ended = true
    expect(await over).toBe('over')
  })

  it('ends with the server', async () => {
    const { response } = await open()
    const over = new Promise((resolve) => response.once('end', () => resolve('over')))
    await stub.close()
    expect(await over).toBe('over')
  })

  it('is bounded for one person, and a place is free again when one goes', async () => {
    const all = await Promise.all(Array.from({ length: personStreamsMax }, () => open()))
    expect((await open()).response.statusCode).toBe(429)
    expect((await open({ cookie: stub.cookie('lead') })).response.statusCode).toBe(200)
    all[0]!.response.destroy()
    await expect.poll(async () => (await open()).response.statusCode, patience).toBe(200)
  })
})
