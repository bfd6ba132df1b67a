/** The words that choices of the page offer; as api/penalty-shapes.ts has them, without zod. */
import type { PenaltyState, Violation } from '../../api/penalty-shapes.ts'

export const violations: readonly Violation[] = ['false-advertising', 'cashing-out', 'api-hijack']
export const penaltyStates: readonly PenaltyState[] = [
  'imposed',
  'appealed',
  'upheld',
  'overturned',
  'withdrawn',
]
