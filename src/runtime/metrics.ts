/**
 * What a worker tells of itself to Prometheus, in a registry of its own. Labels take values from
 * closed lists, shard numbers and what a playbook names: no event, user or message can make a new
 * series. Everything known beforehand is there from the start as 0. Costs 0.2 µs a call; nothing
 * wakes by itself.
 */
import { performance } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { asReason, rejectionReasons } from '../core/event/rejection.ts'

export const stages = ['decode', 'observe', 'judge', 'encode', 'commit'] as const
export type Stage = (typeof stages)[number]
export const dependencies = ['store', 'registry'] as const
export type Dependency = (typeof dependencies)[number]
export const transactionEnds = ['committed', 'aborted', 'fenced'] as const
export type TransactionEnd = (typeof transactionEnds)[number]
const outcomes = ['allow', 'review', 'block'] as const

export interface Metrics {
  /** Events read from a shard, whatever becomes of them. */
  events(shard: number, count: number): void
  /** Decisions committed with this outcome; a word that is none of the three counts nowhere. */
  outcomes(outcome: string, count: number): void
  /** Dead letters committed; a reason of a later version counts as `bad-field`. */
  rejections(reason: string, count: number): void
  duplicates(count: number): void
  /** How long before its record time an event happened. */
  lateness(ms: number): void
  /** What one batch took in one stage. */
  stage(stage: Stage, ms: number): void
  /** From an event's record time to when its decision was committed. */
  endToEnd(ms: number): void
  /** Events of a shard not judged yet; null where it belongs to somebody else now. */
  lag(shard: number, events: number | null): void
  call(dependency: Dependency, ms: number, failed: boolean): void
  transaction(end: TransactionEnd): void
  /** What a model of the playbook asked for, whether or not it is acted on. */
  asked(model: string, outcome: string): void
  /** How far a feature of a model, or its `score`, has moved from training. */
  stability(model: string, feature: string, index: number): void
  /** Of the newest day, from a monitor; the forecast null where there is none yet. */
  dayRedemptions(soFar: number, forecast: number | null): void
  readonly contentType: string
  /** Everything, in the text format of Prometheus. */
  text(): Promise<string>
}

/** Counts and times a call; its result or failure is passed on. */
export async function timedCall<T>(
  metrics: Metrics,
  dependency: Dependency,
  deed: () => Promise<T>,
): Promise<T> {
  const started = performance.now()
  let failed = true
  try {
    const result = await deed()
    failed = false
    return result
  } finally {
    metrics.call(dependency, performance.now() - started, failed)
  }
}

/** Milliseconds to a minute: a stage of a batch, a call. */
const shortBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000]
/** Catching up after an outage takes hours. */
const endToEndBuckets = [
  5, 10, 20, 50, 100, 150, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000, 600_000, 3_600_000,
]
/** One second to the seven days after which an event is refused; two hours is the lateness. */
const latenessBuckets = [
  1_000, 5_000, 10_000, 60_000, 300_000, 900_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000,
  604_800_000,
]
const seconds = (ms: readonly number[]) => ms.map((one) => one / 1_000)
/** A label for each shard of a topic of any size that is of use; more share one. */
const shardsMax = 1_024
const shardLabel = (shard: number) =>
  Number.isInteger(shard) && shard >= 0 && shard < shardsMax ? String(shard) : 'other'

