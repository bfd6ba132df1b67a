/**
 * `topics create` makes every topic of the contract and registers its schema; `topics check` says
 * where a cluster or a registry differs, and `--fix` mends what can be mended. Both may be run
 * again at any time: what is as it should be is let be.
 */
import type { Command } from 'commander'
import { newTopicAdmin, type TopicAdmin } from '../log/kafka/topic-admin.ts'
import {
  counted,
  type Difference,
  type DifferenceKind,
  type Expectation,
  partitionsOf,
  subjectDifferences,
  topicDifferences,
} from '../log/kafka/topic-check.ts'
import { inputTopics, type TopicName, topicNames, topics } from '../log/kafka/topics.ts'
import { CommandError, usageError } from './exit.ts'
import { addServersOptions, type Servers, type ServersOptions, withServers } from './servers.ts'
import { registerReach } from './topics-reach.ts'

interface CreateOptions extends ServersOptions {
  readonly partitions: string
  readonly replication?: string
  readonly json?: boolean
}

interface CheckOptions extends ServersOptions {
  readonly partitions?: string
  readonly fix?: boolean
  readonly json?: boolean
}

const partitionsMax = 10_000
const replicationMax = 9
const copiesWanted = 3

const createExamples = `
Examples:
  npx couponguard topics create --partitions 12 --replication 3
  COUPONGUARD_KAFKA_BROKERS=127.0.0.1:9092 COUPONGUARD_REGISTRY_URL=http://127.0.0.1:8081 \\
    npx couponguard topics create
`
const checkExamples = `
Examples:
  npx couponguard topics check --config guard.yaml
  npx couponguard topics check --fix
  More shards; read docs/topics.md first:
    npx couponguard topics check --fix --partitions 24
Ends with 1 where something differs, or could not be mended.
`

export function registerTopics(program: Command): void {
  const command = program
    .command('topics')
    .description('The Kafka topics and schemas: make them, check them, mend them.')
  addServersOptions(command.command('create'))
    .description('Make every topic that is missing and register its schema.')
    .option('--partitions <N>', 'partitions of each input topic, and so shards', '12')
    .option('--replication <R>', 'copies of each partition (default: 3, or as many as brokers)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', createExamples)
    .action(createTopics)
  addServersOptions(command.command('check'))
    .description('Say what differs from the contract: settings, partitions, schemas.')
    .option('--partitions <N>', 'partitions that there should be (default: as coupon.claims has)')
    .option('--fix', 'mend what can be mended')
    .option('--json', 'print one JSON document')
    .addHelpText('after', checkExamples)
    .action(checkTopics)
  registerReach(command)
}

const isNew = (kind: DifferenceKind) => kind === 'missing' || kind === 'schema'

/** What was found of one topic, and done about it. */
interface Found {
  readonly topic: string
  readonly expected: Expectation
  readonly partitions: number
  readonly differences: readonly (Difference & { readonly mended: boolean })[]
}

async function createTopics(options: CreateOptions): Promise<void> {
  const partitions = wholeNumber('--partitions', options.partitions, partitionsMax)
  const { replication } = options
  const copies =
    replication === undefined ? null : wholeNumber('--replication', replication, replicationMax)
  await withServers(options, async (servers) => {
    const topicAdmin = newTopicAdmin(servers.admin, servers.registry)
    const found = await inspect(partitions, servers, topicAdmin)
    // What is there already is for `check` to judge.
    const mended = await mend(found, topicAdmin, { copies, chosen: ({ kind }) => isNew(kind) })
    report(mended, 'create', options.json === true)
  })
}

async function checkTopics(options: CheckOptions): Promise<void> {
  const asked = options.partitions
  const partitions = asked === undefined ? null : wholeNumber('--partitions', asked, partitionsMax)
  const fix = options.fix === true
  await withServers(options, async (servers) => {
    const topicAdmin = newTopicAdmin(servers.admin, servers.registry)
    const found = await inspect(partitions, servers, topicAdmin)
    const mended = await mend(found, topicAdmin, { copies: null, chosen: () => fix })
    report(mended, fix ? 'fix' : 'check', options.json === true)
  })
}

