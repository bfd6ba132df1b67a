/** What a running worker tells of drift: after ten thousand events, of those and no others. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadModel } from '../src/config/model-folder.ts'
import { driftRows, newDriftWatch } from '../src/drift-watch.ts'
import { writeHandMadeModel } from './support/hand-made-model.ts'
import { scratchFolder } from './support/run-cli.ts'

test('a shift shows in the ten thousand events that it is in, and passes again', () => {
  const told: [string, string, number][] = []
  const loaded = loadModel(writeHandMadeModel(join(scratchFolder(), 'models')))
  const watch = newDriftWatch({ stability: (...one) => told.push(one) })(loaded)
  const score = (users: number, count: number) =>
    watch(new Float64Array(count).fill(users), new Float64Array(count).fill(0.02), count)
  /** As in training: eight of ten below 2, one from 2, one from 3. */
  const asTrained = () => {
    for (const [users, share] of [
      [1, 0.8],
      [2, 0.1],
      [3, 0.1],
    ] as const)
      for (let part = 0; part < 10; part += 1) score(users, (driftRows * share) / 10)
  }
  score(1, driftRows - 1)
  expect(told).toEqual([])
  score(1, 1)
  expect(told.map(([model, feature]) => [model, feature])).toEqual([
    ['by-hand', 'score'],
    ['by-hand', 'device_users_1d'],
  ])
  expect(told[1]![2]).toBeGreaterThan(0.25)
  asTrained()
  expect(told[3]![2]).toBeCloseTo(0, 6)
})
