/** A table of logs at its memory bound: logs go whole or stay whole, whoever grows. */
import { describe, expect, it } from 'vitest'
import { newEntryNumbers } from '../../src/core/signals/entry.ts'
import { type LogView, newLogView } from '../../src/core/signals/window-view.ts'
import { LogTable } from '../../src/state/log-table.ts'
import { seeded } from '../support/seeded.ts'

describe('a table of logs that is full', () => {
  it.each([8, 25, 46, 82, 95])('keeps every log whole while it makes room (seed %i)', (seed) => {
    const chance = seeded(seed)
    const [rest, cap, mebibytes] = [chance.pick([1, 5, 9]), 1024, chance.pick([2, 3])]
    const shape = { floats: chance.pick([1, 2]), columns: 3, rest }
    const table = new LogTable({ shape, cap, bytesMax: mebibytes * 2 ** 20 })
    const view = newLogView()
    const [heavy, share] = [chance.between(10, 120), chance.pick([0.9, 0.97])]
    const entry = newEntryNumbers(shape)
    const held = new Map<number, number>()
    let [lost, bytes] = [0, 0]
    for (let time = 1; time <= 60_000; time += 1) {
      const key = chance.in(share) ? 1 + chance.below(heavy) : 1_000 + time
      entry.floats.fill(time)
      entry.words.fill(key)
      const log = table.append(table.ensure(key * 7919, key), entry)
      table.cut(log)
      held.set(key, time)
      table.look(log, view)
      if (!holdsAt(view, view.count - 1, time, key)) lost += 1
      bytes = Math.max(bytes, table.bytes)
    }
    expect(lost).toBe(0)
    expect(bytes).toBeLessThanOrEqual(mebibytes * 2 ** 20)
    for (const [key, time] of held) {
      const log = table.find(key * 7919, key)
      if (log < 0) continue
      table.look(log, view)
      expect(holdsAt(view, view.count - 1, time, key)).toBe(true)
    }
  })
})

/** Whether the entry at a place has this time, and this key in every word. */
function holdsAt(view: LogView, place: number, time: number, key: number): boolean {
  const { floats, ints, times, flags, others, room, stride } = view
  const words = [0, 1, 2].map((column) => ints[flags + column * room + place])
  const own = others + place * stride
  return (
    floats[times + place] === time &&
    words.every((word) => word === key) &&
    ints.subarray(own, own + stride).every((word) => word === key)
  )
}
