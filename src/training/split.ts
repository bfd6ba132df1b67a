/**
 * Who trains, who calibrates and who tests: by time and by user, so that a model is never asked
 * about people it has learned, nor about the past. What falls between is not used.
 *
 *     users  70 %   before the cut: train     after it: not used
 *            15 %   before it: calibrate      after it: not used
 *            15 %   before it: not used       after it: test
 *
 * Actors of a kind that is held out only test, whenever they acted.
 */
import { userBucket } from '../core/decision/decide.ts'
import type { RowFacts } from './feature-table.ts'

export type Part = 'train' | 'calibrate' | 'test'

/** What a row may be used for before the cut is known. */
export type Side = Part | 'held-out'

/** Shares of users, in percent: below the first train, to the second calibrate, the rest test. */
const [trainBelow, calibrateBelow] = [70, 85]
/** Share of events before the cut. */
const cutShare = 0.7

export interface Split {
  /** First moment after the training time, in milliseconds. */
  readonly cutAt: number
  /** Rows of each part, ascending. */
  readonly rows: Readonly<Record<Part, Uint32Array>>
}

export function splitRows(facts: readonly RowFacts[], heldOut: readonly string[] = []): Split {
  const cutAt = cutOf(Float64Array.from(facts, ({ occurredAt }) => occurredAt))
  const rows: Record<Part, number[]> = { train: [], calibrate: [], test: [] }
  for (const [at, row] of facts.entries()) {
    const part = partOf(sideOf(row, heldOut), row.occurredAt < cutAt)
    if (part !== null) rows[part].push(at)
  }
  return {
    cutAt,
    rows: {
      train: Uint32Array.from(rows.train),
      calibrate: Uint32Array.from(rows.calibrate),
      test: Uint32Array.from(rows.test),
    },
  }
}

/** Of the times of all rows, which it sorts. */
export function cutOf(times: Float64Array): number {
  return times.sort()[Math.floor(times.length * cutShare)] ?? 0
}

export function sideOf({ kind, user }: RowFacts, heldOut: readonly string[]): Side {
  if (kind !== null && heldOut.includes(kind)) return 'held-out'
  const bucket = userBucket(`split:${user}`)
  if (bucket < trainBelow) return 'train'
  return bucket < calibrateBelow ? 'calibrate' : 'test'
}

/** Null: not used. */
export function partOf(side: Side, isBeforeCut: boolean): Part | null {
  if (side === 'held-out') return 'test'
  if (side === 'test') return isBeforeCut ? null : 'test'
  return isBeforeCut ? side : null
}
