/**
 * Retention: whole segments go, oldest first, never an event that is not judged, across restarts.
 *
 * proves: D6, D7
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { all, noOutputs, sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()
const day = 86_400_000
const hour = 3_600_000

/** One event a day for `days` days, all judged, each with a dead letter. */
async function makeDays(days: number): Promise<string> {
  const directory = scratch()
  const log = await openDirectoryLog({ directory })
  for (let index = 0; index < days; index += 1) {
    await log.append([sampleEvent(`e${index}`)], index * day)
    const deadLetters = [deadLetter(index * day)]
    const outputs = { ...sampleOutputs(await log.read(1)), deadLetters }
    await log.commit(outputs, sampleProgress(index + 1, index * day))
  }
  await log.close()
  return directory
}

const deadLetter = (recordedAt: number) => ({
  reason: 'not-json',
  detail: '',
  bytes: null,
  key: null,
  sha256: '',
  source: 'http',
  partition: 0,
  offset: 0,
  recordedAt,
  headers: {},
  sealedBy: null,
})

async function kept(directory: string, now: number) {
  const log = await openDirectoryLog({ directory })
  try {
    const removed = await log.dropExpired(now)
    return {
      removed: removed.length,
      events: (await all(log.history())).map((row) => row.offset)[0],
      audits: (await all(log.readOutputs('audits'))).map((audit) => audit.offset)[0],
      letters: (await all(log.readOutputs('deadLetters'))).length,
    }
  } finally {
    await log.close()
  }
}

it.each([
  ['nothing before its time', 7 * day, { removed: 0, events: 0, audits: 0, letters: 60 }],
  ['dead letters after 7 days', 8 * day + 1, { removed: 2, events: 0, audits: 0, letters: 58 }],
  // Tallies go with the events.
  ['events after 50 days', 52 * day + 1, { removed: 6 + 46, events: 3, audits: 0, letters: 14 }],
  ['audits after 180 days', 182 * day + 1, { removed: 120 + 60 + 3 + 3, audits: 3, letters: 0 }],
])('%s', async (_, now, expected) => {
  const directory = await makeDays(60)
  const found = await kept(directory, now)
  expect(found).toEqual({ events: undefined, ...expected })
  // Again changes nothing, and nothing is missed at the next start.
  expect(await kept(directory, now)).toEqual({ ...found, removed: 0 })
})

it('goes on counting where everything was removed', async () => {
  const directory = await makeDays(3)
  await kept(directory, 1_000 * day)
  for (const folder of ['events', 'audit', 'tallies', 'dead-letters'])
    expect(readdirSync(join(directory, folder))).toEqual([])
  const log = await openDirectoryLog({ directory })
  expect([log.endOffset(), log.committed().nextOffset]).toEqual([3, 3])
  expect(await log.append([sampleEvent('e3')], 0)).toBe(3)
  const [row] = await log.read(9)
  expect([row!.offset, row!.recordedAt]).toEqual([3, 2 * day])
  await log.commit(sampleOutputs([row!]), sampleProgress(4))
  expect(await log.auditAt(1)).toBeNull()
  expect((await log.auditAt(3))?.event.id).toBe('e3')
  await log.close()
  const again = await openDirectoryLog({ directory })
  expect([again.repairs, (await all(again.history())).length]).toEqual([[], 1])
  await again.close()
})

it('never removes an event that is not judged', async () => {
  const directory = scratch()
  const log = await openDirectoryLog({ directory, segmentBytesMax: 1 })
  for (let index = 0; index < 4; index += 1) await log.append([sampleEvent(`e${index}`)], index)
  const rows = await log.read(2)
  await log.commit(sampleOutputs(rows), sampleProgress(2))
  await log.dropExpired(1_000 * day)
  expect((await all(log.history())).length).toBe(0)
  expect((await log.read(9)).map((row) => row.event.id)).toEqual(['e2', 'e3'])
  await log.close()
  const again = await openDirectoryLog({ directory })
  expect((await again.read(9)).map((row) => row.event.id)).toEqual(['e2', 'e3'])
  await again.close()
})

it('a dead letter outlives its 7 days by at most an hour, in a steady stream too', async () => {
  const log = await openDirectoryLog({ directory: scratch() })
  const step = 10 * 60_000
  for (let at = 0; at <= 8 * day; at += step) {
    if (at % hour === 0) await log.dropExpired(at)
    // Only the ends of the time matter; in between a letter a day is enough.
    if (at < 4 * hour || at > 7 * day - hour || at % day === 0)
      await log.commit({ ...noOutputs, deadLetters: [deadLetter(at)] }, sampleProgress(0))
    if (at % hour !== 0) continue
    const [oldest] = await all(log.readOutputs('deadLetters'))
    expect(at - oldest!.recordedAt).toBeLessThanOrEqual(7 * day + hour)
  }
  await log.close()
})

it('refuses, rather than passing over, events that went missing', async () => {
  const make = async () => {
    const directory = scratch()
    const log = await openDirectoryLog({ directory, segmentBytesMax: 1 })
    for (let index = 0; index < 4; index += 1) await log.append([sampleEvent(`e${index}`)], index)
    await log.commit(sampleOutputs(await log.read(4)), sampleProgress(4))
    await log.close()
    return directory
  }
  const first = await make()
  rmSync(join(first, 'events', '0000000000000000.avro'))
  await expect(openDirectoryLog({ directory: first })).rejects.toThrow(
    'holds offsets 1 to 4, but 0 to 4 were judged',
  )
  const middle = await make()
  rmSync(join(middle, 'events', '0000000000000002.avro'))
  const log = await openDirectoryLog({ directory: middle })
  await expect(all(log.history())).rejects.toThrow('0003.avro: damaged at byte 0: rows before it')
  await log.close()
})
