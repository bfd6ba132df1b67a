/**
 * What `bench --kafka` can measure: the copy loop, and the scoring worker with its windows in
 * memory and in Redis. A worker needs a schema registry and Redis: where they are not told, one
 * line says so before anything is measured.
 */
import type { InstallationServers } from '../bench/bench-topics.ts'
import { openInstallation, openPair } from '../bench/bench-topics.ts'
import type { Subject } from '../bench/kafka-bench.ts'
import { listeningProcess } from '../bench/listening-process.ts'
import { type Connections, loadConnections } from '../config/connections.ts'
import { usageError } from './exit.ts'

export const subjectNames = ['copy', 'memory', 'redis'] as const
type SubjectName = (typeof subjectNames)[number]

export interface SubjectsOptions {
  readonly subjects: string
  readonly bytes: string
  readonly seed: string
  readonly driftMs: string
  readonly nodeFlags?: string
}

const titles: Readonly<Record<SubjectName, string>> = {
  copy: 'copy loop, one transaction a batch',
  memory: 'worker, windows in memory',
  redis: 'worker, windows in Redis',
}

/** Throws CommandError in one line for each thing that is missing. */
export function chosenSubjects(options: SubjectsOptions, brokers: string): readonly Subject[] {
  return namesOf(options.subjects).map((name) =>
    name === 'copy' ? copyLoop(options) : worker(name, options, serversOf(name, brokers)),
  )
}

function namesOf(list: string): readonly SubjectName[] {
  return list.split(',').map((given) => {
    const name = subjectNames.find((one) => one === given)
    if (name !== undefined) return name
    throw usageError(`--subjects ${given}: must be of ${subjectNames.join(', ')}`)
  })
}

const copyLoop = ({ bytes }: SubjectsOptions): Subject => ({
  name: titles.copy,
  part: 'copy',
  shape: 'small',
  flags: ['--bytes', bytes],
  servers: null,
  open: openPair,
})

function worker(
  name: 'memory' | 'redis',
  { seed, driftMs, nodeFlags }: SubjectsOptions,
  servers: InstallationServers,
): Subject {
  const node = nodeFlags === undefined ? [] : [`--node-flags=${nodeFlags}`]
  return {
    name: titles[name],
    part: 'worker',
    shape: 'day',
    flags: ['--store', name, '--seed', seed, '--drift-ms', driftMs, ...node],
    servers,
    open: (options) => openInstallation(options, servers),
  }
}

function serversOf(name: 'memory' | 'redis', brokers: string): InstallationServers {
  const { COUPONGUARD_REGISTRY_URL: registryUrl } = process.env
  const remedy = 'set it as npm run stack prints it, or leave it out with --subjects copy'
  if (registryUrl === undefined || registryUrl === '')
    throw usageError(`--kafka: the worker needs a registry in COUPONGUARD_REGISTRY_URL; ${remedy}`)
  const connections = loadConnections({}, { ...process.env, COUPONGUARD_KAFKA_BROKERS: brokers })
  const { registry, redis } = connections
  if (name === 'memory') return { registry, redis: null }
  if (redis !== null) return { registry, redis }
  throw usageError(`--kafka: the worker needs Redis in COUPONGUARD_REDIS_URL; ${remedy},memory`)
}

/** Broker and Redis, where they run on this machine. */
export function watchedServers(
  brokers: string,
  subjects: readonly Subject[],
): ReadonlyMap<string, number> {
  const redis = subjects.map(({ servers }) => servers?.redis ?? null).find((one) => one !== null)
  const found: readonly (readonly [string, number | null])[] = [
    ['broker', listeningOn(brokers.split(',')[0] ?? '')],
    ['redis', redis === undefined ? null : listeningOn(nodeOf(redis))],
  ]
  return new Map(found.flatMap(([name, pid]) => (pid === null ? [] : [[name, pid] as const])))
}

const nodeOf = ({ nodes: [node] }: NonNullable<Connections['redis']>) =>
  node === undefined ? '' : `${node.host}:${node.port}`

function listeningOn(hostPort: string): number | null {
  const [, host, port] = /^(.*):(\d+)$/.exec(hostPort) ?? []
  const isHere = host !== undefined && /^(?:localhost|127\.[\d.]+|\[?::1\]?)$/.test(host)
  return isHere ? listeningProcess(Number(port)) : null
}
