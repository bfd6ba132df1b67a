/** Rows of the table of penalties, and how the API gives them. */
import type {
  Penalty,
  PenaltyState,
  PenaltyStep,
  SubjectKind,
  Violation,
} from '../api/penalty-shapes.ts'
import type { Queries } from '../database.ts'

export interface PenaltyRow {
  readonly id: number
  readonly case_key: string
  readonly verdict_id: number | null
  readonly violation: Violation
  readonly subject_kind: SubjectKind
  readonly subject: string
  readonly offence: number
  readonly step: PenaltyStep
  readonly until_at: number | null
  readonly state: PenaltyState
  readonly state_before: PenaltyState | null
  readonly note: string | null
  readonly imposed_by: string
  readonly imposed_at: number
  readonly appealed_by: string | null
  readonly appealed_at: number | null
  readonly ground: string | null
  readonly ended_by: string | null
  readonly ended_at: number | null
  readonly ended_verdict_id: number | null
  readonly entry: string | null
  readonly publication_id: string | null
}

export const penaltyColumns = `id, case_key, verdict_id, violation, subject_kind, subject, offence,
  step, until_at, state, state_before, note, imposed_by, imposed_at, appealed_by, appealed_at,
  ground, ended_by, ended_at, ended_verdict_id, entry, publication_id`

/** They count towards the offence number; an appeal that waits takes nothing away. */
export const countingStates: readonly PenaltyState[] = ['imposed', 'appealed', 'upheld']
export const isCounting = ({ state }: Pick<PenaltyRow, 'state'>) => countingStates.includes(state)

export const penaltyOf = (row: PenaltyRow): Penalty => ({
  id: String(row.id),
  caseKey: row.case_key,
  violation: row.violation,
  subjectKind: row.subject_kind,
  subject: row.subject,
  offence: row.offence,
  step: row.step,
  until: row.until_at,
  state: row.state,
  isListed: row.entry !== null && isCounting(row),
  note: row.note,
  imposedBy: row.imposed_by,
  imposedAt: row.imposed_at,
  appealedBy: row.appealed_by,
  appealedAt: row.appealed_at,
  ground: row.ground,
  endedBy: row.ended_by,
  endedAt: row.ended_at,
})

/** Oldest first. */
export const penaltiesOn = (queries: Queries, keys: readonly string[]) =>
  queries.query<PenaltyRow>(
    `SELECT ${penaltyColumns} FROM penalties WHERE case_key = ANY($1::text[]) ORDER BY id`,
    [keys],
  )

type Subject = Pick<PenaltyRow, 'subject_kind' | 'subject'>

/**
 * One transaction at a time counts and lists a subject's penalties. MUST be called after the cases
 * are locked and before anything else that others wait for, or two would wait in a circle.
 */
export async function lockSubjects(queries: Queries, subjects: readonly Subject[]): Promise<void> {
  if (subjects.length === 0) return
  const names = subjects.map(({ subject_kind, subject }) => `penalty ${subject_kind} ${subject}`)
  await queries.query(
    `SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name`,
    [[...new Set(names)].sort()],
  )
}
