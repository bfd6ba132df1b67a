/**
 * A disk without room: what was acknowledged stays, what failed leaves nothing, and the log goes on
 * by itself once there is room. On a small file system where one may be mounted, stopped at every
 * page of room; and under a limit on file size, which needs no rights.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DirectoryLog } from '../../src/log/directory/directory-log.ts'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'
import { all, sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()
const page = 4_096

/** Mounts a file system of `pages` pages; null, loudly, where this process may not. */
function mountSmall(pages: number): { directory: string; unmount: () => void } | null {
  const directory = scratch()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${pages * page}`, 'tmpfs', directory], {
      stdio: 'pipe',
    })
  } catch {
    return null
  }
  return { directory, unmount: () => execFileSync('umount', [directory]) }
}

async function expectWhole(directory: string, appended: number, committed: number) {
  const log = await openDirectoryLog({ directory })
  try {
    const judged = await all(log.history())
    const rows = [...judged, ...(await log.read(10_000))]
    expect(rows.map((row) => row.event.id)).toEqual(rows.map((_, index) => `e${index}`))
    expect(rows.length).toBeGreaterThanOrEqual(appended)
    expect(log.committed().nextOffset).toBe(committed)
    const offsets = judged.map((row) => row.offset)
    expect((await all(log.readOutputs('audits'))).map((one) => one.offset)).toEqual(offsets)
    expect((await all(log.readOutputs('tallies'))).map((one) => one.abnormal)).toEqual(offsets)
    expect(await all(log.readOutputs('decisions'))).toHaveLength(judged.length)
  } finally {
    await log.close()
  }
}

/** Leaves `pages` pages free. */
function fillUp(directory: string, pages: number): void {
  const free = statfsSync(directory).bavail
  expect(free).toBeGreaterThan(pages)
  writeFileSync(join(directory, 'filler'), Buffer.alloc((free - pages) * page))
}

async function tryTo(task: () => Promise<unknown>): Promise<string> {
  try {
    await task()
    return 'done'
  } catch (error) {
    expect(error).toMatchObject({ code: 'log-full', retriable: true })
    return 'full'
  }
}

const many = (log: DirectoryLog, count: number) =>
  Array.from({ length: count }, (_, index) => sampleEvent(`e${log.endOffset() + index}`))

const mounted = mountSmall(2_000)
if (mounted === null)
  console.warn('full-disk: NOT RUN on a small file system: this process may not mount one')
else mounted.unmount()

describe.skipIf(mounted === null)('a small file system', () => {
  it('stops at every page of room without harm, and goes on when there is room', async () => {
    const small = mountSmall(2_000)!
    try {
      const outcomes = new Set<string>()
      for (let pages = 0; pages <= 40; pages += 1) {
        const directory = join(small.directory, `data-${pages}`)
        mkdirSync(directory)
        const log = await openDirectoryLog({ directory, segmentBytesMax: 60_000 })
        await log.append(many(log, 5), 1)
        await log.commit(sampleOutputs(await log.read(5)), sampleProgress(5))
        fillUp(small.directory, pages)
        const appended = await tryTo(() => log.append(many(log, 40), 2))
        const rows: readonly LoggedEvent[] = await log.read(100)
        expect(rows).toHaveLength(appended === 'done' ? 40 : 0)
        const next = 5 + rows.length
        const commit = () => log.commit(sampleOutputs(rows), sampleProgress(next))
        const committed = await tryTo(commit)
        expect(log.committed().nextOffset).toBe(committed === 'done' ? next : 5)
        outcomes.add(`${appended} ${committed}`)
        // Whoever dies here comes back to the same; the files are still as full as they were.
        if (pages % 2 === 0) {
          rmSync(join(small.directory, 'filler'))
          if (committed !== 'done') await commit()
          expect(await tryTo(() => log.append(many(log, 3), 3))).toBe('done')
          const end = log.endOffset()
          await log.close()
          await expectWhole(directory, end, next)
        } else {
          const end = log.endOffset()
          await log.close().catch(() => {})
          rmSync(join(small.directory, 'filler'))
          await expectWhole(directory, end, committed === 'done' ? next : 5)
        }
        rmSync(directory, { recursive: true })
      }
      expect([...outcomes].sort()).toEqual(['done done', 'done full', 'full done', 'full full'])
    } finally {
      small.unmount()
    }
  })

  it('refuses to begin on a full one in one line, and leaves it fit to begin later', async () => {
    const small = mountSmall(64)!
    try {
      for (let pages = 0; pages < 12; pages += 1) {
        const directory = join(small.directory, 'data')
        mkdirSync(directory)
        fillUp(small.directory, pages)
        const failed: unknown = await openDirectoryLog({ directory }).then(
          (log) => log.close().then(() => null),
          (error: unknown) => error,
        )
        if (failed !== null) {
          expect(failed).toMatchObject({ code: 1 })
          expect((failed as Error).message).toMatch(/cannot be opened as a log .*make room/)
        }
        rmSync(join(small.directory, 'filler'))
        const log = await openDirectoryLog({ directory })
        expect(await log.append([sampleEvent('e0')], 1)).toBe(0)
        await log.close()
        rmSync(directory, { recursive: true })
      }
      expect(readdirSync(small.directory)).toEqual([])
    } finally {
      small.unmount()
    }
  })
})

describe('a limit on file size', () => {
  it('refuses, keeps what it acknowledged, and goes on when it is lifted', async () => {
    const directory = scratch()
    const child = join(import.meta.dirname, 'full-disk-child.ts')
    const command = `ulimit -S -f 64; exec "$0" --import tsx "$1" "$2"`
    const run = spawnSync('bash', ['-c', command, process.execPath, child, directory], {
      encoding: 'utf8',
    })
    expect([run.status, run.stderr]).toEqual([0, ''])
    const { failures, fullAt, after } = JSON.parse(run.stdout)
    expect(failures).toEqual(['log-full true', 'log-full true', 'log-full true'])
    expect(after.committed).toBe(after.end)
    expect(after.end).toBe(fullAt.end + 5)
    await expectWhole(directory, after.end, after.committed)
  }, 30_000)
})
