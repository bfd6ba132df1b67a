/**
 * Runs a role until SIGINT or SIGTERM, then lets it finish what is under way. On stderr it says in
 * lines of JSON when its state changes: a paused role says why, and goes on by itself. With
 * --health-port it answers /healthz (alive), /readyz (working, or why not) and /metrics.
 */
import type { Command } from 'commander'
import { startHealthServer } from '../http/health-server.ts'
import type { TopicPlace } from '../log/kafka/shard-epoch.ts'
import type { RoleState, ShardRole } from '../log/kafka/shard-role.ts'
import { systemClock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { type LogLines, newLogLines } from '../runtime/log-lines.ts'
import { type Metrics, newMetrics } from '../runtime/metrics.ts'
import { unlessDry } from '../runtime/run-dry.ts'
import { CommandError, usageError } from './exit.ts'

/** What a role tells whoever runs it. */
export interface Told {
  readonly metrics: Metrics
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

export interface RoleCommand {
  readonly healthPort?: string
  readonly healthHost: string
}

export function addRoleOptions(command: Command): Command {
  return command
    .option('--health-port <N>', 'answer /healthz, /readyz and /metrics there')
    .option('--health-host <ADDRESS>', 'address for it', '127.0.0.1')
}

export async function runRole(
  name: string,
  options: RoleCommand,
  assemble: (told: Told, log: LogLines) => Promise<ShardRole>,
): Promise<void> {
  const log = newLogLines({ clock: systemClock, base: { role: name } })
  const metrics = newMetrics()
  let end: () => void = () => undefined
  let failure: unknown = null
  let state: RoleState = { kind: 'joining' }
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  process.once('SIGINT', () => end())
  process.once('SIGTERM', () => end())
  const notReady = () => (state.kind === 'running' ? null : wordsOf(state))
  const health = await openHealth(options, { metrics, notReady, log })
  try {
    const told: Told = {
      metrics,
      onState(next) {
        if (gistOf(next) !== gistOf(state)) tell(log, next)
        state = next
      },
      onRetentionLoss({ topic, partition, offset }, low) {
        const lost = `messages ${offset} to ${low - 1} were dropped by retention, unjudged`
        log.error(`${topic}/${partition}: ${lost}`, { shard: partition })
      },
      onFatal(error) {
        failure = error
        end()
      },
    }
    const role = await assemble(told, log)
    await ended
    await unlessDry(role.stop())
  } catch (error) {
    throw asCommandError(error)
  } finally {
    await health.close()
  }
  if (failure !== null) throw asCommandError(failure)
}

const wordsOf = (state: RoleState) =>
  state.kind === 'paused' ? `paused: ${state.reason}` : state.kind

/** Without what a server or a library said in its own words: it may differ from try to try. */
const gistOf = (state: RoleState) => wordsOf(state).replace(/ \(.*\)$/s, '')

function tell(log: LogLines, state: RoleState): void {
  if (state.kind === 'paused') log.warn(wordsOf(state))
  else log.info(wordsOf(state))
}

interface HealthParts {
  readonly metrics: Metrics
  readonly log: LogLines
  notReady(): string | null
}

async function openHealth(
  { healthPort, healthHost }: RoleCommand,
  { metrics, log, notReady }: HealthParts,
): Promise<{ close(): Promise<void> }> {
  if (healthPort === undefined) return { close: () => Promise.resolve() }
  const port = /^\d{1,5}$/.test(healthPort) ? Number(healthPort) : Number.NaN
  if (!(port <= 65_535))
    throw usageError(`--health-port ${healthPort}: must be a whole number from 0 to 65535`)
  const onDefect = (error: unknown) =>
    log.error('health server', { error: error instanceof Error ? error : String(error) })
  const server = await startHealthServer({ host: healthHost, port, notReady, metrics, onDefect })
  log.info(`health on ${server.url}`)
  return server
}

const asCommandError = (error: unknown) =>
  error instanceof EdgeError ? new CommandError(error.message) : error
