/**
 * The ladder of penalties: what follows from which violation, by how often its subject did it
 * before, and which share of appeals against it is expected to succeed. A fourth offence gets the
 * last step again. The block list knows users and no merchants, so only a ban of a user has an
 * effect in the engine; all else the platform carries out.
 *
 * serves: D5
 */
import type { PenaltyStep, SubjectKind, Violation } from '../api/penalty-shapes.ts'

export interface LadderStep {
  readonly step: PenaltyStep
  /** Null: no end is set. */
  readonly lastsMs: number | null
  /** Whether the subject goes on the block list. */
  readonly lists: boolean
}

export interface Rung {
  readonly subjectKind: SubjectKind
  /** By offence, the first one first. */
  readonly steps: readonly [LadderStep, ...LadderStep[]]
  /** Share of appeals that succeed, 0 to 1. */
  readonly appealsExpected: number
}

const dayMs = 86_400_000

export const ladder: Readonly<Record<Violation, Rung>> = {
  'false-advertising': {
    subjectKind: 'merchant',
    steps: [
      { step: 'takedown', lastsMs: null, lists: false },
      { step: 'ban', lastsMs: 30 * dayMs, lists: false },
    ],
    appealsExpected: 0.12,
  },
  'cashing-out': {
    subjectKind: 'user',
    steps: [
      { step: 'freeze', lastsMs: null, lists: false },
      { step: 'ban', lastsMs: null, lists: true },
    ],
    appealsExpected: 0.03,
  },
  'api-hijack': {
    subjectKind: 'merchant',
    steps: [
      { step: 'disable', lastsMs: null, lists: false },
      { step: 'blacklist', lastsMs: null, lists: false },
    ],
    appealsExpected: 0,
  },
}

/** The step for an offence, 1 for the first. */
export function stepFor(violation: Violation, offence: number): LadderStep {
  const { steps } = ladder[violation]
  if (!Number.isInteger(offence) || offence < 1) throw new RangeError(`no offence: ${offence}`)
  return steps[Math.min(offence, steps.length) - 1]!
}

/** When a step that is imposed ends; null where no end is set. */
export const endOf = ({ lastsMs }: LadderStep, at: number): number | null =>
  lastsMs === null ? null : at + lastsMs
