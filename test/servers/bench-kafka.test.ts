/** `bench --kafka`, small: each part is a process of its own, and nothing is lost or doubled. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import { mainPath, runCli } from '../support/run-cli.ts'

const brokers = inject('kafkaBrokers')
const small = ['--events', '20000', '--rates', '500', '--seconds', '2', '--partitions', '2']
const watch = ['--watch', `test=${process.pid}`]

describe.skipIf(brokers === null)('bench --kafka', () => {
  test('measures the copy loop: the full topic, and latency at a constant rate', async () => {
    const words = ['bench', '--kafka', brokers!, ...small, ...watch, '--json']
    const flags = ['--max-semi-space-size=64', mainPath]
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...words])
    const [copy, ...others] = JSON.parse(stdout)
    expect(others).toEqual([])
    const aboveZero = expect.toSatisfy((value: unknown) => typeof value === 'number' && value > 0)
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

describe('bench --kafka says in one line', () => {
  test.each([
    [['--kafka', '127.0.0.1:1'], 1, /^couponguard: bench: Kafka at 127\.0\.0\.1:1: .*ECONNREFUSED/],
    [['--kafka'], 2, /^couponguard: --kafka: name the brokers, or set COUPONGUARD_KAFKA_BROKERS/],
    [['--kafka', 'a:1', '--rates', '0'], 2, /^couponguard: --rates 0: must be a whole number/],
    [['--kafka', 'a:1', '--watch', 'x'], 2, /^couponguard: --watch x: must be NAME=PID/],
    [['--part', 'copy', '--kafka', 'a:1'], 2, /^couponguard: --part copy: is run by bench --kafka/],
  ])('what is wrong with %j', async (words, code, line) => {
    const ran = await runCli(['bench', ...words], { env: { COUPONGUARD_KAFKA_BROKERS: '' } })
    expect({ code: ran.code, lines: ran.stderr.trim().split('\n').length }).toEqual({
      code,
      lines: 1,
    })
    expect(ran.stderr).toMatch(line)
  })
})
