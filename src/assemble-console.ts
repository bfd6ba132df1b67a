/** Configuration → the review console, beside the embedded log or beside Kafka. */
import { join } from 'node:path'
import type { Assembled } from './assemble.ts'
import { newEmbeddedEngine } from './console/engine-embedded.ts'
import { type Console, openConsole } from './console/open-console.ts'
import { laterStore } from './console/store/later-store.ts'
import { openPglite } from './console/store/pglite.ts'
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
