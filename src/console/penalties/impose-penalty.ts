/**
 * A case that was confirmed as fraud proposes a penalty; a lead imposes it. The offence number is
 * counted while the subject is locked and must be the one that was shown, so that nobody imposes
 * another step than they read.
 */
import {
  type PenaltyProposal,
  type SubjectKind,
  type Violation,
  violations,
} from '../api/penalty-shapes.ts'
import type { StoredCase } from '../cases/case-row.ts'
import { auditOf, storedCase } from '../cases/show-case.ts'
import { lockCase } from '../cases/take.ts'
import type { Queries } from '../database.ts'
import { type Call, type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { endOf, ladder, stepFor } from './ladder.ts'
import { banEntry, changeEntry } from './penalty-entry.ts'
import {
  countingStates,
  isCounting,
  lockSubjects,
  type PenaltyRow,
  penaltiesOn,
  penaltyColumns,
  penaltyOf,
} from './penalty-rows.ts'

type Imposing = Pick<Handlers, 'proposePenalty' | 'imposePenalty'>

const earlierMax = 20

const subjectOf = (row: StoredCase, kind: SubjectKind): string | null =>
  kind === 'user' ? row.user_name : row.merchant

const isConfirmed = ({ state, verdict }: StoredCase) => state === 'decided' && verdict === 'fraud'

export function newImposing(parts: ConsoleParts): Imposing {
  const { database, onChanged, onDue } = parts
  return {
    async proposePenalty({ params, at }) {
      const row = await storedCase(database, params.key ?? '')
      if (!isConfirmed(row)) return { violations: [] }
      const carried = (await penaltiesOn(database, [row.key])).filter(isCounting)
      const proposals = await Promise.all(
        violations.map((violation) => proposalOf(database, row, { violation, carried, at })),
      )
      return { violations: proposals.filter((one) => one !== null) }
    },

    async imposePenalty(call) {
      const penalty = await database.transaction((queries) => impose(queries, parts, call))
      onDue()
      onChanged(['cases'])
      return penaltyOf(penalty)
    },
  }
}

/** Null where the case does not name whom it would be imposed on. */
async function proposalOf(
  queries: Queries,
  row: StoredCase,
  given: {
    readonly violation: Violation
    readonly carried: readonly PenaltyRow[]
    readonly at: number
  },
): Promise<PenaltyProposal | null> {
  const { violation, carried, at } = given
  const { subjectKind } = ladder[violation]
  const subject = subjectOf(row, subjectKind)
  if (subject === null) return null
  const own = carried.find((one) => one.violation === violation)
  const about = { violation, subject_kind: subjectKind, subject }
  const [offence, earlier] = await Promise.all([
    nextOffence(queries, about),
    queries.query<PenaltyRow>(
      `SELECT ${penaltyColumns} FROM penalties
       WHERE violation = $1 AND subject_kind = $2 AND subject = $3 AND case_key <> $4
       ORDER BY id DESC LIMIT ${earlierMax}`,
      [violation, subjectKind, subject, row.key],
    ),
  ])
  const next = stepFor(violation, offence)
  const { step, lists } = next
  return {
    ...{ violation, subjectKind, subject, offence, step, lists, until: endOf(next, at) },
    carried: own === undefined ? null : penaltyOf(own),
    earlier: earlier.map(penaltyOf),
  }
}

async function nextOffence(
  queries: Queries,
  { violation, subject_kind, subject }: Pick<PenaltyRow, 'violation' | 'subject_kind' | 'subject'>,
): Promise<number> {
  const counted = await oneOf<{ before: number }>(
    queries,
    `SELECT count(*) AS before FROM penalties
     WHERE violation = $1 AND subject_kind = $2 AND subject = $3 AND state = ANY($4::text[])`,
    [violation, subject_kind, subject, countingStates],
  )
  return 1 + (counted?.before ?? 0)
}

async function impose(
  queries: Queries,
  parts: ConsoleParts,
  { params, body, caller, at }: Call<'imposePenalty'>,
): Promise<PenaltyRow> {
  const row = await lockCase(queries, params.key ?? '')
  if (!isConfirmed(row))
    throw new Refusal(409, 'not-fraud', 'a penalty needs a case that was decided as fraud')
  const { violation } = body
  const { subjectKind: subject_kind } = ladder[violation]
  const subject = subjectOf(row, subject_kind)
  if (subject === null)
    throw new Refusal(409, 'no-subject', `the case names no ${subject_kind} to impose it on`)
  await lockSubjects(queries, [{ subject_kind, subject }])
  const carried = (await penaltiesOn(queries, [row.key])).filter(isCounting)
  if (carried.some((one) => one.violation === violation))
    throw new Refusal(409, 'has-penalty', 'the case has a penalty for this violation')
  const offence = await nextOffence(queries, { violation, subject_kind, subject })
  if (offence !== body.offence)
    throw new Refusal(409, 'ladder-changed', `it is offence ${offence} now: look at it again`)
  const step = stepFor(violation, offence)
  const until = endOf(step, at)
  const entry = step.lists
    ? banEntry(
        (await auditOf(parts, row.key, queries)).event,
        { key: row.key, at, until },
        parts.engine,
      )
    : null
  const penalty = await oneOf<PenaltyRow>(
    queries,
    `INSERT INTO penalties (case_key, verdict_id, violation, subject_kind, subject, offence, step,
       until_at, note, imposed_by, imposed_at, entry)
     VALUES ($1, (SELECT max(id) FROM verdicts
       WHERE case_key = $1 AND round = $2 AND withdrawn_at IS NULL),
       $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     RETURNING ${penaltyColumns}`,
    [
      ...[row.key, row.round, violation, subject_kind, subject, offence, step.step, until],
      ...[body.note?.trim().toWellFormed() || null, caller.name, at],
      entry === null ? null : JSON.stringify(entry),
    ],
  )
  const due = { verdictId: null, bulkId: null, person: caller.name, dueAt: at }
  await changeEntry(queries, { penalty: penalty!, isOn: true, at, due })
  return penalty!
}
