/**
 * One entry of an entity's log, as fixed-size words: what an event adds to a window. A log is the
 * same bytes in memory and in Redis, so one algorithm (window.ts) reads both.
 *
 *     float64   0       1        2            3        4        5        6        7
 *     uint32    0  1    2  3     4     5      6  7     8  9     10 11    12 13    14   15
 *               time    id hash  flags cell   party a  party b  coupon   amount   place
 *                                +tail /block
 *     every log ├──────────────────────────────────────────┤  the user's log goes on ─────┤
 *
 * 40 bytes in every log and 64 in the user's. Word 5 is the code's block, in the code's own log the
 * place (a cell of about 1 km). Flags fill the 11 high bits of word 4, the code's tail the 21 low
 * ones.
 */
import { flagBits, hashSlots, type Observation } from './observation.ts'
import type { LogName } from './readings.ts'

export const tailBits = 21
export const tailMask = (1 << tailBits) - 1

/** Length of an entry in float64 words. */
export const entryFloats: Readonly<Record<LogName, number>> = {
  user: 8,
  device: 5,
  ip: 5,
  subnet: 5,
  code: 5,
  phone: 5,
  sender: 5,
  returned: 5,
}

/** Slots of the two other parties in `Observation.hashes`, and of the entity itself. */
export const entrySlots: Readonly<Record<LogName, { entity: number; a: number; b: number }>> = {
  user: { entity: hashSlots.user, a: hashSlots.device, b: hashSlots.ip },
  device: { entity: hashSlots.device, a: hashSlots.user, b: hashSlots.ip },
  ip: { entity: hashSlots.ip, a: hashSlots.user, b: hashSlots.device },
  subnet: { entity: hashSlots.subnet, a: hashSlots.user, b: hashSlots.device },
  code: { entity: hashSlots.code, a: hashSlots.user, b: hashSlots.device },
  phone: { entity: hashSlots.phone, a: hashSlots.user, b: hashSlots.device },
  sender: { entity: hashSlots.sender, a: hashSlots.user, b: hashSlots.device },
  returned: { entity: hashSlots.user, a: hashSlots.sender, b: hashSlots.device },
}

/** The words of an entry, seen as floats and as integers. */
export interface EntryWords {
  readonly floats: Float64Array
  readonly ints: Uint32Array
}

export function newEntryWords(): EntryWords {
  const floats = new Float64Array(8)
  return { floats, ints: new Uint32Array(floats.buffer) }
}

/**
 * Whether an event has an entry in a log. `returned` marks the place of a transfer in arrival
 * order.
 */
export function hasEntry(log: LogName, observation: Observation): boolean {
  const { hashes } = observation
  const { entity } = entrySlots[log]
  if (hashes[entity] === 0 && hashes[entity + 1] === 0) return false
  if (log !== 'returned') return true
  const { sender, user } = hashSlots
  const sent = hashes[sender] !== 0 || hashes[sender + 1] !== 0
  return sent && !(hashes[sender] === hashes[user] && hashes[sender + 1] === hashes[user + 1])
}

/** Writes the entry that an observation adds to a log. */
export function writeEntry(log: LogName, observation: Observation, out: EntryWords): void {
  const { hashes } = observation
  const { floats, ints } = out
  const { a, b } = entrySlots[log]
  const flags = log === 'returned' ? observation.flags & ~flagBits.gift : observation.flags
  floats[0] = observation.at
  ints[2] = hashes[hashSlots.id]!
  ints[3] = hashes[hashSlots.id + 1]!
  ints[4] = (flags << tailBits) | observation.codeTail
  ints[5] = log === 'code' ? observation.cell : observation.codeBlock
  ints[6] = hashes[a]!
  ints[7] = hashes[a + 1]!
  ints[8] = hashes[b]!
  ints[9] = hashes[b + 1]!
  if (log !== 'user') return
  ints[10] = hashes[hashSlots.coupon]!
  ints[11] = hashes[hashSlots.coupon + 1]!
  floats[6] = observation.amount
  ints[14] = observation.cell
  ints[15] = 0
}
