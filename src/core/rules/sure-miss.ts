/**
 * How to see at a glance that a rule says nothing of an event. Nearly every rule misses nearly
 * every event, and mostly for want of one count: `device_users_1d >= 8 && …` is a miss wherever
 * that signal is exact and below 8, whatever follows; or it lacks a signal, as rules about gifts do
 * where no gift is. Parts of a condition become clauses of ranges: where a row lies in all ranges
 * of one clause the condition comes out a miss, or absent, and need not be asked.
 *
 * A glance says so only where the condition itself would, never the other way round. A lower bound
 * and what is unknown lie in no range. A lacking signal settles a part of `&&` only where no other
 * part can fail, since a failure is told before a lack.
 */
import { catalogue } from '../signals/catalogue.ts'
import { absent, exact, type SignalRow } from '../signals/row.ts'

/** An exact value strictly between the two is a miss. */
interface MissRange {
  readonly index: number
  readonly above: number
  readonly below: number
  /** Whether a signal that is absent lies in it too. */
  readonly orAbsent: boolean
  /** How seldom the part holds, by experience: 2 for a threshold of a reading, 0 for "not so". */
  readonly worth: number
}

/** Ranges that settle a condition where a row lies in all of them: at least one. */
type Clause = readonly MissRange[]

/** The condition is a miss or absent where one of these holds; none at all says nothing. */
export type SureMiss = readonly Clause[]

export const neverSure: SureMiss = []

/** Clauses that are kept of one condition: the likeliest ones. */
const clausesMax = 3

type Bound = '<' | '<=' | '>' | '>='

/** Of `signal op constant`. Where they are equal, the condition is asked. */
export function missOfComparison(op: Bound, index: number, constant: number): SureMiss {
  const worth = catalogue[index]!.origin === 'reading' && op.startsWith('>') ? 2 : 1
  return op.startsWith('>')
    ? [[{ index, above: Number.NEGATIVE_INFINITY, below: constant, orAbsent: true, worth }]]
    : [[{ index, above: constant, below: Number.POSITIVE_INFINITY, orAbsent: true, worth }]]
}

/** Of a yes-or-no signal, wanted to be true or false. */
export function missOfFlag(index: number, wanted: boolean): SureMiss {
  return wanted
    ? [[{ index, above: -Number.MIN_VALUE, below: Number.MIN_VALUE, orAbsent: true, worth: 1 }]]
    : [
        [
          {
            index,
            above: 1 - Number.EPSILON / 2,
            below: 1 + Number.EPSILON,
            orAbsent: true,
            worth: 0,
          },
        ],
      ]
}

/** Of anything that is asked of one signal: it is settled where there is no value. */
export function missOfLack(index: number): SureMiss {
  const nothing = { above: Number.POSITIVE_INFINITY, below: Number.NEGATIVE_INFINITY }
  return [[{ index, ...nothing, orAbsent: true, worth: 1 }]]
}

/** One part of `&&` or `||`. */
interface MissPart {
  readonly miss: SureMiss
  readonly mayFail: boolean
}

/** Of `a && b`: one part that is settled is enough, so those that most often are. */
export function missOfAll(parts: readonly MissPart[]): SureMiss {
  const clauses = parts.flatMap(({ miss }, at) => {
    const othersFail = parts.some(({ mayFail }, other) => other !== at && mayFail)
    return othersFail ? miss.flatMap(withoutLack) : miss
  })
  return clauses.sort((a, b) => worthOf(b) - worthOf(a)).slice(0, clausesMax)
}

/** Of `a || b`: every part has to be settled. */
export function missOfAny(parts: readonly MissPart[]): SureMiss {
  const best = parts.flatMap(({ miss }) => miss.slice(0, 1))
  return best.length === parts.length ? [best.flat()] : neverSure
}

const worthOf = (clause: Clause) =>
  Math.min(...clause.map((range) => range.worth)) - clause.length / 8

/** The clause for misses alone; none where it spoke of a lack only. */
function withoutLack(clause: Clause): readonly Clause[] {
  if (clause.some(({ above, below }) => above >= below)) return []
  return [clause.map((range) => ({ ...range, orAbsent: false }))]
}

/** What is looked at for some rules, one number after another as it is read. */
export interface Glance {
  /** Where the clauses of each rule begin, and the last one's end; so the ranges of each clause. */
  readonly clauses: Int32Array
  readonly ranges: Int32Array
  readonly signals: Int32Array
  readonly above: Float64Array
  readonly below: Float64Array
  readonly orAbsent: Uint8Array
}

export function glanceOf(rules: readonly SureMiss[]): Glance {
  const clauses = rules.flat()
  const ranges = clauses.flat()
  return {
    clauses: beginnings(rules),
    ranges: beginnings(clauses),
    signals: Int32Array.from(ranges, ({ index }) => index),
    above: Float64Array.from(ranges, ({ above }) => above),
    below: Float64Array.from(ranges, ({ below }) => below),
    orAbsent: Uint8Array.from(ranges, ({ orAbsent }) => Number(orAbsent)),
  }
}

function beginnings(lists: readonly (readonly unknown[])[]): Int32Array {
  const begins = new Int32Array(lists.length + 1)
  for (const [at, { length }] of lists.entries()) begins[at + 1] = begins[at]! + length
  return begins
}

/** Whether the rule at a place says nothing of a row. */
export function isSettled(
  { clauses, ranges, signals, above, below, orAbsent }: Glance,
  rule: number,
  { numbers, states }: SignalRow,
): boolean {
  for (let clause = clauses[rule]!; clause < clauses[rule + 1]!; clause += 1) {
    const end = ranges[clause + 1]!
    let at = ranges[clause]!
    for (; at < end; at += 1) {
      const index = signals[at]!
      const state = states[index]
      if (state === exact) {
        const value = numbers[index]!
        if (!(value > above[at]! && value < below[at]!)) break
      } else if (state !== absent || orAbsent[at] === 0) break
    }
    if (at === end) return true
  }
  return false
}
