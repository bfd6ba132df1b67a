/** No shard reads further ahead of the slowest than driftMs; one at its end holds nobody back. */
import { describe, expect, test } from 'vitest'
import { DriftGate } from '../../../src/log/kafka/drift-gate.ts'

const atEnd = Number.POSITIVE_INFINITY
const cases = [
  { name: 'alone', others: [], limit: Number.POSITIVE_INFINITY },
  { name: 'the slowest other sets the limit', others: [500, 300], limit: 400 },
  { name: 'a shard at its end sets none', others: [atEnd, 700], limit: 800 },
  { name: 'all others at their ends', others: [atEnd, atEnd], limit: Number.POSITIVE_INFINITY },
]

test.each(cases)('$name', ({ others, limit }) => {
  const gate = new DriftGate(100)
  gate.enter(0, () => undefined)
  for (const [index, at] of others.entries()) {
    gate.enter(index + 1, () => undefined)
    gate.stand(index + 1, at)
  }
  expect(gate.limitOf(0)).toBe(limit)
})

test('a shard that has not read yet holds all others back', () => {
  const gate = new DriftGate(100)
  gate.enter(0, () => undefined)
  gate.enter(1, () => undefined)
  expect(gate.limitOf(0)).toBe(Number.NEGATIVE_INFINITY)
})

test('who waits is woken when the slowest moves on or leaves', () => {
  const gate = new DriftGate(100)
  let woken = 0
  gate.enter(0, () => {
    woken += 1
  })
  gate.enter(1, () => undefined)
  gate.stand(0, 500)
  expect(woken).toBe(0)
  gate.stand(1, 300)
  expect(woken).toBe(1)
  gate.stand(1, 250)
  expect(woken, 'going back wakes nobody').toBe(1)
  gate.leave(1)
  expect(woken).toBe(2)
  expect(gate.limitOf(0)).toBe(Number.POSITIVE_INFINITY)
})

describe('beside other workers', () => {
  const besides = () => {
    const gate = new DriftGate(100, true)
    gate.enter(0, () => undefined)
    return gate
  }

  test('nobody reads before it is known where their shards stand', () => {
    expect(besides().limitOf(0)).toBe(Number.NEGATIVE_INFINITY)
  })

  test('their slowest shard sets the limit too, and moving on wakes', () => {
    const gate = besides()
    let woken = 0
    gate.enter(1, () => {
      woken += 1
    })
    gate.stand(0, 500)
    gate.stand(1, 700)
    gate.standElsewhere(300)
    expect([gate.limitOf(0), gate.limitOf(1), woken]).toEqual([400, 400, 1])
    gate.standElsewhere(900)
    expect([gate.limitOf(0), woken]).toEqual([800, 2])
  })

  test('a shard that goes to another stands where it was left until that one tells', () => {
    const gate = besides()
    gate.standElsewhere(900)
    gate.enter(1, () => undefined)
    gate.stand(1, 300)
    gate.leave(1)
    expect(gate.limitOf(0)).toBe(400)
    gate.standElsewhere(800)
    expect(gate.limitOf(0)).toBe(900)
  })
})