export function newMetrics(): Metrics {
  const registry = new Registry()
  const all = declare(registry)
  declareProcess(registry)
  startAtZero(all)
  return {
    events: (shard, count) => all.events.inc({ shard: shardLabel(shard) }, count),
    outcomes(outcome, count) {
      if (outcomes.some((one) => one === outcome)) all.outcomes.inc({ outcome }, count)
    },
    rejections: (reason, count) => all.rejections.inc({ reason: asReason(reason) }, count),
    duplicates: (count) => all.duplicates.inc(count),
    lateness: (ms) => all.lateness.observe(Math.max(ms, 0) / 1_000),
    stage: (stage, ms) => all.stage.observe({ stage }, ms / 1_000),
    endToEnd: (ms) => all.endToEnd.observe(Math.max(ms, 0) / 1_000),
    lag(shard, events) {
      const labels = { shard: shardLabel(shard) }
      if (events === null) all.lag.remove(labels)
      else all.lag.set(labels, events)
    },
    call(dependency, ms, failed) {
      all.calls.inc({ dependency, result: failed ? 'failed' : 'ok' })
      all.callSeconds.observe({ dependency }, ms / 1_000)
    },
    transaction: (end) => all.transactions.inc({ end }),
    asked: (model, outcome) => all.asked.inc({ model, outcome }),
    stability: (model, feature, index) => all.stability.set({ model, feature }, index),
    dayRedemptions(soFar, forecast) {
      all.dayRedemptions.set({ of: 'so_far' }, soFar)
      if (forecast === null) all.dayRedemptions.remove({ of: 'forecast' })
      else all.dayRedemptions.set({ of: 'forecast' }, forecast)
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

type Declared = ReturnType<typeof declare>

function declare(registry: Registry) {
  const described = (name: string, help: string) => ({
    name: `couponguard_${name}`,
    help,
    registers: [registry],
  })
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ ...described(name, help), labelNames: [...labelNames] })
  const histogram = <L extends string>(
    [name, help]: readonly [string, string],
    bucketsMs: readonly number[],
    labelNames: readonly L[],
  ) =>
    new Histogram({
      ...described(name, help),
      labelNames: [...labelNames],
      buckets: seconds(bucketsMs),
    })
  return {
    events: counter('events_total', 'Events read.', ['shard']),
    outcomes: counter('outcomes_total', 'Decisions committed.', ['outcome']),
    rejections: counter('rejections_total', 'Dead letters committed.', ['reason']),
    duplicates: counter('duplicates_total', 'Events seen again at another position.', []),
    lateness: histogram(
      ['lateness_seconds', 'From when an event happened to its record time.'],
      latenessBuckets,
      [],
    ),
    stage: histogram(['stage_seconds', 'What a batch takes.'], shortBuckets, ['stage']),
    endToEnd: histogram(
      ['end_to_end_seconds', 'From the record time of an event to its committed decision.'],
      endToEndBuckets,
      [],
    ),
    lag: new Gauge({
      ...described('lag_events', 'Events not judged yet.'),
      labelNames: ['shard'],
    }),
    calls: counter('calls_total', 'Calls of store and registry.', ['dependency', 'result']),
    callSeconds: histogram(['call_seconds', 'What a call takes.'], shortBuckets, ['dependency']),
    transactions: counter('transactions_total', 'Transactions by their end.', ['end']),
    asked: counter('model_outcomes_total', 'What a model asked for.', ['model', 'outcome']),
    stability: new Gauge({
      ...described('model_stability', 'Population stability index of the last 10,000 events.'),
      labelNames: ['model', 'feature'],
    }),
    dayRedemptions: new Gauge({
      ...described('day_redemptions', 'Redemptions of the newest day: so far, and by its end.'),
      labelNames: ['of'],
    }),
  }
}

/**
 * What prom-client knows of the process, save the lag of the event loop: it samples that a hundred
 * times a second, more often than an idle worker may wake. How busy the loop is costs nothing.
 */
function declareProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: rarelyMs })
  for (const part of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(`nodejs_eventloop_lag_${part}_seconds`)
  let last = performance.eventLoopUtilization()
  new Gauge({
    name: 'nodejs_eventloop_utilization',
    help: 'Share of the time since the last scrape that the event loop was busy.',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, last).utilization)
      last = now
    },
  })
}

const rarelyMs = 3_600_000

function startAtZero(all: Declared): void {
  for (const outcome of outcomes) all.outcomes.inc({ outcome }, 0)
  for (const reason of rejectionReasons) all.rejections.inc({ reason }, 0)
  for (const end of transactionEnds) all.transactions.inc({ end }, 0)
  for (const stage of stages) all.stage.zero({ stage })
  for (const dependency of dependencies) {
    for (const result of ['ok', 'failed']) all.calls.inc({ dependency, result }, 0)
    all.callSeconds.zero({ dependency })
  }
}
