/** The memory form: the laws, and a reader from before a crash that can do no more harm. */
import { expect, it } from 'vitest'
import { newMemoryLogState, openMemoryLog } from '../../src/log/memory-log.ts'
import { describeLogLaws } from './laws.ts'
import { noOutputs, sampleEvent, sampleProgress } from './sample.ts'

describeLogLaws('memory', async () => {
  const state = newMemoryLogState()
  return { reopen: async () => openMemoryLog(state) }
})

it('fences the reader from before', async () => {
  const state = newMemoryLogState()
  const old = openMemoryLog(state)
  openMemoryLog(state)
  await expect(old.append([sampleEvent('e0')], 1)).rejects.toMatchObject({ code: 'log-closed' })
  await expect(old.commit(noOutputs, sampleProgress(0))).rejects.toMatchObject({
    code: 'log-closed',
  })
  expect([state.rows.length, state.progress]).toEqual([0, null])
})
