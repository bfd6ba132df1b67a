/**
 * The console's server: who may do what (every operation of the table by every role), what is asked
 * of a request, what every answer carries, and that it stands beside another server unchanged.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operation, refusalShape, roles } from '../../../src/console/api/operation.ts'
import { csrfHeader, operations } from '../../../src/console/api/operations.ts'
import { newChanges } from '../../../src/console/changes.ts'
import { Refusal } from '../../../src/console/handlers.ts'
import { addConsole } from '../../../src/console/server/console-routes.ts'
import { buildServer } from '../../../src/http/server.ts'
import { EdgeError } from '../../../src/runtime/edge-error.ts'
import {
  csrfOf,
  operationNames,
  type Stub,
  startStub,
  stubHandlers,
  stubVisitors,
} from './stub-console.ts'

const key = '0123456789abcdef0123456789abcdef'
const webRoot = mkdtempSync(join(tmpdir(), 'console-page-'))
let stub: Stub
beforeAll(async () => {
  mkdirSync(join(webRoot, 'assets'))
  writeFileSync(join(webRoot, 'index.html'), '<meta content="__CSP_NONCE__">__CSP_NONCE__')
  writeFileSync(join(webRoot, 'assets/main-1a2b.js'), 'let one = 1')
  writeFileSync(join(webRoot, 'secret.map'), 'where the sources are')
  writeFileSync(join(webRoot, 'icon.svg'), '<svg/>')
  stub = await startStub({ page: pathToFileURL(`${webRoot}/`) })
})
afterAll(async () => {
  await stub.close()
  rmSync(webRoot, { recursive: true })
})

interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
}

interface Got {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** As it is, unlike fetch: paths are not tidied and every header may be forged. */
function send({ method = 'GET', path, headers = {}, body }: Sent, port = stub.port): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const bearer = (role: string) => ({ authorization: `Bearer ${role}` })
const signedIn = (role: string) => ({ cookie: stub.cookie(role), [csrfHeader]: csrfOf(role) })
const reasonOf = ({ text }: Got) => refusalShape.parse(JSON.parse(text)).error.reason

const pathOf = ({ path }: Operation) => path.replace(':key', key).replaceAll(/:\w+/g, 'one')

const bodies: Partial<Record<string, object>> = {
  decideCase: { verdict: 'fraud' },
  addNote: { text: 'seen' },
  previewBulk: { keys: [key], verdict: 'fraud' },
  decideBulk: { keys: [key], verdict: 'fraud' },
  addEntry: { list: 'block', kind: 'user', value: 'u', expiresAt: null },
  removeEntry: { id: 'one' },
  redrive: { id: 'one' },
  signIn: { name: 'ann', password: 'a password' },
  firstStart: { code: 'c', name: 'ann', password: 'a long password' },
  changePassword: { current: 'a', next: 'a long password' },
  addPerson: { name: 'ann', role: 'viewer', password: 'a long password' },
  addToken: { name: 'export', role: 'viewer' },
  saveFilter: { name: 'mine', query: '' },
}
const queries: Partial<Record<string, string>> = {
  showTimeline: '?kind=user&value=u1',
  showLinks: '?kind=device&value=d1',
  showShares: '?scope=all',
}
const asked = (name: (typeof operationNames)[number], headers: Sent['headers'] = {}): Sent => {
  const operation: Operation = operations[name]
  const path = pathOf(operation) + (queries[name] ?? '')
  if (operation.method === 'GET') return { path, headers }
  if (!('body' in operation)) return { method: operation.method, path, headers }
  const body = JSON.stringify(bodies[name] ?? {})
  return { method: operation.method, path, headers: { ...json, ...headers }, body }
}

describe('rights', () => {
  const matrix = operationNames.flatMap((name) =>
    (['nobody', ...roles] as const).map((role) => ({ name, role, least: operations[name].least })),
  )
  const mayNot = (role: string, least: string) =>
    least !== 'anybody' && ['nobody', ...roles].indexOf(role) < ['nobody', ...roles].indexOf(least)

  it.each(matrix)('$name by $role', async ({ name, role, least }) => {
    const expected = mayNot(role, least) ? (role === 'nobody' ? 401 : 403) : 200
    const before = stub.calls.length
    for (const headers of role === 'nobody' ? [{}] : [signedIn(role), bearer(role)]) {
      const got = await send(asked(name, headers))
      expect([got.status, got.text.slice(0, 200)]).toEqual([expected, expect.any(String)])
    }
    const times = role === 'nobody' ? 1 : 2
    expect(stub.calls.length - before).toBe(expected === 200 ? times : 0)
  })

  it.each(operationNames.filter((name) => operations[name].method !== 'GET'))(
    '%s needs the CSRF token of its session',
    async (name) => {
      if (operations[name].least === 'anybody') return
      const forged = [undefined, '', 'x', csrfOf('viewer'), [csrfOf('administrator'), 'x']]
      for (const csrf of forged) {
        const headers = csrf === undefined ? {} : { [csrfHeader]: csrf }
        const got = await send(asked(name, { cookie: stub.cookie('administrator'), ...headers }))
        expect([got.status, reasonOf(got)]).toEqual([403, 'csrf'])
      }
    },
  )

  it('a token that is none is refused, even with a session, even for anybody', async () => {
    for (const authorization of ['Bearer wrong', 'Bearer', 'Basic YTpi', 'Bearer a b', ''])
      for (const name of ['listCases', 'showSession'] as const) {
        const got = await send(asked(name, { ...signedIn('lead'), authorization }))
        expect([authorization, got.status]).toEqual([authorization, 401])
      }
  })

  it('a cookie of another port or an unsafe name is none', async () => {
    for (const cookie of ['couponguard-1=administrator', '__Host-couponguard=administrator'])
      expect((await send(asked('listCases', { cookie }))).status).toBe(401)
  })
})

