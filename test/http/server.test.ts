/**
 * The HTTP edge on a real server: what passes, what is refused and in which words, and that nothing
 * leaks.
 */

import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildServer } from '../../src/http/server.ts'
import type { SubmitResult } from '../../src/http/submit-result.ts'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import { sampleDecision, sampleEvent } from '../log/sample.ts'

const defects: unknown[] = []
let ready: string | null = null
let server: FastifyInstance
let port = 0

/** Answers by the event's `say`; everything else is decided. */
async function submit(published: readonly unknown[]): Promise<SubmitResult[]> {
  return published.map((event): SubmitResult => {
    const say =
      typeof event === 'object' && event !== null && 'say' in event ? String(event.say) : 'decided'
    if (typeof event !== 'object' || event === null)
      return { status: 'rejected', reason: 'bad-field', detail: 'an event is an object' }
    if (say === 'throw') throw new TypeError('secret /inner/path')
    if (say === 'full') throw new EdgeError('log-full', 'ENOSPC /inner/path', true)
    if (say === 'busy') throw new EdgeError('busy', '9 events are waiting', true)
    if (say === 'reject') return { status: 'rejected', reason: 'missing-field', detail: 'no user' }
    if (say === 'conflict') return { status: 'conflict', detail: 'same id, other content' }
    if (say === 'unavailable') return { status: 'unavailable', detail: 'store is away' }
    const row = {
      event: sampleEvent('e1'),
      recordedAt: 1,
      source: 'events',
      partition: 0,
      offset: 0,
    }
    return { status: 'decided', decision: sampleDecision(row), repeated: say === 'again' }
  })
}

beforeAll(async () => {
  server = buildServer({
    submit: (published) =>
      JSON.stringify(published).includes('hang') ? new Promise(() => {}) : submit(published),
    notReady: () => ready,
    onDefect: (error) => defects.push(error),
    allowedHosts: ['coupons.internal', 'proxy.internal:8443'],
    answerMsMax: 300,
    requestMsMax: 500,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  port = (server.server.address() as AddressInfo).port
})
afterAll(() => server.close())

interface Sent {
  method?: string
  path?: string
  body?: string | Buffer
  headers?: Record<string, string | string[]>
}
interface Got {
  status: number
  headers: Record<string, unknown>
  text: string
  json: unknown
}

const length = (bytes: number) => `POST /v1/events HTTP/1.1\r\nContent-Length: ${bytes}`

/** The status of each event of a batch. */
const statusesOf = (json: unknown) =>
  Array.isArray(json) ? json.map((one: object) => ('status' in one ? one.status : null)) : []

function send({ method = 'POST', path = '/v1/events', body, headers = {} }: Sent): Promise<Got> {
  const isPost = method === 'POST'
  const type = isPost ? { 'content-type': 'application/json' } : {}
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: { ...type, ...headers }, agent: false },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8')
          const json: unknown = text === '' ? null : JSON.parse(text)
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Raw bytes to the server; all that it says until it closes. */
function sendRaw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let said = ''
    socket.on('data', (part) => {
      said += part.toString('latin1')
    })
    socket.on('close', () => resolve(said))
    socket.on('error', reject)
  })
}

describe('one event', () => {
  it.each([
    ['a decision', '{"id":"e1"}', 200, 'decided'],
    ['a rejection', '{"say":"reject"}', 400, 'rejected'],
    ['a conflict', '{"say":"conflict"}', 409, 'conflict'],
    ['unavailable', '{"say":"unavailable"}', 503, 'unavailable'],
    ['a number instead', '5', 400, 'rejected'],
    ['null instead', 'null', 400, 'rejected'],
  ])('%s', async (_, body, status, says) => {
    const got = await send({ body })
    expect(got).toMatchObject({ status, json: { status: says } })
    expect(got.headers['content-type']).toContain('application/json')
  })

  it('answers the whole decision, and a repeat by the same bytes', async () => {
    const first = await send({ body: '{"id":"e1"}' })
    const again = await send({ body: '{"id":"e1","say":"again"}' })
    expect(first.json).toMatchObject({
      outcome: 'block',
      score: 90,
      id: 'e1@1',
      advice: ['step-up'],
    })
    expect(first.json).toHaveProperty(['reasons', 0, 'zh'], '设备农场')
    expect(again.text).toBe(first.text)
    expect([first, again].map((got) => got.headers['couponguard-repeated'])).toEqual(['0', '1'])
  })

  it('names reason and detail of a rejection', async () => {
    const { json } = await send({ body: '{"say":"reject"}' })
    expect(json).toMatchObject({ error: { reason: 'missing-field', detail: 'no user' } })
  })
})

