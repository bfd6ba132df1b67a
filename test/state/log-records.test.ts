/** A log as bytes: what is written is what is read, and a log played from bytes is the log. */
import { describe, expect, test } from 'vitest'
import { flagBits, hashSlots, type Observation } from '../../src/core/signals/observation.ts'
import { logSpecs } from '../../src/core/signals/readings.ts'
import {
  NumberBytes,
  newReplayed,
  readPlainRecord,
  readUserRecord,
  recordBytesOf,
  userKind,
  writePlainRecord,
  writeUserRecord,
} from '../../src/state/log-records.ts'
import { kindOf } from '../../src/state/redis-keys.ts'
import { Replicas } from '../../src/state/replicas.ts'
import { isRepeat, readLog, sight } from '../../src/state/windows.ts'
import { newHistory } from '../support/histories.ts'
import { observationOf } from '../support/placed.ts'

const observations = newHistory(7, 1_500).placed.map((one) => observationOf(one))
const otherLogs = logSpecs.map(({ name }) => name).filter((name) => name !== 'user')

describe('a record', () => {
  test('of a user’s log tells all that its windows and ids need', () => {
    const bytes = new NumberBytes()
    const read = newReplayed()
    for (const one of observations) {
      bytes.ensure(208)
      writeUserRecord(bytes, 104, one)
      const [low, high] = [one.hashes[hashSlots.user]!, one.hashes[hashSlots.user + 1]!]
      readUserRecord(bytes, 104, { low, high }, read)
      const { at, recordedAt, horizon, position, amount, cell, flags, codeTail, codeBlock } = one
      expect(read).toMatchObject({ at, recordedAt, horizon, position, amount, cell, flags })
      expect(read).toMatchObject({
        codeTail,
        codeBlock,
        dayStart: one.dayStart,
        dayEnd: one.dayEnd,
      })
      for (const slot of [hashSlots.id, hashSlots.content, hashSlots.user, hashSlots.device])
        expect(read.hashes.slice(slot, slot + 2)).toEqual(one.hashes.slice(slot, slot + 2))
    }
  })

  test.each(otherLogs)(
    'of the log %s tells what its entry needs, and whether it is new',
    (name) => {
      const bytes = new NumberBytes()
      const read = newReplayed()
      for (const [index, one] of observations.entries()) {
        bytes.ensure(96)
        writePlainRecord(bytes, 48, { name, isNew: index % 2 === 0 }, one)
        const isNew = readPlainRecord(bytes, 48, { kind: kindOf(name), low: 1, high: 2 }, read)
        expect(isNew).toBe(index % 2 === 0)
        const flags = name === 'returned' ? one.flags & ~flagBits.gift : one.flags
        expect(read).toMatchObject({
          at: one.at,
          horizon: one.horizon,
          flags,
          codeTail: one.codeTail,
        })
      }
    },
  )
})

/** Plays observations through copies as the store does, and keeps the bytes of one user's log. */
function playedUser(some: readonly Observation[]) {
  const replicas = new Replicas(2 ** 28)
  const [{ hashes }] = [some[0]!]
  const key = { kind: userKind, low: hashes[4]!, high: hashes[5]! }
  replicas.create(key, 1)
  const bytes = new NumberBytes()
  bytes.ensure(some.length * recordBytesOf(userKind))
  for (const [index, one] of some.entries()) {
    writeUserRecord(bytes, index * recordBytesOf(userKind), one)
    const sighted = sight(replicas.windows.user, replicas.repeats, one)
    if (!isRepeat(sighted) && !sighted.late)
      readLog(replicas.windows.user, one, !sighted.mayBeHeld, null)
  }
  const size = some.length * recordBytesOf(userKind)
  replicas.grow(userKind, replicas.find(key.kind, key.low, key.high), size)
  return { replicas, key, records: Buffer.from(bytes.bytes.subarray(0, size)) }
}

describe('a copy', () => {
  const found = (replicas: Replicas) => replicas.find(key.kind, key.low, key.high)
  const [first] = observations
  const ofOneUser = observations.filter(({ hashes }) => hashes[4] === first!.hashes[4])
  const { replicas, key, records } = playedUser(ofOneUser)
  const compacted = replicas.compact(key, 2)

  test('of records played at once or in parts is the same log', () => {
    const whole = new Replicas(2 ** 28)
    whole.create(key, 1)
    whole.replay(key, records)
    expect(whole.compact(key, 2)).toEqual(compacted)
    const parts = new Replicas(2 ** 28)
    parts.create(key, 1)
    for (let at = 0; at < records.length; at += 104 * 7)
      parts.replay(key, records.subarray(at, at + 104 * 7))
    expect(parts.compact(key, 2)).toEqual(compacted)
  })

  test('loaded from a compacted log is that log, wherever it was compacted', () => {
    for (const at of [0, 104, 104 * 50, records.length]) {
      const some = new Replicas(2 ** 28)
      some.create(key, 1)
      some.replay(key, records.subarray(0, at))
      const bytes = some.compact(key, 3)
      const loaded = new Replicas(2 ** 28)
      loaded.load(key, Buffer.concat([bytes, records.subarray(at)]))
      expect(loaded.lengthOf(userKind, found(loaded))).toBe(bytes.length + records.length - at)
      expect(loaded.compact(key, 2)).toEqual(compacted)
    }
  })

  test('of a user keeps apart what its ids lost by age and what by number', () => {
    const some = new Replicas(2 ** 28)
    some.create(key, 1)
    some.repeats.begin(key, { cutAt: 5_000, lostAt: 3_000 })
    const loaded = new Replicas(2 ** 28)
    loaded.load(key, some.compact(key, 2))
    const { repeats } = loaded
    const ids = repeats.table.find(key.low, key.high)
    expect([repeats.table.cutAt(ids), repeats.lostAt(ids)]).toEqual([5_000, 3_000])
  })

  test('moves to the young generation when it is met, and is forgotten when it is not', () => {
    const few = new Replicas(1)
    few.create(key, 1)
    few.replay(key, records)
    few.rotate()
    expect(found(few)).toBeGreaterThanOrEqual(0)
    few.rotate()
    expect(few.compact(key, 2)).toEqual(compacted)
    few.rotate()
    few.create({ ...key, low: 77 }, 1)
    few.rotate()
    expect(found(few)).toBe(-1)
  })
})
