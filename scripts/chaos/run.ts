/**
 * One run of chaos: servers up, roles up, a day published while everything is attacked, faults
 * ended, the rest judged, all stopped, and the topics audited. Whatever happens, nothing of it is
 * left running.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from '../../test/support/seeded.ts'
import { until } from '../stack/running.ts'
import { audit } from './audit/auditor.ts'
import type { Problem } from './audit/evidence.ts'
import { type Case, readEvidence } from './audit/read-evidence.ts'
import type { SchemaIds } from './event-bytes.ts'
import { type Attack, attack, newHands } from './faults.ts'
import { type Fleet, newFleet } from './fleet.ts'
import { deal, lanes } from './plan.ts'
import { type BrokerProxy, startProxy } from './proxy.ts'
import { type Published, publishDay } from './publish.ts'
import { startServers } from './servers.ts'
import { settle } from './settle.ts'
import { fleetOptions, group, partitions, prepareTopics, writePlaybook } from './stage.ts'
import { newStriking, type Role } from './strikes.ts'

export interface ChaosOptions {
  readonly seed: number
  /** Generated events, published while faults are dealt. */
  readonly events: number
  /** How long that takes. */
  readonly durationMs: number
  /** Without any fault. */
  readonly calm: boolean
  readonly store: 'memory' | 'redis'
  readonly workers: number
  readonly monitors: number
  /** Takes data and logs. */
  readonly folder: string
  /** Told what goes on, line by line. */
  say(line: string): void
}

export interface ChaosResult {
  readonly published: Published
  /** How often each fault took place. */
  readonly faults: ReadonlyMap<string, number>
  /** How processes ended of their own accord. */
  readonly ends: ReadonlyMap<string, number>
  readonly problems: readonly Problem[]
  /** What is wrong beside the content of topics: stack traces, no end in sight. */
  readonly failures: readonly string[]
  readonly counts: Readonly<Record<'audits' | 'decisions' | 'alerts' | 'letters', number>>
}

const topicPrefix = 'chaos.'
const startMaxMs = 120_000
const settleMaxMs = 180_000
/**
 * A day is published in minutes: in its record time a minute of catching up is a day long, and
 * shards held together within a minute of it would take a transaction for every few events.
 */
const drift = ['--drift-ms', String(6 * 3_600_000)]

export async function runChaos(
  options: ChaosOptions,
  interrupted: AbortSignal,
): Promise<ChaosResult> {
  const { folder, say, store } = options
  say('servers start')
  mkdirSync(join(folder, 'roles'), { recursive: true })
  const servers = await startServers(folder, store === 'redis')
  let fleet: Fleet | null = null
  let proxy: BrokerProxy | null = null
  const killAll = () => fleet?.killAll()
  interrupted.addEventListener('abort', killAll)
  try {
    interrupted.throwIfAborted()
    const playbookPath = writePlaybook(folder)
    const ids = await prepareTopics(servers, topicPrefix)
    const rolesBrokers = `127.0.0.1:${servers.proxyPort}`
    const roles = { ...servers, rolesBrokers, topicPrefix, playbookPath, store, folder }
    fleet = newFleet(fleetOptions({ ...roles, workerWords: drift }))
    const hands = newHands(fleet)
    const striking = newStriking(hands)
    proxy = await startProxy(
      { port: servers.proxyPort, target: servers.brokerPort },
      striking.watcher,
    )
    const on = { fleet, servers, proxy, hands, striking }
    const played = play({ ...options, playbookPath, ids, interrupted }, on)
    return await Promise.race([played, untilAborted(interrupted)])
  } finally {
    interrupted.removeEventListener('abort', killAll)
    fleet?.killAll()
    await proxy?.close()
    await servers.stop()
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')))
  })
}

interface Played extends ChaosOptions {
  readonly playbookPath: string
  readonly ids: SchemaIds
  readonly interrupted: AbortSignal
}

async function play(options: Played, on: Omit<Attack, 'onFault'>): Promise<ChaosResult> {
  const { seed, calm, workers, monitors, store, say, interrupted } = options
  const { fleet, servers } = on
  const { brokers, registryUrl } = servers
  for (let count = 0; count < workers; count += 1) fleet.add('worker')
  for (let count = 0; count < monitors; count += 1) fleet.add('monitor')
  await until(
    'all roles run',
    () =>
      Promise.resolve(isRunning(fleet, 'worker', workers) && isRunning(fleet, 'monitor', monitors)),
    startMaxMs,
  )
  const faults = new Map<string, number>()
  const onFault = (name: string) => {
    faults.set(name, (faults.get(name) ?? 0) + 1)
    say(`  ${name}`)
  }
  say('a day is published, and everything is attacked')
  const over = new AbortController()
  const chance = seeded(seed)
  const attacked = Promise.all(
    (calm ? [] : lanes(store === 'redis')).map((lane) =>
      attack(deal(lane, seeded(chance.below(2 ** 32))), { ...on, onFault }, over.signal),
    ),
  )
  // Where a server does not come back, a publisher would wait for it for ever.
  const failed = new Promise<never>((_, reject) => {
    attacked.catch(reject)
  })
  const publishing = publishDay({ ...options, brokers, topicPrefix, partitions }, interrupted)
  const published = await Promise.race([publishing, failed])
  over.abort()
  await attacked
  interrupted.throwIfAborted()
  const groupId = topicPrefix + group
  const of: Case = {
    brokers,
    registryUrl,
    topicPrefix,
    groupId,
    playbookPath: options.playbookPath,
  }
  say('faults have ended; what is left is judged')
  const unsettled = await settle(of, settleMaxMs, interrupted)
  await fleet.end()
  interrupted.throwIfAborted()
  say('all have ended; the topics are audited')
  const evidence = await readEvidence(of)
  const { audits, decisions, alerts, letters } = evidence
  return {
    published,
    faults,
    ends: fleet.ends,
    problems: audit(evidence),
    failures: [...unsettled, ...fleet.defects],
    counts: {
      audits: audits.length,
      decisions: decisions.length,
      alerts: alerts.length,
      letters: letters.length,
    },
  }
}

function isRunning(fleet: Fleet, role: Role, count: number): boolean {
  const running = fleet.members(role).filter((member) => member.state() === 'running')
  return running.length === count
}
