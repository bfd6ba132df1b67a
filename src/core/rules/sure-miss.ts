/**
 * How to see at a glance that a condition is a miss. Nearly every rule misses nearly every event,
 * and mostly for want of one count: `device_users_1d >= 8 && …` is a miss wherever that signal is
 * exact and below 8, whatever follows. Comparisons of signals with constants become ranges in which
 * they cannot hold; a row whose signals all lie in a rule's ranges needs no call of its condition.
 *
 * A glance says "miss" only where the condition itself would, never the other way round: what is
 * absent, a lower bound, unknown or not a number lies in no range.
 */
import { catalogue } from '../signals/catalogue.ts'
import { exact, type SignalRow } from '../signals/row.ts'

/** An exact value strictly between the two is a miss. */
interface MissRange {
  readonly index: number
  readonly above: number
  readonly below: number
  /** How seldom the part holds, by experience: 2 for a threshold of a reading, 0 for "not so". */
  readonly worth: number
}

/** The condition is a miss where all of these hold; none at all says nothing. */
export type SureMiss = readonly MissRange[]

export const neverSure: SureMiss = []

type Bound = '<' | '<=' | '>' | '>='

/** Of `signal op constant`. Where they are equal, the condition is asked. */
export function missOfComparison(op: Bound, index: number, constant: number): SureMiss {
  const worth = catalogue[index]!.origin === 'reading' && op.startsWith('>') ? 2 : 1
  return op.startsWith('>')
    ? [{ index, above: Number.NEGATIVE_INFINITY, below: constant, worth }]
    : [{ index, above: constant, below: Number.POSITIVE_INFINITY, worth }]
}

/** Of a yes-or-no signal, wanted to be true or false. */
export function missOfFlag(index: number, wanted: boolean): SureMiss {
  return wanted
    ? [{ index, above: -Number.MIN_VALUE, below: Number.MIN_VALUE, worth: 1 }]
    : [{ index, above: 1 - Number.EPSILON / 2, below: 1 + Number.EPSILON, worth: 0 }]
}

/** Of `a && b`: one part that misses is enough, so the one that most often does. */
export function missOfAll(parts: readonly SureMiss[]): SureMiss {
  const worth = (part: SureMiss) => Math.min(...part.map((range) => range.worth)) - part.length / 8
  const known = parts.filter((part) => part.length > 0)
  return known.sort((a, b) => worth(b) - worth(a))[0] ?? neverSure
}

/** Of `a || b`: every part has to miss. */
export function missOfAny(parts: readonly SureMiss[]): SureMiss {
  return parts.every((part) => part.length > 0) ? parts.flat() : neverSure
}

export function isSureMiss(ranges: SureMiss, { numbers, states }: SignalRow): boolean {
  for (let at = 0; at < ranges.length; at += 1) {
    const { index, above, below } = ranges[at]!
    const value = numbers[index]!
    if (states[index] !== exact || !(value > above && value < below)) return false
  }
  return ranges.length > 0
}
