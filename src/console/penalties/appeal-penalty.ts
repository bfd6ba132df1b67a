/** An appeal against a penalty opens its case again, as a second opinion does; and the register. */
import type { PenaltyState, Violation } from '../api/penalty-shapes.ts'
import { violations } from '../api/penalty-shapes.ts'
import { newParameters } from '../cases/filter.ts'
import { lockCase } from '../cases/take.ts'
import { notDecided, openAgain } from '../cases/undo.ts'
import type { Queries } from '../database.ts'
import { type Call, type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { keptText } from '../projection/kept-text.ts'
import { oneOf } from '../store/store.ts'
import { ladder } from './ladder.ts'
import { type PenaltyRow, penaltyColumns, penaltyOf } from './penalty-rows.ts'

type Appealing = Pick<Handlers, 'appealPenalty' | 'listPenalties'>

const limitDefault = 100
const wholeNumber = /^\d{1,15}$/

export function newAppealing(parts: ConsoleParts): Appealing {
  const { database, engine, onChanged } = parts
  return {
    async appealPenalty(call) {
      const penalty = await database.transaction((queries) => appeal(queries, call))
      onChanged(['cases', 'overview'])
      return penaltyOf(penalty)
    },

    async listPenalties({ query }) {
      const { state, violation, subject, after, limit = limitDefault } = query
      const parameters = newParameters()
      const where = ['true']
      if (state !== undefined) where.push(`state = ${parameters.add(state)}`)
      if (violation !== undefined) where.push(`violation = ${parameters.add(violation)}`)
      const text = subject?.trim() ?? ''
      if (text !== '') {
        const either = [keptText(text), keptText(engine.keep('user', text) ?? text)]
        where.push(`subject = ANY(${parameters.add(either)}::text[])`)
      }
      if (after !== undefined) {
        if (!wholeNumber.test(after)) throw new Refusal(400, 'bad-cursor', 'after is no cursor')
        where.push(`id < ${parameters.add(Number(after))}`)
      }
      const sql = `SELECT ${penaltyColumns} FROM penalties WHERE ${where.join(' AND ')}
        ORDER BY id DESC LIMIT ${parameters.add(limit + 1)}`
      const [rows, report] = await Promise.all([
        database.query<PenaltyRow>(sql, parameters.values),
        reportOf(database),
      ])
      const shown = rows.slice(0, limit).map(penaltyOf)
      return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null, report }
    },
  }
}

const unknown = () => new Refusal(404, 'unknown-penalty', 'there is no such penalty')

async function appeal(
  queries: Queries,
  { params, body, caller, at }: Call<'appealPenalty'>,
): Promise<PenaltyRow> {
  const id = params.id ?? ''
  const found = wholeNumber.test(id)
    ? await oneOf<PenaltyRow>(queries, `SELECT ${penaltyColumns} FROM penalties WHERE id = $1`, [
        Number(id),
      ])
    : null
  if (found === null) throw unknown()
  // A case that is no longer kept cannot be decided again.
  const row = await lockCase(queries, found.case_key)
  const ground = body.ground.trim()
  if (ground === '') throw new Refusal(400, 'no-ground', 'an appeal says why')
  if (row.state !== 'decided') throw notDecided()
  const appealed = await oneOf<PenaltyRow>(
    queries,
    `UPDATE penalties SET state = 'appealed', appealed_by = $2, appealed_at = $3, ground = $4
     WHERE id = $1 AND state = 'imposed' RETURNING ${penaltyColumns}`,
    [found.id, caller.name, at, ground.toWellFormed()],
  )
  if (appealed === null)
    throw new Refusal(409, 'not-appealable', 'it was appealed against before, or does not stand')
  await openAgain(queries, row.key)
  return appealed
}

interface Counted {
  readonly violation: Violation
  readonly state: PenaltyState
  readonly state_before: PenaltyState | null
  readonly count: number
}

/** A penalty that was upheld and fell later for another reason still is an appeal that failed. */
async function reportOf(queries: Queries) {
  const rows = await queries.query<Counted>(
    `SELECT violation, state, state_before, count(*) AS count FROM penalties
     GROUP BY violation, state, state_before`,
  )
  return violations.map((violation) => {
    const sum = (holds: (row: Counted) => boolean) =>
      rows.reduce(
        (all, row) => (row.violation === violation && holds(row) ? all + row.count : all),
        0,
      )
    const is = (state: PenaltyState) => sum((row) => row.state === state)
    const upheld = sum(
      ({ state, state_before: before }) =>
        state === 'upheld' || (state === 'withdrawn' && before === 'upheld'),
    )
    const [overturned, withdrawn] = [is('overturned'), is('withdrawn')]
    const settled = upheld + overturned
    return {
      violation,
      imposed: sum(() => true) - withdrawn,
      appealed: is('appealed') + settled,
      ...{ upheld, overturned, withdrawn },
      success: settled === 0 ? null : overturned / settled,
      expected: ladder[violation].appealsExpected,
    }
  })
}
