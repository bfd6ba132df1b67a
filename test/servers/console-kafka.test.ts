/**
 * The console behind Kafka and Postgres, both real: audits of a worker become cases; a verdict is
 * in risk.reviews within a second, once, with its superseding decision and its list entry; what
 * was published and not noted is not published again; an emptied database reads the topics anew.
 */
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { loadJudging } from '../../src/config/judging.ts'
import type { CaseRow } from '../../src/console/api/case-shapes.ts'
import type { OperationName } from '../../src/console/api/operations.ts'
import { newCaseHandlers } from '../../src/console/case-handlers.ts'
import type { Engine } from '../../src/console/engine.ts'
import { newKafkaEngine } from '../../src/console/engine-kafka.ts'
import type { Call, Caller } from '../../src/console/handlers.ts'
import { newOutbox } from '../../src/console/outbox/outbox.ts'
import { newProjection } from '../../src/console/projection/projection.ts'
import { migrate } from '../../src/console/store/migrate.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import type { Store } from '../../src/console/store/store.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import { newLetterKey } from '../../src/letter-seal.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation, type RoleInstallation } from '../support/installation.ts'

const brokers = inject('kafkaBrokers')
const registryUrl = inject('registryUrl')
const postgresUrl = inject('postgresUrl')
const without = brokers === null || registryUrl === null || postgresUrl === null
const dayMs = 86_400_000
const wei: Caller = { name: 'Wei', role: 'reviewer' }

/** A database of its own on the server of the run. */
async function newDatabase(name: string): Promise<Store> {
  const server = openPostgres(postgresUrl!)
  const own = `${name}_${process.pid}_${systemClock.now().toString(36)}`
  await server.query(`CREATE DATABASE ${own}`)
  await server.close()
  const url = new URL(postgresUrl!)
  url.pathname = `/${own}`
  const database = openPostgres(url.href)
  onTestFinished(() => database.close())
  await migrate(database)
  return database
}

async function newEngine(one: RoleInstallation): Promise<Engine> {
  const keys = deriveKeys(Buffer.from('7'.repeat(64), 'hex'))
  let groups = 0
  const engine = await newKafkaEngine({
    kafka: one.kafka,
    admin: await one.admin(),
    registry: one.registry,
    topicPrefix: one.prefix,
    group: 'console',
    ownGroup: (purpose) => `${one.prefix}${purpose}-${++groups}`,
    keys,
    playbook: loadJudging({}, keys).playbook,
    letterKey: null,
    ownLetterKey: newLetterKey(Buffer.alloc(32, 7)),
    onTrouble: (error) => process.stderr.write(`trouble: ${String(error)}\n`),
  })
  onTestFinished(() => engine.close())
  return engine
}

interface Desk {
  readonly engine: Engine
  readonly database: Store
  readonly handlers: ReturnType<typeof newCaseHandlers>
}

/** A console without its server: records come in, verdicts go out, until the test ends. */
async function openDesk(one: RoleInstallation, database: Store): Promise<Desk> {
  const engine = await newEngine(one)
  const projection = newProjection({ database, engine })
  const outbox = newOutbox({ database, engine, clock: systemClock })
  outbox.start()
  onTestFinished(() => outbox.close())
  const parts = { database, engine, clock: systemClock, onDue: () => outbox.nudge() }
  await engine.start(projection)
  return { engine, database, handlers: newCaseHandlers(parts) }
}

const called = <N extends OperationName>(given: Partial<Call<N>>): Call<N> =>
  ({ caller: wei, params: {}, query: {}, body: {}, at: systemClock.now(), ...given }) as Call<N>

async function judgedDay(name: string): Promise<RoleInstallation> {
  const one = await openInstallation(
    { brokers: brokers!, registryUrl: registryUrl!, redisUrl: null },
    name,
  )
  await one.makeTopics(2)
  one.startWorker('memory')
  const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
  await one.publish({ seed: 5, events: 3_000, scenario: 'attack', startAt })
  await vi.waitFor(async () => expect(await one.lag()).toBe(0), { timeout: 90_000, interval: 500 })
  return one
}

const flaggedOf = async (one: RoleInstallation) =>
  (await one.records('risk.decisions')).filter(({ supersedes }) => supersedes === null)