describe('a batch', () => {
  it('has a status for each, in order', async () => {
    const says = ['decided', 'reject', 'conflict', 'unavailable', 'again']
    const got = await send({ body: JSON.stringify(says.map((say) => ({ say }))) })
    expect(got.status).toBe(200)
    const order = statusesOf(got.json)
    expect(order).toEqual(['decided', 'rejected', 'conflict', 'unavailable', 'decided'])
    expect(got.headers['couponguard-repeated']).toBe('1')
  })
  it('is 503 where none could be judged', async () => {
    const got = await send({ body: '[{"say":"unavailable"},{"say":"unavailable"}]' })
    expect([got.status, got.headers['retry-after']]).toEqual([503, '1'])
  })
  it.each([
    [0, 200],
    [500, 200],
    [501, 413],
  ])('of %i events: %i', async (count, status) => {
    const got = await send({ body: JSON.stringify(Array.from({ length: count }, () => ({}))) })
    expect(got.status).toBe(status)
  })
})

describe('refused', () => {
  const ok = '{"id":"e1"}'
  const invalid = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')])
  const rows: [string, Sent, number, string][] = [
    ['broken JSON', { body: '{"id":' }, 400, 'not-json'],
    ['an empty body', { body: '' }, 400, 'not-json'],
    ['nothing but space', { body: ' \n' }, 400, 'not-json'],
    ['no number', { body: '{"id":NaN}' }, 400, 'not-json'],
    ['two bodies in one', { body: '{"id":"e1"}{"id":"e2"}' }, 400, 'not-json'],
    ['nested deeply', { body: `${'['.repeat(65)}${']'.repeat(65)}` }, 400, 'too-deep'],
    ['nested very deeply', { body: '['.repeat(1_000_000) }, 400, 'too-deep'],
    ['fields nested deeply', { body: `${'{"a":'.repeat(65)}1${'}'.repeat(65)}` }, 400, 'too-deep'],
    ['invalid UTF-8', { body: invalid }, 400, 'invalid-utf8'],
    ['a poisoned prototype', { body: '{"__proto__":{"x":1}}' }, 400, 'not-json'],
    ['an escaped one', { body: '{"\\u005f_proto__":{"x":1}}' }, 400, 'not-json'],
    ['a constructor', { body: '[{"constructor":{"prototype":{"x":1}}}]' }, 400, 'not-json'],
    ['a large body', { body: `"${'x'.repeat(1_048_576)}"` }, 413, 'too-large'],
    [
      'a form',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'content-type',
    ],
    ['plain text', { body: ok, headers: { 'content-type': 'text/plain' } }, 415, 'content-type'],
    [
      'another charset',
      { body: ok, headers: { 'content-type': 'application/json; charset=gbk' } },
      415,
      'content-type',
    ],
    [
      'a compressed body',
      { body: ok, headers: { 'content-encoding': 'gzip' } },
      415,
      'content-type',
    ],
    ['another host', { body: ok, headers: { host: 'evil.example' } }, 421, 'host'],
    ['a rebound name', { body: ok, headers: { host: 'evil.example:7070' } }, 421, 'host'],
    ['loopback, other port', { body: ok, headers: { host: '127.0.0.1:1' } }, 421, 'host'],
    ['loopback without port', { body: ok, headers: { host: 'localhost' } }, 421, 'host'],
    ['a look-alike', { body: ok, headers: { host: 'localhost.evil.example' } }, 421, 'host'],
    [
      'user info in the host',
      { body: ok, headers: { host: 'localhost@evil.example' } },
      421,
      'host',
    ],
    [
      'an allowed name on another port',
      { body: ok, headers: { host: 'proxy.internal:1' } },
      421,
      'host',
    ],
    ['another origin', { body: ok, headers: { origin: 'http://evil.example' } }, 403, 'origin'],
    ['a hidden origin', { body: ok, headers: { origin: 'null' } }, 403, 'origin'],
    [
      'a cross-site fetch',
      { body: ok, headers: { 'sec-fetch-site': 'cross-site' } },
      403,
      'origin',
    ],
    ['a same-site fetch', { body: ok, headers: { 'sec-fetch-site': 'same-site' } }, 403, 'origin'],
    ['another path', { path: '/v2/events', body: ok }, 404, 'not-found'],
    ['a path that cannot be decoded', { method: 'GET', path: '/%E0%A4%A' }, 400, 'malformed'],
    ['another method', { method: 'GET' }, 405, 'method'],
    ['removal', { method: 'DELETE' }, 405, 'method'],
    ['a question of methods', { method: 'OPTIONS' }, 405, 'method'],
    ['a trace', { method: 'TRACE' }, 405, 'method'],
    ['a method of WebDAV', { method: 'PROPFIND' }, 405, 'method'],
    [
      'another method, of another type',
      { method: 'PUT', body: 'x', headers: { 'content-type': 'text/plain' } },
      405,
      'method',
    ],
    ['a way up', { method: 'GET', path: '/../../etc/passwd' }, 404, 'not-found'],
    ['an encoded way up', { method: 'GET', path: '/%2e%2e/v1/events' }, 404, 'not-found'],
    ['another path by another method', { method: 'OPTIONS', path: '/' }, 404, 'not-found'],
    ['a full log', { body: '{"say":"full"}' }, 503, 'unavailable'],
    ['a full queue', { body: '{"say":"busy"}' }, 503, 'unavailable'],
    ['no answer in time', { body: '{"say":"hang"}' }, 503, 'timeout'],
    ['a defect', { body: '{"say":"throw"}' }, 500, 'internal'],
  ]
  it.each(rows)('%s', async (_, sent, status, reason) => {
    const got = await send(sent)
    expect(got).toMatchObject({ status, json: { error: { reason } } })
    expect(Object.keys(Object(got.json))).toEqual(['error'])
    expect(got.text).not.toMatch(/\n|inner|node_modules|\.ts/)
    if (status === 503) expect(got.headers['retry-after']).toBe('1')
    if (status === 405) expect(got.headers.allow).toBe('POST')
  })

  it('no content type', async () => {
    const head = `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n`
    for (const rest of ['Content-Length: 2\r\n\r\n{}', 'Content-Length: 0\r\n\r\n', '\r\n'])
      expect(await sendRaw(head + rest)).toMatch(/^HTTP\/1.1 415/)
  })
  it('health by another method: which ones there are', async () => {
    for (const path of ['/healthz', '/readyz?x'])
      for (const method of ['POST', 'OPTIONS', 'DELETE']) {
        const got = await send({ method, path })
        expect(got).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
        expect(got.json).toMatchObject({ error: { reason: 'method' } })
      }
    expect(await send({ method: 'HEAD', path: '/healthz' })).toMatchObject({ status: 200 })
  })
  it('JSON in quotes is not nested', async () => {
    const body = JSON.stringify({ id: `\\"${'['.repeat(100)}`, say: 'decided' })
    expect((await send({ body })).status).toBe(200)
    const deepest = `${'['.repeat(62)}{"id":"e"}${']'.repeat(62)}`
    expect((await send({ body: `{"x":${deepest}}` })).status).toBe(200)
  })
  it('what is no JSON is told where, never what', async () => {
    const { text } = await send({ body: '{"id":"secret"} "secret"' })
    expect(text).toMatch(/is not JSON from character 17 on; send one event, or an array/)
    expect(text).not.toContain('secret')
  })
  it.each([
    ['no host', '', 400],
    ['two hosts', 'Host: localhost:PORT\r\nHost: evil.example\r\n', 400],
  ])('%s', async (_, hosts, status) => {
    const said = await sendRaw(
      `GET /healthz HTTP/1.1\r\n${hosts.replace('PORT', String(port))}Connection: close\r\n\r\n`,
    )
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
    expect(said).toMatch(/"error":\{"reason":"host","detail":"exactly one Host header is needed"/)
  })
  it.each([
    ['a tunnel', 'CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost', 405, 'method'],
    ['an odd expectation', 'POST /v1/events HTTP/1.1\r\nExpect: tea', 417, 'malformed'],
    ['two lengths', `${length(1)}\r\nTransfer-Encoding: chunked`, 400, 'malformed'],
    ['a negative length', length(-1), 400, 'malformed'],
    ['an unknown method', 'BREW /v1/events HTTP/1.1', 400, 'malformed'],
    ['HTTP/2', 'PRI * HTTP/2.0', 400, 'malformed'],
    ['a bad chunk', 'POST /v1/events HTTP/1.1\r\nTransfer-Encoding: chunked', 400, 'malformed'],
  ])('%s, in JSON too', async (_, head, status, reason) => {
    const type = `Host: 127.0.0.1:${port}\r\nContent-Type: application/json`
    const first = head.includes('Host:') ? head : `${head}\r\n${type}`
    const said = await sendRaw(`${first}\r\nConnection: close\r\n\r\nzz\r\n`)
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(said).toMatch(
      new RegExp(`\\{"error":\\{"reason":"${reason}","detail":"[^"]{20,}"\\}\\}`),
    )
  })
  it('HTTP/1.0 without a host, and a target that names another server', async () => {
    expect(await sendRaw('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 400/)
    const absolute = 'GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n'
    expect(await sendRaw(`${absolute}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 421/)
    const ours = absolute.replace('Host: evil.example', `Host: 127.0.0.1:${port}`)
    expect(await sendRaw(`${ours}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 421/)
  })
  it('bytes that are no request, in JSON too', async () => {
    const said = await sendRaw('\x16\x03\x01 hello\r\n\r\n')
    expect(said).toMatch(/^HTTP\/1.1 400[\s\S]*\{"error":\{"reason":"malformed"/)
  })
  it('headers without end', async () => {
    const said = await sendRaw(
      `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX: ${'x'.repeat(20_000)}`,
    )
    expect(said).toMatch(/^HTTP\/1.1 431[\s\S]*"too-large"/)
  })
  it('a body that never comes', async () => {
    const head = `POST /v1/events HTTP/1.1\r\nHost: localhost:${port}\r\n`
    const type = 'Content-Type: application/json\r\n'
    expect(await sendRaw(`${head}${type}Content-Length: 10\r\n\r\n{`)).toMatch(/^HTTP\/1.1 408/)
  })
})

describe('let through', () => {
  it.each([
    ['localhost', { host: 'localhost:PORT' }],
    ['any case', { host: 'LocalHost:PORT' }],
    ['IPv6', { host: '[::1]:PORT' }],
    ['an allowed name', { host: 'coupons.internal' }],
    ['an allowed name with a port', { host: 'coupons.internal:443' }],
    ['an allowed name and port', { host: 'proxy.internal:8443' }],
    ['our own origin', { origin: 'http://127.0.0.1:PORT' }],
    ['our own page', { 'sec-fetch-site': 'same-origin' }],
    ['UTF-8 said', { 'content-type': 'application/json; charset=UTF-8' }],
  ])('%s', async (_, headers) => {
    const filled = Object.entries(headers).map(([k, v]) => [k, v.replace('PORT', String(port))])
    const got = await send({ body: '{"id":"e1"}', headers: Object.fromEntries(filled) })
    expect(got.status).toBe(200)
  })
})

describe('health', () => {
  it('is healthy while not ready', async () => {
    ready = 'windows are being rebuilt'
    try {
      expect((await send({ method: 'GET', path: '/healthz' })).json).toEqual({ healthy: true })
      const got = await send({ method: 'GET', path: '/readyz' })
      expect(got).toMatchObject({
        status: 503,
        json: { error: { detail: 'windows are being rebuilt' } },
      })
      expect((await send({ body: '{}' })).status).toBe(503)
    } finally {
      ready = null
    }
    expect((await send({ method: 'GET', path: '/readyz' })).json).toEqual({ ready: true })
  })
  it('told of the defect, once', () => expect(defects).toHaveLength(1))
})
