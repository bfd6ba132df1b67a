/**
 * What a verdict does to the penalties of its case, and what taking it back does, inside the
 * transaction of whoever gives it. A verdict on a case that was opened by an appeal settles it;
 * `inconclusive` upholds, since nothing speaks against the verdict that the penalty rests on. A
 * second opinion that says legitimate lets a penalty fall that nobody appealed against.
 *
 *     imposed ──appeal──▶ appealed ──fraud, inconclusive──▶ upheld
 *        │                   └──────────legitimate────────▶ overturned
 *        └──legitimate, or its own verdict taken back─────▶ withdrawn
 *
 * Taking back the verdict that led along an arrow leads back along it.
 */
import type { VerdictWord } from '../api/case-shapes.ts'
import type { PenaltyState } from '../api/penalty-shapes.ts'
import type { Queries } from '../database.ts'
import { changeEntry, type DueOf } from './penalty-entry.ts'
import { isCounting, lockSubjects, type PenaltyRow, penaltiesOn } from './penalty-rows.ts'

/** What a verdict makes of a penalty in this state; null where it stays as it is. */
export function settledState(state: PenaltyState, verdict: VerdictWord): PenaltyState | null {
  if (state === 'appealed') return verdict === 'legitimate' ? 'overturned' : 'upheld'
  if (state === 'imposed' || state === 'upheld')
    return verdict === 'legitimate' ? 'withdrawn' : null
  return null
}

export interface Settling {
  readonly verdict: VerdictWord
  readonly person: string
  readonly at: number
  /** Ids of the verdicts, by case. */
  readonly verdictIds: ReadonlyMap<string, number>
  readonly due: Omit<DueOf, 'verdictId'>
}

/** Keys of the cases whose verdict settled an appeal. */
export async function settlePenalties(
  queries: Queries,
  keys: readonly string[],
  { verdict, person, at, verdictIds, due }: Settling,
): Promise<ReadonlySet<string>> {
  const penalties = await penaltiesOn(queries, keys)
  const changed = penalties.flatMap((penalty) => {
    const state = settledState(penalty.state, verdict)
    return state === null ? [] : [{ penalty, state }]
  })
  await lockSubjects(
    queries,
    changed.map(({ penalty }) => penalty),
  )
  for (const { penalty, state } of changed) {
    const verdictId = verdictIds.get(penalty.case_key) ?? null
    await end(queries, penalty, { state, person, at, verdictId })
    if (!isCounting({ state }))
      await changeEntry(queries, { penalty, isOn: false, at, due: { ...due, verdictId } })
  }
  const settled = changed.filter(({ penalty }) => penalty.state === 'appealed')
  return new Set(settled.map(({ penalty }) => penalty.case_key))
}

interface Ending {
  readonly state: PenaltyState
  readonly person: string
  readonly at: number
  readonly verdictId: number | null
}

async function end(queries: Queries, { id, state: before }: PenaltyRow, ending: Ending) {
  const { state, person, at, verdictId } = ending
  await queries.query(
    `UPDATE penalties SET state = $2, state_before = $3, ended_by = $4, ended_at = $5,
       ended_verdict_id = $6
     WHERE id = $1`,
    [id, state, before, person, at, verdictId],
  )
}

/** The verdicts are being taken back: penalties become what they were, or fall with them. */
export async function unsettlePenalties(
  queries: Queries,
  taken: readonly { readonly key: string; readonly verdictId: number }[],
  { person, at, dueAt }: { readonly person: string; readonly at: number; readonly dueAt: number },
): Promise<void> {
  const ids = new Set(taken.map(({ verdictId }) => verdictId))
  const penalties = await penaltiesOn(
    queries,
    taken.map(({ key }) => key),
  )
  const isOf = (id: number | null) => id !== null && ids.has(id)
  const back = penalties.filter(({ ended_verdict_id }) => isOf(ended_verdict_id))
  const fallen = penalties.filter((one) => isOf(one.verdict_id) && isCounting(one))
  await lockSubjects(queries, [...back, ...fallen])
  const due = { verdictId: null, bulkId: null, person, dueAt }
  for (const penalty of back) {
    await queries.query(
      `UPDATE penalties SET state = state_before, state_before = NULL, ended_by = NULL,
         ended_at = NULL, ended_verdict_id = NULL
       WHERE id = $1`,
      [penalty.id],
    )
    if (!isCounting(penalty)) await changeEntry(queries, { penalty, isOn: true, at, due })
  }
  for (const penalty of fallen) {
    await end(queries, penalty, { state: 'withdrawn', person, at, verdictId: null })
    await changeEntry(queries, { penalty, isOn: false, at, due })
  }
}