describe('requests', () => {
  const post = (body: string | Buffer, headers = {}): Sent => ({
    method: 'POST',
    path: `/api/v1/cases/${key}/notes`,
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
    const path = `/api/v1/cases/${key}/verdict?scoreMin=900&state=secret`
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

describe('answers', () => {
  it('carry what a browser must know, errors too', async () => {
    const paths = [
      '/',
      '/assets/main-1a2b.js',
      '/api/v1/session',
      '/api/v1/nothing',
      '/api/v1/cases',
    ]
    for (const path of paths) {
      const { headers } = await send({ path })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
      })
      expect(headers['permissions-policy']).toContain('camera=()')
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';")
      expect(headers['strict-transport-security']).toBeUndefined()
      if (path.startsWith('/api')) expect(headers['cache-control']).toBe('no-store')
    }
  })

  it.each<[string, () => Error, number, string]>([
    ['a refusal', () => new Refusal(423, 'locked', 'bo has it'), 423, 'locked'],
    [
      'an edge that is away',
      () => new EdgeError('timeout', 'at 10.0.0.1', true),
      503,
      'unavailable',
    ],
    ['a defect', () => new TypeError('secret /inner/path'), 500, 'internal'],
    ['an edge that is broken', () => new EdgeError('log-io', 'secret', false), 500, 'internal'],
  ])('%s', async (_, error, status, reason) => {
    const failing = await startStub({ made: () => Promise.reject(error()) })
    try {
      const got = await send(asked('listAlerts', bearer('lead')), failing.port)
      expect([got.status, reasonOf(got)]).toEqual([status, reason])
      expect(got.text).not.toMatch(/secret|10\.0/)
      expect(got.headers['retry-after']).toBe(status === 503 ? '1' : undefined)
      expect(failing.defects.length).toBe(status === 500 ? 1 : 0)
    } finally {
      await failing.close()
    }
  })

  it('tell the truth of health', async () => {
    const away = await startStub({ notReady: () => 'the database is away' })
    try {
      expect((await send({ path: '/healthz' }, away.port)).status).toBe(200)
      const got = await send({ path: '/readyz', headers: { host: '10.1.2.3:80' } }, away.port)
      expect([got.status, got.text]).toEqual([503, expect.stringContaining('database is away')])
    } finally {
      await away.close()
    }
    expect((await send({ path: '/readyz' })).text).toBe('{"ready":true}')
  })
})

describe('the page', () => {
  it('has a fresh nonce each time, the same in the policy', async () => {
    const nonces = await Promise.all(
      ['/', '/cases/abc', '/cases?state=open'].map(async (path) => {
        const { headers, text, status } = await send({ path })
        const nonce = /style-src 'self' 'nonce-([^']{22,})'/.exec(
          String(headers['content-security-policy']),
        )?.[1]
        expect([status, text]).toEqual([200, `<meta content="${nonce}">${nonce}`])
        expect(headers['cache-control']).toBe('no-store')
        return nonce
      }),
    )
    expect(new Set(nonces).size).toBe(3)
  })

  it('keeps its files for a year, and never takes a missing one for a page', async () => {
    const file = await send({ path: '/assets/main-1a2b.js' })
    expect(file.text).toBe('let one = 1')
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await send({ path: '/icon.svg' })).headers['cache-control']).toBe('no-cache')
    expect((await send({ path: '/assets/old-9999.js' })).status).toBe(404)
  })

  it.each([
    '/../package.json',
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/%5c..%5c..%5cpackage.json',
    '/assets//etc/passwd',
    '//etc/passwd',
    '/index.html',
    '/secret.map',
    '/assets/main-1a2b.js%00.html',
  ])('%s leads nowhere else', async (path) => {
    const got = await send({ path })
    expect(got.text).not.toMatch(/"name"|root:|sources|__CSP_NONCE__|let one/)
    expect([200, 400, 404, 421]).toContain(got.status)
  })

  it('says so where it was not built', async () => {
    const bare = await startStub({ page: pathToFileURL(`${webRoot}/none/`) })
    try {
      const got = await send({ path: '/' }, bare.port)
      expect([got.status, got.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
      expect(got.text).toContain('npm run build')
    } finally {
      await bare.close()
    }
  })

  it('may be come to by a link on another site, the API not', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect((await send({ path: '/cases?state=open', headers })).status).toBe(200)
    expect((await send({ path: '/api/v1/session', headers })).status).toBe(403)
    const named = { ...headers, host: 'evil.example' }
    expect((await send({ path: '/', headers: named })).status).toBe(421)
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

describe('the audit log', () => {
  const last = () => stub.audit.at(-1)
  it.each(operationNames)('%s is written as the table says', async (name) => {
    const before = stub.audit.length
    await send(asked(name, signedIn('administrator')))
    const { audited, least } = operations[name]
    expect(stub.audit.length - before).toBe(audited && least !== 'anybody' ? 1 : 0)
    if (stub.audit.length > before)
      expect(last()).toMatchObject({
        action: name,
        person: 'a administrator',
        address: '127.0.0.1',
      })
    expect(JSON.stringify(stub.audit.slice(before))).not.toContain('password"')
  })

  it.each<[string, Sent, string, string | null]>([
    ['a case', asked('showCase', bearer('lead')), key, null],
    ['an entity', asked('showTimeline', bearer('lead')), 'user/u1', '{"kind":"user","value":"u1"}'],
    [
      'a person in a filter',
      { path: '/api/v1/cases?device=d9', headers: bearer('lead') },
      'device/d9',
      '{"device":"d9"}',
    ],
    [
      'a phone in a search',
      { path: '/api/v1/cases?search=13800138000', headers: bearer('lead') },
      'kept phone',
      '{"search":"kept phone"}',
    ],
  ])('says to whom: %s', async (_, sent, subject, detail) => {
    await send(sent)
    expect(last()).toMatchObject({ subject, detail })
  })

  it('holds a phone only as it is kept', async () => {
    const body = JSON.stringify({
      list: 'block',
      kind: 'phone',
      value: '13800138000',
      expiresAt: null,
    })
    await send({
      method: 'POST',
      path: '/api/v1/lists',
      headers: { ...json, ...bearer('lead') },
      body,
    })
    expect(last()?.subject).toBe('phone/kept phone')
    expect(JSON.stringify(last())).not.toContain('13800138000')
  })

  it('says what was refused, by role or by the handler', async () => {
    await send(asked('addPerson', signedIn('lead')))
    expect(last()).toMatchObject({
      action: 'addPerson',
      detail: 'refused: needs the role administrator',
    })
    const locked = await startStub({
      made: () => Promise.reject(new Refusal(423, 'locked', 'bo has it')),
    })
    try {
      await send(asked('decideCase', bearer('lead')), locked.port)
      expect(locked.audit.map(({ detail }) => detail)).toEqual([
        '{"verdict":"fraud"}',
        'refused: locked',
      ])
    } finally {
      await locked.close()
    }
  })

  it('nothing is done that could not be written', async () => {
    const away = await startStub({
      audit: { write: () => Promise.reject(new EdgeError('timeout', 'away', true)) },
    })
    try {
      expect((await send(asked('decideCase', bearer('lead')), away.port)).status).toBe(503)
      expect(away.calls).toEqual([])
    } finally {
      await away.close()
    }
  })
})

describe('beside another server', () => {
  it('both answer, each in its own way', async () => {
    const server = buildServer({
      submit: async (published) => published.map(() => ({ status: 'conflict', detail: 'again' })),
      notReady: () => null,
      onDefect: () => undefined,
      hasPage: true,
    })
    addConsole(server, {
      handlers: stubHandlers(async () => ({ done: true })),
      visitors: stubVisitors,
      audit: { write: async () => undefined },
      changes: newChanges(),
      keep: () => null,
      version: '0',
      page: pathToFileURL(`${webRoot}/`),
      now: () => 1,
      onDefect: () => undefined,
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.server.address() as AddressInfo
    try {
      const event = { method: 'POST', path: '/v1/events', headers: json, body: '{"id":"e"}' }
      const events = await send(event, port)
      expect([events.status, events.headers['content-security-policy']]).toEqual([409, undefined])
      const large = { ...event, body: JSON.stringify({ id: 'x'.repeat(400_000) }) }
      expect((await send(large, port)).status).toBe(409)
      expect((await send({ path: '/v1/nothing' }, port)).status).toBe(404)
      expect((await send({ path: '/healthz' }, port)).text).toBe('{"healthy":true}')
      expect((await send({ path: '/' }, port)).text).toContain('<meta')
      expect((await send({ path: '/api/v1/session' }, port)).text).toBe('{"done":true}')
    } finally {
      await server.close()
    }
  })
})
