/** Configuration → the review console, beside the embedded log or beside Kafka. */
import { join } from 'node:path'
import type { Assembled } from './assemble.ts'
import { CommandError } from './cli/exit.ts'
import { loadConnections, noPostgres } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { readKeyFile } from './config/key-file.ts'
import { newEmbeddedEngine } from './console/engine-embedded.ts'
import { newKafkaEngine } from './console/engine-kafka.ts'
import { type Console, openConsole } from './console/open-console.ts'
import { laterStore } from './console/store/later-store.ts'
import { openPglite } from './console/store/pglite.ts'
import { openPostgres } from './console/store/postgres.ts'
import { deriveKeys } from './core/event/keyed-hash.ts'
import { type Close, closeAll, ownGroup, reach } from './reach.ts'
import { systemClock } from './runtime/clock.ts'
import { EdgeError } from './runtime/edge-error.ts'
import { version } from './version.ts'

export interface ConsoleBesideLog {
  /** Begins to read the log; its records are then cases within seconds. */
  open(): Console
  close(): Promise<void>
}

/**
 * The console of `start`, its database in the data directory. That is being opened from here on, in
 * a thread of its own, while the rest goes on; `open` when the log may be read.
 */
export function besideLog(
  { embedded, log, lists, keys, playbook, campaigns }: Assembled,
  { data }: { readonly data: string },
): ConsoleBesideLog {
  const database = laterStore(openPglite(join(data, 'console')))
  let opened: Console | null = null
  return {
    open() {
      const engine = newEmbeddedEngine({
        ...{ embedded, log, lists, keys, playbook, campaigns },
        onTrouble: sayTrouble,
      })
      opened = openConsole({ database, engine, clock: systemClock, version, onProblem: sayTrouble })
      return opened
    },
    close: () => (opened === null ? database.close() : opened.close()),
  }
}

/** Trouble in one line; a defect whole. */
function sayTrouble(error: unknown): void {
  const said = error instanceof EdgeError || !(error instanceof Error) ? String(error) : error.stack
  process.stderr.write(`couponguard: console: ${said}\n`)
}

export interface ConsoleRoleOptions extends JudgingOptions {
  readonly key: string
  readonly group: string
  readonly tlsProxy: boolean
  /** A defect, or trouble that is tried again. */
  onProblem(error: unknown): void
}

/** The console against Kafka and Postgres. Throws EdgeError or CommandError, with nothing open. */
export async function besideKafka(options: ConsoleRoleOptions): Promise<Console> {
  const { group, tlsProxy, onProblem } = options
  const connections = loadConnections(options)
  const { topicPrefix, letterKey, postgresUrl } = connections
  if (postgresUrl === null) throw new CommandError(noPostgres)
  const keys = deriveKeys(readKeyFile(options.key))
  const { playbook } = loadJudging(options, keys)
  const closers: Close[] = []
  try {
    const reached = await reach(connections, 'console', closers)
    const engine = await newKafkaEngine({
      ...reached,
      ...{ topicPrefix, group, keys, playbook, letterKey },
      ownGroup: (purpose) => ownGroup(topicPrefix, purpose),
      onTrouble: onProblem,
    })
    const database = openPostgres(postgresUrl)
    const base = { engine, database, clock: systemClock, version }
    const opened = openConsole({ ...base, tlsProxy, onProblem })
    return {
      ...opened,
      async close() {
        await opened.close()
        await closeAll(closers)
      },
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}
