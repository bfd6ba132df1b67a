/** Faults come from the seed alone, and every one of them comes. */
import { describe, expect, test } from 'vitest'
import { deal, type Lane, lanes, type PlannedFault } from '../../scripts/chaos/plan.ts'
import { strikes } from '../../scripts/chaos/strikes.ts'
import { seeded } from '../support/seeded.ts'

function dealt(lane: Lane, seed: number, count: number): PlannedFault[] {
  const faults: PlannedFault[] = []
  for (const fault of deal(lane, seeded(seed))) {
    if (faults.length === count) break
    faults.push(fault)
  }
  return faults
}

const all = lanes(true)

test('the same seed deals the same faults, another seed others', () => {
  for (const lane of all) {
    expect(dealt(lane, 5, 60)).toEqual(dealt(lane, 5, 60))
    expect(dealt(lane, 5, 60)).not.toEqual(dealt(lane, 6, 60))
  }
})

describe.each(all.map((lane) => ({ lane, name: lane.name })))('the lane of $name', ({ lane }) => {
  const { opening, others } = lane

  test('opens with the worst, then deals all before any comes again', () => {
    const names = dealt(lane, 7, 2 * opening.length + others.length).map(({ name }) => name)
    const sorted = (cards: Lane['others']) => cards.map(({ name }) => name).sort()
    expect(names.slice(0, opening.length).sort()).toEqual(sorted(opening))
    expect(names.slice(opening.length).sort()).toEqual(sorted([...opening, ...others]))
  })

  test('keeps to its limits', () => {
    for (const { pauseMs, lengthMs } of dealt(lane, 8, 200)) {
      expect(pauseMs).toBeGreaterThanOrEqual(lane.pauseMs[0])
      expect(pauseMs).toBeLessThanOrEqual(lane.pauseMs[1])
      expect(lengthMs).toBeLessThanOrEqual(16_000)
    }
  })
})

test('every strike is in a lane', () => {
  const dealtStrikes = all
    .flatMap(({ opening, others }) => [...opening, ...others])
    .flatMap(({ deed }) => (deed.kind === 'strike' ? [deed.strike] : []))
  expect([...new Set(dealtStrikes)].sort()).toEqual(Object.keys(strikes).sort())
})

test('without Redis nothing is done to it', () => {
  const names = lanes(false).flatMap(({ opening, others }) => [...opening, ...others])
  expect(names.filter(({ name }) => /redis/i.test(name))).toEqual([])
})

test('an hour kills workers and monitors more than 20 times', () => {
  const kills = all.flatMap((lane) => {
    let passedMs = 0
    const found: string[] = []
    for (const { name, pauseMs, lengthMs } of deal(lane, seeded(9))) {
      // A strike may wait for its moment as long as it lasts.
      passedMs += pauseMs + lengthMs + 12_000
      if (passedMs > 3_600_000) break
      if (/killed/.test(name) && lane.name !== 'servers') found.push(name)
    }
    return found
  })
  expect(kills.length).toBeGreaterThan(20)
})
