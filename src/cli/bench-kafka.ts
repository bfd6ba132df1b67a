/**
 * `bench --kafka`: options, and the parts that run as processes of their own. A further subject is
 * an entry of `subjects`, a part of its name here, and a shape of the events that it takes.
 */
import { type Command, Option } from 'commander'
import type { Kafka } from 'kafkajs'
import { sayReady, untilEnd } from '../bench/child-part.ts'
import { startCopyLoop } from '../bench/copy-loop.ts'
import { benchKafka, type Subject } from '../bench/kafka-bench.ts'
import { fillTopic, measureLoad } from '../bench/kafka-load.ts'
import { kafkaTable } from '../bench/kafka-table.ts'
import { type LoadShape, smallRecords } from '../bench/load-shape.ts'
import { mendKafkajs } from '../log/kafka/patches/mend.ts'
import { CommandError, exitCodes, usageError } from './exit.ts'

export const kafkaParts = ['fill', 'load', 'copy'] as const
export type KafkaPart = (typeof kafkaParts)[number]

export interface KafkaOptions {
  readonly kafka?: string | true
  readonly rates: string
  readonly seconds: string
  readonly partitions: string
  readonly bytes: string
  readonly watch: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly group?: string
  readonly rate?: string
  readonly shape?: string
}

const brokersVariable = 'COUPONGUARD_KAFKA_BROKERS'
const eventsMax = 100_000_000
const warmupSeconds = 5

const subjects: readonly Subject[] = [
  { name: 'copy loop, one transaction a batch', part: 'copy', shape: 'small', flags: [] },
]

const shapes: Readonly<Record<string, (options: KafkaOptions) => LoadShape>> = {
  small: ({ bytes }) => smallRecords(whole('bytes', bytes, 1_000_000)),
}

export function addKafkaOptions(command: Command): Command {
  const collect = (value: string, all: readonly string[]) => [...all, value]
  const hidden = (flags: string) => new Option(flags).hideHelp()
  return command
    .option('--kafka [BROKERS]', `measure against Kafka there (default: ${brokersVariable})`)
    .option('--rates <LIST>', 'with --kafka: events a second for the latency', '2000,10000')
    .option('--seconds <N>', 'with --kafka: how long each rate is measured', '30')
    .option('--partitions <N>', 'with --kafka: of each topic', '4')
    .option('--bytes <N>', 'with --kafka: size of a record of the copy loop', '200')
    .option('--watch <NAME=PID>', 'with --kafka: tell the CPU of this process too', collect, [])
    .addOption(hidden('--from <TOPIC>'))
    .addOption(hidden('--to <TOPIC>'))
    .addOption(hidden('--group <GROUP>'))
    .addOption(hidden('--rate <N>'))
    .addOption(hidden('--shape <NAME>'))
}

export async function runKafkaBench(
  options: KafkaOptions & { readonly events: string; readonly json?: boolean },
): Promise<string> {
  const brokers = brokersOf(options)
  const results = await inOneLine(brokers, () =>
    benchKafka({
      brokers,
      kafka: clientOf(brokers),
      subjects: subjects.map((one) => ({
        ...one,
        flags: ['--bytes', options.bytes, ...one.flags],
      })),
      events: whole('events', options.events, eventsMax),
      rates: options.rates.split(',').map((rate) => whole('rates', rate, 1_000_000)),
      seconds: whole('seconds', options.seconds, 3_600),
      partitions: whole('partitions', options.partitions, 1_000),
      watched: watchedOf(options.watch),
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

type PartOptions = KafkaOptions & { readonly events: string }

async function partOf(part: KafkaPart, options: PartOptions, kafka: Kafka): Promise<unknown> {
  const { from, to, group } = options
  if (from === undefined || to === undefined || group === undefined)
    throw usageError(`--part ${part}: is run by bench --kafka, which says --from, --to and --group`)
  const events = whole('events', options.events, eventsMax)
  switch (part) {
    case 'fill':
      await fillTopic(kafka, from, shapeOf(options), events)
      return null
    case 'load': {
      const rate = whole('rate', options.rate ?? '', 1_000_000)
      const seconds = whole('seconds', options.seconds, 3_600)
      const shape = shapeOf(options)
      return measureLoad({ kafka, from, to, shape, rate, seconds, warmupSeconds })
    }
    case 'copy': {
      const partitions = whole('partitions', options.partitions, 1_000)
      const loop = await startCopyLoop({ kafka, from, to, group, partitions, events })
      sayReady()
      untilEnd().then(loop.stop, loop.stop)
      return loop.done
    }
  }
}

function shapeOf(options: KafkaOptions): LoadShape {
  const shape = shapes[options.shape ?? 'small']
  if (shape === undefined) throw usageError(`--shape ${options.shape}: no such load`)
  return shape(options)
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
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= max) return value
  throw usageError(`--${name} ${text}: must be a whole number from 1 to ${max}`)
}
