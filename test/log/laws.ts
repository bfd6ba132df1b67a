/** The laws of the stream port and of the embedded log, checked against every form of it. */
import { describe, expect, it } from 'vitest'
import type { Audit } from '../../src/core/schema.gen.ts'
import type { EmbeddedLog, OutputCursor } from '../../src/log/embedded-log.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'
import {
  all,
  noOutputs,
  sampleAudit,
  sampleEvent,
  sampleOutputs,
  sampleProgress,
  sampleReview,
  sampleTally,
} from './sample.ts'

export interface LogUnderTest {
  /** Opens the same state again; whoever had it open before is as good as killed. */
  reopen(): Promise<EmbeddedLog>
}

const ids = (rows: readonly LoggedEvent[]) => rows.map((row) => row.event.id)
const events = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => sampleEvent(`e${from + index}`))

/** All that a cursor gives now. */
async function readAll(cursor: OutputCursor<Audit>) {
  const offsets: number[] = []
  let next: number | null = null
  for (let read = await cursor.read(); read !== null; read = await cursor.read()) {
    offsets.push(...read.rows.map(({ offset }) => offset))
    next = read.next
  }
  return { offsets, next }
}

export function describeLogLaws(name: string, make: () => Promise<LogUnderTest>): void {
  describe(`${name}: laws of the log`, () => {
    it('1. keeps what was appended, whoever dies', async () => {
      const state = await make()
      const log = await state.reopen()
      expect(await log.append(events(0, 3), 100)).toBe(0)
      expect(await log.append(events(3, 2), 101)).toBe(3)
      const next = await state.reopen()
      expect(next.endOffset()).toBe(5)
      expect(ids(await next.read(10))).toEqual(['e0', 'e1', 'e2', 'e3', 'e4'])
      await next.close()
    })

    it('2. reads in order, once, in any portions', async () => {
      const log = await (await make()).reopen()
      await log.append(events(0, 4), 1)
      await log.append(events(4, 4), 1)
      const portions = [1, 2, 3, 100, 100]
      const got = []
      for (const max of portions) got.push(ids(await log.read(max)))
      expect(got).toEqual([['e0'], ['e1', 'e2'], ['e3', 'e4', 'e5'], ['e6', 'e7'], []])
      await log.append(events(8, 1), 1)
      const [row] = await log.read(1)
      expect(row).toMatchObject({ source: 'events', partition: 0, offset: 8 })
      expect(row!.event).toEqual(sampleEvent('e8'))
      await log.close()
    })

    it('3. and 4. starts at the last commit; committed outputs are there once', async () => {
      const state = await make()
      let log = await state.reopen()
      await log.append(events(0, 6), 1)
      const rows = await log.read(2)
      await log.commit(sampleOutputs(rows), sampleProgress(2))
      await log.read(3)
      log = await state.reopen()
      expect(log.committed()).toEqual({ nextOffset: 2, progress: sampleProgress(2) })
      const again = await log.read(4)
      expect(ids(again)).toEqual(['e2', 'e3', 'e4', 'e5'])
      await log.commit(sampleOutputs(again), sampleProgress(6))
      log = await state.reopen()
      expect(await all(log.readOutputs('audits'))).toEqual([...rows, ...again].map(sampleAudit))
      expect(await all(log.readOutputs('tallies'))).toEqual([...rows, ...again].map(sampleTally))
      expect(await all(log.readOutputs('alerts'))).toEqual([])
      expect(ids(await all(log.history()))).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5'])
      await log.close()
    })

    it('history ends at the first event that is not judged, even inside of a batch', async () => {
      const state = await make()
      const log = await state.reopen()
      await log.append(events(0, 6), 1)
      await log.commit(sampleOutputs(await log.read(4)), sampleProgress(4))
      expect(ids(await all(log.history()))).toEqual(['e0', 'e1', 'e2', 'e3'])
      const next = await state.reopen()
      expect(ids(await next.read(10))).toEqual(['e4', 'e5'])
      await next.close()
    })

    it('record time never goes back, restarts included', async () => {
      const state = await make()
      let log = await state.reopen()
      await log.append(events(0, 1), 1_000)
      await log.append(events(1, 1), 400)
      log = await state.reopen()
      await log.append(events(2, 1), 500)
      await log.append(events(3, 1), 1_500)
      expect((await log.read(9)).map((row) => row.recordedAt)).toEqual([1_000, 1_000, 1_000, 1_500])
      await log.close()
    })

    it('refuses progress beyond what was read, and progress that goes back', async () => {
      const log = await (await make()).reopen()
      await log.append(events(0, 4), 1)
      await log.read(2)
      await expect(log.commit(noOutputs, sampleProgress(3))).rejects.toThrow('outside of 0 to 2')
      await log.commit(noOutputs, sampleProgress(2))
      await expect(log.commit(noOutputs, sampleProgress(1))).rejects.toThrow('outside of 2 to 2')
      await log.close()
    })

    it('commits outputs without progress, such as dead letters of a quiet hour', async () => {
      const state = await make()
      const log = await state.reopen()
      const letter = {
        reason: 'missing-field',
        detail: 'user is missing',
        bytes: Uint8Array.from([1, 2, 255]),
        key: null,
        sha256: 'ab',
        source: 'http',
        partition: 0,
        offset: 0,
        recordedAt: 5,
        headers: { trace: Uint8Array.from([7]) },
        sealedBy: null,
      }
      await log.commit({ ...noOutputs, deadLetters: [letter] }, sampleProgress(0))
      const [read] = await all((await state.reopen()).readOutputs('deadLetters'))
      expect([...read!.bytes!]).toEqual([1, 2, 255])
      expect([...read!.headers.trace!]).toEqual([7])
    })

    it('keeps reviews beside the progress that stands, in the order they came', async () => {
      const state = await make()
      const log = await state.reopen()
      await log.append(events(0, 4), 1)
      await log.commit(sampleOutputs(await log.read(2)), sampleProgress(2))
      await log.commit({ ...noOutputs, reviews: [sampleReview('a', 5)] }, sampleProgress(2))
      await log.commit({ ...noOutputs, reviews: [sampleReview('b', 6)] }, sampleProgress(2))
      const next = await state.reopen()
      expect(next.committed().nextOffset).toBe(2)
      expect(await all(next.readOutputs('reviews'))).toEqual([
        sampleReview('a', 5),
        sampleReview('b', 6),
      ])
      expect(ids(await next.read(9))).toEqual(['e2', 'e3'])
      await next.close()
    })

    it('follows a topic from any place on, what is committed later and restarts included', async () => {
      const state = await make()
      let log = await state.reopen()
      await log.append(events(0, 9), 1)
      const judge = async (count: number) => {
        const rows = await log.read(count)
        await log.commit(sampleOutputs(rows), sampleProgress(log.committed().nextOffset + count))
      }
      await judge(3)
      await judge(2)
      for (let from = 0; from <= 6; from += 1) {
        const cursor = log.followOutputs('audits', from)
        expect(cursor.behind()).toBe(5 - from)
        const expected = [0, 1, 2, 3, 4].slice(from)
        expect({ from, ...(await readAll(cursor)) }).toEqual({
          from,
          offsets: expected,
          next: expected.length === 0 ? null : 5,
        })
        await cursor.close()
      }
      const cursor = log.followOutputs('audits', 4)
      expect((await readAll(cursor)).offsets).toEqual([4])
      await judge(4)
      expect(await readAll(cursor)).toEqual({ offsets: [5, 6, 7, 8], next: 9 })
      await cursor.close()
      log = await state.reopen()
      const later = log.followOutputs('audits', 7)
      expect(await readAll(later)).toEqual({ offsets: [7, 8], next: 9 })
      await later.close()
      expect(await log.followOutputs('reviews', 0).read()).toBeNull()
      await log.close()
    })

    it('finds the audit of an event by its offset, and nothing for others', async () => {
      const state = await make()
      const log = await state.reopen()
      await log.append(events(0, 30), 1)
      for (let next = 0; next < 20; ) {
        const rows = await log.read(4)
        next += rows.length
        // Every fifth event is a duplicate: it has no audit.
        const judged = rows.filter((row) => row.offset % 5 !== 0)
        await log.commit(sampleOutputs(judged), sampleProgress(next))
        const found = await Promise.all([7, 9, 11].map((offset) => log.auditAt(offset)))
        const expected = [7, 9, 11].map((offset) => (offset < next ? `e${offset}@1` : undefined))
        expect(found.map((audit) => audit?.decision.id)).toEqual(expected)
      }
      const next = await state.reopen()
      for (let offset = 0; offset < 32; offset += 1) {
        const expected = offset < 20 && offset % 5 !== 0 ? `e${offset}` : undefined
        expect((await next.auditAt(offset))?.event.id).toBe(expected)
      }
    })

    it('a closed log refuses everything', async () => {
      const log = await (await make()).reopen()
      await log.close()
      await log.close()
      await expect(log.append(events(0, 1), 1)).rejects.toMatchObject({ code: 'log-closed' })
      await expect(log.read(1)).rejects.toMatchObject({ code: 'log-closed' })
      await expect(log.commit(noOutputs, sampleProgress(0))).rejects.toThrow('closed')
    })
  })
}
