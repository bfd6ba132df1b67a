/**
 * `bench --kafka`: options, and the parts that run as processes of their own: what fills topics,
 * the load generator, the subjects. A shape is what a subject takes as its events.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { Kafka } from 'kafkajs'
import { sayReady, untilEnd } from '../bench/child-part.ts'
import { startCopyLoop } from '../bench/copy-loop.ts'
import { dayLoad } from '../bench/day-load.ts'
import { benchKafka } from '../bench/kafka-bench.ts'
import { fillTopic, measureLoad } from '../bench/kafka-load.ts'
import { kafkaTable } from '../bench/kafka-table.ts'
import { type LoadShape, smallRecords } from '../bench/load-shape.ts'
import { inTemporaryFolder } from '../bench/restart.ts'
import { startWorkerSubject } from '../bench/worker-subject.ts'
import { loadOrCreateKey } from '../config/key-file.ts'
import { campaignsFor } from '../generate/campaigns.ts'
import { mendKafkajs } from '../log/kafka/patches/mend.ts'
import { chosenSubjects, subjectNames, watchedServers } from './bench-subjects.ts'
import { CommandError, exitCodes, usageError } from './exit.ts'

export const kafkaParts = ['fill', 'load', 'copy', 'worker'] as const
export type KafkaPart = (typeof kafkaParts)[number]

export interface KafkaOptions {
  readonly kafka?: string | true
  readonly rates?: string
  readonly seconds: string
  readonly partitions: string
  readonly bytes: string
  readonly subjects: string
  readonly driftMs: string
  readonly watch: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly group?: string
  readonly rate?: string
  readonly shape?: string
  readonly schema?: string
  readonly startAt?: string
  readonly store?: string
  readonly nodeFlags?: string
}

const brokersVariable = 'COUPONGUARD_KAFKA_BROKERS'
const eventsMax = 100_000_000
const warmupSeconds = 5
const ratesDefault = '2000,10000'

export function addKafkaOptions(command: Command): Command {
  const collect = (value: string, all: readonly string[]) => [...all, value]
  const hidden = (flags: string) => new Option(flags).hideHelp()
  return command
    .option('--kafka [BROKERS]', `measure against Kafka there (default: ${brokersVariable})`)
    .option(
      '--rates <LIST>',
      `events a second for the latency (--kafka: ${ratesDefault}; --http: beyond those wanted)`,
    )
    .option('--seconds <N>', 'with --kafka and --http: how long each rate is measured', '30')
    .option('--partitions <N>', 'with --kafka: of each topic', '4')
    .option('--bytes <N>', 'with --kafka: size of a record of the copy loop', '200')
    .option('--subjects <LIST>', 'with --kafka: what is measured', subjectNames.join(','))
    .option('--drift-ms <N>', 'with --kafka: as of `run`, by the day’s time', '21600000')
    .option('--node-flags <FLAGS>', 'for the Node of the worker or the server, such as --cpu-prof')
    .option('--watch <NAME=PID>', 'with --kafka: tell the CPU of this process too', collect, [])
    .addOption(hidden('--from <TOPIC>'))
    .addOption(hidden('--to <TOPIC>'))
    .addOption(hidden('--group <GROUP>'))
    .addOption(hidden('--rate <N>'))
    .addOption(hidden('--shape <NAME>'))
    .addOption(hidden('--schema <ID>'))
    .addOption(hidden('--store <WHERE>'))
    .addOption(hidden('--start-at <MS>'))
}

export async function runKafkaBench(
  options: PartOptions & { readonly json?: boolean },
): Promise<string> {
  const brokers = brokersOf(options)
  const measured = {
    events: whole('events', options.events, eventsMax),
    rates: (options.rates ?? ratesDefault)
      .split(',')
      .map((rate) => whole('rates', rate, 1_000_000)),
    seconds: whole('seconds', options.seconds, 3_600),
    partitions: whole('partitions', options.partitions, 1_000),
  }
  const named = watchedOf(options.watch)
  const subjects = chosenSubjects(options, brokers)
  const results = await inOneLine(brokers, () =>
    benchKafka({
      ...measured,
      brokers,
      kafka: clientOf(brokers),
      subjects,
      watched: new Map([...watchedServers(brokers, subjects), ...named]),
      onStep: (step) => process.stderr.write(`bench: ${step}\n`),
    }),
  )
  return options.json === true ? `${JSON.stringify(results)}\n` : kafkaTable(results)
}

/** What the client throws, in the words of a command. */
async function inOneLine<T>(brokers: string, deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error
    throw new CommandError(`bench: Kafka at ${brokers}: ${error.message}`, exitCodes.fatal, error)
  }
}

