/** Events over HTTP into a running `start`, as docs/http.md promises it. proves: D24 */
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Server, scratchFolder, startServer } from '../support/run-cli.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly json: Record<string, unknown>
}

/** A request with exactly these headers: fetch would not let Host be chosen. */
function send(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers }
    const sent = request(`${url}/v1/events`, { method: 'POST', headers: all }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        const { statusCode: status = 0, headers: got } = response
        resolve({ status, headers: got, text, json: JSON.parse(text) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const post = (url: string, event: object) => send(url, JSON.stringify(event))

/** These events happen now: a server takes no date far from its clock. */
const now = Date.now()
const claim = (id: string, about: object = {}) => ({
  id,
  kind: 'claim',
  occurredAt: now - 1_000,
  user: 'u1',
  campaign: 'c1',
  ...about,
})

/** A server while it is used; it must end well. */
async function withServer<T>(data: string, use: (server: Server) => Promise<T>): Promise<T> {
  const server = await startServer(data)
  try {
    return await use(server)
  } finally {
    expect(await server.stop()).toMatchObject({ code: 0, stderr: '' })
  }
}

test('one event gets its decision, and a repeat the same bytes, also after a restart and a kill', async () => {
  const data = join(scratchFolder(), 'data')
  const first = await startServer(data)
  const answer = await post(first.url, claim('e1', { orderAmount: 1_200 }))
  expect(answer.status).toBe(200)
  expect(answer.json).toMatchObject({
    status: 'decided',
    outcome: 'allow',
    eventId: 'e1',
    user: 'u1',
  })
  expect(answer.json.id).toMatch(/^[0-9a-f]{32}@/)
  expect(answer.headers['couponguard-repeated']).toBe('0')
  const repeat = await post(first.url, claim('e1', { orderAmount: 1_200 }))
  expect([repeat.status, repeat.text]).toEqual([200, answer.text])
  expect(repeat.headers['couponguard-repeated']).toBe('1')
  await first.stop()

  const second = await startServer(data)
  const afterRestart = await post(second.url, claim('e1', { orderAmount: 1_200 }))
  expect([afterRestart.status, afterRestart.text]).toEqual([200, answer.text])
  const other = await post(second.url, claim('e2'))
  await second.kill()

  const third = await startServer(data)
  expect((await post(third.url, claim('e2'))).text).toBe(other.text)
  expect((await post(third.url, claim('e1', { orderAmount: 1_200 }))).text).toBe(answer.text)
  // Windows are rebuilt too: this is the third claim of the user, repeats not counted.
  const next = await post(third.url, claim('e3'))
  expect(next.json.status).toBe('decided')
  await third.stop()
})

test('the same id with other content is 409, before and after a restart; another user may use it', async () => {
  const data = join(scratchFolder(), 'data')
  const conflict = { status: 'conflict', error: { reason: 'conflicting-id' } }
  await withServer(data, async ({ url }) => {
    await post(url, claim('e1'))
    const other = await post(url, claim('e1', { campaign: 'c2' }))
    expect([other.status, other.json]).toMatchObject([409, conflict])
    expect((await post(url, claim('e1', { user: 'u2' }))).status).toBe(200)
  })
  await withServer(data, async ({ url }) => {
    const other = await post(url, claim('e1', { campaign: 'c2' }))
    expect([other.status, other.json]).toMatchObject([409, conflict])
    expect((await post(url, claim('e1'))).status).toBe(200)
  })
})

test('requests that race with one event get one decision', async () => {
  const data = join(scratchFolder(), 'data')
  await withServer(data, async ({ url }) => {
    for (let round = 0; round < 10; round += 1) {
      const event = claim(`race-${round}`)
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(url, event)))
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
      const first = answers.filter(({ headers }) => headers['couponguard-repeated'] === '0')
      expect(first).toHaveLength(1)
    }
  })
})

test('of two contents that race for one id, one is decided and the other is 409', async () => {
  await withServer(join(scratchFolder(), 'data'), async ({ url }) => {
    for (let round = 0; round < 10; round += 1) {
      const both = [{ campaign: 'c1' }, { campaign: 'c2' }].map((about) =>
        claim(`r-${round}`, about),
      )
      const statuses = (await Promise.all(both.map((event) => post(url, event)))).map(
        ({ status }) => status,
      )
      expect(statuses.sort()).toEqual([200, 409])
    }
  })
})

test('who spends from a device farm is told `block` in place of being served', async () => {
  await withServer(join(scratchFolder(), 'data'), async ({ url }) => {
    const account = (n: number) => ({
      ...{ user: `farmed-${n}`, deviceFingerprint: 'f0e1d2c3b4a5968778695a4b3c2d1e0f' },
      ...{ ip: '203.0.113.7', registeredAt: now - 600_000 },
    })
    const outcomes: unknown[] = []
    for (let n = 0; n < 8; n += 1)
      outcomes.push((await post(url, claim(`farm-${n}`, account(n)))).json.outcome)
    expect([outcomes.at(0), outcomes.at(-1)]).toEqual(['allow', 'block'])
    const spend = claim('spend', { ...account(0), kind: 'redemption', orderAmount: 3_000 })
    const { status, json } = await post(url, spend)
    expect([status, json.outcome]).toEqual([200, 'block'])
    expect(json.reasons).toContainEqual(expect.objectContaining({ code: 'device-farm' }))
  })
})

test('a batch has a status for each, in order, repeats and mistakes among them', async () => {
  await withServer(join(scratchFolder(), 'data'), async ({ url }) => {
    const batch = [
      claim('b1'),
      claim('b1'),
      claim('b1', { campaign: 'c2' }),
      { ...claim('b2'), user: undefined },
      claim('b3', { orderAmount: -5 }),
      claim('b4', { occurredAt: now + 3_600_000 }),
      claim('b5', { occurredAt: 0 }),
      claim('b6', { ip: '999.1.1.1' }),
      'no event',
      claim('b7'),
    ]
    const { status, text, headers } = await post(url, batch)
    expect(status).toBe(200)
    const bodies: { status: string; error?: { reason: string } }[] = JSON.parse(text)
    const said = bodies.map((one) => `${one.status} ${one.error?.reason ?? ''}`.trim())
    expect(said).toEqual([
      'decided',
      'decided',
      'conflict conflicting-id',
      'rejected missing-field',
      'rejected negative-amount',
      'rejected future-time',
      'rejected stale-time',
      'rejected bad-field',
      'rejected not-json',
      'decided',
    ])
    expect(headers['couponguard-repeated']).toBe('1')
    expect((await send(url, '[]')).json).toEqual([])
    const many = Array.from({ length: 501 }, (_, index) => claim(`m${index}`))
    expect((await post(url, many)).status).toBe(413)
    expect((await post(url, many.slice(1))).status).toBe(200)
  })
})

test('what is nested without end is refused, and the next event is decided at once', async () => {
  await withServer(join(scratchFolder(), 'data'), async ({ url }) => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    for (const body of [
      deep,
      `[${deep}]`,
      `{"geo":${deep}}`,
      JSON.stringify(claim('d', { x: 1 })).replace('1}', `${deep}}`),
    ]) {
      const answer = await send(url, body)
      expect([answer.status, answer.json]).toMatchObject([400, { error: { reason: 'too-deep' } }])
      expect((await post(url, claim('after'))).status).toBe(200)
    }
  })
})

