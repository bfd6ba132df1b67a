/**
 * The next case for somebody who just decided one: the first open one of their filter that nobody
 * else holds, taken for them. Rows that another transaction is about to take are passed over and
 * not waited for, so two reviewers never get the same one and neither waits for the other.
 */
import type { CaseFilter } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import type { Engine } from '../engine.ts'
import { caseColumns, type StoredCase } from './case-row.ts'
import { newParameters, readCases } from './filter.ts'
import { lockMs, setHolder } from './take.ts'

export interface NextFor {
  readonly filter: CaseFilter
  readonly who: string
  readonly at: number
  readonly engine: Pick<Engine, 'keep'>
}

/** Candidates looked at in one go: more than there are reviewers at once. */
const candidatesMax = 64

export async function takeNext(
  queries: Queries,
  { filter, who, at, engine }: NextFor,
): Promise<StoredCase | null> {
  const { verdict, assignee, state, ...open } = filter
  const parameters = newParameters()
  const me = parameters.add(who)
  const now = parameters.add(at)
  const free = `(assignee IS NULL OR assignee = ${me} OR locked_until <= ${now})`
  const notOwn = `NOT (second_opinion AND (EXISTS (SELECT 1 FROM verdicts v
    WHERE v.case_key = cases.key AND v.reviewer = ${me} AND v.withdrawn_at IS NULL)
    OR EXISTS (SELECT 1 FROM penalties p
    WHERE p.case_key = cases.key AND p.imposed_by = ${me} AND p.state = 'appealed')))`
  const page = { limit: candidatesMax, after: null, states: ['open'], more: [free, notOwn] }
  const context = { filter: open, me: who, at, engine }
  const candidates = (await readCases(queries, context, page, parameters)) ?? []
  if (candidates.length === 0) return null
  const [row] = await queries.query<StoredCase>(
    `SELECT ${caseColumns} FROM cases
     WHERE key = ANY($1::text[]) AND state = 'open'
       AND (assignee IS NULL OR assignee = $2 OR locked_until <= $3)
     ORDER BY array_position($1::text[], key) LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [candidates.map(({ key }) => key), who, at],
  )
  return row === undefined ? null : setHolder(queries, row, who, at + lockMs)
}
