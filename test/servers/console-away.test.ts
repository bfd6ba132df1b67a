/**
 * Nothing that a person decided is lost or doubled, whatever goes away: the console is killed while
 * verdicts go out, Kafka is away, the database is away. Kafka and Postgres are this file's own.
 *
 * Judged from outside: a verdict that was answered with 200 stands in the database; each one there
 * stands in risk.reviews once and nothing else does; each that changes a decision does so once.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { type KafkaServer, startKafka } from '../../scripts/stack/kafka.ts'
import { type PostgresServer, startPostgres } from '../../scripts/stack/postgres.ts'
import { operations } from '../../src/console/api/operations.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type Ask, addPerson, ready, signedIn } from '../support/console-client.ts'
import { openInstallation, type RoleInstallation } from '../support/installation.ts'
import { type Running, scratchFolder, startCli } from '../support/run-cli.ts'
import { seeded } from '../support/seeded.ts'

const registryUrl = inject('registryUrl')
const isMissing = [inject('kafkaBrokers'), registryUrl, inject('postgresUrl')].includes(null)
const patience = { timeout: 60_000, interval: 100 }
const dayMs = 86_400_000
const seed = 20_261_126

interface Servers {
  kafka: KafkaServer
  postgres: PostgresServer
  readonly folder: string
}

interface Desk {
  readonly installation: RoleInstallation
  readonly databaseUrl: string
  /** Keys of the cases that wait. */
  readonly keys: readonly string[]
  open(): Promise<OpenDesk>
}

/** A console that runs, and somebody signed in. */
interface OpenDesk {
  readonly console: Running
  readonly url: string
  readonly ask: Ask
}

describe.skipIf(isMissing)('what people decided', () => {
  let servers: Servers

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'couponguard-away-'))
    // Where root runs the tests, the database runs as somebody else.
    chmodSync(folder, 0o755)
    const kafka = await startKafka({ folder: join(folder, 'kafka') })
    const postgres = await startPostgres({ folder: join(folder, 'postgres') })
    servers = { kafka, postgres, folder }
  })

  afterAll(async () => {
    await servers.kafka.stop()
    await servers.postgres.stop()
    rmSync(servers.folder, { recursive: true, force: true })
  })

  test(`is published once by a console that is killed again and again (seed ${seed})`, async () => {
    const desk = await openDesk(servers, 'killed')
    await slowOutbox(desk)
    const chance = seeded(seed)
    const keys = [...desk.keys]
    const accepted: string[] = []
    let kills = 0
    while (keys.length > 0 && kills < 6) {
      const { console, ask } = await desk.open()
      let answersLeft = chance.between(2, 12)
      const decideNext = async () => {
        const key = keys.shift()
        if (key === undefined) return false
        const given = { verdict: chance.pick(['fraud', 'legitimate']) }
        // Cut off without an answer: nobody knows, and the database will tell.
        const answer = await ask('POST', `cases/${key}/verdict`, given).catch(() => null)
        if (answer?.status !== 200) return false
        accepted.push(key)
        answersLeft -= 1
        // It dies before rows are marked, before they go out, or before they are known to have.
        if (answersLeft === 0)
          setTimeout(() => console.child.kill('SIGKILL'), chance.below(3 * stepMs))
        return answersLeft > 0
      }
      await Promise.all(Array.from({ length: 4 }, () => repeat(decideNext)))
      if (answersLeft > 0) console.child.kill('SIGKILL')
      await console.ended
      kills += 1
    }
    await desk.open()
    await everythingPublished(desk)
    expect(accepted.length).toBeGreaterThan(20)
    await expectOnce(desk, accepted)
  })

  test('waits for a Kafka that is away, and takes new verdicts meanwhile', async () => {
    const desk = await openDesk(servers, 'broker')
    const { ask, console } = await desk.open()
    await servers.kafka.stop()
    const accepted = desk.keys.slice(0, 20)
    for (const key of accepted) {
      const { status } = await ask('POST', `cases/${key}/verdict`, { verdict: 'fraud' })
      expect(status).toBe(200)
    }
    // Not back before publishing has failed.
    const { said } = console
    await vi.waitFor(() => expect(said().stderr).toMatch(/away, tried again/), patience)
    servers.kafka = await startKafka(servers.kafka.settings)
    await everythingPublished(desk)
    await expectOnce(desk, accepted)
  })

  test('is refused in one line while the database is away, and taken again after', async () => {
    const desk = await openDesk(servers, 'database')
    const { url, ask } = await desk.open()
    const decide = (key: string) => ask('POST', `cases/${key}/verdict`, { verdict: 'legitimate' })
    expect((await decide(desk.keys[0]!)).status).toBe(200)
    await servers.postgres.stop()
    const { status, body } = await decide(desk.keys[1]!)
    expect(status).toBe(503)
    expect(JSON.stringify(body)).not.toMatch(/ at |node:/)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    servers.postgres = await startPostgres(servers.postgres.settings)
    await vi.waitFor(async () => expect((await decide(desk.keys[1]!)).status).toBe(200), patience)
    await everythingPublished(desk)
    await expectOnce(desk, desk.keys.slice(0, 2))
  })

  test('is in risk.reviews within a second, 99 of 100 times', async () => {
    const desk = await openDesk(servers, 'prompt')
    const { ask } = await desk.open()
    for (const key of desk.keys.slice(0, 100)) {
      const { status } = await ask('POST', `cases/${key}/verdict`, { verdict: 'fraud' })
      expect(status).toBe(200)
    }
    await everythingPublished(desk)
    const tookMs = (await verdictsOf(desk))
      .map(({ given_at, published_at }) => published_at! - given_at)
      .sort((a, b) => a - b)
    expect(tookMs.length).toBeGreaterThan(50)
    expect(tookMs[Math.ceil(tookMs.length * 0.99) - 1]).toBeLessThan(1_000)
  })
})

