/**
 * A person decides a case: one transaction checks that they may, puts the verdict down, writes what
 * has to be published into the outbox, and takes the next case for them.
 */

import type { z } from 'zod'
import type { VerdictBody, verdictAnswer } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import { type Call, type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { caseRowOf, type StoredCase } from './case-row.ts'
import { giveVerdicts } from './give-verdicts.ts'
import { listingRows } from './list-from-case.ts'
import { takeNext } from './next-case.ts'
import { insertDue } from './outbox-rows.ts'
import { type VerdictRow, verdictColumns, verdictShapeOf } from './show-case.ts'
import { assertFree, lockCase } from './take.ts'

/** What the review says that takes a verdict back; nobody else may say it. */
export const withdrawnReason = 'withdrawn'

export function checkedReason({ verdict, reason }: Pick<VerdictBody, 'verdict' | 'reason'>) {
  const text = reason?.trim() ?? ''
  if (verdict === 'inconclusive' && text.toLowerCase() === withdrawnReason)
    throw new Refusal(400, 'reserved-reason', 'that reason is kept for verdicts taken back')
  return text === '' ? null : text.toWellFormed()
}

export function newDeciding(parts: ConsoleParts): Pick<Handlers, 'decideCase'> {
  const { database, engine, onChanged, onDue } = parts
  return {
    async decideCase(call) {
      const answer = await database.transaction(async (queries) => {
        const row = await lockCase(queries, call.params.key ?? '')
        await assertFree(queries, row, call.caller.name, call.at)
        const verdict = await decide(queries, parts, row, call)
        const next = await takeNext(queries, {
          filter: call.query,
          who: call.caller.name,
          at: call.at,
          engine,
        })
        return { verdict, next: next === null ? null : caseRowOf(next, call.at) }
      })
      onDue()
      onChanged(['cases', 'overview'])
      return answer
    },
  }
}

async function decide(
  queries: Queries,
  parts: ConsoleParts,
  row: StoredCase,
  { caller, body, at }: Call<'decideCase'>,
): Promise<z.output<typeof verdictAnswer>['verdict']> {
  const given = {
    verdict: body.verdict,
    reviewer: caller.name,
    reason: checkedReason(body),
    at,
    dueAt: at,
    bulkId: null,
  }
  const ids = await giveVerdicts(queries, parts, [row], given)
  const verdictId = ids.get(row.key)!
  const changes = await listingRows(queries, parts, { row, body, person: caller.name, at })
  await insertDue(
    queries,
    changes.map((publication) => {
      return {
        publication,
        caseKey: row.key,
        verdictId,
        bulkId: null,
        person: caller.name,
        dueAt: at,
      }
    }),
  )
  const sql = `SELECT ${verdictColumns} FROM verdicts WHERE id = $1`
  const verdict = await oneOf<VerdictRow>(queries, sql, [verdictId])
  return verdictShapeOf(verdict!)
}
