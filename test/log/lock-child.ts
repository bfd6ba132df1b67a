/** Waits for a line on stdin, then tries to take the lock; says `held` and keeps it, or why not. */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { lockDirectory } from '../../src/log/directory/lock.ts'

writeSync(1, 'ready\n')
await once(process.stdin, 'data')
try {
  await lockDirectory(process.argv[2] ?? '')
  writeSync(1, 'held\n')
  // Held until this process is killed.
  setInterval(() => {}, 60_000)
} catch (error) {
  writeSync(1, `refused: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(0)
}
