/**
 * Runs a role until SIGINT or SIGTERM, then lets it finish what is under way. Its state is told on
 * stderr when it changes: a paused role says why, and goes on by itself.
 */
import type { TopicPlace } from '../log/kafka/shard-epoch.ts'
import type { RoleState, ShardRole } from '../log/kafka/shard-role.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { CommandError } from './exit.ts'

export interface Told {
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

export async function runRole(
  name: string,
  assemble: (told: Told) => Promise<ShardRole>,
): Promise<void> {
  let end: () => void = () => undefined
  let failure: unknown = null
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  process.once('SIGINT', () => end())
  process.once('SIGTERM', () => end())
  const told: Told = {
    onState: tellChanges(name),
    onRetentionLoss({ topic, partition, offset }, low) {
      const lost = `${topic}/${partition}: messages ${offset} to ${low - 1} were dropped by retention`
      process.stderr.write(`couponguard: ${name}: ${lost} before they were judged\n`)
    },
    onFatal(error) {
      failure = error
      end()
    },
  }
  const role = await assemble(told).catch((error: unknown) => {
    throw asCommandError(error)
  })
  await ended
  await role.stop()
  if (failure !== null) throw asCommandError(failure)
}

function tellChanges(name: string): (state: RoleState) => void {
  let last = ''
  return (state) => {
    const line = state.kind === 'paused' ? `paused: ${state.reason}` : state.kind
    if (line === last) return
    last = line
    process.stderr.write(`couponguard: ${name}: ${line}\n`)
  }
}

const asCommandError = (error: unknown) =>
  error instanceof EdgeError ? new CommandError(error.message) : error
