/** What every answer carries, the page and its files, and a console beside another server. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newChanges } from '../../../src/console/changes.ts'
import { Refusal } from '../../../src/console/handlers.ts'
import { addConsole } from '../../../src/console/server/console-routes.ts'
import { buildServer } from '../../../src/http/server.ts'
import { EdgeError } from '../../../src/runtime/edge-error.ts'
import { asked, bearer, json, reasonOf, type Sent, send as sendTo } from './ask.ts'
import { type Stub, startStub, stubHandlers, stubVisitors } from './stub-console.ts'

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

const send = (sent: Sent, port = stub.port) => sendTo(sent, port)

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
