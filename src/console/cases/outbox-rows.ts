/**
 * Rows of the outbox: what has to be published because of what a person did, written in the very
 * transaction that did it. A row of a case never comes due before an earlier one of the same case.
 */
import { randomBytes } from 'node:crypto'
import type { Decision, Review } from '../../core/schema.gen.ts'
import type { ListChange } from '../../lists/kept-lists.ts'
import type { Queries } from '../database.ts'
import type { Publication } from '../engine.ts'

export interface Due {
  readonly publication: Publication
  readonly caseKey: string | null
  readonly verdictId: number | null
  readonly bulkId: string | null
  /** Who did it. */
  readonly person: string
  readonly dueAt: number
}

export const randomId = (): string => randomBytes(16).toString('hex')

export const reviewPublication = (record: Review): Publication => ({
  id: `${record.eventKey}/review/${randomId()}`,
  topic: 'risk.reviews',
  record,
})
/** A decision's own id is its identity: it can never stand in the topic twice. */
export const decisionPublication = (record: Decision): Publication => ({
  id: record.id,
  topic: 'risk.decisions',
  record,
})
export const listPublication = (record: ListChange): Publication => ({
  id: `list/${randomId()}`,
  topic: 'risk.lists',
  record,
})

export async function insertDue(queries: Queries, rows: readonly Due[]): Promise<void> {
  if (rows.length === 0) return
  const given = rows.map(({ publication, ...row }) => ({
    publication_id: publication.id,
    topic: publication.topic,
    // As JSON inside JSON: it stays text, escapes and all.
    record: JSON.stringify(publication.record),
    case_key: row.caseKey,
    verdict_id: row.verdictId,
    bulk_id: row.bulkId,
    person: row.person,
    due_at: row.dueAt,
  }))
  await queries.query(
    `INSERT INTO outbox
       (publication_id, topic, case_key, verdict_id, bulk_id, person, record, due_at)
     SELECT publication_id, topic, case_key, verdict_id, bulk_id, person, record,
       greatest(due_at, (SELECT max(o.due_at) FROM outbox o WHERE o.case_key = r.case_key))
     FROM json_to_recordset($1::json) AS r(
       publication_id text, topic text, case_key text, verdict_id bigint, bulk_id text,
       person text, record text, due_at bigint)`,
    [JSON.stringify(given)],
  )
}
