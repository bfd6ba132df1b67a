/** What a worker tells Prometheus: each call and the series that it moves, and none beside them. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { register } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { rejectionReasons } from '../../src/core/event/rejection.ts'
import { type Metrics, newMetrics, timedCall } from '../../src/runtime/metrics.ts'
import { repoRoot } from '../support/run-cli.ts'
import { ownSeries, readPrometheus } from './prometheus-text.ts'

/** The series that a deed changes or adds, without the buckets of histograms. */
async function moved(deed: (metrics: Metrics) => unknown): Promise<Record<string, number>> {
  const metrics = newMetrics()
  const before = ownSeries(await metrics.text())
  await deed(metrics)
  const after = Object.entries(ownSeries(await metrics.text()))
  return Object.fromEntries(
    after.filter(([name, value]) => !name.includes('_bucket') && before[name] !== value),
  )
}

describe('a dial moves', () => {
  test.each<[string, (metrics: Metrics) => unknown, Record<string, number>]>([
    ['events of a shard', (m) => m.events(3, 250), { 'events_total{shard="3"}': 250 }],
    [
      'outcomes',
      (m) => {
        m.outcomes('allow', 90)
        m.outcomes('block', 2)
        m.outcomes('block', 1)
      },
      { 'outcomes_total{outcome="allow"}': 90, 'outcomes_total{outcome="block"}': 3 },
    ],
    [
      'a rejection',
      (m) => m.rejections('too-large', 2),
      { 'rejections_total{reason="too-large"}': 2 },
    ],
    [
      'what models ask for',
      (m) => m.asked('default', 'review'),
      { 'model_outcomes_total{model="default",outcome="review"}': 1 },
    ],
    [
      'how far a feature has moved',
      (m) => m.stability('default', 'ip_users_1h', 0.31),
      { 'model_stability{model="default",feature="ip_users_1h"}': 0.31 },
    ],
    [
      'the redemptions of a day',
      (m) => m.dayRedemptions(70_000, 120_000),
      { 'day_redemptions{of="so_far"}': 70_000, 'day_redemptions{of="forecast"}': 120_000 },
    ],
    [
      'the redemptions of a day too young for a forecast',
      (m) => {
        m.dayRedemptions(70_000, 120_000)
        m.dayRedemptions(5, null)
      },
      { 'day_redemptions{of="so_far"}': 5 },
    ],
    ['duplicates', (m) => m.duplicates(4), { duplicates_total: 4 }],
    [
      'lateness',
      (m) => {
        m.lateness(3_000)
        // Clocks differ: an event may seem to come from the future.
        m.lateness(-50)
      },
      { lateness_seconds_sum: 3, lateness_seconds_count: 2 },
    ],
    [
      'a stage',
      (m) => m.stage('observe', 12),
      { 'stage_seconds_sum{stage="observe"}': 0.012, 'stage_seconds_count{stage="observe"}': 1 },
    ],
    [
      'latency',
      (m) => m.endToEnd(85),
      { end_to_end_seconds_sum: 0.085, end_to_end_seconds_count: 1 },
    ],
    ['lag of a shard', (m) => m.lag(0, 1_200), { 'lag_events{shard="0"}': 1_200 }],
    [
      'lag of a shard that is given away',
      (m) => {
        m.lag(0, 1_200)
        m.lag(1, 7)
        m.lag(0, null)
      },
      { 'lag_events{shard="1"}': 7 },
    ],
    [
      'a call that fails',
      (m) => m.call('registry', 250, true),
      {
        'calls_total{dependency="registry",result="failed"}': 1,
        'call_seconds_sum{dependency="registry"}': 0.25,
        'call_seconds_count{dependency="registry"}': 1,
      },
    ],
    ['a transaction', (m) => m.transaction('fenced'), { 'transactions_total{end="fenced"}': 1 }],
  ])('by %s', async (_, deed, expected) => {
    expect(await moved(deed)).toEqual(expected)
  })

  test('by a call, whose result and failure are passed on', async () => {
    const series = await moved(async (metrics) => {
      expect(await timedCall(metrics, 'store', () => Promise.resolve(7))).toBe(7)
      const failing = timedCall(metrics, 'store', () => Promise.reject(new Error('away')))
      await expect(failing).rejects.toThrow('away')
    })
    expect(series).toMatchObject({
      'calls_total{dependency="store",result="ok"}': 1,
      'calls_total{dependency="store",result="failed"}': 1,
      'call_seconds_count{dependency="store"}': 2,
    })
  })

  test('into the bucket that it belongs to', async () => {
    const metrics = newMetrics()
    for (const ms of [4, 149, 151, 7_200_000]) metrics.endToEnd(ms)
    const series = ownSeries(await metrics.text())
    const under = (le: string) => series[`end_to_end_seconds_bucket{le="${le}"}`]
    expect([under('0.005'), under('0.1'), under('0.15'), under('3600'), under('+Inf')]).toEqual([
      1, 1, 2, 3, 4,
    ])
  })
})

