/**
 * One entry of an entity's log, as fixed-size words: what an event adds to a window. A log is the
 * same numbers in memory and in Redis, so one algorithm (window.ts) reads both.
 *
 * A log is laid out for the walk along it, which looks at every entry but at few of its words: what
 * it looks at stands in columns, the rest of an entry together.
 *
 *              columns of floats         │ columns of words         │ rest, entry after entry
 *              time │ amount │ day's sum │ flags │ party a │ party b│ id │ block │ highs │ coupon
 *              8 B  │ 8 B    │ 8 B       │ +tail │ low     │ low    │    │       │ of a,b│ + cell
 *     user's   ├──────────────────────────────────────────────────────────────────────────────┤
 *     others'  ├────┤                    ├─────────────────────────┤├────────────────────┤
 *
 * 40 bytes in every log and 64 in the user's. The day's sum is what the user's redemptions of the
 * calendar day came to with this one, in order of arrival: it outlives the entries that are cut,
 * so that nobody gets past a limit a day by sending many small events. The block is the code's, in
 * the code's own log the place (a cell of about 1 km). Flags fill the 11 high bits of their word,
 * the code's tail the 21 low ones.
 */
import { flagBits, hashSlots, type Observation } from './observation.ts'
import type { LogName } from './readings.ts'

export const tailBits = 21
export const tailMask = (1 << tailBits) - 1

/** How many of an entry's numbers stand in columns of floats and of words, and how many do not. */
export interface EntryShape {
  readonly floats: number
  readonly columns: number
  readonly rest: number
}

/** Columns of floats, by place. */
export const floatColumn = { time: 0, amount: 1, daySum: 2 } as const
/** Columns of words, by place. */
const column = { flags: 0, aLow: 1, bLow: 2 } as const
const columns = 3
/** Words of the rest, by place. */
export const rest = {
  idLow: 0,
  idHigh: 1,
  block: 2,
  aHigh: 3,
  bHigh: 4,
  /** Low word of the coupon's hash: it tells apart the few coupons of one user. */
  coupon: 5,
  cell: 6,
} as const

const plainShape: EntryShape = { floats: 1, columns, rest: 5 }
const userShape: EntryShape = { floats: 3, columns, rest: 7 }

export const entryShapes: Readonly<Record<LogName, EntryShape>> = {
  user: userShape,
  device: plainShape,
  ip: plainShape,
  subnet: plainShape,
  code: plainShape,
  phone: plainShape,
  sender: plainShape,
  returned: plainShape,
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

/** The numbers of one entry: its floats, then its words, columns first. */
export interface EntryNumbers {
  readonly floats: Float64Array
  readonly words: Uint32Array
}

export function newEntryNumbers({ floats, columns: some, rest: others }: EntryShape): EntryNumbers {
  return { floats: new Float64Array(floats), words: new Uint32Array(some + others) }
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

/** Writes the entry that an observation adds to a log, but for the day's sum (day-sum.ts). */
export function writeEntry(log: LogName, observation: Observation, out: EntryNumbers): void {
  const { hashes } = observation
  const { floats, words } = out
  const { a, b } = entrySlots[log]
  const flags = log === 'returned' ? observation.flags & ~flagBits.gift : observation.flags
  floats[floatColumn.time] = observation.at
  words[column.flags] = (flags << tailBits) | observation.codeTail
  words[column.aLow] = hashes[a]!
  words[column.bLow] = hashes[b]!
  words[columns + rest.idLow] = hashes[hashSlots.id]!
  words[columns + rest.idHigh] = hashes[hashSlots.id + 1]!
  words[columns + rest.block] = log === 'code' ? observation.cell : observation.codeBlock
  words[columns + rest.aHigh] = hashes[a + 1]!
  words[columns + rest.bHigh] = hashes[b + 1]!
  if (log !== 'user') return
  floats[floatColumn.amount] = observation.amount
  words[columns + rest.coupon] = hashes[hashSlots.coupon]!
  words[columns + rest.cell] = observation.cell
}
