/**
 * `record`: what stands in the topics as a recording, or what comes during a while from now. With
 * the decisions that were made live, so that `replay --rejudge` must give the same bytes. And the
 * verdicts of reviewers, as a file that `train` and `evaluate` take for labels.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { readKeyFile } from '../config/key-file.ts'
import { deriveKeys, type Keys } from '../core/event/keyed-hash.ts'
import { newEventReader } from '../log/kafka/event-reader.ts'
import { newRecordReader } from '../log/kafka/record-reader.ts'
import { inputTopics, type TopicName } from '../log/kafka/topics.ts'
import { type ReviewsRecorded, recordReviews } from '../recording/record-reviews.ts'
import { readJudged, recordTopics, type TopicsRecorded } from '../recording/record-topics.ts'
import { systemClock } from '../runtime/clock.ts'
import { usageError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'
import { addServersOptions, type Servers, type ServersOptions, withServers } from './servers.ts'
import { spanMs, type TimeRange, timeRangeOf } from './span.ts'

interface RecordOptions extends ServersOptions {
  readonly out?: string
  readonly reviews?: string
  readonly key?: string
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
  npx couponguard record --reviews reviews.avro
Times are record times: when the broker took a message. Times may also be a span ago, such as 2h.
KEY is the key of the workers: phones and codes are hashed with it before they are written.
Verdicts come days after their events: give --reviews a range of its own, or none.
`

export function registerRecord(program: Command): void {
  addServersOptions(program.command('record'))
    .description('Topics to a recording: events, inputs and decisions as they were made.')
    .option('--out <R>', 'recording to write')
    .option(
      '--reviews <FILE>',
      'verdicts of risk.reviews to write, for train and evaluate --labels',
    )
    .option('--key <FILE>', 'key that the workers hash phones and codes with; goes with --out')
    .option('--from <TIME>', 'first record time (default: the oldest message)')
    .option('--to <TIME>', 'record time to end before (default: now)')
    .option('--for <SPAN>', 'record what comes for this long from now, such as 10m')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(record)
}

async function record(options: RecordOptions): Promise<void> {
  const now = systemClock.now()
  const range = rangeOf(options, now)
  const events = eventsAsked(options)
  const recorded = await withServers(options, async (servers) => {
    if (options.for !== undefined && range.to !== null) {
      const end = new Date(range.to).toISOString()
      process.stderr.write(`couponguard: recording what comes until ${end}\n`)
      await sleep(range.to - systemClock.now())
      if (events !== null) await untilJudged(servers, range)
    }
    const { connections } = servers
    const groupId = `${connections.topicPrefix}couponguard-record-${process.pid}-${now}`
    const how = { servers, range, groupId }
    return {
      topics: events === null ? null : await topicsTo(events, how),
      reviews: options.reviews === undefined ? null : await reviewsTo(options.reviews, how),
    }
  })
  report(options, recorded)
}

interface EventsAsked {
  readonly out: string
  readonly keys: Keys
}

/** Null where only reviews are asked for. */
function eventsAsked({ out, reviews, key }: RecordOptions): EventsAsked | null {
  if (out === undefined && reviews === undefined)
    throw usageError('say what to write: --out R, --reviews FILE, or both')
  if (out === undefined) return null
  if (key === undefined)
    throw usageError('--key: is needed with --out; phones and codes are hashed with it')
  return { out, keys: deriveKeys(readKeyFile(key)) }
}

interface How {
  readonly servers: Servers
  readonly range: TimeRange
  readonly groupId: string
}

async function topicsTo({ out, keys }: EventsAsked, { servers, range, groupId }: How) {
  const { kafka, admin, registry, connections } = servers
  const bar = startProgressBar('record', await messagesIn(servers, [...inputTopics, 'risk.audit']))
  return recordTopics({
    kafka,
    admin,
    events: newEventReader(registry, keys),
    records: newRecordReader(registry),
    groupId,
    topicPrefix: connections.topicPrefix,
    ...range,
    out,
    keyId: keys.id,
    onMessages: bar.update,
  }).finally(() => bar.stop())
}

async function reviewsTo(out: string, { servers, range, groupId }: How) {
  const { kafka, admin, registry, connections } = servers
  const bar = startProgressBar('reviews', await messagesIn(servers, ['risk.reviews']))
  return recordReviews({
    kafka,
    admin,
    records: newRecordReader(registry),
    groupId,
    topicPrefix: connections.topicPrefix,
    ...range,
    out,
    onMessages: bar.update,
  }).finally(() => bar.stop())
}

function rangeOf({ from, to, for: span }: RecordOptions, now: number): TimeRange {
  if (span !== undefined) {
    if (from !== undefined || to !== undefined)
      throw usageError('--for begins now: give it alone, or --from and --to')
    return { from: now, to: now + spanMs('--for', span) }
  }
  return timeRangeOf({ from, to }, now)
}

const judgedWaitMs = 60_000
const askEveryMs = 1_000

/** Waits until the workers say that they are past the range, or no longer than a minute. */
async function untilJudged(servers: Servers, { from, to }: TimeRange): Promise<void> {
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
async function messagesIn(
  { admin, topicName }: Servers,
  names: readonly TopicName[],
): Promise<number> {
  let sum = 0
  for (const name of names) {
    const places = await admin.fetchTopicOffsets(topicName(name))
    for (const { low, high } of places) sum += Number(high) - Number(low)
  }
  return sum
}

interface Recorded {
  readonly topics: TopicsRecorded | null
  readonly reviews: ReviewsRecorded | null
}

function report(options: RecordOptions, { topics, reviews }: Recorded): void {
  const { out, reviews: file, json } = options
  if (json === true) {
    const of = reviews === null ? {} : { reviews: { file, ...reviews } }
    const document = topics === null ? of : { out, ...topics, ...of }
    process.stdout.write(`${JSON.stringify(document)}\n`)
  } else {
    if (topics !== null) process.stdout.write(topicsText(`${out}`, topics))
    if (reviews !== null)
      process.stdout.write(
        `${file}: ${reviews.reviews} reviews, ${reviews.unreadable} that could not be read\n`,
      )
  }
  if (topics === null || topics.playbooks.length < 2) return
  const each = topics.playbooks.map(({ version, decisions: made }) => `${version} (${made})`)
  process.stderr.write(
    `couponguard: decided under ${each.length} playbooks: ${each.join(', ')}; the header names the first\n`,
  )
}

const topicsText = (out: string, { rows, rejected, decisions }: TopicsRecorded) =>
  `${out}: ${rows} rows, ${decisions} decisions, ${rejected} that could not be read\n`