/** A judged day, a lead, and a console that has read all of it. */
async function openDesk({ kafka, postgres }: Servers, name: string): Promise<Desk> {
  const endpoints = { brokers: kafka.brokers, registryUrl: registryUrl!, redisUrl: null }
  const installation = await openInstallation(endpoints, name)
  await installation.makeTopics(2)
  const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
  await installation.publish({ seed: 5, events: 3_000, scenario: 'attack', startAt })
  const worker = installation.startWorker('memory')
  await vi.waitFor(async () => expect(await installation.lag()).toBe(0), patience)
  worker.child.kill('SIGTERM')
  await worker.ended

  const server = openPostgres(postgres.url)
  await server.query(`CREATE DATABASE ${name}`)
  await server.close()
  const databaseUrl = postgres.url.replace(/\/[^/]*$/, `/${name}`)
  const env = { ...installation.environment, COUPONGUARD_POSTGRES_URL: databaseUrl }
  addPerson('ada', 'lead', env)
  const key = join(scratchFolder(), 'key')
  writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
  const open = async (): Promise<OpenDesk> => {
    const console = startCli(['console', '--key', key, '--port', '0'], { env, msMax: 170_000 })
    const url = await ready(console)
    return { console, url, ask: await signedIn(url, 'ada') }
  }

  const flagged = (await installation.records('risk.decisions')).map(({ eventKey }) => eventKey)
  const { console, ask } = await open()
  const list = async () =>
    operations.listCases.answer.parse((await ask('GET', 'cases?limit=500')).body).rows
  await vi.waitFor(async () => expect(await list()).toHaveLength(flagged.length), patience)
  console.child.kill('SIGTERM')
  await console.ended
  return { installation, databaseUrl, keys: flagged, open }
}

/** Of an outbox made slow, so that a kill falls between any two steps of publishing. */
const stepMs = 300

async function slowOutbox({ databaseUrl }: Desk): Promise<void> {
  const database = openPostgres(databaseUrl)
  const seconds = stepMs / 1_000
  await database.query(
    `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NULL; END $$`,
  )
  await database.query(
    `CREATE TRIGGER slowly BEFORE UPDATE OR DELETE ON outbox
     FOR EACH STATEMENT EXECUTE FUNCTION slowly()`,
  )
  await database.close()
}

/** Does it until it says that there is no more. */
async function repeat(once: () => Promise<boolean>): Promise<void> {
  while (await once());
}

interface VerdictRow {
  readonly case_key: string
  readonly verdict: string
  readonly given_at: number
  readonly published_at: number | null
}

async function verdictsOf({ databaseUrl }: Desk): Promise<readonly VerdictRow[]> {
  const database = openPostgres(databaseUrl)
  try {
    return await database.query<VerdictRow>(
      'SELECT case_key, verdict, given_at, published_at FROM verdicts ORDER BY id',
    )
  } finally {
    await database.close()
  }
}

async function everythingPublished(desk: Desk): Promise<void> {
  await vi.waitFor(async () => {
    const waiting = (await verdictsOf(desk)).filter(({ published_at }) => published_at === null)
    expect(waiting).toEqual([])
  }, patience)
}

/** A commit is answered before readers see what it committed. */
const expectOnce = (desk: Desk, accepted: readonly string[]) =>
  vi.waitFor(() => expectOnceNow(desk, accepted), patience)

async function expectOnceNow(desk: Desk, accepted: readonly string[]): Promise<void> {
  const verdicts = await verdictsOf(desk)
  const said = verdicts.map(({ case_key, verdict }) => `${case_key} ${verdict}`).sort()
  expect(verdicts.map(({ case_key }) => case_key)).toEqual(expect.arrayContaining([...accepted]))
  const reviews = await desk.installation.records('risk.reviews')
  expect(reviews.map(({ eventKey, verdict }) => `${eventKey} ${verdict}`).sort()).toEqual(said)
  const decisions = await desk.installation.records('risk.decisions')
  const later = decisions.filter(({ supersedes }) => supersedes !== null)
  expect(new Set(later.map(({ id }) => id)).size).toBe(later.length)
  const first = new Map(
    decisions.filter(({ supersedes }) => supersedes === null).map((one) => [one.eventKey, one]),
  )
  const changed = verdicts.filter(({ case_key, verdict }) => {
    const { outcome } = first.get(case_key)!
    return outcome !== (verdict === 'fraud' ? 'block' : 'allow')
  })
  expect(later.map(({ eventKey }) => eventKey).sort()).toEqual(
    changed.map(({ case_key }) => case_key).sort(),
  )
}
