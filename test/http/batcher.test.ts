/**
 * Group commit: order, one batch at a time, bounds, and failures that reach only those concerned.
 */
import { describe, expect, it } from 'vitest'
import { newBatcher } from '../../src/http/batcher.ts'

function gated(options: { batchMax?: number; queueMax?: number; failAt?: number } = {}) {
  const batches: number[][] = []
  let running = 0
  let open: () => void = () => {}
  let gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const batcher = newBatcher<number, string>({
    batchMax: options.batchMax ?? 4,
    queueMax: options.queueMax ?? 100,
    process: async (batch) => {
      running += 1
      expect(running).toBe(1)
      batches.push([...batch])
      await gate
      running -= 1
      if (batch.includes(options.failAt ?? -1)) throw new Error('no')
      return batch.map((item) => `r${item}`)
    },
  })
  return {
    batcher,
    batches,
    open: () => {
      open()
      gate = Promise.resolve()
    },
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('batcher', () => {
  it('gathers what waits, in order, and keeps the items of one call together', async () => {
    const { batcher, batches, open } = gated()
    const first = batcher.submit([1])
    await turn()
    const rest = [[2, 3], [4], [5, 6, 7], [8]].map((items) => batcher.submit(items))
    open()
    expect(await Promise.all([first, ...rest])).toEqual([
      ['r1'],
      ['r2', 'r3'],
      ['r4'],
      ['r5', 'r6', 'r7'],
      ['r8'],
    ])
    expect(batches).toEqual([[1], [2, 3, 4], [5, 6, 7, 8]])
  })
  it('refuses what does not fit the queue, at once, and takes it later', async () => {
    const { batcher, open } = gated({ batchMax: 2, queueMax: 2 })
    const first = batcher.submit([1])
    await turn()
    const second = batcher.submit([2, 3])
    await expect(batcher.submit([4])).rejects.toMatchObject({ code: 'busy', retriable: true })
    open()
    await Promise.all([first, second])
    expect(await batcher.submit([4])).toEqual(['r4'])
  })
  it('fails a batch for its callers only', async () => {
    const { batcher, open } = gated({ batchMax: 1, failAt: 2 })
    const results = [1, 2, 3].map((item) => batcher.submit([item]))
    open()
    const settled = await Promise.allSettled(results)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })
  it('closes after everything waiting is done', async () => {
    const { batcher, open } = gated()
    const first = batcher.submit([1])
    const closing = batcher.close()
    await expect(batcher.submit([2])).rejects.toMatchObject({ code: 'busy' })
    open()
    await closing
    expect(await first).toEqual(['r1'])
  })
  it('refuses more than a batch, as a defect, and takes nothing at all as nothing', async () => {
    const { batcher } = gated()
    await expect(batcher.submit([1, 2, 3, 4, 5])).rejects.toThrow(RangeError)
    expect(await batcher.submit([])).toEqual([])
  })
  it('fails where results and items do not match', async () => {
    const batcher = newBatcher<number, number>({
      batchMax: 4,
      queueMax: 4,
      process: async () => [],
    })
    await expect(batcher.submit([1])).rejects.toThrow('0 results for 1 items')
  })
})
