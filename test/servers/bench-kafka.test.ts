/** `bench --kafka`, small: each part is a process of its own, and nothing is lost or doubled. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { newKafkaClient } from '../../src/log/kafka/client.ts'
import { mainPath, runCli } from '../support/run-cli.ts'

const brokers = inject('kafkaBrokers')
const registryUrl = inject('registryUrl')
const redisUrl = inject('redisUrl')
const hasAll = brokers !== null && registryUrl !== null && redisUrl !== null
const small = ['--events', '20000', '--rates', '500', '--seconds', '2', '--partitions', '2']
const watch = ['--watch', `test=${process.pid}`]
const aboveZero = expect.toSatisfy((value: unknown) => typeof value === 'number' && value > 0)

/** What the command printed, with the flags of Node that the benchmark is run with. */
async function measured(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const flags = ['--max-semi-space-size=64', '--initial-old-space-size=256']
  const program = [...flags, mainPath, 'bench', '--kafka', brokers!, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [...program, ...words], {
    env: { ...process.env, ...env },
  })
  return JSON.parse(stdout)
}

describe.skipIf(brokers === null)('bench --kafka', () => {
  test('measures the copy loop: the full topic, and latency at a constant rate', async () => {
    const [copy, ...others] = await measured([...small, ...watch, '--subjects', 'copy'])
    expect(others).toEqual([])
    expect(copy).toMatchObject({
      name: 'copy loop, one transaction a batch',
      full: {
        subject: { events: 20_000, eventsPerSecond: aboveZero, cpuSecondsPerMillion: aboveZero },
        load: null,
        watchedPerMillion: { test: expect.any(Number) },
      },
      atRates: [
        {
          // The two seconds that are measured, and five before.
          subject: { events: 3_500, transactions: aboveZero },
          load: {
            rate: 500,
            events: 1_000,
            lost: 0,
            doubled: 0,
            latencyMs: { count: 1_000, p50: aboveZero, p999: aboveZero },
          },
        },
      ],
    })
    const { p50, p99, p999, max } = copy.atRates[0].load.latencyMs
    expect([p50, p99, p999, max]).toEqual([p50, p99, p999, max].sort((a, b) => a - b))
  })
})

describe.skipIf(!hasAll)('bench --kafka of the worker', () => {
  const servers = {
    COUPONGUARD_REGISTRY_URL: registryUrl ?? '',
    COUPONGUARD_REDIS_URL: redisUrl ?? '',
  }

  test('decides each event of the day once, with its windows in memory and in Redis', async () => {
    const results = await measured(
      ['--events', '6000', '--rates', '300', '--seconds', '2', '--subjects', 'memory,redis'],
      servers,
    )
    const once = {
      full: {
        subject: { events: 6_000, transactions: aboveZero, cpuSecondsPerMillion: aboveZero },
      },
      atRates: [
        {
          // The two seconds that are measured, and five before.
          subject: { events: 2_100 },
          load: { events: 600, lost: 0, doubled: 0, latencyMs: { count: 600, p50: aboveZero } },
        },
      ],
    }
    expect(results).toMatchObject([
      { name: 'worker, windows in memory', ...once },
      { name: 'worker, windows in Redis', ...once },
    ])
  })

  test('leaves nothing behind', async () => {
    const before = await ofBench()
    const short = ['--events', '500', '--rates', '100', '--seconds', '1', '--partitions', '2']
    await measured([...short, '--subjects', 'copy,redis'], servers)
    expect((await ofBench()).filter((one) => !before.includes(one))).toEqual([])
  })
})

/** Topics, groups, subjects and keys that runs of the benchmark made. */
async function ofBench(): Promise<readonly string[]> {
  const admin = newKafkaClient({ brokers: [brokers!], tls: null, sasl: null }, 'left').admin()
  await admin.connect()
  const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()])
  await admin.disconnect()
  const redis = new Redis(redisUrl!)
  const keys = await redis.keys('cgbench*')
  redis.disconnect()
  const subjects = z.array(z.string()).parse(await (await fetch(`${registryUrl}/subjects`)).json())
  const names = [...topics, ...groups.map(({ groupId }) => groupId), ...subjects]
  return [...names.filter((name) => name.startsWith('bench-')), ...keys].sort()
}

describe('bench --kafka says in one line', () => {
  test.each([
    [
      ['--kafka', '127.0.0.1:1', '--subjects', 'copy'],
      1,
      /^couponguard: bench: Kafka at 127\.0\.0\.1:1: .*ECONNREFUSED/,
    ],
    [
      ['--kafka', 'a:1', '--subjects', 'x'],
      2,
      /^couponguard: --subjects x: must be of copy, memory, redis/,
    ],
    [
      ['--kafka', 'a:1'],
      2,
      /^couponguard: --kafka: the worker needs a registry in COUPONGUARD_REGISTRY_URL/,
    ],
    [['--kafka'], 2, /^couponguard: --kafka: name the brokers, or set COUPONGUARD_KAFKA_BROKERS/],
    [['--kafka', 'a:1', '--rates', '0'], 2, /^couponguard: --rates 0: must be a whole number/],
    [['--kafka', 'a:1', '--watch', 'x'], 2, /^couponguard: --watch x: must be NAME=PID/],
    [['--part', 'copy', '--kafka', 'a:1'], 2, /^couponguard: --part copy: is run by bench --kafka/],
  ])('what is wrong with %j', async (words, code, line) => {
    const ran = await runCli(['bench', ...words], {
      env: { COUPONGUARD_KAFKA_BROKERS: '', COUPONGUARD_REGISTRY_URL: '' },
    })
    expect({ code: ran.code, lines: ran.stderr.trim().split('\n').length }).toEqual({
      code,
      lines: 1,
    })
    expect(ran.stderr).toMatch(line)
  })
})
