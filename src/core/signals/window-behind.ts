/**
 * Parties whose newest entry is later than the event: marks (newest-marks.ts) count them where that
 * entry stands, outside every window, though an earlier one of theirs may be inside. This finds the
 * newest up to the event of all of them at once and counts it where it stands.
 *
 *     time            now
 *     aa    bb    aa   │   aa*   cc*          * newest of its party, ahead of the event
 *                 └ counts instead             cc has none behind: not counted
 *
 * Shards and clocks are never quite even, so a few entries are mostly ahead; while a worker catches
 * up, hundreds of an address are. The cost is a look at each entry, some nanoseconds, for each kind
 * of party.
 */
import { tailBits } from './entry.ts'
import { type PartyFilter, slotsFor, slotsMax } from './party-set.ts'
import { highsOf, type LogView, lowsOf } from './window-view.ts'
import { addToLane, type Lane, type Walk } from './window-walk.ts'

/** Parties of one kind that marks tell the newest entries of. */
export interface MarkedParties {
  readonly lane: number
  readonly newest: Lane
  readonly filter: PartyFilter
}

/** Whether marks tell the newest entries of parties of a kind. */
export const isMarked = <T extends { newest: Lane | null }>(
  parties: T,
): parties is T & { newest: Lane } => parties.newest !== null

/** Counts in a walk's lanes what stands behind the entries that it found ahead. */
export type BehindCounter = (walk: Walk, view: LogView, now: number) => void

/** For logs of at most `entriesMax` entries; `spans` from short to long, in milliseconds. */
export function newBehindCounter(
  entriesMax: number,
  by: { readonly spans: readonly number[]; readonly parties: readonly MarkedParties[] },
): BehindCounter {
  const { spans, parties } = by
  const ahead = newAhead(entriesMax)
  return (walk, view, now) => {
    if (walk.aheadCount === 0) return
    for (const one of parties) {
      collect(ahead, walk, view, one)
      if (ahead.count === 0) continue
      findBehind(ahead, view, one, { now, after: now - spans[one.filter.bucketMax]! })
      for (let party = 0; party < ahead.count; party += 1) {
        const age = now - ahead.behind[party]!
        const bucket = spans.findIndex((spanMs) => age < spanMs)
        if (bucket >= 0) addToLane(walk, one.lane, bucket)
      }
    }
  }
}

/** The parties ahead: each one's newest entry, and when it was last behind; a table finds them. */
interface Ahead {
  count: number
  readonly places: Int32Array
  /** Event times; -Infinity where none was found. */
  readonly behind: Float64Array
  /** Numbers of parties by their low words, the first `mask + 1`; -1 where there is none. */
  readonly slots: Int16Array
  mask: number
}

const newAhead = (entriesMax: number): Ahead => ({
  count: 0,
  places: new Int32Array(entriesMax),
  behind: new Float64Array(entriesMax),
  slots: new Int16Array(slotsMax),
  mask: 0,
})

/** A party has one newest entry, so none is met twice. */
function collect(ahead: Ahead, walk: Walk, view: LogView, { newest, filter }: MarkedParties): void {
  const { ints, flags } = view
  const lows = lowsOf(view, filter.party)
  const slots = slotsFor(walk.aheadCount)
  ahead.slots.fill(-1, 0, slots)
  ahead.mask = slots - 1
  ahead.count = 0
  for (let index = 0; index < walk.aheadCount; index += 1) {
    const place = walk.ahead[index]!
    if (((ints[flags + place]! >>> tailBits) & newest.mask) !== newest.want) continue
    let slot = ints[lows + place]! & ahead.mask
    while (ahead.slots[slot]! >= 0) slot = (slot + 1) & ahead.mask
    ahead.slots[slot] = ahead.count
    ahead.places[ahead.count] = place
    ahead.behind[ahead.count] = Number.NEGATIVE_INFINITY
    ahead.count += 1
  }
}

/** What stands behind is marked older, since what is ahead is newer. */
function findBehind(
  { slots, mask, places, behind }: Ahead,
  view: LogView,
  { newest, filter }: MarkedParties,
  { now, after }: { now: number; after: number },
): void {
  const { floats, ints, times, flags, stride, count } = view
  const [lows, highs] = [lowsOf(view, filter.party), highsOf(view, filter.party)]
  const marks = newest.mask << tailBits
  const older = (newest.want | (newest.mask & ~filter.flagMask)) << tailBits
  for (let place = 0; place < count; place += 1) {
    if ((ints[flags + place]! & marks) !== older) continue
    // As a signed word, which is compared without becoming a float.
    const low = ints[lows + place]! | 0
    let slot = low & mask
    let party = slots[slot]!
    while (party >= 0) {
      const other = places[party]!
      if (
        (ints[lows + other]! | 0) === low &&
        ints[highs + other * stride] === ints[highs + place * stride]
      ) {
        const time = floats[times + place]!
        if (time <= now && time > after && time > behind[party]!) behind[party] = time
        break
      }
      slot = (slot + 1) & mask
      party = slots[slot]!
    }
  }
}
