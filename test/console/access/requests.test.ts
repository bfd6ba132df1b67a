/** What is asked of a request: its form, its fields, where it comes from. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalShape } from '../../../src/console/api/operation.ts'
import { csrfHeader } from '../../../src/console/api/operations.ts'
import { asked, bearer, bodies, caseKey, json, reasonOf, type Sent, send as sendTo } from './ask.ts'
import { csrfOf, type Stub, startStub } from './stub-console.ts'

let stub: Stub
beforeAll(async () => {
  stub = await startStub()
})
afterAll(() => stub.close())

const signedIn = (role: string) => ({ cookie: stub.cookie(role), [csrfHeader]: csrfOf(role) })
const send = (sent: Sent, port = stub.port) => sendTo(sent, port)

describe('requests', () => {
  const post = (body: string | Buffer, headers = {}): Sent => ({
    method: 'POST',
    path: `/api/v1/cases/${caseKey}/notes`,
    headers: { ...json, ...bearer('lead'), ...headers },
    body,
  })
  const get = (path: string): Sent => ({ path, headers: bearer('lead') })
  it.each<[string, Sent, number, string]>([
    ['another site', post('{}', { origin: 'https://evil.example' }), 403, 'origin'],
    ['another page of this site', post('{}', { 'sec-fetch-site': 'same-site' }), 403, 'origin'],
    ['another name for us', post('{}', { host: 'evil.example' }), 421, 'host'],
    [
      'a form',
      post('text=a', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'content-type',
    ],
    ['text that could be JSON', post('{}', { 'content-type': 'text/plain' }), 415, 'content-type'],
    ['no JSON', post('{'), 400, 'not-json'],
    ['an empty body', post(''), 400, 'not-json'],
    ['no UTF-8', post(Buffer.from('{"text":"\u00e9"}', 'latin1')), 400, 'invalid-utf8'],
    ['too large', post(JSON.stringify({ text: 'x'.repeat(262_144) })), 413, 'too-large'],
    ['too deep', post('['.repeat(5_000) + ']'.repeat(5_000)), 400, 'too-deep'],
    ['a prototype', post('{"text":"a","__proto__":{"x":1}}'), 400, 'not-json'],
    ['a field too many', post('{"text":"a","role":"lead"}'), 400, 'bad-field'],
    ['a list', post('[]'), 400, 'bad-field'],
    ['null for nothing', { ...post('null'), path: '/api/v1/session/end' }, 400, 'bad-field'],
    ['U+0000', post('{"text":"a\\u0000b"}'), 400, 'bad-field'],
    ['half a character', post('{"text":"a\\ud800"}'), 400, 'bad-field'],
    ['U+0000 in a query', get('/api/v1/cases?user=%00'), 400, 'bad-field'],
    ['U+0000 in a path', get('/api/v1/alerts/%00'), 400, 'bad-field'],
    ['a filter twice', get('/api/v1/cases?user=a&user=b'), 400, 'bad-field'],
    ['a filter that is none', get('/api/v1/cases?usr=a'), 400, 'bad-field'],
    ['no key', get('/api/v1/cases/..%2f..%2fetc'), 400, 'bad-field'],
    ['a long parameter', get(`/api/v1/alerts/${'a'.repeat(201)}`), 400, 'bad-field'],
    ['no such path', get('/api/v1/nothing'), 404, 'not-found'],
    ['no such version', get('/api'), 404, 'not-found'],
    ['a path out of it', get('/api/../etc/passwd'), 404, 'not-found'],
    ['a method that nothing takes', { ...get('/api/v1/cases'), method: 'TRACE' }, 405, 'method'],
    ['a method it does not take', { ...get('/api/v1/cases'), method: 'DELETE' }, 405, 'method'],
    [
      'a page of another site',
      { path: '/', headers: { 'sec-fetch-site': 'cross-site' } },
      403,
      'origin',
    ],
  ])('%s: refused', async (_, sent, status, reason) => {
    const before = stub.calls.length
    const got = await send(sent)
    expect([got.status, reasonOf(got)]).toEqual([status, reason])
    expect(got.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(stub.calls.length).toBe(before)
  })

  it('says every field that is wrong, and nothing of what was sent', async () => {
    const path = `/api/v1/cases/${caseKey}/verdict?scoreMin=900&state=secret`
    const body = '{"verdict":"secret","block":[{"kind":"user"}]}'
    const headers = { ...json, ...bearer('lead') }
    const got = await send({ method: 'POST', path, headers, body })
    const { fields } = refusalShape.parse(JSON.parse(got.text)).error
    expect(fields?.map((one) => one.path)).toEqual([
      'query.state',
      'query.scoreMin',
      'body.verdict',
      'body.block.0.expiresAt',
    ])
    expect(got.text).not.toContain('secret')
  })

  it('hands on what was checked, with who asks and from where', async () => {
    await send(asked('showTimeline', signedIn('lead')))
    const { call } = stub.calls.at(-1)!
    expect(call.caller).toEqual({ name: 'a lead', role: 'lead' })
    expect(call.visit?.address).toBe('127.0.0.1')
    expect(call.query).toEqual({ kind: 'user', value: 'u1' })
  })

  it('a hostile text comes through as the text that it is', async () => {
    const texts = ["'; drop table x; --", '<script>', '\u202eabc', '👩‍👧', '券'.repeat(60)]
    for (const text of texts) {
      const path = `/api/v1/timeline?kind=user&value=${encodeURIComponent(text)}`
      expect((await send({ path, headers: bearer('viewer') })).status).toBe(200)
      expect(stub.calls.at(-1)!.call.query).toEqual({ kind: 'user', value: text })
      const id = await send({
        path: `/api/v1/alerts/${encodeURIComponent(text)}`,
        headers: bearer('viewer'),
      })
      expect(id.status).toBe(200)
      expect(stub.calls.at(-1)!.call.params).toEqual({ id: text })
    }
  })
})

describe('behind a proxy that ends TLS', () => {
  it('cookies are safe, addresses are the proxy’s, and browsers stay with TLS', async () => {
    const proxied = await startStub({
      tlsProxy: true,
      made: async (_, { visit }) => {
        visit?.setSession('new')
        return { done: true }
      },
    })
    try {
      const headers = { ...json, host: 'console.internal', 'x-forwarded-for': '9.9.9.9, 8.8.8.8' }
      const body = JSON.stringify(bodies.signIn)
      const sent = { method: 'POST', path: '/api/v1/session', headers, body }
      const got = await send(sent, proxied.port)
      expect(got.headers['set-cookie']).toEqual([
        '__Host-couponguard=new; Path=/; HttpOnly; Secure; SameSite=Strict',
      ])
      expect(got.headers['strict-transport-security']).toContain('max-age=')
      expect(proxied.calls[0]!.call.visit?.address).toBe('8.8.8.8')
    } finally {
      await proxied.close()
    }
  })

  it('without one, what a sender says of addresses counts nothing', async () => {
    await send(asked('listAlerts', { ...bearer('lead'), 'x-forwarded-for': '9.9.9.9' }))
    expect(stub.calls.at(-1)!.call.visit?.address).toBe('127.0.0.1')
  })
})
