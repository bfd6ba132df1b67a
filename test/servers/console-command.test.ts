/**
 * `console` on a real Kafka and Postgres: a person made on the command line signs in, finds what a
 * worker flagged, says what it was, and the verdict stands in risk.reviews. Without its database it
 * waits and says so.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test, vi } from 'vitest'
import { z } from 'zod'
import { operations } from '../../src/console/api/operations.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation } from '../support/installation.ts'
import { mainPath, type Running, scratchFolder, startCli } from '../support/run-cli.ts'

const brokers = inject('kafkaBrokers')
const registryUrl = inject('registryUrl')
const postgresUrl = inject('postgresUrl')
const patience = { timeout: 90_000, interval: 300 }
const password = 'correct horse battery'

/** Where a console listens, from its own log. */
async function listening({ said }: Running): Promise<string> {
  const address = /the console listens on (http:\/\/[\d.]+:\d+)/
  await vi.waitFor(() => expect(said().stderr).toMatch(address), patience)
  return address.exec(said().stderr)![1]!
}

/** Signs in, and gives what sends requests as that person. */
async function signedIn(url: string) {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const ask = async (method: string, path: string, body?: object) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}/api/v1/${path}`, { method, headers, ...sent })
    return { response, body: await response.json() }
  }
  const { response, body } = await ask('POST', 'session', { name: 'ada', password })
  expect(response.status).toBe(200)
  headers.cookie = response.headers.getSetCookie()[0]!.split(';')[0]!
  headers['x-csrf-token'] = z.object({ csrf: z.string() }).parse(body).csrf
  return ask
}

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
    const words = [mainPath, 'console', 'users', 'add', 'ada', '--role', 'lead']
    const added = spawnSync('node', words, {
      env: { ...process.env, ...env },
      input: `${password}\n`,
      encoding: 'utf8',
    })
    expect(added).toMatchObject({ status: 0, stderr: '' })

    const key = join(scratchFolder(), 'key')
    writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
    const console = startCli(['console', '--key', key, '--port', '0'], { env, msMax: 240_000 })
    const url = await listening(console)
    const isReady = async () => (await fetch(`${url}/readyz`)).status
    await vi.waitFor(async () => expect(await isReady()).toBe(200), patience)
    expect(console.said().stderr).not.toContain('the code')
    const ask = await signedIn(url)
    const open = async () =>
      operations.listCases.answer.parse((await ask('GET', 'cases?state=open')).body).rows
    await vi.waitFor(async () => expect((await open()).length).toBeGreaterThan(5), patience)
    const [one] = await open()
    const decided = await ask('POST', `cases/${one!.key}/verdict`, { verdict: 'legitimate' })
    expect(decided.response.status).toBe(200)
    await vi.waitFor(async () => {
      const reviews = await here.records('risk.reviews')
      expect(reviews.map(({ eventKey, reviewer }) => [eventKey, reviewer])).toEqual([
        [one!.key, 'ada'],
      ])
    }, patience)

    console.child.kill('SIGTERM')
    expect(await console.ended).toMatchObject({ code: 0, stdout: '' })
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
