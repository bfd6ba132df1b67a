/** A worker's health over real HTTP: the truth about it, in the words of the other server. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type HealthOptions,
  type HealthServer,
  startHealthServer,
} from '../../src/http/health-server.ts'
import { newMetrics } from '../../src/runtime/metrics.ts'
import { readPrometheus } from '../runtime/prometheus-text.ts'

const running: HealthServer[] = []
const defects: unknown[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
  defects.length = 0
})

async function start(more: Partial<HealthOptions> = {}): Promise<number> {
  const server = await startHealthServer({
    port: 0,
    notReady: () => null,
    metrics: newMetrics(),
    onDefect: (error) => defects.push(error),
    ...more,
  })
  running.push(server)
  return Number(new URL(server.url).port)
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

function ask(port: number, path: string, more: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, ...more }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    request.on('error', reject).end()
  })
}

const json = ({ status, text }: Answer) => [status, JSON.parse(text)]

describe('a worker', () => {
  test.each(['starting', 'rebuilding: 40 of 100 s', 'paused: registry away'])(
    'that is %s lives, and is not ready',
    async (why) => {
      const port = await start({ notReady: () => why })
      expect(json(await ask(port, '/healthz'))).toEqual([200, { healthy: true }])
      const notReady = await ask(port, '/readyz')
      expect(json(notReady)).toEqual([503, { error: { reason: 'unavailable', detail: why } }])
      expect(notReady.headers['retry-after']).toBe('1')
    },
  )

  test('that judges is ready, and is asked anew each time', async () => {
    let why: string | null = 'starting'
    const port = await start({ notReady: () => why })
    const statuses: number[] = []
    for (const next of ['starting', null, 'paused: store away', null]) {
      why = next
      statuses.push((await ask(port, '/readyz')).status)
    }
    expect(statuses).toEqual([503, 200, 503, 200])
    expect(json(await ask(port, '/readyz'))).toEqual([200, { ready: true }])
  })

  test('tells its metrics in the format of Prometheus', async () => {
    const metrics = newMetrics()
    metrics.outcomes('review', 12)
    const port = await start({ metrics })
    const { status, headers, text } = await ask(port, '/metrics')
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/plain; version=0\.0\.4/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const found = readPrometheus(text).find(({ labels }) => labels === 'outcome="review"')
    expect(found?.value).toBe(12)
  })
})

describe('the server', () => {
  test('takes GET and HEAD, says so to others, and what there is', async () => {
    const port = await start()
    expect(json(await ask(port, '/metrics', { method: 'POST' }))).toEqual([
      405,
      { error: { reason: 'method', detail: 'this takes GET, HEAD and no other' } },
    ])
    expect((await ask(port, '/readyz', { method: 'HEAD' })).status).toBe(200)
    expect(json(await ask(port, '/v1/events'))).toEqual([
      404,
      {
        error: {
          reason: 'not-found',
          detail: 'no such resource; there are GET /healthz, GET /readyz, GET /metrics',
        },
      },
    ])
  })

  test('on loopback answers only who names it so', async () => {
    const port = await start()
    const rebound = await ask(port, '/metrics', { headers: { host: 'evil.example' } })
    expect(rebound.status).toBe(421)
    const foreign = await ask(port, '/metrics', { headers: { origin: 'https://evil.example' } })
    expect(foreign.status).toBe(403)
  })

  test('elsewhere answers by any name, as a scraper has it', async () => {
    const port = await start({ host: '0.0.0.0' })
    const scraped = await ask(port, '/metrics', { headers: { host: `worker-1.internal:${port}` } })
    expect(scraped.status).toBe(200)
  })

  test('hides a defect and tells it to whom it concerns', async () => {
    const failing = {
      contentType: 'text/plain',
      text: () => Promise.reject(new Error('secret /inner/path')),
    }
    const port = await start({ metrics: failing })
    const { status, text } = await ask(port, '/metrics')
    expect(status).toBe(500)
    expect(text).not.toMatch(/inner|secret/)
    expect(defects).toEqual([new Error('secret /inner/path')])
    expect((await ask(port, '/healthz')).status).toBe(200)
  })

  test.each([
    ['what is no HTTP', '\x16\x03\x01 hello', '400 Bad Request', 'does not begin as an HTTP'],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a', '405 Method Not Allowed', 'no proxy'],
  ])('answers %s like the other server', async (_, sent, status, detail) => {
    const port = await start()
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`${sent}\r\n\r\n`))
      let all = ''
      socket.setEncoding('utf8').on('data', (chunk) => {
        all += chunk
      })
      socket.on('close', () => resolve(all))
    })
    expect(text).toContain(`HTTP/1.1 ${status}`)
    expect(text).toMatch(
      new RegExp(`\\{"error":\\{"reason":"\\w+","detail":".*${detail}.*"\\}\\}$`),
    )
  })

  test('says in one line that its port is taken', async () => {
    const port = await start()
    await expect(start({ port })).rejects.toThrow(
      `--health-port ${port} on 127.0.0.1: is taken; stop what uses it, or choose another, or 0`,
    )
  })

  test('says in one line that this machine has no such address', async () => {
    await expect(start({ host: '192.0.2.1' })).rejects.toThrow(
      '--health-port 0 on 192.0.2.1: this machine has no such address; choose another host',
    )
  })

  test('ends at once, also with who is still connected', async () => {
    const port = await start()
    const [server] = running.splice(0)
    const closed = new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\n'))
      socket.on('error', () => undefined).on('close', () => resolve())
      socket.resume()
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const began = performance.now()
    await server!.close()
    await closed
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
