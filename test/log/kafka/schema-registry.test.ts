/**
 * What a registry may answer other than as it should: each is one line that says what to do, ends
 * in time, and says whether to try again. A server on the loopback interface plays the bad one.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { RegistryConnection } from '../../../src/config/connections.ts'
import { newSchemaRegistry } from '../../../src/log/kafka/schema-registry.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function connectionTo(answer: RequestListener): Promise<RegistryConnection> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    username: null,
    password: null,
    tls: null,
    timeoutMs: 300,
  }
}

const saying =
  (status: number, body: string, type = 'application/json'): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type, location: 'http://elsewhere/' })
    response.end(body)
  }
const page = '<!doctype html><html><body>Welcome to nginx</body></html>'
const clock = { now: () => 0 }
const large = JSON.stringify({ schema: 'x'.repeat(5_000_000) })

test.each<[string, RequestListener, code: string, line: RegExp]>([
  ['an HTML page', saying(200, page, 'text/html'), 'registry-failed', /not as a schema registry/],
  ['an HTML page that says 404', saying(404, page), 'registry-failed', /registry.url .*\(404\)$/],
  ['JSON of another kind', saying(200, '{"hello":1}'), 'registry-failed', /not as a schema/],
  ['a 404 of somebody else', saying(404, '{"error":"no"}'), 'registry-failed', /\(404\)$/],
  ['a redirect', saying(302, ''), 'registry-failed', /\(302\)$/],
  ['no login', saying(401, page), 'registry-refused', /refuses us \(401\); check registry.user/],
  ['no right', saying(403, '{"error_code":403}'), 'registry-refused', /refuses us \(403\)/],
  ['a failure', saying(500, '{"error_code":50001}'), 'registry-away', /fails \(500\); see its/],
  ['a proxy without anybody behind it', saying(502, page), 'registry-away', /fails \(502\)/],
  ['that it has too much to do', saying(429, ''), 'registry-away', /fails \(429\)/],
  ['no answer', () => undefined, 'registry-away', /no answer within 300 ms/],
  ['more than anybody reads', saying(200, large), 'registry-away', /larger than 4 MiB/],
  [
    'half an answer',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"schema"')
    },
    'registry-away',
    /no answer within 300 ms/,
  ],
  [
    'a broken line',
    (request) => {
      request.socket.destroy()
    },
    'registry-away',
    /does not answer \(socket hang up\)/,
  ],
])('%s', async (_, answer, code, line) => {
  // Whoever is refused will be refused again.
  const retriable = code !== 'registry-refused'
  const registry = newSchemaRegistry(await connectionTo(answer), clock)
  await expect(registry.schemaById(1)).rejects.toMatchObject({
    code,
    retriable,
    message: expect.stringMatching(line),
  })
})

test('nobody there', async () => {
  const connection = await connectionTo(() => undefined)
  servers.pop()!.close()
  await expect(newSchemaRegistry(connection, clock).schemaById(1)).rejects.toMatchObject({
    code: 'registry-away',
    retriable: true,
    message: expect.stringMatching(/ECONNREFUSED.*is it running, and is registry.url right\?$/),
  })
})

describe('what is known', () => {
  const counting = (status: number, body: string) => {
    const asked: string[] = []
    return {
      asked,
      answer: (request, response) => {
        asked.push(request.url ?? '')
        saying(status, body)(request, response)
      },
    } satisfies { asked: string[]; answer: RequestListener }
  }

  test('is asked for once', async () => {
    const { asked, answer } = counting(200, '{"schema":"\\"string\\""}')
    const registry = newSchemaRegistry(await connectionTo(answer), clock)
    for (let time = 0; time < 3; time += 1)
      expect(await registry.schemaById(1)).toEqual({ type: 'AVRO', schema: '"string"' })
    expect(asked).toEqual(['/schemas/ids/1'])
  })

  test('not to be there is asked again after ten seconds', async () => {
    const { asked, answer } = counting(404, '{"error_code":40403,"message":"Schema not found"}')
    let now = 0
    const registry = newSchemaRegistry(await connectionTo(answer), { now: () => now })
    for (now of [0, 5_000, 9_999, 10_000, 19_999]) expect(await registry.schemaById(1)).toBeNull()
    expect(asked).toHaveLength(2)
  })
})

test('the login is sent as it is', async () => {
  let seen: string | undefined
  const connection = await connectionTo((request, response) => {
    seen = request.headers.authorization
    saying(200, '{"schema":"x"}')(request, response)
  })
  await newSchemaRegistry({ ...connection, username: 'us:er', password: 'p:券' }, clock)
    .schemaById(1)
    .catch(() => undefined)
  expect(Buffer.from(seen?.slice('Basic '.length) ?? '', 'base64').toString()).toBe('us:er:p:券')
})

test('no line tells the password', async () => {
  const connection = await connectionTo(saying(401, page))
  const registry = newSchemaRegistry({ ...connection, username: 'u', password: 'hunter2' }, clock)
  await expect(registry.schemaById(1)).rejects.toThrow(/^(?!.*hunter2).*$/)
})
