/** A person as the list of people has them. */
import type { AnswerOf } from '../../api/operations.ts'

export type PersonRow = AnswerOf<'listPeople'>['rows'][number]