/** `partitions` null: as many as the input topic that has more; the other can be raised to it. */
async function inspect(
  wanted: number | null,
  { topicName }: Servers,
  topicAdmin: TopicAdmin,
): Promise<readonly Found[]> {
  const states = await topicAdmin.topicStates(topicNames.map(topicName))
  const there = inputTopics.map((name) => states.get(topicName(name))?.partitions ?? 0)
  const partitions = wanted ?? Math.max(...there)
  if (partitions === 0) {
    const named = inputTopics.map(topicName).join(' nor ')
    throw new CommandError(`neither ${named} is there; make them with: couponguard topics create`)
  }
  const inspectOne = async (name: TopicName): Promise<Found> => {
    const topic = topicName(name)
    const expected = { name, spec: topics[name], partitions }
    const state = states.get(topic) ?? null
    const subject = await topicAdmin.subjectState(topic, expected)
    const differences = [...topicDifferences(expected, state), ...subjectDifferences(subject)]
    return {
      topic,
      expected,
      partitions: state?.partitions ?? partitionsOf(expected),
      differences: differences.map((difference) => ({ ...difference, mended: false })),
    }
  }
  return Promise.all(topicNames.map(inspectOne))
}

interface Mending {
  /** Copies of what is made anew; null: three, or as many as there are brokers. */
  readonly copies: number | null
  readonly chosen: (difference: Difference) => boolean
}

/** Makes all that are missing in one call, then goes through the rest one by one. */
async function mend(
  found: readonly Found[],
  topicAdmin: TopicAdmin,
  { copies, chosen }: Mending,
): Promise<readonly Found[]> {
  const isMended = (difference: Difference) => difference.unmendable === null && chosen(difference)
  const missing = found.filter(({ differences }) =>
    differences.some((each) => each.kind === 'missing' && isMended(each)),
  )
  if (missing.length > 0) {
    const replication = copies ?? Math.min(copiesWanted, await topicAdmin.brokerCount())
    await topicAdmin.createTopics(missing, replication)
  }
  for (const { topic, expected, differences } of found)
    for (const difference of differences)
      if (difference.kind !== 'missing' && isMended(difference))
        await topicAdmin.mend(topic, expected, difference)
  return found.map(({ differences, ...one }) => ({
    ...one,
    differences: differences.map((each) => ({ ...each, mended: isMended(each) })),
  }))
}

function report(found: readonly Found[], deed: 'create' | 'check' | 'fix', json: boolean): void {
  const left = found.flatMap(({ differences }) => differences.filter(({ mended }) => !mended))
  if (json) {
    const rows = found.map(({ topic, partitions, differences }) => ({
      topic,
      partitions,
      differences,
    }))
    process.stdout.write(`${JSON.stringify({ ok: left.length === 0, topics: rows })}\n`)
  } else {
    const width = Math.max(...found.map(({ topic }) => topic.length))
    for (const one of found) process.stdout.write(linesOf(one, width))
  }
  // What `create` leaves was there before: it says so, and has done its own work.
  const clash = left.some(({ unmendable }) => unmendable !== null)
  if (left.length === 0 || (deed === 'create' && !clash)) {
    if (left.length > 0) process.stderr.write(`couponguard: ${saidLeft(left.length, deed)}\n`)
    return
  }
  throw new CommandError(saidLeft(left.length, deed))
}

function saidLeft(count: number, deed: 'create' | 'check' | 'fix'): string {
  const things = `${counted(count, 'difference')} from the contract`
  return deed === 'fix'
    ? `${things} cannot be mended by --fix; see above`
    : `${things}; mend with: couponguard topics check --fix`
}

function linesOf({ topic, expected, partitions, differences }: Found, width: number): string {
  const name = topic.padEnd(width)
  const input = inputTopics.some((each) => each === expected.name)
  if (differences.length === 0)
    return `${name}  as it should be, ${counted(partitions, 'partition')}\n`
  const lines = differences.map((difference) => lineOf(difference, input))
  const isMade = differences.every(({ kind, mended }) => mended && isNew(kind))
  return (isMade ? [lines.join(', ')] : lines).map((line) => `${name}  ${line}\n`).join('')
}

function lineOf(difference: Found['differences'][number], input: boolean): string {
  const { kind, what, is, should, unmendable, mended } = difference
  if (unmendable !== null) return `${what}: ${is}, should be ${should}; ${unmendable}`
  if (!mended) return `${what}: ${is}, should be ${should}`
  if (kind === 'missing') return `made, ${should}`
  if (kind === 'schema') return 'schema registered'
  const moves = kind === 'partitions' && input
  const consequence = moves ? '; users move to other shards, see docs/topics.md' : ''
  return `${what}: set to ${should}, was ${is}${consequence}`
}

function wholeNumber(option: string, text: string, max: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= max) return number
  throw usageError(`${option} ${text}: must be a whole number from 1 to ${max}`)
}