/** Runs one part; gives what it prints at its end. */
export function runKafkaPart(part: KafkaPart, options: PartOptions): Promise<unknown> {
  const brokers = brokersOf(options)
  return inOneLine(brokers, () => partOf(part, options, clientOf(brokers)))
}

type PartOptions = KafkaOptions & { readonly events: string; readonly seed: string }

async function partOf(part: KafkaPart, options: PartOptions, kafka: Kafka): Promise<unknown> {
  const { from, to, group } = options
  if (from === undefined || to === undefined || group === undefined)
    throw usageError(`--part ${part}: is run by bench --kafka, which says --from, --to and --group`)
  const events = whole('events', options.events, eventsMax)
  switch (part) {
    case 'fill':
      await fillTopic(kafka, from, shapeOf(options, events), events)
      return null
    case 'load': {
      const rate = whole('rate', options.rate ?? '', 1_000_000)
      const seconds = whole('seconds', options.seconds, 3_600)
      const shape = shapeOf(options, rate * (seconds + warmupSeconds))
      return measureLoad({ kafka, from, to, shape, rate, seconds, warmupSeconds })
    }
    case 'copy': {
      const partitions = whole('partitions', options.partitions, 1_000)
      const loop = await startCopyLoop({ kafka, from, to, group, partitions, events })
      sayReady()
      untilEnd().then(loop.stop, loop.stop)
      return loop.done
    }
    case 'worker':
      return inTemporaryFolder((folder) => runWorker(folder, options, { kafka, from, events }))
  }
}

interface WorkerLoad {
  readonly kafka: Kafka
  readonly from: string
  readonly events: number
}

/** A key of its own, and what the platform would have said of the day's campaigns. */
async function runWorker(
  folder: string,
  options: PartOptions,
  { kafka, from, events }: WorkerLoad,
): Promise<unknown> {
  await loadOrCreateKey(folder)
  const campaigns = join(folder, 'campaigns.json')
  const published = Math.min(events * 1.02, dayEventsMax)
  const known = campaignsFor(startOf(options), published)
  await writeFile(campaigns, JSON.stringify({ campaigns: known }))
  const files = ['--key', join(folder, 'key'), '--campaigns', campaigns]
  const worker = await startWorkerSubject({
    kafka,
    prefix: from,
    words: ['--store', options.store ?? 'memory', '--drift-ms', options.driftMs, ...files],
    nodeFlags: options.nodeFlags?.split(' ') ?? [],
    environment: { COUPONGUARD_KAFKA_BROKERS: brokersOf(options), COUPONGUARD_TOPIC_PREFIX: from },
    events,
  })
  sayReady()
  untilEnd().then(worker.stop, worker.stop)
  return worker.done
}

/** Whoever runs until it is told to stop is given no more of the day than this. */
const dayEventsMax = 10_000_000

const startOf = ({ startAt }: PartOptions) => whole('start-at', startAt ?? '', startAtMax)
const startAtMax = 10 ** 13

function shapeOf(options: PartOptions, events: number): LoadShape {
  const { shape = 'small', bytes, seed, schema } = options
  switch (shape) {
    case 'small':
      return smallRecords(whole('bytes', bytes, 1_000_000))
    case 'day':
      return dayLoad({
        seed: whole('seed', seed, 999_999_999),
        events,
        scenario: 'attack',
        startAt: startOf(options),
        schemaId: whole('schema', schema ?? '', 999_999_999),
      })
    default:
      throw usageError(`--shape ${shape}: no such load`)
  }
}

function brokersOf({ kafka }: KafkaOptions): string {
  const brokers = typeof kafka === 'string' ? kafka : process.env[brokersVariable]
  if (brokers !== undefined && brokers !== '') return brokers
  throw usageError(
    `--kafka: name the brokers, or set ${brokersVariable} as npm run stack prints it`,
  )
}

function clientOf(brokers: string): Kafka {
  const kafkajs = mendKafkajs()
  return new kafkajs.Kafka({
    clientId: 'couponguard-bench',
    brokers: brokers.split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 20, maxRetryTime: 1_000, retries: 10 },
  })
}

function watchedOf(given: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    given.map((text) => {
      const [, name, pid] = /^([\w-]+)=(\d+)$/.exec(text) ?? []
      if (name === undefined) throw usageError(`--watch ${text}: must be NAME=PID`)
      return [name, Number(pid)]
    }),
  )
}

export function whole(name: string, text: string, max: number): number {
  const value = /^\d{1,14}$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= max) return value
  throw usageError(`--${name} ${text}: must be a whole number from 1 to ${max}`)
}
