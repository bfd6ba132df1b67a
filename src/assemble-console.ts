/** Configuration → the review console, against Kafka and Postgres or beside the embedded log. */

import { join } from 'node:path'
import type { Assembled } from './assemble.ts'

import { CommandError } from './cli/exit.ts'
import { loadConnections, noPostgres } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { readKeyFile } from './config/key-file.ts'
import { newEmbeddedEngine } from './console/engine-embedded.ts'
import { newKafkaEngine } from './console/engine-kafka.ts'
import { type OpenConsole, openConsole } from './console/open-console.ts'
import { openPglite } from './console/store/pglite.ts'
import { openPostgres } from './console/store/postgres.ts'
import { deriveKeys } from './core/event/keyed-hash.ts'
import { newLetterKey } from './letter-seal.ts'
import { type Close, closeAll, ownGroup, reach } from './reach.ts'
import { systemClock } from './runtime/clock.ts'
import { version } from './version.ts'

export interface ConsoleRoleOptions extends JudgingOptions {
  readonly key: string
  readonly group: string
  readonly version: string
  readonly tlsProxy: boolean
  onTrouble(error: unknown): void
  onDefect(error: unknown): void
}

/** Throws EdgeError or CommandError, with nothing left open. */
export async function assembleConsole(options: ConsoleRoleOptions): Promise<OpenConsole> {
  const connections = loadConnections(options)
  const { topicPrefix, letterKey, postgresUrl } = connections
  if (postgresUrl === null) throw new CommandError(noPostgres)
  const secret = readKeyFile(options.key)
  const keys = deriveKeys(secret)
  const { playbook } = loadJudging(options, keys)
  const closers: Close[] = []
  try {
    const reached = await reach(connections, 'console', closers)
    const engine = await newKafkaEngine({
      ...reached,
      topicPrefix,
      group: options.group,
      ownGroup: (purpose) => ownGroup(topicPrefix, purpose),
      keys,
      playbook,
      letterKey,
      ownLetterKey: newLetterKey(secret),
      onTrouble: options.onTrouble,
    })
    const console = openConsole({
      ...options,
      openStore: async () => openPostgres(postgresUrl),
      engine,
      clock: systemClock,
    })
    return {
      ...console,
      async close() {
        await console.close()
        await closeAll(closers)
      },
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

export interface BesideLogOptions {
  readonly data: string
  onTrouble(error: unknown): void
  onDefect(error: unknown): void
}

/**
 * The console of `start`, which reads the log from here on. Its database in the data directory is
 * opened in a thread of its own while the rest goes on.
 */
export function besideLog(
  { embedded, log, lists, keys, playbook, campaigns, letterKey }: Assembled,
  { data, onTrouble, onDefect }: BesideLogOptions,
): OpenConsole {
  const parts = { embedded, log, lists, keys, playbook, campaigns, letterKey }
  return openConsole({
    openStore: () => openPglite(join(data, 'console')),
    engine: newEmbeddedEngine({ ...parts, onTrouble }),
    clock: systemClock,
    version,
    onTrouble,
    onDefect,
  })
}