describe('the series', () => {
  test('that are known beforehand are there from the start, as 0', async () => {
    const series = ownSeries(await newMetrics().text())
    expect(Object.values(series).every((value) => value === 0)).toBe(true)
    expect(Object.keys(series)).toEqual(
      expect.arrayContaining([
        'outcomes_total{outcome="allow"}',
        'outcomes_total{outcome="review"}',
        'outcomes_total{outcome="block"}',
        ...rejectionReasons.map((reason) => `rejections_total{reason="${reason}"}`),
        'duplicates_total',
        'transactions_total{end="committed"}',
        'transactions_total{end="aborted"}',
        'transactions_total{end="fenced"}',
        'calls_total{dependency="store",result="failed"}',
        'stage_seconds_count{stage="commit"}',
        'end_to_end_seconds_count',
      ]),
    )
  })

  test('are no more for what an event or a broker makes up', async () => {
    const metrics = newMetrics()
    const known = Object.keys(ownSeries(await metrics.text())).length
    for (let n = 0; n < 5_000; n += 1) {
      metrics.outcomes(`made-up-${n}`, 1)
      metrics.rejections(`"} evil_total{x="${n}`, 1)
      metrics.events(n * 1_000 - 7, 1)
      metrics.lag(n + 0.5, 1)
    }
    const series = ownSeries(await metrics.text())
    expect(Object.keys(series).length - known).toBeLessThanOrEqual(3)
    expect(series['rejections_total{reason="bad-field"}']).toBe(5_000)
    expect(JSON.stringify(series)).not.toMatch(/made-up|evil/)
  })

  test('are of one worker: nothing goes into the global registry', async () => {
    const [one, other] = [newMetrics(), newMetrics()]
    one.duplicates(5)
    expect(ownSeries(await other.text()).duplicates_total).toBe(0)
    expect(register.getMetricsAsArray()).toEqual([])
  })

  test('tell of the process too, in the text format of Prometheus', async () => {
    const metrics = newMetrics()
    const names = readPrometheus(await metrics.text()).map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'nodejs_heap_size_used_bytes',
        'nodejs_eventloop_utilization',
      ]),
    )
    expect(names.filter((name) => name.startsWith('nodejs_eventloop_lag'))).toEqual([
      'nodejs_eventloop_lag_seconds',
    ])
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  })
})

/** Sleeps with a server of metrics; prints how often it was woken in two seconds. */
const sleeper = `
  import { readFileSync } from 'node:fs'
  import { startHealthServer } from './dist/http/health-server.js'
  import { newMetrics } from './dist/runtime/metrics.js'
  const metrics = newMetrics()
  const server = await startHealthServer({ port: 0, metrics, notReady: () => null, onDefect() {} })
  await (await fetch(server.url + '/metrics')).text()
  const wakes = () => Number(/^voluntary_ctxt_switches:\\s*(\\d+)/m.exec(
    readFileSync('/proc/self/status', 'utf8'))[1])
  setTimeout(() => {
    const before = wakes()
    setTimeout(() => { console.log(wakes() - before); process.exit() }, 2_000)
  }, 500)
`

test.runIf(existsSync('/proc/self/status'))(
  'an idle worker is not woken by its dials',
  async () => {
    const words = ['--input-type=module', '-e', sleeper]
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: join(repoRoot) })
    expect(Number(stdout)).toBeGreaterThan(0)
    expect(Number(stdout)).toBeLessThan(20)
  },
)
