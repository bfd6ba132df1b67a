/**
 * Appends, reads and commits in a loop until it is killed, and says on stdout what was
 * acknowledged: `A next` after an append, `C next` after a commit. A line is written before the
 * loop goes on, so whoever kills this process knows at least as much as a client would.
 */
import { writeSync } from 'node:fs'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'

const [directory = '', seed = '1'] = process.argv.slice(2)
let state = Number(seed)
/** A small generator of numbers below `max`, the same for the same seed. */
function random(max: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * max)
}

const log = await openDirectoryLog({ directory, segmentBytesMax: 40_000 })
writeSync(1, `O ${log.endOffset()}\n`)
for (;;) {
  const events = Array.from({ length: 1 + random(8) }, (_, index) =>
    sampleEvent(`e${log.endOffset() + index}`),
  )
  await log.append(events, 1_000 + log.endOffset())
  writeSync(1, `A ${log.endOffset()}\n`)
  if (random(3) === 0) continue
  const rows = await log.read(1 + random(12))
  const next = rows.at(-1)!.offset + 1
  await log.commit(sampleOutputs(rows), sampleProgress(next, rows.at(-1)!.recordedAt))
  writeSync(1, `C ${next}\n`)
}