describe('who may send what', () => {
  const body = JSON.stringify(claim('w1'))
  const rows: [
    what: string,
    headers: Record<string, string>,
    body: string | Buffer,
    status: number,
  ][] = [
    ['nothing odd', {}, body, 200],
    ['another host', { host: 'evil.example' }, body, 421],
    ['another port', { host: '127.0.0.1:1' }, body, 421],
    ['a page of another site', { origin: 'https://evil.example' }, body, 403],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }, body, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, body, 415],
    ['plain text', { 'content-type': 'text/plain' }, body, 415],
    ['another character set', { 'content-type': 'application/json; charset=gbk' }, body, 415],
    ['UTF-8, said', { 'content-type': 'application/json; charset=utf-8' }, body, 200],
    ['compressed', { 'content-encoding': 'gzip' }, body, 415],
    ['no JSON', {}, '{"id":', 400],
    ['nothing', {}, '', 400],
    ['no UTF-8', {}, Buffer.from([0x22, 0xff, 0x22]), 400],
    ['a prototype', {}, '{"__proto__":{"id":"e1"}}', 400],
    ['two megabytes', {}, `"${'x'.repeat(2_000_000)}"`, 413],
  ]
  test('each by its status, as one line of JSON', async () => {
    await withServer(join(scratchFolder(), 'data'), async ({ url }) => {
      const statuses: [string, number][] = []
      for (const [what, headers, sent] of rows) {
        const answer = await send(url, sent, headers)
        statuses.push([what, answer.status])
        if (answer.status !== 200)
          expect(answer.json.error).toMatchObject({ reason: expect.any(String) })
        expect(answer.text).not.toMatch(/\\n|node:|\.[jt]s:/)
      }
      expect(statuses).toEqual(rows.map(([what, , , status]) => [what, status]))
    })
  })
})

test('with the kill switch in the configuration, all is reviewed', async () => {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'config.yaml'), 'switch: review\n')
  const words = ['--config', join(folder, 'config.yaml')]
  const { url, stop } = await startServer(join(folder, 'data'), words)
  expect((await post(url, claim('e1'))).json.outcome).toBe('review')
  expect(await stop()).toMatchObject({ code: 0 })
})
