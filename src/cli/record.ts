/**
 * `record`: what stands in the topics as a recording, or what comes during a while from now. With
 * the decisions that were made live, so that `replay --rejudge` must give the same bytes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { readKeyFile } from '../config/key-file.ts'
import { deriveKeys } from '../core/event/keyed-hash.ts'
import { newEventReader } from '../log/kafka/event-reader.ts'
import { newRecordReader } from '../log/kafka/record-reader.ts'
import { inputTopics } from '../log/kafka/topics.ts'
import { readJudged, recordTopics, type TopicsRecorded } from '../recording/record-topics.ts'
import { systemClock } from '../runtime/clock.ts'
import { usageError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'
import { addServersOptions, type Servers, type ServersOptions, withServers } from './servers.ts'

interface RecordOptions extends ServersOptions {
  readonly out: string
  readonly key: string
  readonly from?: string
  readonly to?: string
  readonly for?: string
  readonly json?: boolean
}

const examples = `
Examples:
  npx couponguard record --out yesterday.avro --key KEY \\
    --from 2026-03-01T00:00:00+08:00 --to 2026-03-02T00:00:00+08:00
  npx couponguard record --out now.avro --key KEY --for 10m
  npx couponguard replay now.avro --rejudge
Times are record times: when the broker took a message. Times may also be a span ago, such as 2h.
KEY is the key of the workers: phones and codes are hashed with it before they are written.
`

export function registerRecord(program: Command): void {
  addServersOptions(program.command('record'))
    .description('Topics to a recording: events, inputs and decisions as they were made.')
    .requiredOption('--out <R>', 'recording to write')
    .requiredOption('--key <FILE>', 'key that the workers hash phones and codes with')
    .option('--from <TIME>', 'first record time (default: the oldest message)')
    .option('--to <TIME>', 'record time to end before (default: now)')
    .option('--for <SPAN>', 'record what comes for this long from now, such as 10m')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(record)
}

interface Range {
  readonly from: number | null
  readonly to: number | null
}

async function record(options: RecordOptions): Promise<void> {
  const now = systemClock.now()
  const range = rangeOf(options, now)
  const keys = deriveKeys(readKeyFile(options.key))
  const recorded = await withServers(options, async (servers) => {
    if (options.for !== undefined && range.to !== null) {
      const end = new Date(range.to).toISOString()
      process.stderr.write(`couponguard: recording what comes until ${end}\n`)
      await sleep(range.to - systemClock.now())
      await untilJudged(servers, range)
    }
    const { kafka, admin, registry, connections } = servers
    const bar = startProgressBar('record', await messagesIn(servers))
    return recordTopics({
      kafka,
      admin,
      events: newEventReader(registry, keys),
      records: newRecordReader(registry),
      groupId: `${connections.topicPrefix}couponguard-record-${process.pid}-${now}`,
      topicPrefix: connections.topicPrefix,
      ...range,
      out: options.out,
      keyId: keys.id,
      onMessages: bar.update,
    }).finally(() => bar.stop())
  })
  report(options, recorded)
}

function rangeOf({ from, to, for: span }: RecordOptions, now: number): Range {
  if (span !== undefined) {
    if (from !== undefined || to !== undefined)
      throw usageError('--for begins now: give it alone, or --from and --to')
    return { from: now, to: now + spanMs('--for', span) }
  }
  const range = {
    from: from === undefined ? null : timeOf('--from', from, now),
    to: to === undefined ? null : timeOf('--to', to, now),
  }
  if (range.from !== null && range.to !== null && range.from >= range.to)
    throw usageError('--to: must be after --from')
  return range
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const spanForm = /^(\d{1,6})([smhd])$/

function spanMs(option: string, text: string): number {
  const [, count, unit] = spanForm.exec(text) ?? []
  if (count === undefined || unit === undefined || Number(count) === 0)
    throw usageError(`${option} ${text}: is no span such as 30s, 10m, 2h or 1d`)
  return Number(count) * unitMs[unit]!
}

function timeOf(option: string, text: string, now: number): number {
  if (spanForm.test(text)) return now - spanMs(option, text)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at
  throw usageError(`${option} ${text}: is no time such as 2026-03-01T00:00:00+08:00, nor a span`)
}

const judgedWaitMs = 60_000
const askEveryMs = 1_000

/** Waits until the workers say that they are past the range, or no longer than a minute. */
async function untilJudged(servers: Servers, { from, to }: Range): Promise<void> {
  const { kafka, admin, registry, connections } = servers
  const { topicPrefix } = connections
  const records = newRecordReader(registry)
  const until = systemClock.now() + judgedWaitMs
  while (systemClock.now() < until) {
    const judged = await readJudged({
      kafka,
      admin,
      records,
      groupId: `${topicPrefix}couponguard-progress-${process.pid}-${systemClock.now()}`,
      topicPrefix,
      from: from ?? 0,
    })
    const ends = await endsOf(servers, from ?? 0, to ?? until)
    if (ends.every(({ place, start, end }) => start >= end || (judged.get(place) ?? 0) >= end))
      return
    await sleep(askEveryMs)
  }
  process.stderr.write('couponguard: not all of it is judged yet; the rest has no decision\n')
}

/** Of each input partition, the offsets at which the range begins and ends. */
async function endsOf({ admin, topicName }: Servers, from: number, to: number) {
  const places: { place: string; start: number; end: number }[] = []
  for (const name of inputTopics) {
    const starts = await admin.fetchTopicOffsetsByTimestamp(topicName(name), from)
    const ends = await admin.fetchTopicOffsetsByTimestamp(topicName(name), to)
    for (const { partition, offset } of starts) {
      const end = ends.find((one) => one.partition === partition)?.offset ?? offset
      places.push({ place: `${name}/${partition}`, start: Number(offset), end: Number(end) })
    }
  }
  return places
}

/** Messages in the topics that are read, for the progress bar. */
async function messagesIn({ admin, topicName }: Servers): Promise<number> {
  let sum = 0
  for (const name of [...inputTopics, 'risk.audit']) {
    const places = await admin.fetchTopicOffsets(topicName(name))
    for (const { low, high } of places) sum += Number(high) - Number(low)
  }
  return sum
}

function report({ out, json }: RecordOptions, recorded: TopicsRecorded): void {
  const { rows, rejected, decisions, playbooks } = recorded
  if (json === true) process.stdout.write(`${JSON.stringify({ out, ...recorded })}\n`)
  else
    process.stdout.write(
      `${out}: ${rows} rows, ${decisions} decisions, ${rejected} that could not be read\n`,
    )
  if (playbooks.length < 2) return
  const each = playbooks.map(({ version, decisions: made }) => `${version} (${made})`)
  process.stderr.write(
    `couponguard: decided under ${playbooks.length} playbooks: ${each.join(', ')}; the header names the first\n`,
  )
}
