/**
 * A disk that fails at the worst moments, and many hands at once. The fault is real: a folder
 * stands where the checkpoint should be renamed to, so the rename fails after everything else was
 * written.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { all, sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()

async function judged(directory: string): Promise<number[]> {
  const log = await openDirectoryLog({ directory })
  try {
    const rows = await all(log.history())
    const audits = (await all(log.readOutputs('audits'))).map((audit) => audit.offset)
    expect(audits).toEqual(rows.map((row) => row.offset))
    expect(await all(log.readOutputs('tallies'))).toHaveLength(rows.length)
    return audits
  } finally {
    await log.close()
  }
}

function copyOf(directory: string, change: (copy: string) => void): string {
  const copy = scratch()
  cpSync(directory, copy, { recursive: true })
  rmSync(join(copy, 'lock'), { recursive: true })
  change(copy)
  return copy
}

it('a commit in doubt is all or nothing, for this process and for the next', async () => {
  for (const segmentBytesMax of [1, 1_000_000]) {
    const directory = scratch()
    const checkpoint = join(directory, 'checkpoint.json')
    const log = await openDirectoryLog({ directory, segmentBytesMax })
    await log.append(
      [0, 1, 2, 3].map((n) => sampleEvent(`e${n}`)),
      1,
    )
    await log.commit(sampleOutputs(await log.read(2)), sampleProgress(2))
    const old = readFileSync(checkpoint)
    rmSync(checkpoint)
    mkdirSync(join(checkpoint, 'in-the-way'), { recursive: true })
    const rows = await log.read(2)
    const commit = () => log.commit(sampleOutputs(rows), sampleProgress(4))
    for (let again = 0; again < 3; again += 1) {
      await expect(commit()).rejects.toMatchObject({ code: 'log-io', retriable: true })
      expect(log.committed().nextOffset).toBe(2)
      expect((await all(log.readOutputs('audits'))).map((audit) => audit.offset)).toEqual([0, 1])
      expect(await log.auditAt(2)).toBeNull()
    }
    // The events are another file: they go on.
    await log.append([sampleEvent('e4')], 1)
    // Whoever opens it now finds the old checkpoint, or the new one where the rename did happen.
    const asOld = copyOf(directory, (copy) => {
      rmSync(join(copy, 'checkpoint.json'), { recursive: true })
      writeFileSync(join(copy, 'checkpoint.json'), old)
    })
    expect(await judged(asOld)).toEqual([0, 1])
    rmSync(checkpoint, { recursive: true })
    await commit()
    expect((await log.auditAt(3))?.offset).toBe(3)
    await log.close()
    expect(await judged(directory)).toEqual([0, 1, 2, 3])
  }
})

it('a commit that was renamed, but not answered, counts once for the next process', async () => {
  const directory = scratch()
  const checkpoint = join(directory, 'checkpoint.json')
  const first = await openDirectoryLog({ directory })
  await first.append([sampleEvent('e0'), sampleEvent('e1')], 1)
  await first.commit(sampleOutputs(await first.read(1)), sampleProgress(1))
  await first.close()
  // The checkpoint that the second commit will want to put in place.
  const twin = copyOf(directory, () => {})
  const ahead = await openDirectoryLog({ directory: twin })
  await ahead.commit(sampleOutputs(await ahead.read(1)), sampleProgress(2))
  await ahead.close()

  const log = await openDirectoryLog({ directory })
  const rows = await log.read(1)
  rmSync(checkpoint)
  mkdirSync(join(checkpoint, 'in-the-way'), { recursive: true })
  const commit = log.commit(sampleOutputs(rows), sampleProgress(2))
  await expect(commit).rejects.toMatchObject({ code: 'log-io' })
  // What was staged is still there, because a checkpoint may name it.
  const asNew = copyOf(directory, (copy) => {
    rmSync(join(copy, 'checkpoint.json'), { recursive: true })
    cpSync(join(twin, 'checkpoint.json'), join(copy, 'checkpoint.json'))
  })
  expect(await judged(asNew)).toEqual([0, 1])
  await log.close()
})

it('many hands at once: appends, reads, commits and questions', async () => {
  const directory = scratch()
  const log = await openDirectoryLog({ directory, segmentBytesMax: 20_000 })
  const total = 600
  async function produce() {
    while (log.endOffset() < total)
      await Promise.all(
        [1, 2, 3].map(async (size) => {
          const name = (first: number, index: number) => `p${first}-${index}`
          const events = Array.from({ length: size }, (_, index) => sampleEvent(name(size, index)))
          await log.append(events, 1)
        }),
      )
  }
  async function consume() {
    for (let next = 0; next < total; ) {
      const rows = await log.read(17)
      if (rows.length === 0) {
        await new Promise((resolve) => setImmediate(resolve))
        continue
      }
      const asked = Promise.all([0, next - 1, next].map((offset) => log.auditAt(offset)))
      next = rows.at(-1)!.offset + 1
      await log.commit(sampleOutputs(rows), sampleProgress(next))
      await asked
    }
  }
  await Promise.all([produce(), consume()])
  const committed = log.committed().nextOffset
  await log.close()
  const offsets = await judged(directory)
  expect(offsets).toEqual(Array.from({ length: committed }, (_, index) => index))
}, 30_000)
