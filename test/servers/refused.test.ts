/**
 * Whole workers against servers that refuse or fail: what cannot pass ends with one line that says
 * what to do, soon and without trying for ever; what may pass is told once, and goes on by itself.
 */
import { writeFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { makeCertificates } from '../../scripts/stack/certificates.ts'
import { startKafka } from '../../scripts/stack/kafka.ts'
import { startRedis } from '../../scripts/stack/redis.ts'
import { freePort } from '../../scripts/stack/running.ts'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import { subjectOf } from '../../src/log/kafka/topics.ts'
import { writeFrame } from '../../src/log/kafka/wire-format.ts'
import { published } from '../core/event/published.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { readValues } from '../support/kafka-read.ts'
import { problemLines, type Running, scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const hasRedis = inject('redisUrl') !== null
const without = brokers === null || registryUrl === null
const patience = { timeout: 40_000, interval: 200 }
const page = '<!doctype html><html><body>Welcome to nginx</body></html>'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const installation = (name: string) => newInstallation(name, brokers!, registryUrl!)

async function made(name: string): Promise<Installation> {
  const one = installation(name)
  await one.done(['topics', 'create', '--partitions', '2'])
  return one
}

function keyFile(): string {
  const key = join(scratchFolder(), 'key')
  writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
  return key
}

type Environment = Readonly<Record<string, string>>

function startWorker(one: Installation, store: 'memory' | 'redis', env: Environment = {}): Running {
  return startCli(['run', '--store', store, '--key', keyFile()], {
    env: { ...one.environment, ...env },
    msMax: 120_000,
  })
}

/** Answers as `listener` says, on a port of its own, until the test ends. */
async function serving(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${port}`
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
): Promise<void> {
  const { method = 'GET', headers } = request
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  const type = headers['content-type'] ?? 'application/json'
  const answer = await fetch(`${origin}${request.url}`, {
    method,
    headers: { accept: 'application/json', 'content-type': type },
    ...(method === 'GET' ? {} : { body: Buffer.concat(parts) }),
  })
  response.writeHead(answer.status, { 'content-type': 'application/json' })
  response.end(Buffer.from(await answer.arrayBuffer()))
}

/** An HTML page instead of a registry, as long as `page.status` is not null. */
async function proxied(shown: { status: number | null }): Promise<string> {
  const url = new URL(registryUrl!)
  const proxy = await serving((request, response) => {
    if (shown.status !== null) {
      response.writeHead(shown.status, { 'content-type': 'text/html' }).end(page)
      return
    }
    passOn(request, response, url.origin).catch(() => response.destroy())
  })
  return `${proxy}${url.pathname}`
}

const htmlOf = (status: number) =>
  serving((_, response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end(page)
  })

type Refusal = () => Promise<readonly [Installation, Environment]>
const refusals: readonly (readonly [string, Refusal, RegExp])[] = [
  [
    'a broker that is not there',
    async () => {
      const broker = `127.0.0.1:${await freePort()}`
      return [installation('away'), { COUPONGUARD_KAFKA_BROKERS: broker }]
    },
    /is it running, is kafka\.brokers right\?$/,
  ],
  [
    'topics that are not there',
    async () => [installation('topicless'), {}],
    /coupon\.claims.*couponguard topics create/,
  ],
  [
    'a registry that shows a page',
    async () => [await made('page'), { COUPONGUARD_REGISTRY_URL: await htmlOf(200) }],
    /not as a schema registry does; check registry\.url and its path$/,
  ],
  [
    'a proxy without a registry behind it',
    async () => [await made('gateway'), { COUPONGUARD_REGISTRY_URL: await htmlOf(502) }],
    /the registry fails \(502\); see its log$/,
  ],
]

describe.skipIf(without)('a worker ends with one line that says what to do', () => {
  test.each(refusals)('%s', async (_, refuse, line) => {
    const [one, env] = await refuse()
    const started = performance.now()
    const ran = await startWorker(one, 'memory', env).ended
    expect(ran.code).toBe(1)
    expect(problemLines(ran)).toEqual([expect.stringMatching(line)])
    expect(performance.now() - started).toBeLessThan(40_000)
  })

  test('a schema of ours that is not registered, because another stands there', async () => {
    const one = installation('clash')
    const other = { type: 'record', name: 'Audit', fields: [{ name: 'when', type: 'string' }] }
    await one.registry.register(subjectOf(`${one.prefix}risk.audit`), other as never)
    const created = await one.run(['topics', 'create', '--partitions', '1'])
    expect([created.code, problemLines(created).length]).toEqual([1, 1])
    expect(created.stdout).toMatch(/risk\.audit .*not compatible with what is registered/)
    const checked = await one.run(['topics', 'check'])
    expect(checked.stdout).toContain('choose another topicPrefix, or delete the subject')
    const ran = await startWorker(one, 'memory').ended
    expect(ran.code).toBe(1)
    expect(problemLines(ran)).toEqual([
      expect.stringMatching(/has not got our schema of .*risk\.audit-value; register it with: /),
    ])
  })

  test('a wrong password, at once and without a second try', async () => {
    const folder = scratchFolder()
    const certificates = makeCertificates(join(folder, 'certificates'))
    const users = [{ name: 'guard', password: 'hunter2' }]
    const server = await startKafka({
      folder: join(folder, 'kafka'),
      secure: { tls: certificates, users },
    })
    closers.push(() => server.stop())
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, certificates.ca)
    const started = performance.now()
    const ran = await startWorker(installation('password'), 'memory', {
      COUPONGUARD_KAFKA_BROKERS: server.secureBrokers!,
      COUPONGUARD_KAFKA_TLS: 'true',
      COUPONGUARD_KAFKA_TLS_CA_FILE: ca,
      COUPONGUARD_KAFKA_SASL: 'scram-sha-256',
      COUPONGUARD_KAFKA_USERNAME: 'guard',
      COUPONGUARD_KAFKA_PASSWORD: 'wrong-secret',
    }).ended
    expect(ran.code).toBe(1)
    expect(problemLines(ran)).toEqual([expect.stringMatching(/user or password is wrong/)])
    expect(ran.stderr).not.toContain('wrong-secret')
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

/** What a worker has said of being paused, in order. */
const pauses = ({ said }: Running) =>
  said()
    .stderr.split('\n')
    .filter((line) => line.includes('paused'))

/** Publishes a claim; `schemaId` names the schema that it is said to be written with. */
async function claim(one: Installation, id: string, schemaId?: number): Promise<void> {
  const known = (await one.registry.registeredIds(['coupon.claims'])).get('coupon.claims')!
  const event = published({ id, occurredAt: Date.now(), user: `user-${id}` })
  const value = writeFrame(schemaId ?? known, couponEventType.toBuffer(event))
  const producer = one.kafka.producer()
  await producer.connect()
  const messages = [{ key: event.user, value }]
  await producer.send({ topic: `${one.prefix}coupon.claims`, messages })
  await producer.disconnect()
}

const audits = async ({ kafka, prefix }: Installation) =>
  (await readValues(kafka, `${prefix}risk.audit`)).length

async function running(one: Installation, env: Environment, store: 'memory' | 'redis') {
  const worker = startWorker(one, store, env)
  closers.push(async () => {
    worker.child.kill('SIGTERM')
    await worker.ended
  })
  await vi.waitFor(() => expect(worker.said().stderr).toContain('running'), patience)
  return worker
}

interface Outage {
  readonly env: Environment
  begin(): Promise<unknown>
  end(): Promise<unknown>
}

async function ownRedis() {
  const server = await startRedis({ folder: scratchFolder() })
  const client = new Redis(server.url)
  closers.push(async () => {
    client.disconnect()
    await server.stop()
  })
  return { client, env: { COUPONGUARD_REDIS_URL: server.url } }
}

const outages: readonly (readonly [string, () => Promise<Outage>, RegExp])[] = [
  [
    'Redis that became a replica',
    async () => {
      const { client, env } = await ownRedis()
      const begin = () => client.replicaof('127.0.0.1', 1)
      return { env, begin, end: () => client.replicaof('NO', 'ONE') }
    },
    /Redis is read-only here: this server is a replica; waiting for the primary/,
  ],
  [
    'Redis out of memory',
    async () => {
      const { client, env } = await ownRedis()
      const limit = (bytes: string) => client.config('SET', 'maxmemory', bytes)
      return { env, begin: () => limit('1'), end: () => limit('0') }
    },
    /Redis is out of memory: raise maxmemory, or add nodes/,
  ],
]

describe.skipIf(without || !hasRedis)('a worker is paused with one line, and goes on', () => {
  test.each(outages)('%s', async (_, open, line) => {
    const outage = await open()
    const one = await made('paused')
    const worker = await running(one, outage.env, 'redis')
    await claim(one, 'before')
    await vi.waitFor(async () => expect(await audits(one)).toBe(1), patience)
    const early = pauses(worker).length
    await outage.begin()
    await claim(one, 'during')
    const told = () => pauses(worker).slice(early)
    await vi.waitFor(() => expect(told().join()).toMatch(line), patience)
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(await audits(one)).toBe(1)
    expect(told(), worker.said().stderr).toEqual([expect.stringMatching(line)])
    await outage.end()
    await vi.waitFor(async () => expect(await audits(one)).toBe(2), patience)
    // Said once something is committed, so that readers may see that first.
    const last = () => worker.said().stderr.trim().split('\n').at(-1)
    await vi.waitFor(() => expect(last()).toContain('running'), patience)
  })

  test.each([200, 502])('a registry that shows a page (%i)', async (status) => {
    const shown: { status: number | null } = { status: null }
    const one = await made('shown')
    const env = { COUPONGUARD_REGISTRY_URL: await proxied(shown) }
    const worker = await running(one, env, 'memory')
    await claim(one, 'before')
    await vi.waitFor(async () => expect(await audits(one)).toBe(1), patience)
    const early = pauses(worker).length
    shown.status = status
    const subject = subjectOf(`${one.prefix}coupon.redemptions`)
    const fresh = await one.registry.register(`${subject}-more`, JSON.parse(laterSchema()))
    await claim(one, 'during', fresh)
    const line = status === 200 ? /not as a schema registry does/ : /the registry fails \(502\)/
    const told = () => pauses(worker).slice(early)
    await vi.waitFor(() => expect(told().join()).toMatch(line), patience)
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(told()).toEqual([expect.stringMatching(line)])
    expect(await audits(one)).toBe(1)
    shown.status = null
    await vi.waitFor(async () => expect(await audits(one)).toBe(2), patience)
  })
})

/** Ours under an id that no worker has met: a field with a default more, at the end. */
function laterSchema(): string {
  const schema: unknown = JSON.parse(JSON.stringify(couponEventType.schema()))
  return JSON.stringify({ ...Object(schema), doc: `met at ${process.hrtime.bigint()}` })
}
