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
  const times = Float64Array.from(facts, ({ occurredAt }) => occurredAt).sort()
  const cutAt = times[Math.floor(times.length * cutShare)] ?? 0
  const rows: Record<Part, number[]> = { train: [], calibrate: [], test: [] }
  for (const [at, row] of facts.entries()) {
    const isHeldOut = row.kind !== null && heldOut.includes(row.kind)
    const part = isHeldOut ? 'test' : partOf(row, cutAt)
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

function partOf({ user, occurredAt }: RowFacts, cutAt: number): Part | null {
  const bucket = userBucket(`split:${user}`)
  const isBefore = occurredAt < cutAt
  if (bucket < trainBelow) return isBefore ? 'train' : null
  if (bucket < calibrateBelow) return isBefore ? 'calibrate' : null
  return isBefore ? null : 'test'
}
