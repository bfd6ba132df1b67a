/**
 * `npm run stack`: Kafka, a schema registry, Redis and PostgreSQL on free loopback ports, until
 * `npm run stack -- --stop`. With a Docker engine they are containers, else processes of this
 * machine. What people read goes to stderr; stdout holds the variables to export and nothing else.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hasContainers, startContainers, stopContainers, whyNoDocker } from './stack/docker.ts'
import { readState, startStack, stopStack } from './stack/local-stack.ts'
import { endpointVariables, type ServerKind, serverKinds } from './stack/servers.ts'

/** Another folder makes another stack, beside the first. */
const folder = process.env.COUPONGUARD_STACK_FOLDER ?? join(import.meta.dirname, '..', '.stack')
const stateFile = join(folder, 'state.json')
const portsFile = join(folder, 'containers.json')
const help = `npm run stack [-- --stop | --help]

Starts Kafka 4.1, a Confluent-compatible schema registry, Redis and PostgreSQL on free loopback
ports and says how to reach them. Run again, it says the same and starts what has died. With a
Docker engine it uses docker-compose.yml; without one it fetches Kafka and the registry through
Maven and takes Redis and PostgreSQL from PATH, or apt as root.

  --stop  end all of it, and remove its data

Example: put the addresses into this shell, and end the stack
  eval "$(npm run --silent stack)"
  npm run stack -- --stop
`

type Endpoints = Partial<Record<ServerKind, string>>

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

function print(endpoints: Endpoints): void {
  const known = serverKinds.flatMap((kind) => {
    const endpoint = endpoints[kind]
    return endpoint === undefined ? [] : [{ kind, endpoint }]
  })
  for (const { kind, endpoint } of known) say(`  ${kind.padEnd(9)} ${endpoint}`)
  say('npm run stack -- --stop ends it. To reach it from programs:')
  for (const { kind, endpoint } of known)
    process.stdout.write(`export ${endpointVariables[kind]}='${endpoint}'\n`)
}

async function startProcesses(): Promise<void> {
  const { state, started, unavailable, failed } = await startStack(stateFile)
  for (const line of [...unavailable, ...failed]) say(`NOT STARTED  ${line}`)
  const inCi = /^(1|true)$/.test(process.env.CI ?? '')
  if (failed.length > 0 || (inCi && unavailable.length > 0)) process.exitCode = 1
  if (state.servers.length === 0) return
  const already = state.servers.length > started.length
  const news = already && started.length > 0 ? `, ${started.join(' and ')} again` : ''
  say(`the stack ${already ? 'already runs' : 'runs'}${news}; data and logs: ${state.folder}`)
  print(Object.fromEntries(state.servers.map(({ kind, endpoint }) => [kind, endpoint])))
}

async function start(): Promise<void> {
  const noDocker = readState(stateFile) === null ? whyNoDocker() : 'processes run already'
  if (noDocker !== null) return startProcesses()
  const already = hasContainers(portsFile)
  const endpoints = await startContainers(portsFile)
  say(`the stack ${already ? 'already runs' : 'runs'} in containers`)
  print(endpoints)
}

async function stop(): Promise<void> {
  const runs = hasContainers(portsFile) || readState(stateFile) !== null
  stopContainers(portsFile)
  const left = await stopStack(stateFile)
  if (left.length > 0) throw new Error(`would not end: ${left.join(', ')}`)
  say(runs ? 'the stack has ended' : 'no stack runs')
}

// A start that is interrupted half-way would leave servers that no state file knows.
const signals = ['SIGINT', 'SIGTERM'] as const
for (const signal of signals)
  process.on(signal, () => say('when it has started, npm run stack -- --stop ends it'))

try {
  const { values } = parseArgs({
    options: { stop: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help === true) process.stdout.write(help)
  else if (values.stop === true) await stop()
  else await start()
} catch (error) {
  const { message, code } = error as Error & { code?: string }
  say(`stack: ${message}`)
  process.exitCode = code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1
}
