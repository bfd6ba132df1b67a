/** Where the next page of the audit log begins: pages go by number of entry, not by time. */
import type { AnswerOf } from '../../api/operations.ts'

export const nextBefore = ({
  rows,
  isMore,
}: Pick<AnswerOf<'listAudit'>, 'rows' | 'isMore'>): number | null =>
  isMore ? (rows.at(-1)?.id ?? null) : null
