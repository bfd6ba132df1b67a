/**
 * `console` on a real Kafka and Postgres: a person made on the command line signs in, finds what a
 * worker flagged, says what it was, and the verdict stands in risk.reviews; begun anew, the console
 * finds it there again. Without its database it waits and says so.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test, vi } from 'vitest'
import { operations } from '../../src/console/api/operations.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { addPerson, addToken, hear, listening, ready, signedIn } from '../support/console-client.ts'
import { openInstallation } from '../support/installation.ts'
import { scratchFolder, startCli } from '../support/run-cli.ts'

const brokers = inject('kafkaBrokers')
const registryUrl = inject('registryUrl')
const postgresUrl = inject('postgresUrl')
const patience = { timeout: 90_000, interval: 300 }

describe.skipIf(brokers === null || registryUrl === null || postgresUrl === null)('console', () => {
  test('a verdict goes from a person to risk.reviews, once', async () => {
    const here = await openInstallation(
      { brokers: brokers ?? '', registryUrl: registryUrl ?? '', redisUrl: null },
      'console',
    )
    await here.makeTopics(2)
    const dayMs = 86_400_000
    const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
    await here.publish({ seed: 3, events: 2_000, scenario: 'attack', startAt })
    const worker = here.startWorker('memory')
    await vi.waitFor(async () => expect(await here.lag()).toBe(0), patience)

    const server = openPostgres(postgresUrl ?? '')
    await server.query('DROP DATABASE IF EXISTS console_command')
    await server.query('CREATE DATABASE console_command')
    await server.close()
    const env = {
      ...here.environment,
      COUPONGUARD_POSTGRES_URL: (postgresUrl ?? '').replace(/\/[^/]*$/, '/console_command'),
    }
    addPerson('ada', 'lead', env)

    const key = join(scratchFolder(), 'key')
    writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
    const console = startCli(['console', '--key', key, '--port', '0'], { env, msMax: 240_000 })
    const url = await ready(console)
    expect(console.said().stderr).not.toContain('the code')
    let ask = await signedIn(url, 'ada')
    const open = async () =>
      operations.listCases.answer.parse((await ask('GET', 'cases?state=open')).body).rows
    const rows = async () => {
      const { body } = await ask('GET', 'cases?state=any&order=newest&limit=500')
      return operations.listCases.answer.parse(body).rows.map(({ key, verdict }) => [key, verdict])
    }
    // All of them: what is read anew must come to the same.
    await vi.waitFor(async () => {
      const flagged = await here.records('risk.decisions')
      expect((await rows()).map(([key]) => key).sort()).toEqual(
        flagged.map(({ eventKey }) => eventKey).sort(),
      )
    }, patience)
    expect((await open()).length).toBeGreaterThan(5)
    const [one] = await open()
    const decided = await ask('POST', `cases/${one!.key}/verdict`, { verdict: 'legitimate' })
    expect(decided.status).toBe(200)
    await vi.waitFor(async () => {
      const reviews = await here.records('risk.reviews')
      expect(reviews.map(({ eventKey, reviewer }) => [eventKey, reviewer])).toEqual([
        [one!.key, 'ada'],
      ])
    }, patience)

    const second = startCli(['console', '--key', key, '--port', '0'], { env, msMax: 240_000 })
    const heard = await hear(await ready(second), addToken('pages', env))
    const { key: taken } = (await open())[0]!
    expect((await ask('POST', `cases/${taken}/take`, {})).status).toBe(200)
    await vi.waitFor(() => expect(heard()).toContain('["cases"]'), patience)
    second.child.kill('SIGTERM')
    await second.ended

    const rebuild = () => startCli(['console', 'rebuild'], { env, msMax: 60_000 }).ended
    expect(await rebuild()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/stop it.*\n$/),
    })
    const before = await rows()
    console.child.kill('SIGTERM')
    expect(await console.ended).toMatchObject({ code: 0, stdout: '' })

    expect(await rebuild()).toMatchObject({
      code: 0,
      stdout: `${before.length} cases and all counts are gone; the next console reads all topics anew\n`,
    })
    const anew = startCli(['console', '--key', key, '--port', '0'], { env, msMax: 240_000 })
    ask = await signedIn(await ready(anew), 'ada')
    await vi.waitFor(async () => expect(await rows()).toEqual(before), patience)
    expect(await here.records('risk.reviews')).toHaveLength(1)
    anew.child.kill('SIGTERM')
    await anew.ended
    worker.child.kill('SIGTERM')
    await worker.ended
  })

  test('without its database it waits, says so, and ends when told', async () => {
    const here = await openInstallation(
      { brokers: brokers ?? '', registryUrl: registryUrl ?? '', redisUrl: null },
      'console-away',
    )
    await here.makeTopics(1)
    const key = join(scratchFolder(), 'key')
    writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
    const env = {
      ...here.environment,
      COUPONGUARD_POSTGRES_URL: 'postgres://u:s3cret@127.0.0.1:9/x',
    }
    const console = startCli(['console', '--key', key, '--port', '0'], { env, msMax: 60_000 })
    const url = await listening(console)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('starting')])
    const session = await fetch(`${url}/api/v1/session`)
    expect(session.status).toBe(503)
    console.child.kill('SIGTERM')
    const { code, stderr } = await console.ended
    expect(code).toBe(0)
    expect(stderr).not.toContain('s3cret')
  })
})
