/** Operations on penalties: a confirmed case proposes one, a lead imposes it, an appeal follows. */
import { changes, type Operation, reads, v1 } from './operation.ts'
import * as penalties from './penalty-shapes.ts'

export const penaltyOperations = {
  proposePenalty: {
    ...reads,
    audited: true,
    path: `${v1}/cases/:key/penalty`,
    least: 'reviewer',
    says: 'Penalties that a case decided as fraud may lead to, by violation and offence.',
    answer: penalties.penaltyProposals,
  },
  imposePenalty: {
    ...changes,
    path: `${v1}/cases/:key/penalty`,
    least: 'lead',
    says: 'Impose the proposed penalty; the platform carries it out, but for bans of users.',
    body: penalties.imposeBody,
    answer: penalties.penaltyShape,
  },
  appealPenalty: {
    ...changes,
    path: `${v1}/penalties/:id/appeal`,
    least: 'lead',
    says: 'Open the case of a penalty again for somebody else: the subject appeals.',
    body: penalties.appealBody,
    answer: penalties.penaltyShape,
  },
  listPenalties: {
    ...reads,
    audited: true,
    path: `${v1}/penalties`,
    least: 'viewer',
    says: 'Penalties, newest first, and how many appeals succeeded.',
    query: penalties.penaltyQuery,
    answer: penalties.penaltyPage,
  },
} as const satisfies Record<string, Operation>