const settled = (check: () => Promise<void>) =>
  vi.waitFor(check, { timeout: 30_000, interval: 100 })

/**
 * What stands in the topics of what Wei said; each sorted, as keys may lie in either of two
 * partitions, and their order is told of neither.
 */
async function saidOf(one: RoleInstallation) {
  const reviews = await one.records('risk.reviews')
  const later = (await one.records('risk.decisions')).filter(
    ({ supersedes }) => supersedes !== null,
  )
  const entries = await one.records('risk.lists')
  return {
    reviews: reviews.map(({ eventKey, verdict, reviewer }) => [eventKey, verdict, reviewer]).sort(),
    later: later
      .map(({ id, outcome, supersedes, decidedBy }) => [id, outcome, supersedes, decidedBy])
      .sort(),
    entries: entries.map(({ list, kind, value }) => `${list}/${kind}/${value}`).sort(),
  }
}

function wantedOf(told: readonly (readonly [CaseRow, verdict: string, outcome: string])[]) {
  return {
    reviews: told.map(([{ key }, verdict]) => [key, verdict, 'Wei']).sort(),
    later: told
      .map(([{ decisionId }, , outcome]) => [`${decisionId}+1`, outcome, decisionId, 'Wei'])
      .sort(),
    entries: told.map(([{ user }]) => `block/user/${user}`).sort(),
  }
}

describe.skipIf(without)('the console behind Kafka', () => {
  test('cases from the audit, and every verdict once in the topics within a second', async () => {
    const one = await judgedDay('console')
    const database = await newDatabase('console')
    const { handlers } = await openDesk(one, database)
    const list = (query: object) => handlers.listCases(called({ query: { limit: 500, ...query } }))
    // The last commit may show in one topic before it shows in the other.
    await settled(async () =>
      expect((await list({})).rows.map(({ key }) => key).sort()).toEqual(
        (await flaggedOf(one)).map(({ eventKey }) => eventKey).sort(),
      ),
    )
    const [first, second] = (await list({ outcome: 'review' })).rows
    const tookMs: number[] = []
    for (const [row, verdict] of [
      [first!, 'legitimate'],
      [second!, 'fraud'],
    ] as const) {
      const body = { verdict, block: [{ kind: 'user' as const, expiresAt: null }] }
      await handlers.decideCase(called({ params: { key: row.key }, body }))
      await settled(async () => {
        const { verdicts } = await handlers.showCase(called({ params: { key: row.key } }))
        expect(verdicts[0]!.publishedAt).not.toBeNull()
        tookMs.push(verdicts[0]!.publishedAt! - verdicts[0]!.at)
      })
    }
    expect(Math.max(...tookMs)).toBeLessThan(1_000)
    const told = [
      [first!, 'legitimate', 'allow'],
      [second!, 'fraud', 'block'],
    ] as const
    // A commit is answered before readers see what it committed.
    await settled(async () => expect(await saidOf(one)).toEqual(wantedOf(told)))
  })

  test('what was published and not noted is found in the topic; a new database reads anew', async () => {
    const one = await judgedDay('console-again')
    const [decision] = await flaggedOf(one)
    const engine = await newEngine(one)
    const review = (at: number) => ({
      id: `r-${at}`,
      topic: 'risk.reviews' as const,
      record: {
        eventKey: decision!.eventKey,
        decisionId: decision!.id,
        verdict: 'fraud' as const,
        reviewer: 'Wei',
        reason: null,
        at,
      },
    })
    await engine.publish([review(1_000)])
    // Another process with the same name fences the first and tells what stands.
    const next = await newEngine(one)
    expect(await next.published([review(1_000), review(2_000)])).toEqual(new Set(['r-1000']))
    await expect(engine.publish([review(3_000)])).rejects.toThrow()
    expect(await next.published([review(3_000)])).toEqual(new Set())
    await next.close()

    for (const name of ['first', 'second']) {
      const { handlers } = await openDesk(one, await newDatabase(name))
      await settled(async () => {
        const { row } = await handlers.showCase(called({ params: { key: decision!.eventKey } }))
        expect([name, row.decisionId]).toEqual([name, decision!.id])
      })
    }
  })
})
