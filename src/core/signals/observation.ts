/**
 * What one event adds to the windows of its entities, as numbers only: entities and parties are
 * 64-bit keyed hashes, so an attacker who chooses the strings cannot choose who shares a log.
 */
import type { DayName } from './readings.ts'

/** Places of the hashes in `Observation.hashes`; each takes two words, low then high. */
export const hashSlots = {
  id: 0,
  content: 2,
  user: 4,
  device: 6,
  ip: 8,
  subnet: 10,
  code: 12,
  phone: 14,
  sender: 16,
  coupon: 18,
} as const
export const hashWords = 20

/** Bits of `Observation.flags`. */
export const flagBits = {
  redemption: 1,
  failed: 2,
  small: 4,
  gift: 8,
  fresh: 16,
  hasTail: 32,
  // 64 to 256 are the marks of entries (newest-marks.ts).
  reversal: 512,
} as const
/** Flags and marks fill at most so many bits. */
export const flagWidth = 10

export interface Observation {
  /** Event time in milliseconds. */
  readonly at: number
  /** Record time in milliseconds: when the log took the event. */
  readonly recordedAt: number
  /**
   * Events before this time are not appended: record-time watermark less lateness less allowed lag.
   */
  readonly horizon: number
  /** Where the event stands in its source: see sourcePosition. */
  readonly position: number
  /** Keyed hashes by hashSlots; both words 0 where the event does not name the entity. */
  readonly hashes: Uint32Array
  readonly flags: number
  /** The code's last four characters as a number below 2^21, 0 where flagBits.hasTail is unset. */
  readonly codeTail: number
  /** 32-bit keyed hash of the code's block, 0 without one. */
  readonly codeBlock: number
  /** Money of a redemption, in minor units. */
  readonly amount: number
  /** About 1 km of the place, 0 where unknown. */
  readonly cell: number
  /** Calendar day, as days since 1970-01-01, and its bounds in milliseconds. */
  readonly day: number
  readonly dayStart: number
  readonly dayEnd: number
  /** Names counted by calendar day. */
  readonly scopes: Readonly<Record<DayName, string | null>>
}

/** Lateness that windows allow for, and lag allowed between shards, in milliseconds. */
export const latenessMs = 2 * 3_600_000
export const shardLagMs = 10 * 60_000
/**
 * An event whose time is coarse may have happened that much later than it says, up to a day: a
 * coarser claim about its own time must not let anybody date an event back.
 */
export const coarseSlackMaxMs = 24 * 3_600_000
/** How long ids are remembered, by record time. */
export const dedupeHorizonMs = 24 * 3_600_000 + latenessMs + shardLagMs
/** Ids remembered per user within that horizon. */
export const repeatsCap = 1024
/** Furthest an event may be dated ahead of, and behind, its record time. */
export const futureMaxMs = 5 * 60_000
export const staleMaxMs = 7 * 24 * 3_600_000

/**
 * Where an event stands, as one exact number: partition (below 2^12), topic (0 claims, 1
 * redemptions), offset (below 2^40).
 */
export function sourcePosition(source: string, partition: number, offset: number): number {
  const topic = source === 'coupon.redemptions' ? 1 : 0
  return (partition * 2 + topic) * 2 ** 40 + offset
}
