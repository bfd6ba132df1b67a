/**
 * `topics reach`: how far back each topic of the contract reaches now, what its settings promise,
 * and whether what must be kept 180 days can be. Looks only; `topics check --fix` mends settings.
 */
import type { Command } from 'commander'
import { newTopicAdmin } from '../log/kafka/topic-admin.ts'
import { counted, type TopicState } from '../log/kafka/topic-check.ts'
import {
  keptAtLeastMs,
  type PartitionPlace,
  reachOf,
  readPlaces,
  type TopicReach,
} from '../log/kafka/topic-reach.ts'
import { type TopicName, topicNames, topics } from '../log/kafka/topics.ts'
import { timeText } from '../recording/findings-file.ts'
import { systemClock } from '../runtime/clock.ts'
import { CommandError } from './exit.ts'
import { addServersOptions, type Servers, type ServersOptions, withServers } from './servers.ts'

interface ReachOptions extends ServersOptions {
  readonly json?: boolean
}

const examples = `
Examples:
  npx couponguard topics reach
  npx couponguard topics reach --config guard.yaml --json
Reads the first record of each partition. risk.decisions, risk.audit, risk.alerts, risk.reviews and
risk.reports must be kept 180 days: ends with 1 where one of them is missing, or its retention.ms,
retention.bytes or cleanup.policy drops records sooner. "nothing dropped yet": it is younger than that.
`

export function registerReach(topicsCommand: Command): void {
  addServersOptions(topicsCommand.command('reach'))
    .description('Say how far back each topic reaches, and whether it can reach as far as it must.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runReach)
}

/** `reach` null: the topic is not there. */
interface Found {
  readonly topic: string
  readonly isWanted: boolean
  readonly partitions: readonly PartitionPlace[]
  readonly reach: TopicReach | null
}

async function runReach(options: ReachOptions): Promise<void> {
  await withServers(options, async (servers) => {
    const states = await newTopicAdmin(servers.admin, servers.registry).topicStates(
      topicNames.map(servers.topicName),
    )
    if (states.size === 0) {
      const named = servers.topicName('risk.audit')
      throw new CommandError(
        `no topic is there, such as ${named}; make them with: couponguard topics create`,
      )
    }
    const now = systemClock.now()
    report(await findAll(servers, states, now), { now, json: options.json === true })
  })
}

async function findAll(
  { kafka, admin, connections, topicName }: Servers,
  states: ReadonlyMap<string, TopicState>,
  now: number,
): Promise<readonly Found[]> {
  const places = await readPlaces({
    ...{ kafka, admin, topics: [...states.keys()] },
    groupId: `${connections.topicPrefix}couponguard-reach-${process.pid}-${now}`,
  })
  return topicNames.map((name: TopicName): Found => {
    const [topic, spec] = [topicName(name), topics[name]]
    const [partitions, state] = [places.get(topic) ?? [], states.get(topic)]
    const isWanted = (spec.retentionMs ?? 0) >= keptAtLeastMs
    const reach = state === undefined ? null : reachOf(spec, state, partitions, now)
    return { topic, isWanted, partitions, reach }
  })
}

const cannot = ({ isWanted, reach }: Found) =>
  isWanted && (reach === null || reach.shortcomings.length > 0)

function report(
  found: readonly Found[],
  { now, json }: { readonly now: number; readonly json: boolean },
): void {
  const failing = found.filter(cannot)
  if (json) {
    const rows = found.map(({ topic, partitions, reach }) => ({ topic, partitions, ...reach }))
    process.stdout.write(`${JSON.stringify({ ok: failing.length === 0, now, topics: rows })}\n`)
  } else {
    const width = Math.max(...found.map(({ topic }) => topic.length))
    for (const one of found)
      process.stdout.write(`${one.topic.padEnd(width)}  ${reachText(one).join('; ')}\n`)
  }
  if (failing.length === 0) return
  const names = failing.map(({ topic }) => topic).join(', ')
  throw new CommandError(
    `cannot be kept 180 days: ${names}; mend with: couponguard topics check --fix`,
  )
}

/** What stands behind the topic's name, part by part. */
function reachText({ partitions, reach, isWanted }: Found): readonly string[] {
  if (reach === null) return [isWanted ? 'NOT THERE, must be kept 180 days' : 'not there']
  const { oldestAt, reachMs, shortcomings, standing } = reach
  const back =
    oldestAt === null || reachMs === null
      ? ['empty']
      : [`since ${timeText(oldestAt)}, ${spanText(reachMs)} back`, ...emptyText(partitions)]
  return [
    ...back,
    keptText(reach),
    ...shortcomings.map(
      ({ what, is, should }) => `CANNOT keep 180 days: ${what} is ${is}, should be ${should}`,
    ),
    ...(standing === 'whole' && oldestAt !== null ? ['nothing dropped yet'] : []),
    ...(standing === 'cut' ? ['older records were dropped'] : []),
  ]
}

function emptyText(places: readonly PartitionPlace[]): readonly string[] {
  const empty = places.flatMap(({ partition, oldestAt }) => (oldestAt === null ? [partition] : []))
  if (empty.length === 0) return []
  return [`${empty.length === 1 ? 'partition' : 'partitions'} ${empty.join(', ')} empty`]
}

function keptText({ keptMs, keepsLastOfKey }: TopicReach): string {
  if (keptMs !== null) return `kept ${spanText(keptMs)}`
  return keepsLastOfKey ? 'the last of each key is kept' : 'kept for ever'
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** Rounded down to a tenth, so that 179.97 days are not 180. */
function spanText(ms: number): string {
  const [unit, size] = units.find(([, each]) => ms >= each) ?? (['second', 1_000] as const)
  const count = Math.floor((Math.max(ms, 0) / size) * 10) / 10
  return counted(count, unit)
}
