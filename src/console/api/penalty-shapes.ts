/** Penalties as the API gives them: what is proposed, what was imposed, and how appeals ended. */
import { z } from 'zod'
import { caseKey, timeMs, written } from './operation.ts'

export const violations = ['false-advertising', 'cashing-out', 'api-hijack'] as const
export type Violation = (typeof violations)[number]
export const penaltySteps = ['takedown', 'freeze', 'disable', 'ban', 'blacklist'] as const
export type PenaltyStep = (typeof penaltySteps)[number]
export const subjectKinds = ['user', 'merchant'] as const
export type SubjectKind = (typeof subjectKinds)[number]
/**
 * `upheld`, `overturned`: how an appeal ended. `withdrawn`: fell without an appeal, since the
 * verdict that it rests on was taken back or a second opinion said otherwise.
 */
export const penaltyStates = ['imposed', 'appealed', 'upheld', 'overturned', 'withdrawn'] as const
export type PenaltyState = (typeof penaltyStates)[number]

export const penaltyShape = z.object({
  id: z.string(),
  caseKey,
  violation: z.enum(violations),
  subjectKind: z.enum(subjectKinds),
  subject: z.string(),
  /** 1 for the first; as it was counted when the penalty was imposed. */
  offence: z.number().int().min(1),
  step: z.enum(penaltySteps),
  /** Null: no end is set. */
  until: timeMs.nullable(),
  state: z.enum(penaltyStates),
  /** It is an entry of the block list; all other steps are the platform's to carry out. */
  isListed: z.boolean(),
  note: z.string().nullable(),
  imposedBy: z.string(),
  imposedAt: timeMs,
  appealedBy: z.string().nullable(),
  appealedAt: timeMs.nullable(),
  ground: z.string().nullable(),
  /** Who ended it, or decided its appeal. */
  endedBy: z.string().nullable(),
  endedAt: timeMs.nullable(),
})
export type Penalty = z.infer<typeof penaltyShape>

/** What the ladder says of one violation, were it imposed now. */
export const penaltyProposal = z.object({
  violation: z.enum(violations),
  subjectKind: z.enum(subjectKinds),
  subject: z.string(),
  offence: z.number().int().min(1),
  step: z.enum(penaltySteps),
  until: timeMs.nullable(),
  lists: z.boolean(),
  /** The penalty for this violation that the case has and that counts. */
  carried: penaltyShape.nullable(),
  /** Of the subject for this violation, on other cases too, newest first, at most 20. */
  earlier: z.array(penaltyShape),
})
export type PenaltyProposal = z.infer<typeof penaltyProposal>
export const penaltyProposals = z.object({
  /** Empty where the case is not decided as fraud; without those whose subject it does not name. */
  violations: z.array(penaltyProposal),
})

export const imposeBody = z.strictObject({
  violation: z.enum(violations),
  /** As it was proposed: where the ladder has moved on since, nothing is imposed (409). */
  offence: z.number().int().min(1).max(1_000_000),
  note: written(500).optional(),
})
export const appealBody = z.strictObject({ ground: written(2_000).min(1) })

export const penaltyQuery = z.strictObject({
  state: z.enum(penaltyStates).optional(),
  violation: z.enum(violations).optional(),
  /** A user or a merchant, whole. */
  subject: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  /** As the page before gave it. */
  after: z.string().max(40).optional(),
})

/** Of all penalties for a violation, whatever the filter; withdrawn ones are not among imposed. */
export const penaltyReport = z.object({
  violation: z.enum(violations),
  imposed: z.number().int(),
  /** Appeals, those still open among them. */
  appealed: z.number().int(),
  upheld: z.number().int(),
  overturned: z.number().int(),
  withdrawn: z.number().int(),
  /** Overturned among settled appeals, 0 to 1; null where none is settled. */
  success: z.number().nullable(),
  /** The share that D5 expects. */
  expected: z.number(),
})
export const penaltyPage = z.object({
  /** Newest first. */
  rows: z.array(penaltyShape),
  /** For the next page; null at the end. */
  next: z.string().nullable(),
  report: z.array(penaltyReport),
})
