/**
 * Runs under a soft limit on file size (`ulimit -S -f`): fills the log until it refuses, lifts the
 * limit, goes on, and says on stdout what it acknowledged.
 */
import { execFileSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import { sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'

const log = await openDirectoryLog({ directory: process.argv[2] ?? '' })
const failures: string[] = []

async function step(): Promise<void> {
  await log.append([sampleEvent(`e${log.endOffset()}`)], 1)
  const rows = await log.read(100)
  pending.push(...rows)
  await log.commit(sampleOutputs(pending), sampleProgress(log.endOffset()))
  pending.length = 0
}
const pending: Awaited<ReturnType<typeof log.read>>[number][] = []

while (failures.length < 3) {
  try {
    await step()
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
    failures.push(`${error.code} ${error.retriable}`)
  }
}
const fullAt = { end: log.endOffset(), committed: log.committed().nextOffset }
execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
for (let more = 0; more < 5; more += 1) await step()
const after = { end: log.endOffset(), committed: log.committed().nextOffset }
writeSync(1, JSON.stringify({ failures, fullAt, after }))
process.exit(0)
