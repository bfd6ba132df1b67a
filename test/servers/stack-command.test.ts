/**
 * `npm run stack` as people use it, on a machine that has Redis and PostgreSQL but no Java: what it
 * prints, that it starts again what has died and leaves nothing when it ends; with Docker,
 * which a script plays here, what compose is asked for.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findCommand } from '../../scripts/stack/available.ts'
import { readState } from '../../scripts/stack/local-stack.ts'
import { startedAt } from '../../scripts/stack/machine.ts'
import { withClient } from '../../scripts/stack/redis.ts'

const root = join(import.meta.dirname, '..', '..')
const script = join(root, 'scripts', 'stack.ts')
const here = inject('redisUrl') !== null && inject('postgresUrl') !== null
const ended = { status: 0, said: 'the stack has ended\n' }
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stack-command-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A folder to be the whole PATH, with links to the commands of this machine that it shall have. */
function machineWith(name: string, ...commands: readonly string[]): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const command of commands) {
    const found = findCommand(command)
    if (found !== null) symlinkSync(found, join(path, command))
  }
  return path
}

function stack(machine: string, words: readonly string[] = [], more: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, ...words],
    {
      cwd: root,
      env: {
        PATH: machine,
        TMPDIR: folder,
        COUPONGUARD_STACK_FOLDER: join(machine, 'state'),
        COUPONGUARD_TEST_RUN: process.env.COUPONGUARD_TEST_RUN,
        ...more,
      },
      encoding: 'utf8',
    },
  )
  return { status, exports: stdout.trim().split('\n'), said: stderr }
}

describe.skipIf(!here)('without Docker and Java', () => {
  let machine = ''
  const state = () => readState(join(machine, 'state', 'state.json'))!
  const redis = () => state().servers.find(({ kind }) => kind === 'redis')!

  beforeAll(() => {
    chmodSync(folder, 0o711)
    machine = machineWith('bare', 'redis-server', 'postgres', 'initdb', 'setpriv', 'id')
  })
  afterAll(() => stack(machine, ['--stop']))

  test('starts what there is, names what there is not, and prints how to reach it', () => {
    const { status, exports, said } = stack(machine)
    expect(exports).toEqual([
      expect.stringMatching(/^export COUPONGUARD_REDIS_URL='redis:\/\/127\.0\.0\.1:\d+'$/),
      expect.stringMatching(
        /^export COUPONGUARD_POSTGRES_URL='postgres:\/\/couponguard@127\.0\.0\.1:\d+\/couponguard'$/,
      ),
    ])
    expect(said).toMatch(/^NOT STARTED {2}kafka: no java in PATH \(Debian: apt-get install /m)
    expect(said).toMatch(/^NOT STARTED {2}registry: no java in PATH/m)
    expect(status).toBe(0)
  })

  test('run again, says that it runs, and the same; with CI=true what is missing fails', () => {
    const before = state()
    const { status, exports, said } = stack(machine, [], { CI: 'true' })
    expect(said).toMatch(/the stack already runs;/)
    expect(exports).toHaveLength(2)
    expect(state()).toEqual(before)
    expect(status).toBe(1)
  })

  test('starts again what has died, on its port', async () => {
    const before = redis()
    process.kill(before.pid, 'SIGKILL')
    await expect.poll(() => startedAt(before.pid), { timeout: 20_000 }).toBeNull()
    expect(stack(machine).said).toMatch(/the stack already runs, redis again;/)
    expect(redis().pid).not.toBe(before.pid)
    expect(redis().endpoint).toBe(before.endpoint)
    expect(await withClient(before.endpoint, undefined, (client) => client.ping())).toBe('PONG')
  })

  test('--stop leaves no process and no data', () => {
    const { folder: data, servers } = state()
    expect(stack(machine, ['--stop'])).toMatchObject(ended)
    expect(servers.map(({ pid }) => startedAt(pid))).toEqual([null, null])
    expect(existsSync(data)).toBe(false)
    expect(stack(machine, ['--stop']).said).toBe('no stack runs\n')
  })

  test('says one line and 2 of a word that it does not know, and helps with an example', () => {
    expect(stack(machine, ['--stopp'])).toMatchObject({
      status: 2,
      said: "stack: Unknown option '--stopp'\n",
    })
    expect(stack(machine, ['--help']).exports.join('\n')).toMatch(/Example.*\n.*npm run/)
  })
})

describe('with Docker', () => {
  /** Plays the client: knows `info`, and `compose` unless told otherwise; notes the rest. */
  function machineWithDocker(name: string, compose: 'has compose' | 'lacks compose'): string {
    const machine = machineWith(name)
    const knows = compose === 'has compose' ? 'info|compose' : 'info'
    const lines = [
      '#!/bin/sh',
      `case "$1" in ${knows}) ;; *) exit 1 ;; esac`,
      `echo "kafka on $COUPONGUARD_KAFKA_PORT: $*" >> '${join(machine, 'asked')}'`,
    ]
    writeFileSync(join(machine, 'docker'), `${lines.join('\n')}\n`, { mode: 0o755 })
    return machine
  }
  const asked = (machine: string) =>
    readFileSync(join(machine, 'asked'), 'utf8')
      .split('\n')
      .filter((line) => /compose -p/.test(line))

  test('asks compose for the four servers on free ports, the same the next time', () => {
    const machine = machineWithDocker('engine', 'has compose')
    const first = stack(machine)
    const second = stack(machine)
    const port = /KAFKA_BROKERS='127\.0\.0\.1:(\d+)'/.exec(first.exports[0]!)![1]!
    expect(first.said).toMatch(/^the stack runs in containers$/m)
    expect(second.said).toMatch(/^the stack already runs in containers$/m)
    expect(second.exports).toEqual(first.exports)
    expect(first.exports).toHaveLength(4)
    const up = `kafka on ${port}: compose -p couponguard-stack -f ${join(root, 'docker-compose.yml')} up --detach --wait kafka registry redis postgres`
    expect(asked(machine)).toEqual([up, up])
    expect(stack(machine, ['--stop'])).toMatchObject(ended)
    expect(asked(machine).at(-1)).toMatch(/ down --volumes$/)
    expect(stack(machine, ['--stop']).said).toBe('no stack runs\n')
  })

  test('does without an engine that has no compose', () => {
    const machine = machineWithDocker('old-engine', 'lacks compose')
    const { said } = stack(machine)
    stack(machine, ['--stop'])
    expect(said).toMatch(/NOT STARTED {2}redis: no redis-server in PATH/)
  })
})
